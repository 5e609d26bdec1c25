#include <orbitmoe/constellation/full_planes.hpp>

#include "support/catch.hpp"

namespace constellation_full_planes_test {
namespace {

using namespace orbitmoe;
using detail::full_planes;

TEST_CASE("full_planes: ids go plane by plane, slot by slot") {
  const full_planes places(3, 2);
  CHECK(places.size() == 6);
  CHECK(places.grid() == orbital_grid{3, 2});
  for (satellite_id id = 0; id < 6; ++id) {
    const auto [plane, slot] = places.slot_of(id);
    CHECK(plane < 3);
    CHECK(slot < 2);
    CHECK(plane * 2 + slot == id);
  }
}

TEST_CASE("full_planes: 10,000 planes of 10,000 satellites at most, a million in all") {
  CHECK(full_planes(10'000, 100).size() == 1'000'000);
  CHECK(full_planes(1, 10'000).size() == 10'000);
  CHECK(full_planes(1, 1).size() == 1);
  CHECK_INVALID(full_planes(0, 1), "planes: found 0; allowed: an integer from 1 to 10000");
  CHECK_INVALID(full_planes(1, -1), "satellites_per_plane: found -1; allowed: an integer from 1");
  CHECK_INVALID(full_planes(10'001, 1), "planes: found 10001;");
  CHECK_INVALID(full_planes(1, 10'001), "satellites_per_plane: found 10001;");
  CHECK_INVALID(full_planes(10'000, 101),
                "satellites_per_plane: found 101; allowed: planes × satellites_per_plane at most");
}

}  // namespace
}  // namespace constellation_full_planes_test
