#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/io/file.hpp>

namespace orbitmoe {

/// An array of numbers as NumPy stores it, whatever the types and orders in the file were.
struct npy_array {
  std::vector<std::size_t> shape;  ///< sizes of up to 8 dimensions; none for a single number
  std::vector<double> values;      ///< C order: the last index is the fastest
  bool operator==(const npy_array&) const = default;
};

namespace detail {

constexpr std::size_t npy_max_dimensions = 8;
constexpr std::size_t npy_max_bytes = std::size_t{1} << 28;
constexpr std::string_view npy_magic = "\x93NUMPY";

/// What comes before the numbers of a .npy file.
struct npy_header {
  char kind = 'f';        // b, i, u or f, as in NumPy's descr
  std::size_t width = 8;  // [B] per number
  bool big_endian = false;
  bool fortran_order = false;  // the first index is the fastest
  std::vector<std::size_t> shape = {};
  std::size_t data_start = 0;  // [B] from the start of the file
};

/// "[2][0][3]", of the number at a position in C order.
inline std::string npy_place(const std::vector<std::size_t>& shape, std::size_t position) {
  std::string place;
  for (std::size_t d = shape.size(); d-- > 0; position /= shape[d])
    place.insert(0, "[" + std::to_string(position % shape[d]) + "]");
  return place;
}

/// "2 × 3 × 4"
inline std::string npy_shape_text(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t size : shape) text += (text.empty() ? "" : " × ") + std::to_string(size);
  return text.empty() ? "a single number" : text;
}

/// Numbers in an array of a shape, or nothing where they are more than memory can hold.
inline std::optional<std::size_t> npy_count(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    if (size > 0 && count > std::numeric_limits<std::size_t>::max() / sizeof(double) / size)
      return {};
    count *= size;
  }
  return count;
}

/// Reads the Python literal that describes an array: a dictionary with the keys descr,
/// fortran_order and shape, in any order.
class npy_literal {
 public:
  explicit npy_literal(std::string_view text) : rest_(text) {}

  /// @throws invalid_input  the text is no such dictionary.
  npy_header read() {
    npy_header out;
    bool has_type = false, has_order = false, has_shape = false;
    const auto once = [&](bool& has, std::string_view key) {
      if (std::exchange(has, true))
        throw invalid_input::value("npy header", "the key " + shown(key) + " twice", "once");
    };
    expect('{', "a dictionary");
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':', "':'");
      if (key == "descr") {
        once(has_type, key);
        read_type(out);
      } else if (key == "fortran_order") {
        once(has_order, key);
        out.fortran_order = boolean();
      } else if (key == "shape") {
        once(has_shape, key);
        out.shape = shape();
      } else {
        throw invalid_input::value("npy header", "the key " + shown(key), keys);
      }
      if (take(',')) continue;
      expect('}', "',' or '}'");
      break;
    }
    skip_space();
    if (!rest_.empty()) fail("nothing after the dictionary");
    if (!has_type || !has_order || !has_shape)
      throw invalid_input::value("npy header", "a dictionary that lacks a key", keys);
    return out;
  }

 private:
  static constexpr const char* keys = "descr, fortran_order and shape, each once";

  [[noreturn]] void fail(const std::string& allowed) const {
    throw invalid_input::value("npy header", rest_.empty() ? "its end" : shown(rest_), allowed);
  }
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool take(char wanted) {
    skip_space();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted, const char* allowed) {
    if (!take(wanted)) fail(allowed);
  }
  std::string_view quoted() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const std::size_t end =
        quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail("a string in quotes");
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    skip_space();
    for (const bool value : {false, true})
      if (const std::string_view name = value ? "True" : "False"; rest_.starts_with(name)) {
        rest_.remove_prefix(name.size());
        return value;
      }
    fail("True or False");
  }
  void read_type(npy_header& out) {
    static constexpr const char* allowed =
        "'<f8' or another type of b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4, f8, with < or > "
        "before it, or | where it has one byte";
    skip_space();
    if (rest_.starts_with('[')) fail(allowed);  // a structured array
    const std::string_view text = quoted();
    const auto wrong = [&] { return invalid_input::value("npy descr", shown(text), allowed); };
    if (text.size() != 3) throw wrong();
    out.kind = text[1];
    out.width = static_cast<std::size_t>(text[2] - '0');
    const std::string_view widths = out.kind == 'b'                      ? "1"
                                    : out.kind == 'f'                    ? "248"
                                    : out.kind == 'i' || out.kind == 'u' ? "1248"
                                                                         : "";
    if (widths.find(text[2]) == std::string_view::npos) throw wrong();
    if (std::string_view(out.width == 1 ? "<>|" : "<>").find(text[0]) == std::string_view::npos)
      throw wrong();
    out.big_endian = text[0] == '>';
  }
  std::vector<std::size_t> shape() {
    std::vector<std::size_t> sizes;
    expect('(', "a tuple of sizes, such as (2, 3)");
    while (!take(')')) {
      sizes.push_back(integer());
      if (take(',')) continue;
      if (sizes.size() == 1) fail("',' after the only size");
      expect(')', "',' or ')'");
      break;
    }
    return sizes;
  }
  std::size_t integer() {
    skip_space();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) fail("a size, 1 or more, that fits into memory");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // as Python 2 wrote it
    return value;
  }

  std::string_view rest_;
};

