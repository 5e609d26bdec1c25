#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace orbitmoe::detail {

/// Foreign text as XML may hold it: '?' for what is no UTF-8 or no character of XML.
inline std::string xml_text(std::string_view text) {
  constexpr std::array<std::uint32_t, 5> least{0, 0x20, 0x80, 0x800, 0x10000};
  std::string out;
  for (std::size_t i = 0, length = 1; i < text.size(); i += length) {
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0;
    };
    length = byte(0) < 0xC0 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
    std::uint32_t code = length == 1 ? byte(0) : byte(0) & (0x7F >> length);
    bool ok = byte(0) < 0x80 || (byte(0) >= 0xC0 && byte(0) < 0xF8);
    for (std::size_t k = 1; k < length; ++k) {
      ok = ok && (byte(k) & 0xC0) == 0x80;
      code = code << 6 | (byte(k) & 0x3F);
    }
    ok = ok && code >= least[length] && code < 0x110000 && (code < 0xD800 || code > 0xDFFF) &&
         code != 0xFFFE && code != 0xFFFF;
    if (!ok) length = 1;
    out += !ok           ? "?"
           : code == '&' ? "&amp;"
           : code == '<' ? "&lt;"
           : code == '>' ? "&gt;"
                         : std::string(text.substr(i, length));
  }
  return out;
}

}  // namespace orbitmoe::detail
