#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/model/concepts.hpp>

namespace orbitmoe::detail {

/// Improves the order of a layer's experts on hosts of fixed times, by exchanging two at a time
/// until no exchange lowers the mean time of the slowest.
///
/// @param experts  from the quickest host to the slowest; those in use come first.
/// @param time_s   of the host of each, ascending and finite [s].
/// @param used     number of experts in use.
/// @complexity     E² / 2 calls of slowest_rank in each round, and few rounds.
template<expert_router Router>
void improve_order(const Router& router, std::size_t layer, std::span<std::size_t> experts,
                   std::span<const double> time_s, std::size_t used) {
  std::vector<double> rank(used);
  const auto mean_s = [&] {
    router.slowest_rank(layer, experts.first(used), rank);
    double sum_s = 0;
    for (std::size_t j = 0; j < used; ++j) sum_s += time_s[j] * rank[j];
    return sum_s;
  };
  double least_s = mean_s();
  for (bool better = true; better;) {
    better = false;
    for (std::size_t i = 0; i < used; ++i)
      for (std::size_t j = i + 1; j < used; ++j) {
        if (time_s[i] == time_s[j]) continue;
        std::swap(experts[i], experts[j]);
        const double exchanged_s = mean_s();
        if (exchanged_s < least_s * (1 - 1e-9)) {
          least_s = exchanged_s;
          better = true;
        } else {
          std::swap(experts[i], experts[j]);
        }
      }
  }
}

}  // namespace orbitmoe::detail
