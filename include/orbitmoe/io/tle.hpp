#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/element_records.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/text.hpp>

namespace orbitmoe {
namespace detail {

/// What stands for the first two digits of a catalogue number from 100,000 on: A is 10, Z is 33.
inline constexpr std::string_view alpha_5_letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The last digit of a line, from the 68 characters before it: the sum of its digits, with 1 for
/// each minus sign, modulo 10.
inline int tle_checksum(std::string_view characters) {
  int sum = 0;
  for (const char c : characters)
    if (c == '-')
      sum += 1;
    else if (c >= '0' && c <= '9')
      sum += c - '0';
  return sum % 10;
}

/// One line of a two-line element set; columns count from 1, as the format's descriptions do.
class tle_line {
 public:
  explicit tle_line(std::string_view text) : text_(text) {}

  [[nodiscard]] std::string_view columns(std::size_t first, std::size_t last) const {
    return text_.substr(first - 1, last - first + 1);
  }

  /// @throws invalid_input  length, checksum, line number or a blank column is not as it must be.
  void check(char number, std::initializer_list<std::size_t> blank_columns) const {
    if (text_.size() != 69)
      throw invalid_input::value("length", std::to_string(text_.size()), "69 characters");
    if (const int sum = tle_checksum(text_.substr(0, 68)); text_[68] - '0' != sum)
      throw invalid_input::value("checksum", shown(columns(69, 69)), std::to_string(sum));
    bool blanks = text_[0] == number;
    for (const std::size_t column : blank_columns) blanks = blanks && text_[column - 1] == ' ';
    if (!blanks)
      throw invalid_input::value("columns", shown(text_.substr(0, 60)),
                                 "fields in the columns of a two-line element set");
  }

  /// A number with a decimal point, which may stand after blanks and a sign.
  double decimal(std::string_view parameter, std::size_t first, std::size_t last) const {
    const std::string_view digits = without_sign(first, last);
    const std::size_t point = digits.find('.');
    double value = 0;
    if (point == std::string_view::npos || point + 1 == digits.size() ||
        !only_digits(digits.substr(0, point)) || !only_digits(digits.substr(point + 1)))
      throw bad(parameter, first, last, "a number with a decimal point");
    std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
    return signed_as(first, last, value);
  }

  /// A number as ` 52306-4`, which is 0.52306e-4.
  double exponential(std::string_view parameter, std::size_t first, std::size_t last) const {
    const std::string_view field = columns(first, last);
    const bool ok = std::string_view(" +-").find(field[0]) != std::string_view::npos &&
                    only_digits(field.substr(1, 5)) && (field[6] == '-' || field[6] == '+') &&
                    only_digits(field.substr(7));
    if (!ok) throw bad(parameter, first, last, "a number such as  52306-4");
    const int mantissa = integer(parameter, first + 1, first + 5);
    const int exponent = (field[6] == '-' ? '0' - field[7] : field[7] - '0') - 5;
    double power = 1;
    for (int i = 0; i < std::abs(exponent); ++i) power *= 10;
    const double value = exponent < 0 ? mantissa / power : mantissa * power;
    return signed_as(first, last, value);
  }

  /// Digits, which may stand after blanks.
  int integer(std::string_view parameter, std::size_t first, std::size_t last,
              std::string_view allowed = "digits") const {
    std::string_view field = columns(first, last);
    field.remove_prefix(std::min(field.find_first_not_of(' '), field.size() - 1));
    if (!only_digits(field)) throw bad(parameter, first, last, allowed);
    int value = 0;
    std::from_chars(field.data(), field.data() + field.size(), value);
    return value;
  }

