#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe {

/// Independent Bernoulli survival of each link in each time slot.
///
/// Every candidate link has its own draw, feasible or not, so that two skies with the same links
/// see the same outages from the same seed. Stream: "outages", slot.
struct bernoulli_outages {
  double survival_probability = 0.95;  ///< 0 to 1 [-]
  std::uint64_t seed = 1;

  /// For each link, whether it survives in `slot`. O(links).
  /// @throws invalid_input  survival_probability is outside [0, 1].
  [[nodiscard]] std::vector<bool> survivors(std::size_t slot, std::size_t links) const {
    detail::require_between("survival_probability", survival_probability, 0.0, 1.0);
    random_stream stream(seed, "outages", slot);
    std::vector<bool> up(links);
    for (std::size_t i = 0; i < links; ++i) up[i] = stream.uniform_01() < survival_probability;
    return up;
  }
};

}  // namespace orbitmoe
