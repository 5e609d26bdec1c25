#pragma once

#include <cstddef>
#include <vector>

#include <orbitmoe/gateway/concepts.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe {

/// A gateway drawn uniformly from the free satellites of the subnet. Stream: "gateway", layer.
struct random_gateway {
  static constexpr bool is_random = true;
  bool operator==(const random_gateway&) const = default;

  /// O(members) per layer.
  [[nodiscard]] outcome<std::vector<satellite_id>> gateways(const gateway_context& ctx) const {
    return detail::gateways_in_turn(
        ctx, [&](std::size_t layer, const std::vector<satellite_id>& free) {
          return free[random_stream(ctx.seed, "gateway", layer).uniform_index(free.size())];
        });
  }
};
static_assert(gateway_policy<random_gateway>);

}  // namespace orbitmoe