  /// Five digits, or a letter for the first two: A0000 is 100000, Z9999 339999, without I and O.
  [[nodiscard]] std::uint32_t catalogue_number() const {
    constexpr std::string_view allowed =
        "digits, or a capital letter but I and O before four digits";
    const std::size_t letter = alpha_5_letters.find(text_[2]);
    if (letter == std::string_view::npos)
      return static_cast<std::uint32_t>(integer("catalogue_number", 3, 7, allowed));
    if (!only_digits(columns(4, 7))) throw bad("catalogue_number", 3, 7, allowed);
    return static_cast<std::uint32_t>((letter + 10) * 10'000) +
           static_cast<std::uint32_t>(integer("catalogue_number", 4, 7));
  }

  [[nodiscard]] invalid_input bad(std::string_view parameter, std::size_t first, std::size_t last,
                                  std::string_view allowed) const {
    return invalid_input::value(parameter, shown(columns(first, last)), allowed);
  }
  static bool only_digits(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
  }

 private:
  [[nodiscard]] std::string_view without_blanks(std::size_t first, std::size_t last) const {
    std::string_view field = columns(first, last);
    field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
    return field;
  }
  [[nodiscard]] std::string_view without_sign(std::size_t first, std::size_t last) const {
    std::string_view field = without_blanks(first, last);
    if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
    return field;
  }
  [[nodiscard]] double signed_as(std::size_t first, std::size_t last, double value) const {
    return without_blanks(first, last).starts_with('-') ? -value : value;
  }

  std::string_view text_;
};

/// The year of two digits, as element sets count: 1957 to 2056.
inline int full_year(int two_digits) { return two_digits + (two_digits < 57 ? 2000 : 1900); }

/// `17003A` as `2017-003A`; empty where the columns are blank.
inline std::string designator(const tle_line& line) {
  std::string_view field = line.columns(10, 17);
  field.remove_suffix(field.size() - (field.find_last_not_of(' ') + 1));
  if (field.empty()) return {};
  const std::string_view piece = field.substr(std::min<std::size_t>(field.size(), 5));
  if (piece.empty() || !tle_line::only_digits(field.substr(0, 5)) ||
      !std::ranges::all_of(piece, [](char c) { return c >= 'A' && c <= 'Z'; }))
    throw line.bad("international_designator", 10, 17, "such as 17003A, or blank");
  return std::to_string(full_year(line.integer("international_designator", 10, 11))) + '-' +
         std::string(field.substr(2));
}

/// `24198.54979482`: year, day of the year and its fraction.
inline utc_time tle_epoch(const tle_line& line) {
  const int year = line.integer("epoch", 19, 20), day = line.integer("epoch", 21, 23);
  if (line.columns(24, 24) != "." || !tle_line::only_digits(line.columns(25, 32)))
    throw line.bad("epoch", 19, 32, "such as 24198.54979482");
  // Hundred-millionths of a day are whole multiples of 0.864 ms.
  const int fraction = line.integer("epoch", 25, 32);
  return {within(
              "epoch", [&] { return days_to(full_year(year), day); }, ", "),
          fraction * 864e-6};
}

inline void read_line_1(const tle_line& line, element_set& set) {
  line.check('1', {2, 9, 18, 33, 44, 53, 62, 64});
  set.catalogue_number = line.catalogue_number();
  if (std::string_view("UCS ").find(line.columns(8, 8)) == std::string_view::npos)
    throw line.bad("classification", 8, 8, "U, C, S or a blank");
  set.international_designator = designator(line);
  set.epoch = tle_epoch(line);
  line.decimal("mean motion's first derivative", 34, 43);
  line.exponential("mean motion's second derivative", 45, 52);
  set.bstar = line.exponential("bstar", 54, 61);
  if (std::string_view(" 023").find(line.columns(63, 63)) == std::string_view::npos)
    throw line.bad("ephemeris type", 63, 63, "0, 2, 3 or a blank: elements for SGP4");
  line.integer("element set number", 65, 68);
}

inline void read_line_2(const tle_line& line, element_set& set) {
  line.check('2', {2, 8, 17, 26, 34, 43, 52});
  if (line.catalogue_number() != set.catalogue_number)
    throw line.bad("catalogue_number", 3, 7, to_text(set.catalogue_number) + ", as in line 1");
  set.inclination_deg = line.decimal("inclination_deg", 9, 16);
  set.raan_deg = line.decimal("raan_deg", 18, 25);
  if (!tle_line::only_digits(line.columns(27, 33)))
    throw line.bad("eccentricity", 27, 33, "seven digits");
  set.eccentricity = line.integer("eccentricity", 27, 33) / 1e7;
  set.argument_of_perigee_deg = line.decimal("argument_of_perigee_deg", 35, 42);
  set.mean_anomaly_deg = line.decimal("mean_anomaly_deg", 44, 51);
  set.mean_motion_rev_per_day = line.decimal("mean_motion_rev_per_day", 53, 63);
  line.integer("revolution number", 64, 68);
  set.validate();
}

/// Lines one by one, blank ones passed over, with a look at the next.
class tle_lines {
 public:
  explicit tle_lines(std::string_view text) : rest_(text) { advance(); }
  [[nodiscard]] bool done() const noexcept { return line_.empty(); }
  [[nodiscard]] std::string_view line() const noexcept { return line_; }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  /// Whether this is the given line of an element set.
  [[nodiscard]] bool is(char number) const noexcept {
    return line_.size() > 1 && line_[0] == number && line_[1] == ' ';
  }
  void advance() {
    line_ = {};
    while (line_.empty() && !rest_.empty()) {
      line_ = take_line(rest_);
      ++number_;
    }
  }

