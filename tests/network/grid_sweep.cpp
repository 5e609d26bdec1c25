#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/network/grid_sweep.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/routing.hpp"

namespace network_grid_sweep_test {
namespace {

using namespace orbitmoe;
using test::check_same, test::delays_s;

constexpr double infinity = std::numeric_limits<double>::infinity();

int one_to(random_stream& stream, std::size_t most) {
  return 1 + static_cast<int>(stream.uniform_index(most));
}

// 1 to `most`, small numbers as often as large ones.
int size_up_to(random_stream& stream, int most) {
  return static_cast<int>(std::pow(most + 1, stream.uniform_01()));
}

walker_constellation random_walker(random_stream& stream, int planes, int per_plane) {
  return walker_constellation{
      {.planes = planes,
       .satellites_per_plane = per_plane,
       .altitude_km = per_plane < 8 || stream.uniform_01() < 0.5 ? 15'000.0 : 2000.0,
       .inclination_deg = 180 * stream.uniform_01(),
       .phasing = static_cast<int>(stream.uniform_index(static_cast<std::size_t>(planes)))}};
}

timeline random_sky(random_stream& stream, int planes, int per_plane, int slots = 1) {
  const walker_constellation sky = random_walker(stream, planes, per_plane);
  timeline_options options{
      .slots = slots,
      .survival_probability = (stream.uniform_01() < 0.05 ? 0.2 : 0.5) + 0.5 * stream.uniform_01(),
      .seed = stream.uniform_index(1'000'000),
      .hop_processing_s = stream.uniform_01() < 0.3 ? 1e-3 : 0};
  if (stream.uniform_01() < 0.3)
    for (int i = one_to(stream, 4); i > 0; --i)
      options.dead_satellites.push_back(
          static_cast<satellite_id>(stream.uniform_index(sky.size())));
  return {sky, plus_grid{.seam = stream.uniform_01() < 0.5}, options};
}

// A whole grid in which any pair of neighbouring planes, the last and the first among them, may be
// shifted or not joined at all. It has links, but no delays.
timeline random_grid(random_stream& stream, int planes, int per_plane) {
  const auto p_count = static_cast<satellite_id>(planes);
  const auto s_count = static_cast<satellite_id>(per_plane);
  const double shifted = stream.uniform_01(), apart = 0.3 * stream.uniform_01();
  link_list links;
  for (satellite_id p = 0; p < p_count; ++p) {
    const std::size_t any_shift = stream.uniform_index(s_count);
    const auto shift = static_cast<satellite_id>(stream.uniform_01() < shifted ? any_shift : 0);
    const bool joined = p_count > 1 && stream.uniform_01() >= apart;
    for (satellite_id s = 0; s < s_count; ++s) {
      if (s_count > 1) links.pairs.push_back({p * s_count + s, p * s_count + (s + 1) % s_count});
      if (joined)
        links.pairs.push_back(
            {p * s_count + s, (p + 1) % p_count * s_count + (s + shift) % s_count});
    }
  }
  return {random_walker(stream, planes, per_plane), links, {.slots = 1}};
}

TEST_CASE("grid_sweep: by hand, a ring") {
  //  0 ─1─ 1 ─2─ 2 ─4─ 3 ─8─ 0
  const walker_constellation sky{{.planes = 1, .satellites_per_plane = 4, .phasing = 0}};
  const timeline net{sky, link_list{{{0, 1}, {1, 2}, {2, 3}, {3, 0}}}, {.slots = 1}};
  const grid_sweep_router router(net);
  CHECK(delays_s(router, net, std::vector<double>{1, 2, 4, 8}, {0, 2}) ==
        std::vector<double>{0, 1, 3, 7,  //
                            3, 2, 0, 4});
  CHECK(delays_s(router, net, std::vector<double>{1, 2, 4, 1}, {0}) ==
        std::vector<double>{0, 1, 3, 1});
  CHECK(delays_s(router, net, std::vector<double>{infinity, 2, 4, 1}, {0}) ==
        std::vector<double>{0, 7, 5, 1});
  CHECK(delays_s(router, net, std::vector<double>{infinity, 2, 4, infinity}, {0, 1}) ==
        std::vector<double>{0, infinity, infinity, infinity,  //
                            infinity, 0, 2, 6});
}

TEST_CASE("grid_sweep: by hand, planes and a seam that is shifted by one slot") {
  //  0 ─ 1 ─ 2      Along planes 10, but 0–1 is down; across planes 1; across the seam, from
  //  │   │   │      6 to 1, from 7 to 2, from 8 to 0, 100.
  //  3 ─ 4 ─ 5
  //  │   │   │
  //  6 ─ 7 ─ 8
  const walker_constellation sky{{.planes = 3, .satellites_per_plane = 3, .phasing = 1}};
  const timeline net{sky, plus_grid{.seam = true}, {.slots = 1}};
  std::vector<double> hops_s;
  for (const auto [a, b] : net.links()) {
    const bool along = a / 3 == b / 3, seam = b >= a + 4;
    hops_s.push_back(a == 0 && b == 1 ? infinity : along ? 10 : seam ? 100 : 1);
  }
  const grid_sweep_router router(net);
  // To 1 by way of plane 1.
  CHECK(delays_s(router, net, hops_s, {0}) == std::vector<double>{0, 12, 10, 1, 11, 11, 2, 12, 12});
  // With the planes apart but for the seam, by way of that.
  for (std::size_t i = 0; i < hops_s.size(); ++i)
    if (hops_s[i] == 1) hops_s[i] = infinity;
  CHECK(delays_s(router, net, hops_s, {0}) ==
        std::vector<double>{0, 20, 10, infinity, infinity, infinity, 110, 110, 100});
}

TEST_CASE("grid_sweep: by hand, a way that turns back and forth across the planes") {
  // A snake up slot 0, down slot 1, up slot 2, … of five planes: one way, of 5·6 − 1 hops.
  const walker_constellation sky{{.planes = 5, .satellites_per_plane = 6, .phasing = 0}};
  const timeline net{sky, plus_grid{}, {.slots = 1}};
  std::vector<double> hops_s, expected(30);
  for (const auto [a, b] : net.links()) {
    const satellite_id slot = std::min(a % 6, b % 6), plane = a / 6;
    const bool turn = a / 6 == b / 6 && b == a + 1 && plane == (slot % 2 == 0 ? 4 : 0);
    hops_s.push_back(b == a + 6 || turn ? 1 : infinity);
  }
  for (std::size_t i = 0; i < 30; ++i) {
    const std::size_t slot = i / 5, plane = slot % 2 == 0 ? i % 5 : 4 - i % 5;
    expected[plane * 6 + slot] = static_cast<double>(i);
  }
  CHECK(delays_s(grid_sweep_router(net), net, hops_s, {0}) == expected);
}

TEST_CASE("grid_sweep: thousands of random Walker skies") {
  random_stream stream(1, "random skies");
  std::size_t reached = 0, unreached = 0;
  for (int i = 0; i < 8000; ++i) {
    const timeline net = random_sky(stream, size_up_to(stream, 40), size_up_to(stream, 40));
    CAPTURE(i, net.size(), net.links().size());
    const auto sources = test::random_sources(stream, net, net.size() < 200 ? 40 : 17);
    const grid_sweep_router router(net);
    check_same(router, dijkstra_router(net), net, net.hop_delays_s(0, 65'536), sources);
    for (const double delay_s : delays_s(router, net, 0, 65'536, {sources[0]}))
      ++(delay_s < infinity ? reached : unreached);
  }
  CHECK(reached > 300'000);
  CHECK(unreached > 30'000);
}

TEST_CASE("grid_sweep: the smallest skies from all satellites") {
  random_stream stream(2, "smallest skies");
  for (int planes = 1; planes <= 4; ++planes)
    for (int per_plane = 1; per_plane <= 4; ++per_plane)
      for (int i = 0; i < 40; ++i) {
        CAPTURE(planes, per_plane, i);
        check_same<grid_sweep_router, dijkstra_router>(random_sky(stream, planes, per_plane, 2), 0);
      }
}

TEST_CASE("grid_sweep: large skies") {
  random_stream stream(3, "large skies");
  for (int i = 0; i < 60; ++i) {
    const timeline net = random_sky(stream, 20 + one_to(stream, 20), 20 + one_to(stream, 20));
    CAPTURE(i, net.size());
    check_same(grid_sweep_router(net), dijkstra_router(net), net, net.hop_delays_s(0, 0),
               test::random_sources(stream, net, 40));
  }
}

TEST_CASE("grid_sweep: planes of more than 64 times 16 satellites") {
  random_stream stream(4, "long planes");
  // The last sizes that fit segments of 16, 32 and 64 slots, and the first that do not.
  for (const auto& [planes, per_plane] : {std::pair{2, 1023},
                                          {2, 1024},
                                          {2, 1025},
                                          {3, 1100},
                                          {1, 2048},
                                          {1, 2049},
                                          {2, 2500},
                                          {1, 4097}}) {
    CAPTURE(planes, per_plane);
    const timeline net = random_sky(stream, planes, per_plane);
    const auto sources = test::random_sources(stream, net, 17);
    check_same(grid_sweep_router(net), dijkstra_router(net), net, net.hop_delays_s(0, 0), sources);
    const timeline grid = random_grid(stream, planes, per_plane);
    const grid_sweep_router router(grid);
    for (int i = 0; i < 3; ++i)
      check_same(router, dijkstra_router(grid), grid, test::random_hop_delays_s(stream, grid),
                 test::random_sources(stream, grid, 6));
  }
}

TEST_CASE("grid_sweep: hop delays of all sizes, with ties and links that are down") {
  random_stream stream(5, "hop delays");
  for (int i = 0; i < 5000; ++i) {
    const timeline net = random_grid(stream, size_up_to(stream, 40), size_up_to(stream, 60));
    CAPTURE(i, net.size());
    const grid_sweep_router router(net);
    const dijkstra_router oracle(net);
    for (int k = 0; k < 2; ++k)
      check_same(router, oracle, net, test::random_hop_delays_s(stream, net),
                 test::random_sources(stream, net, net.size() < 200 ? 40 : 9));
  }
}

TEST_CASE("grid_sweep: mazes") {
  random_stream stream(6, "mazes");
  for (int i = 0; i < 3000; ++i) {
    const timeline net = random_grid(stream, size_up_to(stream, 40), size_up_to(stream, 60));
    CAPTURE(i, net.size());
    check_same(grid_sweep_router(net), dijkstra_router(net), net,
               test::maze_hop_delays_s(stream, net),
               test::random_sources(stream, net, net.size() < 200 ? 40 : 9));
  }
}

TEST_CASE("grid_sweep: a grid without a network") {
  const walker_constellation sky{{.planes = 4, .satellites_per_plane = 5, .phasing = 3}};
  const timeline net{sky, plus_grid{.seam = true}, {.slots = 1}};
  const auto grid = plane_grid_of(net);
  REQUIRE(grid);
  random_stream stream(7, "grid");
  check_same(grid_sweep_router(*grid), grid_sweep_router(net), net,
             test::random_hop_delays_s(stream, net), test::everyone(net));
}

TEST_CASE("grid_sweep: links that form no grid") {
  const auto prepare = [](const timeline& net) { return grid_sweep_router(net); };
  const char* message =
      "links: found a network of another form; allowed: rings along planes and links across to the "
      "next plane, as of plus_grid (sweep_router takes any network)";
  CHECK_INVALID(prepare(timeline{2, {{0, 1}}, make_matrix(1, 1, 0.1)}), message);
  const walker_constellation sky{{.planes = 4, .satellites_per_plane = 5, .phasing = 0}};
  CHECK_INVALID(prepare(timeline{sky, link_list{{{0, 1}, {0, 2}}}, {.slots = 1}}), message);
}

}  // namespace
}  // namespace network_grid_sweep_test
