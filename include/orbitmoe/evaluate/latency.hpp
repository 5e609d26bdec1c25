#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <ostream>
#include <span>
#include <vector>

#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// How long a token takes under a plan: a plain value. T slots, L layers.
struct latency_report {
  /// Exact mean over the slots in which every route that can be used exists [s]; infinity: none.
  double mean_s = std::numeric_limits<double>::infinity();
  double unreachable_fraction = 1;   ///< share of the slots left out, 0 to 1 [-]
  std::vector<double> layer_mean_s;  ///< L terms of mean_s [s]
  std::vector<double> slot_mean_s;   ///< T exact means [s]; infinity where unreachable
  std::vector<double> token_s;       ///< sampled tokens of the reachable slots [s]

  bool operator==(const latency_report&) const = default;

  friend std::ostream& operator<<(std::ostream& out, const latency_report& report) {
    return out << report.mean_s << " s per token, " << report.unreachable_fraction * 100
               << " % of slots unreachable";
  }
};

/// The q-quantile of samples, linear between order statistics (Hyndman and Fan's type 7, as NumPy).
/// @param sorted  ascending; may be empty.
/// @param q       0 to 1.
/// @return        infinity where there is no sample.
/// @throws invalid_input  q is outside [0, 1].
[[nodiscard]] inline double quantile(std::span<const double> sorted, double q) {
  detail::require_between("q", q, 0.0, 1.0);
  if (sorted.empty()) return std::numeric_limits<double>::infinity();
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  if (place == std::floor(place) || sorted[below] == sorted[below + 1]) return sorted[below];
  return sorted[below] + (place - std::floor(place)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace orbitmoe
