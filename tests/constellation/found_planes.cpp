#include <orbitmoe/constellation/found_planes.hpp>

#include "support/catch.hpp"

namespace constellation_found_planes_test {
namespace {

using namespace orbitmoe;

TEST_CASE("found_planes: counts and checks of indices") {
  found_planes found{.planes = {{.plane = 0, .satellites = {{.set = 4}, {.set = 2}}, .gaps = {}},
                                {.plane = 2, .satellites = {{.set = 0}}, .gaps = {}}},
                     .vacant_planes = {1},
                     .left_out = {{3, left_out_kind::spare, "a spare"}}};
  CHECK(found.size() == 3);
  CHECK(found.plane_count() == 3);
  CHECK_NOTHROW(found.validate(5));
  CHECK_INVALID(found.validate(4), "found: found 4; allowed: indices of the sets, under 4");
  found.left_out[0].set = 9;
  CHECK_INVALID(found.validate(5), "found: found 9");
}

}  // namespace
}  // namespace constellation_found_planes_test
