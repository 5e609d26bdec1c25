#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <orbitmoe/placement/random.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace placement_random_test {
namespace {

using namespace orbitmoe;

static_assert(random_experts::is_random);

/// Hosts of as many experts as there are weights, on the satellites 1, 2 and 3.
std::vector<satellite_id> place(std::size_t layer, std::uint64_t seed, std::size_t experts) {
  static const timeline net = test::star(matrix{{1, 1, 1}});
  static const moe_model model;
  const std::vector<double> activation(experts, 1 / static_cast<double>(experts));
  const std::vector<satellite_id> candidates{1, 2, 3};
  return random_experts{}.place({.net = net,
                                 .model = model,
                                 .layer = layer,
                                 .gateway = 0,
                                 .next_gateway = 0,
                                 .activation = activation,
                                 .candidates = candidates,
                                 .seed = seed,
                                 .path_latencies_s = []() -> matrix {
                                   throw std::logic_error("a random policy does not wait for it");
                                 }});
}

TEST_CASE("random_experts: every way to place two of three is as likely") {
  std::map<std::vector<satellite_id>, double> seen;
  for (std::uint64_t seed = 0; seed < 6000; ++seed) seen[place(0, seed, 2)] += 1;
  REQUIRE(seen.size() == 6);
  double chi_square = 0;
  for (const auto& [hosts, times] : seen) {
    CHECK(hosts[0] != hosts[1]);
    chi_square += (times - 1000) * (times - 1000) / 1000;
  }
  CHECK(chi_square < 25);  // 5 degrees of freedom: 1 in 7,000
}

TEST_CASE("random_experts: the same for the same seed, another for other layers and seeds") {
  std::size_t layers_differ = 0, seeds_differ = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CHECK(place(1, seed, 3) == place(1, seed, 3));
    layers_differ += place(1, seed, 3) != place(2, seed, 3);
    seeds_differ += place(1, seed, 3) != place(1, seed + 1, 3);
  }
  CHECK(layers_differ > 30);  // 50 expected
  CHECK(seeds_differ > 30);
}

}  // namespace
}  // namespace placement_random_test
