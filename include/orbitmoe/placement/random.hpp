#pragma once

#include <vector>

#include <orbitmoe/placement/concepts.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe {

/// Experts on satellites drawn uniformly, without replacement. Stream: "experts", layer.
struct random_experts {
  static constexpr bool is_random = true;
  bool operator==(const random_experts&) const = default;

  /// O(candidates).
  [[nodiscard]] std::vector<satellite_id> place(const layer_context& ctx) const {
    std::vector<satellite_id> hosts(ctx.candidates.begin(), ctx.candidates.end());
    random_stream(ctx.seed, "experts", ctx.layer).shuffle(hosts);
    hosts.resize(ctx.experts());
    return hosts;
  }
};
static_assert(placement_policy<random_experts>);

}  // namespace orbitmoe