 private:
  std::string_view rest_, line_;
  std::size_t number_ = 0;
};

/// Reads a name, if there is one, and the two lines after it. `place` follows.
inline element_set read_tle_record(tle_lines& lines, std::string& place) {
  element_set set;
  place = line_place(lines.number());
  if (!lines.is('1') && !lines.is('2')) {
    const std::string_view name = lines.line();
    lines.advance();
    if (!lines.is('1'))
      throw invalid_input::value("name", shown(name), "a name before line 1 of an element set");
    set.name = printable(name.substr(name.starts_with("0 ") ? 2 : 0));
  }
  if (lines.is('2')) {
    lines.advance();
    throw invalid_input::value("element set", "line 2 without line 1", "both");
  }
  const std::string place_1 = line_place(lines.number());
  const tle_line line_1(lines.line());
  lines.advance();
  if (!lines.is('2')) throw invalid_input::value("element set", "line 1 without line 2", "both");
  const std::string place_2 = line_place(lines.number());
  const tle_line line_2(lines.line());
  lines.advance();
  place = place_1;
  read_line_1(line_1, set);
  place = place_2;
  read_line_2(line_2, set);
  return set;
}

}  // namespace detail

/// Reads two-line element sets, with or without a line for the name, which may begin with "0 ".
///
/// Line ends may be LF or CRLF, blanks at the end and blank lines are passed over. Checked are
/// length, checksum, columns, the syntax of every field and the ranges of element_set. Catalogue
/// numbers may be Alpha-5: A0000 is 100000. A name must not begin with "1 " or "2 ".
///
/// @param policy  whether a bad record is an error or is listed beside those that were read.
/// @throws invalid_input  a record is bad and the policy is to refuse it: the message gives line,
///                        field, what was found and what is allowed; or there is no record at all.
/// @complexity  O(characters).
/// @see  Kelso, "Two-line element set format", CelesTrak; Space-Track, "Alpha-5".
[[nodiscard]] inline element_records parse_tle(std::string_view text,
                                               bad_records policy = bad_records::refuse) {
  element_records out;
  for (detail::tle_lines lines(detail::without_byte_order_mark(text)); !lines.done();) {
    std::string place;
    detail::add_record(out, policy, place, [&] { return detail::read_tle_record(lines, place); });
  }
  if (out.sets.empty() && out.skipped.empty())
    throw invalid_input::value("tle", "no line", "one element set or more");
  return out;
}

/// Reads a file of two-line element sets; errors name the file.
/// @throws invalid_input  as read_file and parse_tle.
[[nodiscard]] inline element_records read_tle(const std::filesystem::path& path,
                                              bad_records policy = bad_records::refuse) {
  return parse_file(path, [policy](std::string_view text) { return parse_tle(text, policy); });
}

}  // namespace orbitmoe
