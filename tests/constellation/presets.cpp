#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <numbers>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/constellation/presets.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace constellation_presets_test {
namespace {

using namespace orbitmoe;
using test::approx;

double mean_motion_rev_day(std::string_view name) {
  return 86400 / walker_constellation(walker_preset(name)).period_s();
}

TEST_CASE("presets: every name gives a constellation and a source") {
  std::set<std::string_view> names;
  for (const std::string_view name : walker_preset_names()) {
    names.insert(name);
    CHECK(walker_constellation(walker_preset(name)).size() > 0);
  }
  CHECK(names.size() == walker_presets.size());
  for (const named_walker& each : walker_presets) CHECK(each.source.size() > 10);
  CHECK(walker_preset("space-xnet") == walker_parameters{});
}

TEST_CASE("presets: as many satellites as the filings say") {
  const auto size = [](std::string_view name) {
    return walker_constellation(walker_preset(name)).size();
  };
  CHECK(size("space-xnet") == 1056);
  CHECK(size("starlink-550") == 1584);
  CHECK(size("kuiper-630") == 1156);
  CHECK(size("oneweb-1200") == 588);
  CHECK(size("iridium-next") == 66);
  CHECK(size("telesat-1015") == 351);
  CHECK(size("telesat-1325") == 1320);
}

TEST_CASE("presets: mean motions are those of element sets, but for 7 km of radius") {
  // Written into element sets by Hypatia for the filings' altitudes.
  CHECK(mean_motion_rev_day("kuiper-630") == approx(14.80, 2e-3));
  CHECK(mean_motion_rev_day("telesat-1015") == approx(13.66, 2e-3));
  // Medians of public element sets, 2021 and 2024.
  CHECK(mean_motion_rev_day("starlink-550") == approx(15.06, 2e-3));
  CHECK(mean_motion_rev_day("iridium-next") == approx(14.3422, 2e-3));
  CHECK(mean_motion_rev_day("oneweb-1200") == approx(13.1555, 2e-3));
  // Kepler's third law by hand: 2π·sqrt(7001³ / 398600.4418).
  CHECK(walker_constellation(walker_preset("kuiper-630")).period_s() == approx(5829.81, 1e-5));
}

TEST_CASE("presets: half a slot between neighbouring planes where P is even") {
  for (const named_walker& each : walker_presets)
    if (each.parameters.planes % 2 == 0)
      CHECK(2 * each.parameters.phasing == each.parameters.planes);
}

TEST_CASE("presets: kuiper-630 has the shape of Hypatia's constants") {
  const walker_parameters kuiper = walker_preset("kuiper-630");
  CHECK(kuiper.planes == 34);
  CHECK(kuiper.satellites_per_plane == 34);
  CHECK(kuiper.inclination_deg == 51.9);
  CHECK(kuiper.altitude_km == 630);
  CHECK(kuiper.raan_spread_deg == 360);
}

TEST_CASE("presets: an unknown name is an error that lists the names") {
  CHECK_INVALID(walker_preset("starlink"), "preset: found \"starlink\"; allowed: space-xnet, ");
  CHECK_INVALID(walker_preset("starlink"), ", telesat-1325");
}

/// RAAN [deg] and mean motion [1/day] of the element sets in a file.
struct element_set {
  double inclination_deg, raan_deg, mean_motion_rev_day;
};
std::vector<element_set> element_sets(const std::string& name) {
  std::ifstream in(test::data(name));
  std::vector<element_set> sets;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("2 "))
      sets.push_back({std::stod(line.substr(8, 8)), std::stod(line.substr(17, 8)),
                      std::stod(line.substr(52, 11))});
  return sets;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST_CASE("presets: satellites that fly agree in inclination and mean motion and planes") {
  if (!test::has_data()) return test::skip_without_data();
  struct flying {
    std::string_view preset;
    std::string file;
  };
  for (const auto& [preset, file] : {flying{"starlink-550", "tle/starlink_2021-07.txt"},
                                     flying{"oneweb-1200", "tle/oneweb_2024-07.txt"},
                                     flying{"iridium-next", "tle/iridium-next_2024-07.txt"}}) {
    INFO(preset);
    const walker_parameters expected = walker_preset(preset);
    std::vector<double> inclinations_deg, mean_motions, raans_deg;
    for (const element_set& each : element_sets(file)) {
      inclinations_deg.push_back(each.inclination_deg);
      mean_motions.push_back(each.mean_motion_rev_day);
      raans_deg.push_back(each.raan_deg);
    }
    REQUIRE(!mean_motions.empty());
    CHECK(std::abs(median(inclinations_deg) - expected.inclination_deg) < 0.1);
    CHECK(mean_motion_rev_day(preset) == approx(median(mean_motions), 2e-3));
    if (preset == "starlink-550") continue;  // drifting to its planes in 2021
    // Nodes are near multiples of the spacing from one another; with planes 30 or 15 degrees
    // apart, the last would be 8 or 2 degrees off.
    const double spacing_deg = expected.raan_spread_deg / expected.planes;
    const double start_deg = preset == "iridium-next" ? 223.3 : 8.28;
    int near = 0;
    for (const double raan_deg : raans_deg) {
      const double beyond_deg = std::fmod(raan_deg - start_deg + 370, 360) - 10;
      const double steps = beyond_deg / spacing_deg;
      near += std::abs(steps - std::round(steps)) * spacing_deg < 2;
    }
    CHECK(near > 0.9 * static_cast<double>(raans_deg.size()));
  }
}

}  // namespace
}  // namespace constellation_presets_test
