#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"

using namespace orbitmoe;
using test::approx;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Delays from each source to every satellite, row by row.
template<delay_router Router>
std::vector<double> delays_s(const Router& router, const timeline& net, std::size_t slot,
                             double message_bits, const std::vector<satellite_id>& sources) {
  // Filled with rubbish, as a caller may leave it.
  std::vector<double> out(sources.size() * net.size(), -7);
  router.delays_s(net.hop_delays_s(slot, message_bits), sources, out);
  return out;
}

std::vector<satellite_id> everyone(const timeline& net) {
  std::vector<satellite_id> ids(net.size());
  std::iota(ids.begin(), ids.end(), satellite_id{0});
  return ids;
}

// Every slot and pair of a network against two other methods. Bellman–Ford adds in the same order
// and must agree to the bit; Floyd–Warshall joins paths in the middle.
void check_all_pairs(const timeline& net, double message_bits) {
  const dijkstra_router router(net);
  const test::bellman_ford_router bellman_ford(net);
  const auto ids = everyone(net);
  for (std::size_t slot = 0; slot < net.slots(); ++slot) {
    const auto found = delays_s(router, net, slot, message_bits, ids);
    REQUIRE(found == delays_s(bellman_ford, net, slot, message_bits, ids));
    const matrix pairs = test::all_delays_s(net, slot, net.hop_overhead_s(message_bits));
    for (std::size_t i = 0; i < ids.size(); ++i)
      for (std::size_t v = 0; v < ids.size(); ++v)
        REQUIRE(found[i * ids.size() + v] == approx(row(pairs, i)[v]));
  }
}

TEST_CASE("dijkstra: by hand") {
  //      0.5     0.25
  //  0 ─────── 1 ───── 2     4 ── 5 (down)    3 alone
  //   └────── 1 ──────┘
  matrix propagation_s(2, 4);
  propagation_s << 0.5, 0.25, 1, infinity,  //
      0.5, infinity, 1, 0.125;
  const timeline net{6, {{0, 1}, {1, 2}, {2, 0}, {4, 5}}, propagation_s};
  const dijkstra_router router(net);
  CHECK(delays_s(router, net, 0, 0, {0}) ==
        std::vector<double>{0, 0.5, 0.75, infinity, infinity, infinity});
  // The same router, another slot: the short way is down.
  CHECK(delays_s(router, net, 1, 0, {0}) ==
        std::vector<double>{0, 0.5, 1, infinity, infinity, infinity});
  CHECK(delays_s(router, net, 1, 0, {5, 3}) ==
        std::vector<double>{infinity, infinity, infinity, infinity, 0.125, 0,  //
                            infinity, infinity, infinity, 0, infinity, infinity});
}

TEST_CASE("dijkstra: long messages prefer the way with fewer hops") {
  // Straight from 0 to 3 over 1 and 2: 3,000 km in three hops. Over 4: 3,606 km in two.
  const test::drifting_sky sky{{{{8000, 0, 0}, {0, 0, 0}},
                                {{8000, 1000, 0}, {0, 0, 0}},
                                {{8000, 2000, 0}, {0, 0, 0}},
                                {{8000, 3000, 0}, {0, 0, 0}},
                                {{9000, 1500, 0}, {0, 0, 0}}}};
  const timeline net{sky,
                     link_list{{{0, 1}, {1, 2}, {2, 3}, {0, 4}, {4, 3}}},
                     {.slots = 1, .span_s = 1, .survival_probability = 1, .rate_gbps = 1}};
  const dijkstra_router router(net);
  const double bent_km = 2 * std::hypot(1000, 1500);
  CHECK(delays_s(router, net, 0, 1e6, {0})[3] == approx(3000 / 299'792.458 + 3 * 0.001));
  CHECK(delays_s(router, net, 0, 1e7, {0})[3] == approx(bent_km / 299'792.458 + 2 * 0.01));
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

TEST_CASE("dijkstra: sources in any order, repeated, or none") {
  const timeline net = test::random_network(3);
  REQUIRE(net.size() > 3);
  const dijkstra_router router(net);
  std::vector<double> expected;
  for (const satellite_id source : {3u, 0u, 3u}) {
    const auto one = delays_s(router, net, 0, 0, {source});
    expected.insert(expected.end(), one.begin(), one.end());
  }
  CHECK(delays_s(router, net, 0, 0, {3, 0, 3}) == expected);
  CHECK(delays_s(router, net, 0, 0, {}).empty());
}

TEST_CASE("dijkstra: a satellite alone, and a sky without links") {
  const timeline alone{1, {}, make_matrix(1, 0, 0)};
  CHECK(delays_s(dijkstra_router(alone), alone, 0, 0, {0}) == std::vector<double>{0});
  const timeline apart{3, {}, make_matrix(1, 0, 0)};
  CHECK(delays_s(dijkstra_router(apart), apart, 0, 0, {1}) ==
        std::vector<double>{infinity, 0, infinity});
}

TEST_CASE("dijkstra: the shorter of two links between one pair counts") {
  matrix propagation_s(1, 2);
  propagation_s << 0.5, 0.25;
  const timeline net{2, {{0, 1}, {1, 0}}, propagation_s};
  CHECK(delays_s(dijkstra_router(net), net, 0, 0, {0}) == std::vector<double>{0, 0.25});
  CHECK(delays_s(dijkstra_router(net), net, 0, 0, {1}) == std::vector<double>{0.25, 0});
}

TEST_CASE("dijkstra: threads share one router") {
  const walker_constellation sky{
      {.planes = 6, .satellites_per_plane = 8, .altitude_km = 3000, .phasing = 3}};
  const timeline net{sky, plus_grid{}, {.slots = 4, .survival_probability = 0.9}};
  const dijkstra_router router(net);
  const auto ids = everyone(net);
  std::vector<std::vector<double>> found(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t slot = 0; slot < 4; ++slot)
      threads.emplace_back([&, slot] { found[slot] = delays_s(router, net, slot, 0, ids); });
  }
  for (std::size_t slot = 0; slot < 4; ++slot)
    CHECK(found[slot] == delays_s(router, net, slot, 0, ids));
}

}  // namespace
