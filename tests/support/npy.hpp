#pragma once

// Files of NumPy, built byte by byte.

#include <cstddef>
#include <string>

namespace orbitmoe::test {

/// A .npy file of a format version, with whatever header.
inline std::string npy_with_header(const std::string& header, const std::string& data,
                                   int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int byte = 0; byte < (version == 1 ? 2 : 4); ++byte)
    bytes += static_cast<char>(header.size() >> 8 * byte & 255);
  return bytes + header + data;
}

/// A .npy file with numbers of a NumPy type, such as "<f8", and a shape such as "(2, 3)".
inline std::string npy_file(const std::string& type, bool fortran_order, const std::string& shape,
                            const std::string& data, int version = 1) {
  return npy_with_header("{'descr': '" + type + "', 'fortran_order': " +
                             (fortran_order ? "True" : "False") + ", 'shape': " + shape + ", }\n",
                         data, version);
}

}  // namespace orbitmoe::test
