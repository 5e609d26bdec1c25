#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace orbitmoe::detail {

/// Foreign text as an error message may show it: one line, printable, at most `limit` characters.
inline std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text.substr(0, limit)) out += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > limit) out += "...";
  return out;
}

/// The same in quotes.
inline std::string shown(std::string_view text) { return '"' + printable(text, 60) + '"'; }

}  // namespace orbitmoe::detail
