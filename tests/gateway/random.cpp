#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/gateway/random.hpp>
#include <orbitmoe/partition/ring.hpp>
#include <orbitmoe/partition/whole_constellation.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace gateway_random_test {
namespace {

using namespace orbitmoe;

static_assert(random_gateway::is_random);

TEST_CASE("random_gateway: uniform over the subnet, whatever the seed of another layer") {
  const timeline net = test::high_net(5, 2);
  const moe_model model{.layers = 2};
  const auto subnets = ring_partition{}.subnets(net, model).value();
  const std::size_t seeds = 5000;
  std::vector<std::vector<double>> seen(2, std::vector<double>(net.size(), 0));
  std::size_t same_plane = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto gateways = random_gateway{}.gateways({net, model, subnets, seed}).value();
    for (std::size_t l = 0; l < 2; ++l) seen[l][gateways[l]] += 1;
    same_plane += gateways[0] / 2 == gateways[1] / 2;
  }
  const double deviation = std::sqrt(1. / 5 * 4 / 5 * static_cast<double>(seeds));
  for (std::size_t l = 0; l < 2; ++l)
    for (const satellite_id id : subnets[l])
      CHECK(seen[l][id] == test::approx(seeds / 5., 0).margin(5 * deviation));
  CHECK(static_cast<double>(same_plane) == test::approx(seeds / 5., 0).margin(5 * deviation));
}

TEST_CASE("random_gateway: different members of the subnets, the same again for the same seed") {
  const timeline net = test::star(matrix{{1, 1, 1, 1, 1}});
  const moe_model model{.layers = 6};
  const auto subnets = whole_constellation{}.subnets(net, model).value();
  std::size_t changes = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const gateway_context ctx{net, model, subnets, seed};
    auto gateways = random_gateway{}.gateways(ctx).value();
    CHECK(gateways == random_gateway{}.gateways(ctx).value());
    changes += gateways != random_gateway{}.gateways({net, model, subnets, seed + 1}).value();
    std::sort(gateways.begin(), gateways.end());
    CHECK(gateways == subnets.front());  // six layers, six satellites: each exactly once
  }
  CHECK(changes >= 48);
}

TEST_CASE("random_gateway: says why there is no gateway") {
  const timeline net = test::star(matrix{{1, 1, 1}});
  const std::vector<subnet> subnets{{2, 3}, {3}, {2}};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto none = random_gateway{}.gateways({net, {.layers = 3}, subnets, seed});
    CHECK_FALSE(none.feasible());
    CHECK_THAT(none.reason(),
               test::containing("needs a satellite for its gateway, and all 1 of its subnet are "
                                "taken"));
  }
}

}  // namespace
}  // namespace gateway_random_test
