#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/routing.hpp"

namespace network_dijkstra_test {
namespace {

using namespace orbitmoe;
using test::approx, test::delays_s, test::everyone;

constexpr double infinity = std::numeric_limits<double>::infinity();

// Every slot and pair of a network against two other methods. Bellman–Ford adds in the same order
// and must agree to the bit; Floyd–Warshall joins paths in the middle.
void check_all_pairs(const timeline& net, double message_bits) {
  test::check_same<dijkstra_router, test::bellman_ford_router>(net, message_bits);
  const dijkstra_router router(net);
  const auto ids = everyone(net);
  for (std::size_t slot = 0; slot < net.slots(); ++slot) {
    const auto found = delays_s(router, net, slot, message_bits, ids);
    const matrix pairs = test::all_delays_s(net, slot, net.hop_overhead_s(message_bits));
    for (std::size_t i = 0; i < ids.size(); ++i)
      for (std::size_t v = 0; v < ids.size(); ++v)
        REQUIRE(found[i * ids.size() + v] == approx(row(pairs, i)[v]));
  }
}

TEST_CASE("dijkstra: hundreds of random networks, in parts, with dead links and ties") {
  bool unreachable = false, alone = false;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const timeline net = test::random_network(seed);
    check_all_pairs(net, 0);
    const auto delays = delays_s(dijkstra_router(net), net, 0, 0, {0});
    unreachable |= std::ranges::count(delays, infinity) > 0;
    alone |= net.size() == 1;
  }
  CHECK(unreachable);
  CHECK(alone);
}

TEST_CASE("dijkstra: small Walker skies with survival from 0.3 to 1") {
  random_stream stream(1, "walker skies");
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const int planes = 1 + static_cast<int>(stream.uniform_index(4));
    const walker_constellation sky{
        {.planes = planes,
         .satellites_per_plane = 1 + static_cast<int>(stream.uniform_index(6)),
         .altitude_km = 15'000,
         .inclination_deg = 180 * stream.uniform_01(),
         .phasing = static_cast<int>(stream.uniform_index(static_cast<std::size_t>(planes)))}};
    const timeline net{sky,
                       plus_grid{.seam = seed % 2 == 0},
                       {.slots = 2,
                        .survival_probability = 0.3 + 0.7 * stream.uniform_01(),
                        .seed = seed,
                        .hop_processing_s = seed % 3 == 0 ? 1e-3 : 0}};
    CAPTURE(seed, net.size());
    check_all_pairs(net, 65'536);
  }
}

TEST_CASE("dijkstra: delays are a metric") {
  for (std::uint64_t seed = 400; seed < 430; ++seed) {
    const timeline net = test::random_network(seed);
    const std::size_t n = net.size();
    const auto d = delays_s(dijkstra_router(net), net, 0, 0, everyone(net));
    for (std::size_t u = 0; u < n; ++u) {
      REQUIRE(d[u * n + u] == 0);
      for (std::size_t v = 0; v < n; ++v) {
        REQUIRE(d[u * n + v] == approx(d[v * n + u]));
        for (std::size_t w = 0; w < n; ++w)
          REQUIRE(d[u * n + w] <= (d[u * n + v] + d[v * n + w]) * (1 + 1e-12));
      }
    }
  }
}

}  // namespace
}  // namespace network_dijkstra_test
