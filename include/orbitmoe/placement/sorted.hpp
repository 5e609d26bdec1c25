#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/placement/concepts.hpp>

namespace orbitmoe {

/// The most activated expert on the candidate with the lowest score, and so on down; ties go to the
/// lower index. O(candidates log candidates).
/// @param score  one number per candidate.
/// @return       host of expert e at index e.
[[nodiscard]] inline std::vector<satellite_id> heaviest_to_lowest(const layer_context& ctx,
                                                                  std::span<const double> score) {
  std::vector<std::size_t> lowest(ctx.candidates.size());
  std::iota(lowest.begin(), lowest.end(), std::size_t{0});
  std::stable_sort(lowest.begin(), lowest.end(),
                   [&](std::size_t a, std::size_t b) { return score[a] < score[b]; });
  const std::vector<std::size_t> heaviest = heaviest_first(ctx.activation);
  std::vector<satellite_id> hosts(ctx.experts());
  for (std::size_t i = 0; i < hosts.size(); ++i) hosts[heaviest[i]] = ctx.candidates[lowest[i]];
  return hosts;
}

/// The most activated expert on the satellite with the lowest expected path latency, and so on down
/// (Space-XNet). Ties go to the lower index.
///
/// For fixed latencies x_(1) ≤ x_(2) ≤ … and a top-K law that favours larger weights, E[max] =
/// Σ_j x_(j)·P(the slowest chosen expert is the j-th), and heaviest-first maximises P(all K are
/// among the first j) for every j at once: optimal for one frozen slot. Over many slots it is an
/// approximation, because a mean of maxima is not a maximum of means.
///
/// @see  MODEL §6; arXiv 2605.00515.
struct activation_sorted {
  bool operator==(const activation_sorted&) const = default;

  /// O(candidates log candidates) beside the path latencies.
  [[nodiscard]] std::vector<satellite_id> place(const layer_context& ctx) const {
    return heaviest_to_lowest(ctx, ctx.expected_path_latency_s());
  }
};
static_assert(placement_policy<activation_sorted>);

}  // namespace orbitmoe
