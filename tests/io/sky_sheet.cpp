#include <cstddef>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/io/sky_sheet.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace io_sky_sheet_test {
namespace {

using namespace orbitmoe;
using detail::sky_sheet;

timeline seam_net(int planes, int per_plane, int phasing) {
  const walker_constellation sky{
      {.planes = planes, .satellites_per_plane = per_plane, .phasing = phasing}};
  return timeline{sky, plus_grid{.seam = true}, {.slots = 1}};
}

/// The pieces from a to b, as "plane,slot-plane,slot".
std::vector<std::string> pieces(const sky_sheet& sheet, sky_sheet::place a, sky_sheet::place b) {
  std::vector<std::string> out;
  const auto text = [](sky_sheet::place p) {
    return std::to_string(p.plane) + "," + std::to_string(p.slot);
  };
  sheet.for_each_piece(a, b, [&](sky_sheet::place from, sky_sheet::place to) {
    out.push_back(text(from) + " " + text(to));
  });
  return out;
}
using texts = std::vector<std::string>;

/// Two satellites in places of one's own.
struct odd_sky {
  orbital_slot second;
  [[nodiscard]] std::size_t size() const { return 2; }
  [[nodiscard]] Eigen::Vector3d position_km(satellite_id, double) const { return {7000, 0, 0}; }
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id, double) const { return {0, 7, 0}; }
  [[nodiscard]] orbital_slot slot_of(satellite_id id) const {
    return id == 0 ? orbital_slot{} : second;
  }
};

TEST_CASE("a sheet has the size of the sky", "[io][sky_sheet]") {
  const sky_sheet sheet(test::high_net(3, 5));
  CHECK(sheet.planes == 3);
  CHECK(sheet.slots == 5);
  REQUIRE(sheet.places.size() == 15);
  CHECK(sheet.places[7].plane == 1);
  CHECK(sheet.places[7].slot == 2);
}

TEST_CASE("slots close to a ring and planes do not without a seam", "[io][sky_sheet]") {
  const sky_sheet sheet(test::high_net(6, 8));
  CHECK(pieces(sheet, {0, 1}, {2, 4}) == texts{"0,1 2,4"});
  CHECK(pieces(sheet, {0, 1}, {2, 5}) == texts{"0,1 2,5"});  // half the way round: straight on
  CHECK(pieces(sheet, {0, 1}, {2, 7}) == texts{"0,1 2,-1", "0,9 2,7"});
  CHECK(pieces(sheet, {2, 7}, {0, 1}) == texts{"2,7 0,9", "2,-1 0,1"});
  CHECK(pieces(sheet, {0, 3}, {5, 3}) == texts{"0,3 5,3"});
}

TEST_CASE("planes close to a ring where there is a seam", "[io][sky_sheet]") {
  const sky_sheet level(seam_net(6, 8, 0));
  CHECK(pieces(level, {0, 3}, {5, 3}) == texts{"0,3 -1,3", "6,3 5,3"});
  CHECK(pieces(level, {1, 3}, {4, 3}) == texts{"1,3 4,3"});
  // Over a corner; what passes by the other two is off the sheet.
  CHECK(pieces(level, {0, 0}, {5, 7}) == texts{"0,0 -1,-1", "0,8 -1,7", "6,0 5,-1", "6,8 5,7"});
  // Slot s of the last plane is beside slot s + F of plane 0.
  const sky_sheet shifted(seam_net(6, 8, 3));
  CHECK(pieces(shifted, {5, 1}, {0, 4}) == texts{"5,1 6,1", "-1,4 0,4"});
  CHECK(pieces(sky_sheet(seam_net(2, 8, 0)), {0, 3}, {1, 3}) == texts{"0,3 1,3"});
}

TEST_CASE("a sheet needs planes and slots", "[io][sky_sheet]") {
  CHECK_INVALID(sky_sheet(test::star(make_matrix(1, 3, 0.1))),
                "sky: found no plane and slot of the satellites; allowed: a constellation with "
                "slot_of(id)");
  for (const orbital_slot second : {orbital_slot{0, 2}, orbital_slot{4'000'000'000, 0}})
    CHECK_INVALID(
        sky_sheet(timeline(odd_sky{second}, link_list{{{0, 1}}}, {.slots = 1, .span_s = 1})),
        "allowed: planes and slots counted from 0");
}

}  // namespace
}  // namespace io_sky_sheet_test
