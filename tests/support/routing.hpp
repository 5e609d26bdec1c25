#pragma once

// What tests of routers share: delays in an order that is easy to read, checks to the bit, and hop
// delays that make shortest ways long and winding.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/random.hpp>

#include "support/catch.hpp"

namespace orbitmoe::test {

inline std::vector<satellite_id> everyone(const timeline& net) {
  std::vector<satellite_id> ids(net.size());
  std::iota(ids.begin(), ids.end(), satellite_id{0});
  return ids;
}

/// 1 to `most` satellites, sorted or not; some may be there twice.
inline std::vector<satellite_id> random_sources(random_stream& stream, const timeline& net,
                                                std::size_t most) {
  std::vector<satellite_id> sources(1 + stream.uniform_index(most));
  for (satellite_id& id : sources) id = static_cast<satellite_id>(stream.uniform_index(net.size()));
  if (stream.uniform_01() < 0.5) std::ranges::sort(sources);
  return sources;
}

/// Delays from each source to every satellite, row by row: sources × satellites. The router finds
/// rubbish in `out`, as a caller may leave it, and no vector register is aligned with it.
template<delay_router Router>
std::vector<double> delays_s(const Router& router, const timeline& net,
                             std::span<const double> hop_delays_s,
                             const std::vector<satellite_id>& sources) {
  const std::size_t satellites = net.size(), count = sources.size();
  std::vector<double> out(1 + satellites * count, -7);
  router.delays_s(hop_delays_s, sources, std::span(out).subspan(1));
  std::vector<double> rows(satellites * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t v = 0; v < satellites; ++v) rows[i * satellites + v] = out[1 + v * count + i];
  return rows;
}

template<delay_router Router>
std::vector<double> delays_s(const Router& router, const timeline& net, std::size_t slot,
                             double message_bits, const std::vector<satellite_id>& sources) {
  return delays_s(router, net, net.hop_delays_s(slot, message_bits), sources);
}

/// Checks that a router agrees with another one to the bit.
template<delay_router Router, delay_router Other>
void check_same(const Router& router, const Other& other, const timeline& net,
                std::span<const double> hop_delays_s, const std::vector<satellite_id>& sources) {
  const std::vector<double> found = delays_s(router, net, hop_delays_s, sources);
  const std::vector<double> expected = delays_s(other, net, hop_delays_s, sources);
  const auto same =
      static_cast<std::size_t>(std::ranges::mismatch(found, expected).in1 - found.begin());
  if (same < found.size())
    UNSCOPED_INFO("from " << sources[same / net.size()] << " to " << same % net.size() << ": found "
                          << found[same] << " and not " << expected[same]);
  REQUIRE(same == found.size());
}

/// The same from all satellites in every slot.
template<delay_router Router, delay_router Other>
void check_same(const timeline& net, double message_bits) {
  const Router router(net);
  const Other other(net);
  for (std::size_t slot = 0; slot < net.slots(); ++slot)
    check_same(router, other, net, net.hop_delays_s(slot, message_bits), everyone(net));
}

/// One delay per link [s], of one kind or another: many ties, all sizes over six decades, or two
/// sizes a million apart. Often some links are down.
inline std::vector<double> random_hop_delays_s(random_stream& stream, const timeline& net) {
  const std::size_t kind = stream.uniform_index(3);
  const double up = stream.uniform_01() < 0.3 ? 1 : 0.4 + 0.6 * stream.uniform_01();
  std::vector<double> delays_s(net.links().size(), std::numeric_limits<double>::infinity());
  for (double& delay_s : delays_s) {
    if (stream.uniform_01() >= up) continue;
    const double u = stream.uniform_01();
    if (kind == 0)
      delay_s = 1e-3 * (1 + std::floor(3 * u));
    else if (kind == 1)
      delay_s = std::pow(10, -6 * u);
    else
      delay_s = stream.uniform_01() < 0.5 ? 1 : 1e-6 * (1 + u);
  }
  return delays_s;
}

/// A maze: between any two satellites there is one way of short hops, as in a random tree; all
/// other links are down, or a million times as long.
inline std::vector<double> maze_hop_delays_s(random_stream& stream, const timeline& net) {
  const double wall_s = stream.uniform_01() < 0.5 ? std::numeric_limits<double>::infinity() : 1e3;
  std::vector<double> delays_s(net.links().size(), wall_s);
  std::vector<std::size_t> order(net.links().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  stream.shuffle(order);
  std::vector<satellite_id> parent = everyone(net);
  const auto part_of = [&](satellite_id id) {
    while (parent[id] != id) id = parent[id] = parent[parent[id]];
    return id;
  };
  for (const std::size_t i : order) {
    const satellite_id a = part_of(net.links()[i].a), b = part_of(net.links()[i].b);
    if (a == b) continue;
    parent[a] = b;
    delays_s[i] = 1e-3 * (1 + stream.uniform_01());
  }
  return delays_s;
}

}  // namespace orbitmoe::test
