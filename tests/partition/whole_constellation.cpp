#include <vector>

#include <orbitmoe/partition/whole_constellation.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace partition_whole_constellation_test {
namespace {

using namespace orbitmoe;

TEST_CASE("whole_constellation: every layer may use every satellite, of any sky") {
  const moe_model model{.layers = 3};
  CHECK(whole_constellation{}.subnets(test::high_net(2, 2), model).value() ==
        std::vector<subnet>(3, {0, 1, 2, 3}));
  CHECK(whole_constellation{}.subnets(test::star(matrix{{1, 1}}), model).value() ==
        std::vector<subnet>(3, {0, 1, 2}));
}

}  // namespace
}  // namespace partition_whole_constellation_test
