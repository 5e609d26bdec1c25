#include <limits>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>

#include "support/catch.hpp"

namespace constellation_element_set_test {
namespace {

using namespace orbitmoe;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("element_set: the default and the ends of the ranges are allowed") {
  CHECK_NOTHROW(element_set{}.validate());
  element_set set;
  set.catalogue_number = 999'999'999;
  set.inclination_deg = 180;
  set.raan_deg = set.argument_of_perigee_deg = set.mean_anomaly_deg = 360;
  set.eccentricity = 0.9999999;
  set.mean_motion_rev_per_day = 18;
  set.bstar = -1e9;
  CHECK_NOTHROW(set.validate());
}

TEST_CASE("element_set: elements out of range") {
  const auto with = [](auto member, auto value) {
    element_set set;
    set.*member = value;
    set.validate();
  };
  CHECK_INVALID(with(&element_set::catalogue_number, 1'000'000'000U),
                "catalogue_number: found 1000000000; allowed: an integer from 0 to 999999999");
  CHECK_INVALID(with(&element_set::epoch, utc_time{0, -1}), "epoch.second_of_day: found -1;");
  CHECK_INVALID(with(&element_set::inclination_deg, 180.1),
                "inclination_deg: found 180.1; allowed: a number from 0 to 180");
  CHECK_INVALID(with(&element_set::raan_deg, -0.1), "raan_deg: found -0.1;");
  CHECK_INVALID(with(&element_set::raan_deg, nan), "raan_deg: found nan;");
  CHECK_INVALID(with(&element_set::eccentricity, 1.0),
                "eccentricity: found 1; allowed: a number from 0 to under 1");
  CHECK_INVALID(with(&element_set::eccentricity, -0.1), "eccentricity: found -0.1;");
  CHECK_INVALID(with(&element_set::eccentricity, nan), "eccentricity: found nan;");
  CHECK_INVALID(with(&element_set::argument_of_perigee_deg, 360.1),
                "argument_of_perigee_deg: found 360.1;");
  CHECK_INVALID(with(&element_set::mean_anomaly_deg, 361.0), "mean_anomaly_deg: found 361;");
  CHECK_INVALID(with(&element_set::mean_motion_rev_per_day, 0.0),
                "mean_motion_rev_per_day: found 0; allowed: a number from 0.01 to 18");
  CHECK_INVALID(with(&element_set::mean_motion_rev_per_day, 18.1),
                "mean_motion_rev_per_day: found 18.1;");
  CHECK_INVALID(with(&element_set::bstar, nan), "bstar: found nan; allowed: a finite number");
}

TEST_CASE("satellite_name: one printable line, the number where there is no name") {
  CHECK(detail::satellite_name({.name = "A\nB", .catalogue_number = 7}) == "A?B");
  CHECK(detail::satellite_name({.catalogue_number = 7}) == "7");
}

TEST_CASE("identity_of: orders sets by catalogue number, then epoch, and tells any two apart") {
  using detail::identity_of;
  element_set a{.name = "A", .catalogue_number = 2, .epoch = {9'000, 1}}, b = a;
  CHECK(identity_of(a) == identity_of(b));
  b.raan_deg = nan;
  CHECK(identity_of(a) != identity_of(b));
  CHECK(identity_of(b) == identity_of(b));
  b = a;
  b.name = "B";
  CHECK(identity_of(a) < identity_of(b));
  b.epoch.days = 8'999;
  CHECK(identity_of(b) < identity_of(a));
  b.catalogue_number = 3;
  CHECK(identity_of(a) < identity_of(b));
}

TEST_CASE("latest_epoch: that of the youngest set") {
  std::vector<element_set> sets(3);
  sets[1].epoch = {9'000, 5};
  sets[2].epoch = {9'000, 4};
  CHECK(latest_epoch(sets) == utc_time{9'000, 5});
  CHECK_INVALID(latest_epoch({}), "sets: found 0; allowed: one or more element sets");
}

}  // namespace
}  // namespace constellation_element_set_test