/// An unsigned integer of `bytes`.
inline std::uint64_t npy_bits(std::string_view bytes, bool big_endian) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bits = bits << 8 | static_cast<unsigned char>(bytes[big_endian ? i : bytes.size() - 1 - i]);
  return bits;
}

/// @throws invalid_input  there is no header, or one of an array that this library does not read.
inline npy_header read_npy_header(std::string_view bytes) {
  if (!bytes.starts_with(npy_magic))
    throw invalid_input::value("npy magic", shown(bytes.substr(0, npy_magic.size())),
                               "the bytes 93 4E 55 4D 50 59, with which NumPy's files begin");
  const auto truncated = [&](std::size_t needed) {
    return invalid_input::value("npy header", std::to_string(bytes.size()) + " bytes in all",
                                std::to_string(needed) + " or more");
  };
  if (bytes.size() < 8) throw truncated(8);
  const int major = static_cast<unsigned char>(bytes[6]);
  const int minor = static_cast<unsigned char>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0)
    throw invalid_input::value("npy version", std::to_string(major) + "." + std::to_string(minor),
                               "1.0, 2.0 or 3.0");
  const std::size_t start = major == 1 ? 10 : 12;
  if (bytes.size() < start) throw truncated(start);
  const std::size_t length = npy_bits(bytes.substr(8, start - 8), false);
  if (length > bytes.size() - start) throw truncated(start + length);
  npy_header header = npy_literal(bytes.substr(start, length)).read();
  header.data_start = start + length;
  if (header.shape.size() > npy_max_dimensions)
    throw invalid_input::value("npy shape", std::to_string(header.shape.size()) + " dimensions",
                               std::to_string(npy_max_dimensions) + " or fewer");
  if (std::find(header.shape.begin(), header.shape.end(), 0U) != header.shape.end())
    throw invalid_input::value("npy shape", npy_shape_text(header.shape), "sizes of 1 or more");
  return header;
}

/// A 16-bit number of IEEE 754.
inline double npy_half(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const auto fraction = static_cast<double>(bits & 1023);
  double size = std::ldexp(fraction + 1024, exponent - 25);
  if (exponent == 0) size = std::ldexp(fraction, -24);
  if (exponent == 31)
    size = fraction == 0 ? std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  return bits >> 15 == 0 ? size : -size;
}

/// A number, or nothing where it is an integer beyond 2^53.
inline std::optional<double> npy_number(const npy_header& type, std::uint64_t bits) {
  constexpr std::uint64_t exact = std::uint64_t{1} << 53;
  if (type.kind == 'b') return bits == 0 ? 0 : 1;
  if (type.kind == 'f') {
    if (type.width == 2) return npy_half(bits);
    if (type.width == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    return std::bit_cast<double>(bits);
  }
  const std::uint64_t sign = std::uint64_t{1} << (8 * type.width - 1);
  const bool negative = type.kind == 'i' && (bits & sign) != 0;
  const std::uint64_t size = negative ? sign - (bits - sign) : bits;
  if (size > exact) return {};
  return negative ? -static_cast<double>(size) : static_cast<double>(size);
}

/// The positions in C order of numbers that a file gives in Fortran order, one after the other.
class fortran_walk {
 public:
  explicit fortran_walk(const std::vector<std::size_t>& shape)
      : shape_(shape), stride_(shape.size(), 1), index_(shape.size(), 0) {
    for (std::size_t d = shape.size(); d-- > 1;) stride_[d - 1] = stride_[d] * shape[d];
  }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  void step() {
    for (std::size_t d = 0; d < shape_.size(); ++d) {
      position_ += stride_[d];
      if (++index_[d] < shape_[d]) return;
      position_ -= stride_[d] * shape_[d];
      index_[d] = 0;
    }
  }

 private:
  const std::vector<std::size_t>& shape_;
  std::vector<std::size_t> stride_, index_;
  std::size_t position_ = 0;
};

}  // namespace detail

