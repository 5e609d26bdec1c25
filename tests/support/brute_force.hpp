#pragma once

// Token latency by MODEL §7, word for word: all pairs of satellites, all outcomes of a token.

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <orbitmoe/matrix.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>

#include "support/laws.hpp"
#include "support/skies.hpp"

namespace orbitmoe::test {

/// Least delay between all pairs of satellites in one slot [s], by Floyd and Warshall.
/// @param hop_overhead_s  what each hop costs beside propagation.
[[nodiscard]] inline matrix all_delays_s(const timeline& net, std::size_t slot,
                                         double hop_overhead_s) {
  const auto satellites = static_cast<Eigen::Index>(net.size());
  matrix delay_s = matrix::Constant(satellites, satellites, infinity);
  for (Eigen::Index v = 0; v < satellites; ++v) delay_s(v, v) = 0;
  for (std::size_t i = 0; i < net.links().size(); ++i) {
    const auto [a, b] = net.links()[i];
    const double hop_s = net.propagation_s(slot)[i] + hop_overhead_s;
    delay_s(a, b) = delay_s(b, a) = std::min(delay_s(a, b), hop_s);
  }
  for (Eigen::Index via = 0; via < satellites; ++via)
    for (Eigen::Index a = 0; a < satellites; ++a)
      for (Eigen::Index b = 0; b < satellites; ++b)
        delay_s(a, b) = std::min(delay_s(a, b), delay_s(a, via) + delay_s(via, b));
  return delay_s;
}

/// Delays of each hop and time of each computation, beside propagation [s].
struct costs {
  double hop_overhead_s = 0;
  double expert_s = 0;
  double gateway_s = 0;
};

/// Time of one token in layer l when it activates `experts` [s].
[[nodiscard]] inline double layer_time_s(const matrix& delay_s, const placement& plan,
                                         std::size_t l, expert_set experts, const costs& cost) {
  const satellite_id from = plan.gateways[l], to = plan.gateways[(l + 1) % plan.gateways.size()];
  double slowest_s = 0;
  for (std::size_t e = 0; e < plan.experts[l].size(); ++e)
    if (has(experts, e)) {
      const satellite_id host = plan.experts[l][e];
      slowest_s = std::max(slowest_s, delay_s(from, host) + cost.expert_s + delay_s(host, to));
    }
  return cost.gateway_s + slowest_s;
}

/// The numbers of a latency_report that are exact.
struct enumerated_latency {
  double mean_s = infinity;
  double unreachable_fraction = 0;
  std::vector<double> layer_mean_s = {};
  std::vector<double> slot_mean_s = {};
};

/// Follows every outcome of a token through every slot.
[[nodiscard]] inline enumerated_latency enumerate_latency(const timeline& net,
                                                          std::span<const token_outcome> outcomes,
                                                          const placement& plan,
                                                          const costs& cost) {
  const std::size_t layers = plan.gateways.size();
  std::vector<double> layer_sum_s(layers, 0.0);
  enumerated_latency result;
  double reachable = 0, sum_s = 0;
  for (std::size_t slot = 0; slot < net.slots(); ++slot) {
    const matrix delay_s = all_delays_s(net, slot, cost.hop_overhead_s);
    std::vector<double> layer_s(layers, 0.0);
    double token_s = 0;
    for (const token_outcome& outcome : outcomes)
      for (std::size_t l = 0; l < layers; ++l) {
        const double time_s = layer_time_s(delay_s, plan, l, outcome.experts[l], cost);
        layer_s[l] += outcome.probability * time_s;
        token_s += outcome.probability * time_s;
      }
    result.slot_mean_s.push_back(token_s);
    if (token_s == infinity) continue;
    reachable += 1;
    sum_s += token_s;
    for (std::size_t l = 0; l < layers; ++l) layer_sum_s[l] += layer_s[l];
  }
  const auto slots = static_cast<double>(net.slots());
  result.unreachable_fraction = (slots - reachable) / slots;
  result.layer_mean_s.assign(layers, infinity);
  if (reachable > 0) {
    result.mean_s = sum_s / reachable;
    for (std::size_t l = 0; l < layers; ++l) result.layer_mean_s[l] = layer_sum_s[l] / reachable;
  }
  return result;
}

}  // namespace orbitmoe::test
