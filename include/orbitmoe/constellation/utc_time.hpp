#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// An instant in UTC to well under a microsecond: whole days, and seconds of the day.
///
/// Days have 86,400 s, as in element sets and their propagators, which know no leap seconds.
struct utc_time {
  std::int32_t days = 0;   ///< since 2000-01-01, −36,525 to 73,049: the years 1900 to 2199 [d]
  double second_of_day{};  ///< 0 to under 86,400 [s]
  auto operator<=>(const utc_time&) const = default;

  /// @throws invalid_input  the instant is outside the range.
  void validate() const {
    detail::require_between("days", days, -36'525, 73'049);
    detail::require(second_of_day >= 0 && second_of_day < 86'400, "second_of_day", second_of_day,
                    "a number from 0 to under 86400");
  }
};

/// Time from one instant to another [s]; negative when `to` is earlier.
[[nodiscard]] inline double seconds_between(const utc_time& from, const utc_time& to) noexcept {
  return (static_cast<double>(to.days) - static_cast<double>(from.days)) * 86'400 +
         (to.second_of_day - from.second_of_day);
}

namespace detail {

inline constexpr std::chrono::sys_days day_zero = std::chrono::year{2000} / 1 / 1;

/// Days from 2000-01-01 to a day of a year, which counts from 1.
/// @throws invalid_input  the year has no such day.
inline std::int32_t days_to(int year, int day_of_year) {
  const std::chrono::year y{year};
  require_between("day of the year", day_of_year, 1, y.is_leap() ? 366 : 365);
  return static_cast<std::int32_t>((std::chrono::sys_days{y / 1 / 1} - day_zero).count()) +
         day_of_year - 1;
}

/// Takes characters off the front of a text.
class text_cursor {
 public:
  explicit text_cursor(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::size_t digits() const noexcept {
    return std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  }
  /// Takes one character if it is `c`.
  bool take(char c) noexcept {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Takes exactly `count` digits as a number; fails where there are fewer.
  bool take(std::size_t count, int& number) noexcept {
    if (digits() < count) return false;
    std::from_chars(rest_.data(), rest_.data() + count, number);
    rest_.remove_prefix(count);
    return true;
  }
  /// Takes two digits, and a fraction if there is one.
  bool take_seconds(double& seconds) noexcept {
    if (digits() != 2) return false;
    const char* const end = rest_.data() + rest_.size();
    const auto read = std::from_chars(rest_.data(), end, seconds, std::chars_format::fixed);
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return read.ec == std::errc{};
  }

 private:
  std::string_view rest_;
};

}  // namespace detail

/// Reads an instant as ISO 8601 writes it, by month and day or by day of the year:
/// `2024-07-16T13:11:42.272448` or `2024-198T13:11:42.272448`, a closing `Z` or none.
/// @throws invalid_input  the text is no such instant of the years 1900 to 2199; leap seconds
///                        (second 60) are not allowed.
[[nodiscard]] inline utc_time parse_utc(std::string_view text) {
  namespace chrono = std::chrono;
  int year = 0, month = 0, day = 0, day_of_year = 0, hour = 0, minute = 0;
  double second = 0;
  detail::text_cursor cursor(text);
  bool ok = cursor.take(4, year) && cursor.take('-');
  const bool ordinal = cursor.digits() == 3;
  ok = ok && (ordinal ? cursor.take(3, day_of_year)
                      : cursor.take(2, month) && cursor.take('-') && cursor.take(2, day));
  ok = ok && cursor.take('T') && cursor.take(2, hour) && cursor.take(':') &&
       cursor.take(2, minute) && cursor.take(':') && cursor.take_seconds(second);
  cursor.take('Z');
  const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                    chrono::day{static_cast<unsigned>(day)}};
  const int last_day = chrono::year{year}.is_leap() ? 366 : 365;
  ok = ok && cursor.done() && year >= 1900 && year <= 2199 && hour < 24 && minute < 60 &&
       second < 60 && (ordinal ? day_of_year >= 1 && day_of_year <= last_day : date.ok());
  if (!ok)
    throw invalid_input::value("time", detail::shown(text),
                               "a UTC time such as 2024-07-16T13:11:42.272448");
  const std::int32_t days =
      ordinal ? detail::days_to(year, day_of_year)
              : static_cast<std::int32_t>((chrono::sys_days{date} - detail::day_zero).count());
  return {days, hour * 3600 + minute * 60 + second};
}

/// The instant as `2024-07-16T13:11:42.272448`, rounded to the microsecond.
/// @throws invalid_input  the instant is outside its range.
[[nodiscard]] inline std::string to_iso_8601(const utc_time& time) {
  time.validate();
  const auto microseconds = std::llround(time.second_of_day * 1e6);
  const std::int64_t day = 86'400'000'000;
  const std::chrono::year_month_day date{detail::day_zero +
                                         std::chrono::days{time.days + microseconds / day}};
  const std::int64_t of_day = microseconds % day;
  const auto part = [](std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  return part(static_cast<int>(date.year()), 4) + '-' +
         part(static_cast<unsigned>(date.month()), 2) + '-' +
         part(static_cast<unsigned>(date.day()), 2) + 'T' + part(of_day / 3'600'000'000, 2) + ':' +
         part(of_day / 60'000'000 % 60, 2) + ':' + part(of_day / 1'000'000 % 60, 2) + '.' +
         part(of_day % 1'000'000, 6);
}

}  // namespace orbitmoe