/// Reads the bytes of a .npy file: format versions 1, 2 and 3, little- and big-endian, C and
/// Fortran order, booleans (as 0 and 1), integers of 8 to 64 bits, floats of 16, 32 and 64 bits.
/// Floats may be NaN or infinite, as they stand.
/// @throws invalid_input  the bytes are no such file, or hold other types, over 8 dimensions, a
///                        dimension of size 0, fewer or more bytes than the shape says, or an
///                        integer beyond ±2^53, which a double would change.
/// @complexity     O(bytes); memory of the result.
/// @see            NumPy Enhancement Proposal 1, and numpy.lib.format.
[[nodiscard]] inline npy_array parse_npy(std::string_view bytes) {
  detail::npy_header header = detail::read_npy_header(bytes);
  const std::string_view data = bytes.substr(header.data_start);
  const std::optional<std::size_t> count = detail::npy_count(header.shape);
  if (!count || data.size() / header.width < *count || data.size() != *count * header.width)
    throw invalid_input::value("npy data", std::to_string(data.size()) + " bytes",
                               detail::npy_shape_text(header.shape) + ", of " +
                                   std::to_string(header.width) + " bytes each");
  npy_array out{.shape = header.shape, .values = std::vector<double>(*count)};
  detail::fortran_walk walk(header.shape);
  for (std::size_t i = 0; i < *count; ++i, walk.step()) {
    const std::size_t position = header.fortran_order ? walk.position() : i;
    const std::uint64_t bits =
        detail::npy_bits(data.substr(i * header.width, header.width), header.big_endian);
    const std::optional<double> number = detail::npy_number(header, bits);
    if (!number)
      throw invalid_input::value(detail::npy_place(header.shape, position),
                                 "an integer beyond 2^53", "integers from -2^53 to 2^53");
    out.values[position] = *number;
  }
  return out;
}

/// The bytes of a .npy file of 64-bit floats: version 1, little-endian, C order; what numpy.save
/// would write, byte for byte.
/// @throws invalid_input  the shape has over 8 dimensions or one of size 0, or is not that of the
///                        values.
[[nodiscard]] inline std::string to_npy(const npy_array& array) {
  const std::vector<std::size_t>& shape = array.shape;
  if (shape.size() > detail::npy_max_dimensions || array.values.empty() ||
      detail::npy_count(shape) != array.values.size())
    throw invalid_input::value(
        "shape", detail::npy_shape_text(shape),
        "up to 8 dimensions with " + std::to_string(array.values.size()) + " values, 1 or more");
  std::string sizes;
  for (const std::size_t size : shape) sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
  if (shape.size() == 1) sizes += ',';
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + sizes + "), }";
  header.append(63 - (10 + header.size()) % 64, ' ') += '\n';  // numbers start at a multiple of 64

  std::string out(detail::npy_magic);
  out +=
      {'\1', '\0', static_cast<char>(header.size() % 256), static_cast<char>(header.size() / 256)};
  out += header;
  for (const double value : array.values)
    for (std::size_t byte = 0; byte < 8; ++byte)
      out += static_cast<char>(std::bit_cast<std::uint64_t>(value) >> 8 * byte & 255);
  return out;
}

/// Reads a .npy file of up to 2^28 bytes; errors name the file.
/// @throws invalid_input  the file cannot be read; see parse_npy.
[[nodiscard]] inline npy_array read_npy(const std::filesystem::path& path) {
  return parse_file(path, parse_npy, detail::npy_max_bytes);
}

}  // namespace orbitmoe
