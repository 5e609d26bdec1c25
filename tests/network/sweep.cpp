#include <cstdint>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/sweep.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/routing.hpp"

namespace network_sweep_test {
namespace {

using namespace orbitmoe;

TEST_CASE("sweep: random networks, with planes and without, to the bit") {
  for (std::uint64_t seed = 1000; seed < 1400; ++seed) {
    CAPTURE(seed);
    test::check_same<sweep_router, test::bellman_ford_router>(test::random_network(seed), 0);
  }
  random_stream stream(1, "sweep");
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto planes = 1 + static_cast<int>(stream.uniform_index(6));
    const walker_constellation sky{
        {.planes = planes,
         .satellites_per_plane = 1 + static_cast<int>(stream.uniform_index(8)),
         .altitude_km = 15'000,
         .phasing = static_cast<int>(stream.uniform_index(static_cast<std::size_t>(planes)))}};
    CAPTURE(seed, sky.size());
    // A grid, and the same with a link that has no place in it.
    std::vector<laser_link> links = plus_grid{.seam = seed % 2 == 0}.links(sky);
    test::check_same<sweep_router, dijkstra_router>(
        timeline{sky, link_list{links}, {.slots = 2, .survival_probability = 0.8, .seed = seed}},
        8192);
    if (sky.size() < 2) continue;
    for (int copies = 0; copies < 3; ++copies)
      links.push_back({0, static_cast<satellite_id>(sky.size() - 1)});
    const timeline other{
        sky, link_list{links}, {.slots = 2, .survival_probability = 0.8, .seed = seed}};
    test::check_same<sweep_router, dijkstra_router>(other, 8192);
    CHECK_INVALID(grid_sweep_router(other), "links");
  }
}

TEST_CASE("sweep: a router may be copied and moved, and keeps nothing of the network") {
  for (const bool grid : {false, true}) {
    const walker_constellation sky{
        {.planes = 4, .satellites_per_plane = 5, .altitude_km = 15'000, .phasing = 1}};
    link_list links{plus_grid{}.links(sky)};
    if (!grid) links.pairs.push_back({0, 17});
    const timeline net{sky, links, {.slots = 1, .survival_probability = 0.9}};
    sweep_router router = [&] {
      const timeline short_lived = net;
      return sweep_router(short_lived);
    }();
    const sweep_router copy = router;
    const sweep_router moved = std::move(router);
    for (const sweep_router* each : {&copy, &moved})
      test::check_same(*each, dijkstra_router(net), net, net.hop_delays_s(0, 0),
                       test::everyone(net));
  }
}

}  // namespace
}  // namespace network_sweep_test
