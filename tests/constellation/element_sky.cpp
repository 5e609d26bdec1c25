#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/io/tle.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/network/timeline.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/sgp4_golden.hpp"

namespace constellation_element_sky_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;

// A user's propagator: it shows the time that it is asked for.
struct clock_on_x {
  double mean_motion;
  explicit clock_on_x(const element_set& set) : mean_motion(set.mean_motion_rev_per_day) {}
  Vector3d position_km(double since_epoch_s) const { return {since_epoch_s, 0, 0}; }
  auto velocity_km_s(double) const { return Vector3d::UnitX(); }
};
static_assert(propagator<clock_on_x>);
static_assert(constellation<element_sky<clock_on_x>>);
static_assert(!planar_constellation<element_sky<>>);
static_assert(!periodic_constellation<element_sky<>>);

TEST_CASE("element_sky: sets of mixed epochs are carried to one instant") {
  std::vector<element_set> sets(3);
  sets[0].epoch = {9'000, 0};
  sets[1].epoch = {8'999, 86'300};
  sets[2].epoch = {9'001, 50};
  const element_sky<clock_on_x> sky(sets, {9'000, 10});
  REQUIRE(sky.size() == 3);
  CHECK(sky.start() == utc_time{9'000, 10});
  CHECK(sky.elements() == sets);
  CHECK(sky.age_s(1) == 110);
  CHECK(sky.position_km(0, 0).x() == 10);
  CHECK(sky.position_km(1, 5).x() == 115);
  CHECK(sky.position_km(2, 0).x() == -86'440);
  CHECK(sky.velocity_km_s(2, 7).x() == 1);
}

TEST_CASE("element_sky: a later start is a later time") {
  const std::vector<element_set> sets = parse_tle(test::sgp4_sets).sets;
  const utc_time start = latest_epoch(sets);
  const element_sky<> now(sets, start), later(sets, {start.days + 1, start.second_of_day});
  for (satellite_id id = 0; id < now.size(); ++id) {
    CHECK((now.position_km(id, 86'400 + 99) - later.position_km(id, 99)).norm() < 1e-6);
    CHECK(now.age_s(id) >= 0);
  }
}

TEST_CASE("element_sky: a network of real satellites") {
  const std::vector<element_set> sets = parse_tle(test::sgp4_sets).sets;
  const element_sky<> sky(sets, latest_epoch(sets));
  const link_list links{{{0, 1}, {7, 8}, {14, 15}}};
  const timeline net(sky, links, {.slots = 4, .span_s = 6000, .survival_probability = 1});
  CHECK(net.size() == 21);
  CHECK(net.orbital_slots().empty());
  CHECK_INVALID(timeline(sky, links, {.slots = 4}), "span_s");
}

TEST_CASE("element_sky: what it refuses") {
  std::vector<element_set> sets(2);
  CHECK_INVALID(element_sky<>({}, {}), "sets: found 0; allowed: an integer from 1 to 1000000");
  CHECK_INVALID(element_sky<>(sets, {0, -1}), "start.second_of_day: found -1;");
  sets[1].raan_deg = 400;
  CHECK_INVALID(element_sky<>(sets, {}), "sets[1].raan_deg: found 400;");
  CHECK_INVALID(element_sky<clock_on_x>(sets, {}), "sets[1].raan_deg: found 400;");
}

TEST_CASE("element_sky: real constellations fly where they are said to", "[data]") {
  if (!test::has_data()) return test::skip_without_data();
  struct expected {
    const char* file;
    std::size_t size;
    double least_altitude_km, most_altitude_km;
  };
  for (const auto& [file, size, least_km, most_km] :
       {expected{"tle/iridium-next_2024-07.txt", 80, 600, 830},
        expected{"tle/oneweb_2024-07.txt", 631, 550, 1260},
        expected{"tle/starlink_2021-07.txt", 1665, 130, 620}}) {
    const std::vector<element_set> sets = read_tle(test::data(file)).sets;
    const element_sky<> sky(sets, latest_epoch(sets));
    REQUIRE(sky.size() == size);
    for (satellite_id id = 0; id < sky.size(); ++id)
      for (const double t_s : {0.0, 3000.0}) {
        const Vector3d r = sky.position_km(id, t_s), v = sky.velocity_km_s(id, t_s);
        const double altitude_km = r.norm() - earth_radius_km;
        CAPTURE(file, id, altitude_km);
        REQUIRE(altitude_km > least_km);
        REQUIRE(altitude_km < most_km);
        REQUIRE(v.norm() == test::approx(std::sqrt(earth_mu_km3_s2 / r.norm()), 0.05));
      }
  }
}

}  // namespace
}  // namespace constellation_element_sky_test
