#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/shell_sky.hpp>
#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/timeline.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"

namespace constellation_shell_sky_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;
using test::approx, test::catalogue_maker, test::catalogue_start, test::origin, test::walker_plan;

/// Planes with gaps, a vacant plane, a spare and a stray, in any order.
catalogue_maker catalogue(double raan_spread_deg) {
  catalogue_maker made;
  const walker_plan plan{.planes = 7, .slots = 9, .phasing = 3, .raan_spread_deg = raan_spread_deg};
  std::vector<std::pair<int, int>> without{{0, 2}, {5, 8}};
  for (int s = 0; s < plan.slots; ++s) without.emplace_back(2, s);
  made.add(plan, without);
  test::start_orbit beside = plan.at(4, 4);
  beside.u_deg += 4;
  made.add(plan, {origin::spare, 4, 4, beside});
  made.add({origin::stray, 0, 0, {700, 60, 10, 10}});
  made.shuffle();
  return made;
}

// A user's propagator: it shows the time that it is asked for.
struct clock_on_x {
  explicit clock_on_x(const element_set&) {}
  Vector3d position_km(double since_epoch_s) const { return {since_epoch_s, 0, 0}; }
  Vector3d velocity_km_s(double) const { return {1, 0, 0}; }
};
static_assert(gridded_constellation<shell_sky<clock_on_x>>);

TEST_CASE("shell_sky: ids rise by plane and slot, and fly as their element sets do") {
  for (const double raan_spread_deg : {180.0, 360.0}) {
    const catalogue_maker made = catalogue(raan_spread_deg);
    const shell_sky<> sky(made.sets, catalogue_start);
    const found_planes found = find_planes(made.sets, catalogue_start);
    const element_sky<> all(made.sets, catalogue_start);
    CHECK(sky.found() == found);
    CHECK(sky.start() == catalogue_start);
    REQUIRE(sky.size() == 6 * 9 - 2);
    REQUIRE(sky.size() == found.size());
    REQUIRE(sky.elements().size() == sky.size());

    satellite_id id = 0;
    for (const found_plane& plane : found.planes)
      for (const seated_satellite& satellite : plane.satellites) {
        CAPTURE(id, satellite.set);
        REQUIRE(sky.slot_of(id) == orbital_slot{plane.plane, satellite.slot});
        REQUIRE(sky.elements()[id] == made.sets[satellite.set]);
        const auto set = static_cast<satellite_id>(satellite.set);
        for (const double t_s : {0.0, 1234.5}) {
          REQUIRE(sky.position_km(id, t_s) == all.position_km(set, t_s));
          REQUIRE(sky.velocity_km_s(id, t_s) == all.velocity_km_s(set, t_s));
        }
        if (id > 0) {
          const orbital_slot before = sky.slot_of(id - 1), here = sky.slot_of(id);
          REQUIRE(std::pair(before.plane, before.slot) < std::pair(here.plane, here.slot));
        }
        ++id;
      }
    CHECK(sky.grid().planes == 7);
    CHECK(sky.grid().slots == 9);
    CHECK(sky.grid().seam_shift.has_value() == (raan_spread_deg == 360));
    if (sky.grid().seam_shift) CHECK(*sky.grid().seam_shift == 0);
  }
}

TEST_CASE("shell_sky: the period is from node to node") {
  const catalogue_maker made = catalogue(360);
  const shell_sky<> sky(made.sets, catalogue_start);
  const test::circular_rates rates(550, 53);
  CHECK(sky.period_s() == approx(2 * std::numbers::pi / rates.latitude_rad_s, 1e-4));
  // Half a period after it passes the equator a satellite passes it again.
  double furthest = 0;
  for (satellite_id id = 0; id < sky.size(); ++id)
    furthest = std::max(
        furthest, std::abs(sky.position_km(id, 0)[2] + sky.position_km(id, sky.period_s() / 2)[2]));
  CHECK(furthest < 30);
}

TEST_CASE("shell_sky: a Walker sky has the links of walker_constellation") {
  for (const double raan_spread_deg : {180.0, 360.0})
    for (const int slots : {5, 8}) {
      const walker_constellation walker({.planes = 6,
                                         .satellites_per_plane = slots,
                                         .inclination_deg = 60,
                                         .raan_spread_deg = raan_spread_deg,
                                         .phasing = 0});
      catalogue_maker made;
      made.add(walker_plan{.planes = 6,
                           .slots = slots,
                           .raan_spread_deg = raan_spread_deg,
                           .inclination_deg = 60,
                           .first_u_deg = 0,
                           .jitter = 0});
      made.shuffle();
      const shell_sky<> sky(made.sets, catalogue_start);
      CHECK(sky.grid() == walker.grid());
      CHECK(plus_grid{}.links(sky) == plus_grid{}.links(walker));
      if (raan_spread_deg == 360)
        CHECK(plus_grid{.seam = true}.links(sky) == plus_grid{.seam = true}.links(walker));
    }
}

TEST_CASE("shell_sky: a timeline over one period, with planes and slots") {
  const catalogue_maker made = catalogue(360);
  const shell_sky<> sky(made.sets, catalogue_start);
  const timeline net(sky, plus_grid{.seam = true}, {.slots = 3});
  CHECK(net.span_s() == sky.period_s());
  REQUIRE(net.orbital_slots().size() == sky.size());
  for (satellite_id id = 0; id < sky.size(); ++id)
    CHECK(net.orbital_slots()[id] == sky.slot_of(id));
}

TEST_CASE("shell_sky: planes that were found before, and a user's propagator") {
  const catalogue_maker made = catalogue(360);
  found_planes found = find_planes(made.sets, catalogue_start);
  found.planes.resize(2);
  const shell_sky<clock_on_x> sky(made.sets, catalogue_start, found);
  CHECK(sky.size() == 8 + 9);
  CHECK(sky.position_km(3, 7)[0] == seconds_between(sky.elements()[3].epoch, catalogue_start) + 7);
  // Options reach the search.
  CHECK_INVALID(shell_sky<>(made.sets, catalogue_start, {.min_satellites = 50}), "sets: found");
}

TEST_CASE("shell_sky: what it refuses") {
  const catalogue_maker made = catalogue(360);
  CHECK_INVALID(shell_sky<>({}, catalogue_start),
                "sets: found 0 without a plane; allowed: satellites of which some share a plane");
  const std::vector<element_set> two(made.sets.begin(), made.sets.begin() + 2);
  CHECK_INVALID(shell_sky<>(two, catalogue_start), "sets: found 2 without a plane;");
  CHECK_INVALID(shell_sky<>(made.sets, catalogue_start, {.min_satellites = 0}),
                "min_satellites: found 0;");
  CHECK_INVALID(shell_sky<>(made.sets, {0, -1}), "second_of_day: found -1;");
  found_planes found = find_planes(made.sets, catalogue_start);
  CHECK_INVALID(shell_sky<>(made.sets, {0, -1}, found), "start.second_of_day: found -1;");
  found.planes[1].satellites[0].set = made.sets.size();
  const std::string count = std::to_string(made.sets.size());
  CHECK_INVALID(shell_sky<>(made.sets, catalogue_start, found),
                "found: found " + count + "; allowed: indices of the sets, under " + count);
  found.planes[1].satellites[0].set = 0;
  std::vector<element_set> sets = made.sets;
  sets[0].raan_deg = 400;
  CHECK_INVALID(shell_sky<>(sets, catalogue_start, found), "raan_deg: found 400;");
}

}  // namespace
}  // namespace constellation_shell_sky_test
