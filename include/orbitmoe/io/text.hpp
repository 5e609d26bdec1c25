#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <orbitmoe/error.hpp>

namespace orbitmoe::detail {

// Text taken apart.

inline constexpr std::string_view blank_bytes = " \t\r";

/// Takes the next line off the text, without its end, LF or CRLF, and blanks before that.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  line.remove_suffix(line.size() - (line.find_last_not_of(blank_bytes) + 1));
  return line;
}

/// How errors name a line.
inline std::string line_place(std::size_t line) { return "line " + std::to_string(line); }

/// The same with a column, counted from 0 and named from 1.
inline std::string column_place(const std::string& line, std::size_t column) {
  return line + ", column " + std::to_string(column + 1);
}

/// Words between blanks.
inline std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(blank_bytes); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(blank_bytes, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(blank_bytes, end);
  }
  return words;
}

/// The number that the whole field is, infinite or NaN too; nothing where it is none.
inline std::optional<double> number_in(std::string_view field) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc{} || end != field.data() + field.size()) return {};
  return value;
}

/// The number that the whole field is.
/// @throws invalid_input  it is none, or not finite.
inline double finite_in(std::string_view field, std::string_view place) {
  const std::optional<double> value = number_in(field);
  if (!value || !std::isfinite(*value))
    throw invalid_input::value(place, shown(field), "a finite number");
  return *value;
}

/// Fields between commas, without blanks at their ends.
inline std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(',', start), line.size());
    const std::string_view field = line.substr(start, end - start);
    const std::size_t first = std::min(field.find_first_not_of(blank_bytes), field.size());
    fields.push_back(field.substr(first, field.find_last_not_of(blank_bytes) + 1 - first));
    start = end + 1;
  }
  return fields;
}

inline std::string_view without_byte_order_mark(std::string_view text) {
  return text.substr(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
}

/// Calls visit(line, its number from 1) for each line that is not blank, as take_line gives it. A
/// byte order mark before the first is passed over.
template<typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  text = without_byte_order_mark(text);
  for (std::size_t number = 1; !text.empty(); ++number)
    if (const std::string_view line = take_line(text); !line.empty()) visit(line, number);
}

/// The same with the fields of each line: visit(fields, number).
template<typename Visit>
void for_each_csv_line(std::string_view text, Visit visit) {
  for_each_line(text,
                [&](std::string_view line, std::size_t number) { visit(fields_of(line), number); });
}

// Text put together.

/// A number with so many decimals; −0 as 0.
inline std::string fixed_text(double value, int decimals) {
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value + 0.0,
                                 std::chars_format::fixed, decimals);
  return {buffer.data(), end.ptr};
}

/// A field of CSV, in quotes where it needs them.
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

/// The form with each '$' replaced by a value, in their order; doubles with one decimal.
template<typename... Values>
std::string filled(std::string_view form, const Values&... values) {
  std::string out;
  [[maybe_unused]] const auto next = [&]<typename Value>(const Value& value) {
    const std::size_t place = form.find('$');
    out += form.substr(0, place);
    form.remove_prefix(place + 1);
    if constexpr (std::floating_point<Value>) {
      out += fixed_text(value, 1);
    } else if constexpr (std::integral<Value>) {
      out += std::to_string(value);
    } else {
      out += value;
    }
  };
  (next(values), ...);
  return out.append(form);
}

}  // namespace orbitmoe::detail
