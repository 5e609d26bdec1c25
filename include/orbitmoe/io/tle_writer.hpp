#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/io/tle.hpp>

namespace orbitmoe {
namespace detail {

/// Text at the right of a field.
inline std::string right_aligned(std::string_view text, std::size_t width, char fill = ' ') {
  return std::string(width - std::min(width, text.size()), fill) + std::string(text);
}

/// Five characters: digits, or a letter for the first two.
inline std::string tle_catalogue_number(std::uint32_t number) {
  require(number <= 339'999, "catalogue_number", number, "an integer from 0 to 339999");
  if (number < 100'000) return right_aligned(std::to_string(number), 5, '0');
  return alpha_5_letters[number / 10'000 - 10] +
         right_aligned(std::to_string(number % 10'000), 4, '0');
}

/// `2017-003A` as `17003A  `, nothing as blanks.
inline std::string tle_designator(std::string_view designator) {
  std::string field(designator.substr(std::min<std::size_t>(designator.size(), 2)));
  field.erase(std::min<std::size_t>(field.size(), 2), 1);
  field.resize(8, ' ');
  const std::string line = std::string(9, ' ') + field;
  const auto read_back = [&] {
    try {
      return detail::designator(tle_line(line));
    } catch (const invalid_input&) {
      return std::string();
    }
  };
  if (read_back() != designator)
    throw invalid_input::value("international_designator", shown(designator),
                               "empty, or such as 2017-003A, of the years 1957 to 2056");
  return field;
}

/// `24198.54979482`: year, day of the year and its fraction, rounded.
inline std::string tle_epoch_text(const utc_time& epoch) {
  constexpr std::int64_t per_day = 100'000'000;
  const std::int64_t rounded = std::llround(epoch.second_of_day / 864e-6);
  const std::chrono::sys_days day = day_zero + std::chrono::days{epoch.days + rounded / per_day};
  const std::chrono::year year = std::chrono::year_month_day{day}.year();
  if (year < std::chrono::year{1957} || year > std::chrono::year{2056})
    throw invalid_input::value("epoch", to_iso_8601(epoch), "an instant of the years 1957 to 2056");
  const auto day_of_year = (day - std::chrono::sys_days{year / 1 / 1}).count() + 1;
  return right_aligned(std::to_string(static_cast<int>(year) % 100), 2, '0') +
         right_aligned(std::to_string(day_of_year), 3, '0') + '.' +
         right_aligned(std::to_string(rounded % per_day), 8, '0');
}

/// ` 52306-4`, which is 0.52306e-4; what is smaller than the format's exponents has fewer digits.
inline std::string tle_exponential(std::string_view parameter, double value) {
  const double size = std::abs(value);
  std::array<char, 40> buffer{};
  std::to_chars(buffer.data(), buffer.data() + buffer.size(), size, std::chars_format::scientific,
                4);
  const std::string_view text(buffer.data());  // as 5.2306e-05
  int exponent = 0;
  const std::string_view power = text.substr(text[7] == '+' ? 8 : 7);
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  exponent = size == 0 ? 0 : exponent + 1;
  require(exponent <= 9, parameter, value, "a number under 1e9 in size");
  std::string digits = std::string(text.substr(0, 1)) + std::string(text.substr(2, 4));
  if (exponent < -9) {
    exponent = -9;
    digits = right_aligned(std::to_string(std::llround(size * 1e14)), 5, '0');
  }
  return (value < 0 ? '-' : ' ') + digits + (exponent < 0 ? '-' : '+') +
         std::to_string(std::abs(exponent));
}

/// Seven digits, the decimal point before them not written.
inline std::string tle_eccentricity(double eccentricity) {
  const std::string text = fixed_text(eccentricity, 7);
  require(text[0] == '0', "eccentricity", eccentricity, "one that is under 1 in seven decimals");
  return text.substr(2);
}

/// The line for a name; nothing where there is none.
inline std::string tle_name_line(std::string_view name) {
  if (name.empty()) return {};
  if (!std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; }))
    throw invalid_input::value("name", shown(name), "printable ASCII");
  const bool misread = name.starts_with("0 ") || name.starts_with("1 ") || name.starts_with("2 ");
  return (misread ? "0 " : "") + std::string(name) + '\n';
}

inline std::string with_checksum(const std::string& line) {
  return line + static_cast<char>('0' + tle_checksum(line)) + '\n';
}

}  // namespace detail

/// An element set as two lines, after a line for the name if it has one. Each line ends with LF.
///
/// Numbers are rounded to the digits of the format: angles to 0.0001°, eccentricity to 1e-7, mean
/// motion to 1e-8 rev/d, the epoch to 1e-8 d, bstar to five digits. What element_set does not hold
/// (derivatives of the mean motion, number of the element set, revolution number) is written as
/// zeros, the classification as U. Catalogue numbers from 100,000 are written as Alpha-5. A name
/// that begins like a line of the set, with "1 " or "2 ", or with "0 ", gets "0 " before it.
///
/// parse_tle reads back what is written; what it has read is written, and read again, without a
/// change.
///
/// @throws invalid_input  an element is outside its range, or the format cannot hold it: a
///                        catalogue number over 339,999; a name that is not printable ASCII; a
///                        designator of another form than 2017-003A; an epoch outside the years
///                        1957 to 2056; an eccentricity that rounds to 1; a bstar of 1e9 or more.
/// @complexity  O(characters).
/// @see  Kelso, "Two-line element set format", CelesTrak; Space-Track, "Alpha-5".
[[nodiscard]] inline std::string to_tle(const element_set& set) {
  set.validate();
  const std::string number = detail::tle_catalogue_number(set.catalogue_number);
  const auto degrees = [](double value) {
    return ' ' + detail::right_aligned(detail::fixed_text(value, 4), 8);
  };
  const std::string line_1 = "1 " + number + "U " +
                             detail::tle_designator(set.international_designator) + ' ' +
                             detail::tle_epoch_text(set.epoch) + "  .00000000  00000+0 " +
                             detail::tle_exponential("bstar", set.bstar) + " 0    0";
  const std::string line_2 =
      "2 " + number + degrees(set.inclination_deg) + degrees(set.raan_deg) + ' ' +
      detail::tle_eccentricity(set.eccentricity) + degrees(set.argument_of_perigee_deg) +
      degrees(set.mean_anomaly_deg) + ' ' +
      detail::right_aligned(detail::fixed_text(set.mean_motion_rev_per_day, 8), 11) + "    0";
  return detail::tle_name_line(set.name) + detail::with_checksum(line_1) +
         detail::with_checksum(line_2);
}

/// Element sets one after another, as to_tle of each; errors name the set by index.
/// @throws invalid_input  as to_tle of one set.
[[nodiscard]] inline std::string to_tle(std::span<const element_set> sets) {
  std::string text;
  for (std::size_t i = 0; i < sets.size(); ++i)
    text += detail::within("sets[" + std::to_string(i) + "]", [&] { return to_tle(sets[i]); });
  return text;
}

}  // namespace orbitmoe
