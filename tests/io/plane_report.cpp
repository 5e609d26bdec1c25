#include <string>
#include <vector>

#include <orbitmoe/constellation/find_planes.hpp>
#include <orbitmoe/io/plane_report.hpp>

#include "support/catch.hpp"

namespace io_plane_report_test {
namespace {

using namespace orbitmoe;

/// Two planes of a shell, 30° of RAAN apart: four satellites 90° apart, and three of such four.
std::vector<element_set> small_catalogue() {
  std::vector<element_set> sets;
  for (int p = 0; p < 2; ++p)
    for (int s = 0; s < 4 - p; ++s)
      sets.push_back({.name = "SAT " + std::to_string(sets.size()),
                      .catalogue_number = 100 + static_cast<std::uint32_t>(sets.size()),
                      .inclination_deg = 80,
                      .raan_deg = 30.0 * p,
                      .mean_anomaly_deg = 90.0 * s});
  sets.push_back(sets[1]);
  sets.back().name = "a \"spare\", close";
  sets.back().catalogue_number = 999;
  sets.back().mean_anomaly_deg = 95;
  return sets;
}

TEST_CASE("plane_report: planes - gaps - and who is left out", "[io]") {
  const std::vector<element_set> sets = small_catalogue();
  const std::string text = plane_report(find_planes(sets, {}), sets);
  CHECK(
      text ==
      "8 satellites: 7 in 2 planes of 4 slots, 1 left out\n"
      "planes are 30 deg of RAAN apart, not all the way round (Walker star, or a delta with "
      "planes to come)\n"
      "altitudes are semi-major axes less 6371 km\n"
      "\n"
      "plane  RAAN [deg]  inclination [deg]  altitude [km]  satellites  apart [deg]  gaps\n"
      "    0        0.00              80.00          571.2           4        90.00  -\n"
      "    1       30.00              80.00          571.2           3        90.00  1 after slot "
      "2\n"
      "\n"
      "left out: 1 spare\n"
      "  a \"spare\", close (999): spare of plane 0: 5 deg ahead of SAT 1, where satellites "
      "are "
      "90 deg apart\n");
}

TEST_CASE("plane_report: several element sets of a satellite are one", "[io]") {
  std::vector<element_set> sets = small_catalogue();
  sets.push_back(sets[0]);
  const std::string text = plane_report(find_planes(sets, {}), sets);
  CHECK_THAT(text, test::containing("9 element sets of 8 satellites: 7 in 2 planes of 4 slots, 1 "
                                    "left out\n"));
  CHECK_THAT(text, test::containing("left out: 1 other elements, 1 spare\n"));
}

TEST_CASE("plane_report: nothing found", "[io]") {
  const std::vector<element_set> one{small_catalogue().front()};
  CHECK(plane_report(find_planes(one, {}), one) ==
        "1 satellites: 0 in 0 planes of 0 slots, 1 left out\n"
        "\n"
        "left out: 1 stray\n"
        "  SAT 0 (100): no plane: fewer than 3 satellites share its orbit\n");
  CHECK(plane_report({}, {}) == "0 satellites: 0 in 0 planes of 0 slots, 0 left out\n");
}

TEST_CASE("plane_csv: a row for each element set in their order", "[io]") {
  const std::vector<element_set> sets = small_catalogue();
  const std::string text = plane_csv(find_planes(sets, {}), sets);
  CHECK_THAT(text,
             test::containing(
                 "catalogue_number,name,id,plane,slot,argument_of_latitude_deg,left_out,reason\n"
                 "100,SAT 0,0,0,0,0,,\n"));
  CHECK_THAT(text, test::containing("\n106,SAT 6,6,1,2,"));
  CHECK_THAT(
      text, test::containing("\n999,\"a \"\"spare\"\", close\",,,,,spare,\"spare of plane 0: 5 deg "
                             "ahead of SAT 1, where satellites are 90 deg apart\"\n"));
}

}  // namespace
}  // namespace io_plane_report_test
