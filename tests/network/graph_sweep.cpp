#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/network/graph_sweep.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/routing.hpp"

namespace network_graph_sweep_test {
namespace {

using namespace orbitmoe;
using test::check_same;

using links_t = std::vector<laser_link>;

// Satellites and links under new names, the links in any order: nothing is left of the order in
// which a test lists them. It has no delays.
timeline shuffled(random_stream& stream, std::size_t satellites, links_t links) {
  std::vector<satellite_id> name(satellites);
  std::iota(name.begin(), name.end(), satellite_id{0});
  stream.shuffle(name);
  stream.shuffle(links);
  for (auto& [a, b] : links) a = name[a], b = name[b];
  const matrix delays_s = make_matrix(1, links.size(), 1);
  return {satellites, std::move(links), delays_s};
}

links_t path(satellite_id satellites) {
  links_t links;
  for (satellite_id i = 1; i < satellites; ++i) links.push_back({i - 1, i});
  return links;
}

links_t star(satellite_id satellites) {
  links_t links;
  for (satellite_id i = 1; i < satellites; ++i) links.push_back({0, i});
  return links;
}

links_t binary_tree(satellite_id satellites) {
  links_t links;
  for (satellite_id i = 1; i < satellites; ++i) links.push_back({(i - 1) / 2, i});
  return links;
}

links_t complete(satellite_id satellites) {
  links_t links;
  for (satellite_id a = 0; a < satellites; ++a)
    for (satellite_id b = a + 1; b < satellites; ++b) links.push_back({a, b});
  return links;
}

links_t grid(satellite_id rows, satellite_id columns) {
  links_t links;
  for (satellite_id r = 0; r < rows; ++r)
    for (satellite_id c = 0; c < columns; ++c) {
      if (c + 1 < columns) links.push_back({r * columns + c, r * columns + c + 1});
      if (r + 1 < rows) links.push_back({r * columns + c, (r + 1) * columns + c});
    }
  return links;
}

// Points in a square, linked where they are close: six neighbours on average.
links_t geometric(random_stream& stream, satellite_id satellites) {
  std::vector<std::pair<double, double>> at(satellites);
  for (auto& [x, y] : at) x = stream.uniform_01(), y = stream.uniform_01();
  const double range = std::sqrt(2.0 / satellites);
  links_t links;
  for (satellite_id a = 0; a < satellites; ++a)
    for (satellite_id b = a + 1; b < satellites; ++b)
      if (std::hypot(at[a].first - at[b].first, at[a].second - at[b].second) < range)
        links.push_back({a, b});
  return links;
}

links_t any_pairs(random_stream& stream, satellite_id satellites, std::size_t count) {
  links_t links;
  while (links.size() < count) {
    const auto a = static_cast<satellite_id>(stream.uniform_index(satellites));
    const auto b = static_cast<satellite_id>(stream.uniform_index(satellites));
    if (a != b) links.push_back({a, b});
  }
  return links;
}

void check_shuffled(random_stream& stream, std::size_t satellites, const links_t& links,
                    std::size_t sources = 20) {
  const timeline net = shuffled(stream, satellites, links);
  CAPTURE(satellites, links.size());
  const graph_sweep_router router(net);
  const dijkstra_router oracle(net);
  for (int i = 0; i < 3; ++i)
    check_same(router, oracle, net, test::random_hop_delays_s(stream, net),
               test::random_sources(stream, net, sources));
  check_same(router, oracle, net, test::maze_hop_delays_s(stream, net),
             test::random_sources(stream, net, sources));
}

TEST_CASE("graph_sweep: thousands of random networks from all satellites") {
  for (std::uint64_t seed = 2000; seed < 9000; ++seed) {
    CAPTURE(seed);
    const timeline net = test::random_network(seed);
    check_same<graph_sweep_router, test::bellman_ford_router>(net, 0);
    random_stream stream(seed, "hop delays");
    check_same(graph_sweep_router(net), dijkstra_router(net), net,
               test::random_hop_delays_s(stream, net), test::everyone(net));
  }
}

TEST_CASE("graph_sweep: paths, stars, trees and complete graphs of all small sizes") {
  random_stream stream(1, "small graphs");
  for (satellite_id n = 1; n <= 40; ++n) {
    check_shuffled(stream, n, path(n));
    check_shuffled(stream, n, star(n));
    check_shuffled(stream, n, binary_tree(n));
  }
  for (const satellite_id n : {2u, 3u, 5u, 16u, 40u}) check_shuffled(stream, n, complete(n));
}

TEST_CASE("graph_sweep: around the 64 satellites of a word") {
  random_stream stream(2, "words");
  for (const satellite_id n : {63u, 64u, 65u, 127u, 128u, 129u, 192u}) {
    check_shuffled(stream, n, path(n));
    check_shuffled(stream, n, star(n));
    check_shuffled(stream, n, any_pairs(stream, n, 2 * n));
  }
}

TEST_CASE("graph_sweep: long paths, large stars and trees") {
  random_stream stream(3, "large graphs");
  for (const satellite_id n : {500u, 2000u}) {
    check_shuffled(stream, n, path(n));
    check_shuffled(stream, n, star(n));
    check_shuffled(stream, n, binary_tree(n));
  }
}

TEST_CASE("graph_sweep: grids under other names") {
  random_stream stream(4, "grids");
  for (int i = 0; i < 40; ++i) {
    const auto rows = static_cast<satellite_id>(1 + stream.uniform_index(40));
    const auto columns = static_cast<satellite_id>(10 + stream.uniform_index(40));
    check_shuffled(stream, rows * columns, grid(rows, columns));
  }
}

TEST_CASE("graph_sweep: random graphs, near or far") {
  random_stream stream(5, "random graphs");
  for (const satellite_id n : {200u, 333u, 1000u, 2000u}) {
    check_shuffled(stream, n, geometric(stream, n));
    // In many parts, in one large part and some satellites alone, and in one.
    for (const std::size_t links : {n / 2, n, 3 * n})
      check_shuffled(stream, n, any_pairs(stream, n, links), 9);
  }
}

TEST_CASE("graph_sweep: several parts of different form") {
  random_stream stream(6, "parts");
  links_t links;
  satellite_id next = 5;  // as many alone
  const auto add = [&](const links_t& part, satellite_id satellites) {
    for (const auto [a, b] : part) links.push_back({next + a, next + b});
    next += satellites;
  };
  add(path(70), 70);
  add(star(30), 30);
  add(complete(12), 12);
  add(grid(10, 10), 100);
  add(path(2), 2);
  add(binary_tree(31), 31);
  for (int i = 0; i < 100; ++i) check_shuffled(stream, next, links, 40);
}

TEST_CASE("graph_sweep: Walker skies") {
  random_stream stream(7, "walker skies");
  for (int i = 0; i < 200; ++i) {
    const auto planes = 1 + static_cast<int>(stream.uniform_index(12));
    const walker_constellation sky{
        {.planes = planes,
         .satellites_per_plane = 1 + static_cast<int>(stream.uniform_index(20)),
         .altitude_km = 15'000,
         .phasing = static_cast<int>(stream.uniform_index(static_cast<std::size_t>(planes)))}};
    const timeline net{
        sky,
        plus_grid{.seam = i % 2 == 0},
        {.slots = 2, .survival_probability = 0.8, .seed = static_cast<std::uint64_t>(i)}};
    CAPTURE(i, net.size());
    for (std::size_t slot = 0; slot < 2; ++slot)
      check_same(graph_sweep_router(net), dijkstra_router(net), net, net.hop_delays_s(slot, 8192),
                 test::random_sources(stream, net, 40));
  }
}

}  // namespace
}  // namespace network_graph_sweep_test
