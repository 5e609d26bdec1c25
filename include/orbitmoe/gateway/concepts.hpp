#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/path_latency.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/partition/concepts.hpp>

namespace orbitmoe {

/// What a gateway policy sees.
struct gateway_context {
  const timeline& net;
  const moe_model& model;
  std::span<const subnet> subnets;  ///< one per layer
  std::uint64_t seed = 1;           ///< of random choices
  int experts_per_satellite = 1;    ///< capacity

  /// How experts are drawn. Computed when called, as the next.
  std::function<expert_law()> law = {};
  /// Path latencies of any stages in every slot [s].
  std::function<path_latencies(std::span<const stage>)> path_latencies_s = {};
};

/// Chooses the gateway of each layer: the satellite of attention, router and aggregation.
///
/// | expression       | returns                              | meaning                           |
/// |------------------|--------------------------------------|-----------------------------------|
/// | g.gateways(ctx)  | outcome<std::vector<satellite_id>>   | gateway of layer l at index l     |
///
/// Semantics (not checkable): pure for equal contexts; gateways are distinct members of their
/// layer's subnet.
///
/// A random policy has `static constexpr bool is_random = true` and takes its choices from the
/// seed.
///
/// Which one when:
/// - central_gateway  the default: short ways to all of its subnet
/// - ring_optimal     the best for the sorted placement, jointly over the ring; disjoint subnets
/// - random_gateway   the baseline to compare with
template<typename G>
concept gateway_policy = std::semiregular<G> && requires(const G g, const gateway_context& ctx) {
  { g.gateways(ctx) } -> std::convertible_to<outcome<std::vector<satellite_id>>>;
};

namespace detail {

/// Chooses one gateway per layer in turn, by choose(layer, free), where `free` are the members of
/// the subnet that are no gateway yet, ascending. Infeasible where a layer has none.
template<typename Choose>
outcome<std::vector<satellite_id>> gateways_in_turn(const gateway_context& ctx, Choose choose) {
  std::vector<bool> taken(ctx.net.size(), false);
  std::vector<satellite_id> gateways;
  for (std::size_t layer = 0; layer < ctx.subnets.size(); ++layer) {
    std::vector<satellite_id> free;
    for (const satellite_id id : ctx.subnets[layer])
      if (!taken[id]) free.push_back(id);
    if (free.empty())
      return infeasible{"layer " + std::to_string(layer) +
                        " needs a satellite for its gateway, and all " +
                        std::to_string(ctx.subnets[layer].size()) + " of its subnet are taken"};
    gateways.push_back(choose(layer, std::as_const(free)));
    taken[gateways.back()] = true;
  }
  return gateways;
}

}  // namespace detail
}  // namespace orbitmoe
