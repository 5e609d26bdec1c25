#include <cstddef>
#include <vector>

#include <orbitmoe/gateway/central.hpp>
#include <orbitmoe/partition/ring.hpp>
#include <orbitmoe/partition/whole_constellation.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace gateway_central_test {
namespace {

using namespace orbitmoe;

TEST_CASE("central_gateway: plane floor(n/2) and slot floor(m/2) of each subnet of a ring") {
  for (int planes = 1; planes <= 6; ++planes)
    for (int slots = 1; slots <= 8; ++slots)
      for (int layers = 1; layers <= slots; ++layers) {
        const timeline net = test::high_net(planes, slots);
        const moe_model model{.layers = layers, .experts = 1, .top_k = 1};
        const auto subnets = ring_partition{}.subnets(net, model).value();
        const auto gateways = central_gateway{}.gateways({net, model, subnets}).value();
        for (int l = 0; l < layers; ++l) {
          std::vector<int> members;
          for (int s = 0; s < slots; ++s)
            if (s * layers / slots == l) members.push_back(s);
          const int expected = planes / 2 * slots + members[members.size() / 2];
          CHECK(gateways[static_cast<std::size_t>(l)] == static_cast<satellite_id>(expected));
        }
      }
}

TEST_CASE("central_gateway: the published sky has its gateways in plane 16") {
  const timeline net{walker_constellation{}, plus_grid{}, {.slots = 1}};
  const moe_model model;
  const auto subnets = ring_partition{}.subnets(net, model).value();
  const auto gateways = central_gateway{}.gateways({net, model, subnets}).value();
  for (satellite_id l = 0; l < 32; ++l) CHECK(gateways[l] == 16 * 32 + l);
}

TEST_CASE("central_gateway: layers that share a subnet take turns") {
  // Of 3 × 3 satellites: the middle one; then the middle of what is left, and so on.
  const timeline net = test::high_net(3, 3);
  const moe_model model{.layers = 4};
  const auto subnets = whole_constellation{}.subnets(net, model).value();
  CHECK(central_gateway{}.gateways({net, model, subnets}).value() ==
        std::vector<satellite_id>{4, 5, 3, 7});
}

TEST_CASE("central_gateway: says why there is no gateway") {
  const moe_model model{.layers = 3};
  const timeline net = test::star(matrix{{1}});
  const auto everywhere = whole_constellation{}.subnets(net, model).value();
  CHECK(central_gateway{}.gateways({net, model, everywhere}).reason() ==
        "the central gateway needs the plane and slot of each satellite, and the constellation has "
        "none");

  const std::vector<subnet> crowded{{0, 1}, {1, 0}, {0, 1}};
  const auto none = central_gateway{}.gateways({test::high_net(1, 2), model, crowded});
  CHECK_FALSE(none.feasible());
  CHECK(none.reason() ==
        "layer 2 needs a satellite for its gateway, and all 2 of its subnet are taken");
}

}  // namespace
}  // namespace gateway_central_test
