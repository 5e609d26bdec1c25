#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/lanes.hpp>
#include <orbitmoe/network/path_latency.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe::detail {

/// τ of each host for each layer [s], layers × hosts: the mean path latency over the slots in which
/// it is finite. Some layers at a time, because all slots of all layers may be too much to keep.
template<delay_router DelayRouter>
matrix mean_path_latencies_s(const timeline& net, const moe_model& model,
                             std::span<const satellite_id> gateways,
                             std::span<const satellite_id> hosts, const run_options& run) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr std::size_t at_once = lanes - 1;  // they have `lanes` gateways
  const std::size_t layers = gateways.size();
  matrix sums_s = make_matrix(layers, hosts.size(), 0), counts = sums_s;
  for (std::size_t first = 0; first < layers; first += at_once) {
    const std::size_t last = std::min(first + at_once, layers);
    std::vector<stage> stages;
    for (std::size_t l = first; l < last; ++l)
      stages.push_back({gateways[l], gateways[(l + 1) % layers], hosts});
    const auto done = [&](std::size_t l) {
      return static_cast<double>(l) / static_cast<double>(layers);
    };
    const path_latencies path_s = path_latencies_s<DelayRouter>(
        net, model.message_bits(), stages, part_of(run, done(first), done(last)));
    for (std::size_t l = first; l < last; ++l)
      for (std::size_t slot = 0; slot < net.slots(); ++slot) {
        const auto latency_s = path_s.at(l - first, slot);
        for (std::size_t h = 0; h < hosts.size(); ++h) {
          const bool reached = latency_s[h] < infinity;
          row(sums_s, l)[h] += reached ? latency_s[h] : 0;
          row(counts, l)[h] += reached ? 1 : 0;
        }
      }
  }
  for (std::size_t l = 0; l < layers; ++l)
    for (std::size_t h = 0; h < hosts.size(); ++h)
      row(sums_s, l)[h] = row(counts, l)[h] > 0 ? row(sums_s, l)[h] / row(counts, l)[h] : infinity;
  return sums_s;
}

}  // namespace orbitmoe::detail
