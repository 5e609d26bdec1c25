#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

#include <orbitmoe/partition/concepts.hpp>

namespace orbitmoe {

/// No partition: every layer may use every satellite.
struct whole_constellation {
  bool operator==(const whole_constellation&) const = default;

  /// O(layers · satellites).
  /// @throws invalid_input  the model is not valid, or layers × satellites over 2^27.
  [[nodiscard]] outcome<std::vector<subnet>> subnets(const timeline& net,
                                                     const moe_model& model) const {
    model.validate();
    detail::require(static_cast<std::size_t>(model.layers) <= (1u << 27) / net.size(), "layers",
                    model.layers, "layers × satellites at most 2^27");
    subnet all(net.size());
    std::iota(all.begin(), all.end(), satellite_id{0});
    return std::vector<subnet>(static_cast<std::size_t>(model.layers), all);
  }
};
static_assert(partition_policy<whole_constellation>);

}  // namespace orbitmoe
