#include <vector>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/presets.hpp>
#include <orbitmoe/constellation/shell_sky.hpp>
#include <orbitmoe/constellation/walker_elements.hpp>

#include "support/catch.hpp"

namespace constellation_walker_elements_test {
namespace {

using namespace orbitmoe;

TEST_CASE("element_sets_of: every preset stands where it should at the epoch") {
  const utc_time epoch = parse_utc("2024-07-16T12:00:00");
  for (const named_walker& preset : walker_presets) {
    INFO(preset.name);
    const walker_constellation sky(preset.parameters);
    const std::vector<element_set> sets = element_sets_of(sky, epoch);
    const element_sky<> real(sets, epoch);
    REQUIRE(real.size() == sky.size());
    for (satellite_id id = 0; id < sky.size(); ++id) {
      // The same direction; the mean axis of element sets differs from Kepler's by some km.
      const Eigen::Vector3d here = sky.position_km(id, 0), there = real.position_km(id, 0);
      CHECK((here / here.norm() - there / there.norm()).norm() < 1e-9);
      CHECK(std::abs(here.norm() - there.norm()) < 10);
    }
  }
}

TEST_CASE("element_sets_of: planes and slots are found again") {
  for (const char* name : {"starlink-550", "oneweb-1200", "iridium-next", "telesat-1325"}) {
    INFO(name);
    const walker_parameters walker = walker_preset(name);
    const found_planes found = find_planes(element_sets_of(walker_constellation(walker)), {});
    CHECK(found.planes.size() == static_cast<std::size_t>(walker.planes));
    CHECK(found.slots == static_cast<std::uint32_t>(walker.satellites_per_plane));
    CHECK(found.left_out.empty());
    CHECK(found.closed == (walker.raan_spread_deg == 360));
  }
}

TEST_CASE("element_sets_of: names - numbers - and errors") {
  const walker_constellation sky({.planes = 2, .satellites_per_plane = 2, .phasing = 1});
  const std::vector<element_set> sets = element_sets_of(sky, {}, "TEST");
  CHECK(sets[3].name == "TEST 3");
  CHECK(sets[3].catalogue_number == 4);
  CHECK(sets[3].mean_anomaly_deg == test::approx(270));
  CHECK_INVALID(element_sets_of(sky, {100'000, 0}), "days: found 100000");
}

}  // namespace
}  // namespace constellation_walker_elements_test
