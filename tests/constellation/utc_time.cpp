#include <cstdint>
#include <limits>
#include <string>

#include <orbitmoe/constellation/utc_time.hpp>

#include "support/catch.hpp"

namespace constellation_utc_time_test {
namespace {

using namespace orbitmoe;

TEST_CASE("utc_time: days count from 2000-01-01") {
  CHECK(parse_utc("2000-01-01T00:00:00") == utc_time{0, 0});
  CHECK(parse_utc("1999-12-31T23:59:59.5Z") == utc_time{-1, 86'399.5});
  CHECK(parse_utc("2024-07-16T13:11:42.272448") == utc_time{8'963, 47'502.272448});
  CHECK(parse_utc("2024-198T13:11:42.272448Z") == parse_utc("2024-07-16T13:11:42.272448"));
  CHECK(parse_utc("2000-02-29T00:00:00") == parse_utc("2000-060T00:00:00"));
  CHECK(parse_utc("2024-366T00:00:00") == parse_utc("2024-12-31T00:00:00"));
  CHECK(parse_utc("1900-01-01T00:00:00").days == -36'524);
  CHECK(parse_utc("2199-12-31T00:00:00").days == 73'048);
}

TEST_CASE("utc_time: intervals and order") {
  const utc_time evening{8'962, 86'399.75}, morning{8'963, 0.5};
  CHECK(seconds_between(evening, morning) == 0.75);
  CHECK(seconds_between(morning, evening) == -0.75);
  CHECK(seconds_between({-36'524, 0}, {73'048, 0}) == 109'572 * 86'400.0);
  CHECK(evening < morning);
}

TEST_CASE("utc_time: text there and back to the microsecond") {
  for (const char* text : {"2024-07-16T13:11:42.272448", "1900-01-01T00:00:00.000000",
                           "2199-12-31T23:59:59.999999", "2024-02-29T09:08:07.000001"})
    CHECK(to_iso_8601(parse_utc(text)) == text);
  // Rounding carries over to the next day, month and year.
  CHECK(to_iso_8601({-1, 86'399.9999996}) == "2000-01-01T00:00:00.000000");
}

TEST_CASE("utc_time: what is no time") {
  for (const char* text : {"",
                           "2024",
                           "2024-07-16",
                           "2024-07-16 13:11:42",
                           "2024-07-16T13:11",
                           "2024-07-16T13:11:60",
                           "2024-07-16T24:00:00",
                           "2024-07-16T13:60:00",
                           "2024-13-01T00:00:00",
                           "2024-00-01T00:00:00",
                           "2023-02-29T00:00:00",
                           "2023-366T00:00:00",
                           "2024-000T00:00:00",
                           "1899-12-31T00:00:00",
                           "2200-01-01T00:00:00",
                           "2024-7-16T13:11:42",
                           "2024-07-16T13:11:42.5ZZ",
                           "2024-07-16T13:11:42+00:00",
                           "2024-07-16T13:11:4",
                           "2024-07-16T13:11:042",
                           "2024-07-16T13:11:-4",
                           "-024-07-16T13:11:42",
                           "2024-07-16T13:11:42,5"}) {
    CAPTURE(text);
    CHECK_INVALID(parse_utc(text), "time: found \"");
  }
  CHECK_INVALID(parse_utc("noon"),
                "found \"noon\"; allowed: a UTC time such as 2024-07-16T13:11:42.272448");
}

TEST_CASE("utc_time: values out of range") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto check = [](std::int32_t days, double seconds) {
    return [=] { utc_time{days, seconds}.validate(); };
  };
  CHECK_INVALID(check(-36'526, 0)(),
                "days: found -36526; allowed: an integer from -36525 to 73049");
  CHECK_INVALID(check(73'050, 0)(), "days: found 73050;");
  CHECK_INVALID(check(0, -1)(), "second_of_day: found -1; allowed: a number from 0 to under 86400");
  CHECK_INVALID(check(0, 86'400)(), "second_of_day: found 86400;");
  CHECK_INVALID(check(0, nan)(), "second_of_day: found nan;");
  CHECK_INVALID(to_iso_8601({0, nan}), "second_of_day: found nan;");
}

}  // namespace
}  // namespace constellation_utc_time_test
