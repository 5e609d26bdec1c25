#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// What a placement policy sees of one layer.
struct layer_context {
  const timeline& net;
  const moe_model& model;
  std::size_t layer;
  satellite_id gateway;                      ///< of this layer: where tokens come from
  satellite_id next_gateway;                 ///< of the next layer, cyclic: where they go
  std::span<const double> activation;        ///< weight of each expert, summing to 1
  std::span<const satellite_id> candidates;  ///< free hosts, at least as many as experts; one with
                                             ///< room for n is listed min(n, experts) times
  std::uint64_t seed;                        ///< of random choices

  /// d_k(gateway, v) + d_k(v, next_gateway) for each slot k and candidate v:
  /// slots × candidates [s]; infinity where there is no path. Computed when called: a policy that
  /// does not ask does not wait. From one thread at a time.
  std::function<matrix()> path_latencies_s;

  /// Number of experts to place.
  [[nodiscard]] std::size_t experts() const noexcept { return activation.size(); }

  /// τ(v) of each candidate: the mean path latency over the slots in which it is finite [s];
  /// infinity where it never is. MODEL §6.
  [[nodiscard]] std::vector<double> expected_path_latency_s() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const matrix latencies_s = path_latencies_s();
    std::vector<double> mean(candidates.size(), 0);
    std::vector<std::size_t> finite(candidates.size(), 0);
    for (std::size_t slot = 0; slot < row_count(latencies_s); ++slot) {
      const auto latency = row(latencies_s, slot);
      for (std::size_t i = 0; i < latency.size(); ++i)
        if (latency[i] < infinity) {
          mean[i] += latency[i];
          ++finite[i];
        }
    }
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] = finite[i] > 0 ? mean[i] / static_cast<double>(finite[i]) : infinity;
    return mean;
  }
};

/// Chooses the satellite that hosts each expert of one layer.
///
/// | expression               | returns                     | meaning                          |
/// |--------------------------|-----------------------------|----------------------------------|
/// | p.place(ctx)             | std::vector<satellite_id>   | host of expert e at index e      |
///
/// Semantics (not checkable): pure for equal contexts; hosts are taken from ctx.candidates, each
/// entry at most once. ctx.candidates has at least ctx.experts() entries.
///
/// A random policy has `static constexpr bool is_random = true` and takes its choices from the
/// seed.
///
/// Which one when:
/// - activation_sorted  the default: exact for one frozen slot, close for many
/// - random_experts     the baseline to compare with
template<typename P>
concept placement_policy = std::semiregular<P> && requires(const P p, const layer_context& ctx) {
  { p.place(ctx) } -> std::same_as<std::vector<satellite_id>>;
};

}  // namespace orbitmoe
