#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/search/mean_delays.hpp>
#include <orbitmoe/search/ring_bound.hpp>

namespace orbitmoe {

/// What a plan must obey to be bounded, and how long to look for a good bound.
struct lower_bound_options {
  double flops_per_s = 7.28e9;  ///< of one satellite, 1 to 1e24 [FLOP/s]
  bool count_gateway = false;   ///< whether attention and router take time
  /// Share of slots in which the plan may lack a route, 0 to 0.05: its mean is over the others.
  double unreachable_fraction = 0;
  int experts_per_satellite = 1;  ///< how many experts may share a satellite, 1 to 65,536
  int rounds = 200;               ///< of improving the bound, 0 to 1,000,000
  bool operator==(const lower_bound_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("flops_per_s", flops_per_s, 1.0, 1e24);
    detail::require_between("unreachable_fraction", unreachable_fraction, 0.0, 0.05);
    detail::require_between("experts_per_satellite", experts_per_satellite, 1, 65'536);
    detail::require_between("rounds", rounds, 0, 1'000'000);
  }
};

/// No plan under the same rules has a lower mean token latency than this [s]; infinity says that
/// there is no plan.
///
/// The rules: one expert per satellite (or as many as given), none on a gateway, nothing shared;
/// routes lacking in at most `unreachable_fraction` of the slots. What is relaxed: (1) latencies
/// over the slots are replaced by their mean, and a mean of maxima is not below the maximum of
/// means; (2) a delay's mean leaves out its longest slots, as many as may be unreachable; (3) only
/// layers that follow each other must not share satellites, and that rule is priced (see
/// detail::ring_bound); (4) the ring need not close. All can only lower the mean; the last
/// millionth is taken off for rounding.
///
/// @tparam Router  model of expert_router for which sorted_is_best: successive,
///                 conditional_poisson.
/// @throws invalid_input  router and model do not fit; an option is outside its range; too many
///                        satellites for mean_delays, or too few for one layer; run.threads out of
///                        range.
/// @complexity  O(slots · satellites) shortest-delay trees; then, in each round, experts · capacity
///              · hosts for each pair of gateways near each other. Memory satellites² floats and
///              ids, and up to 1 GiB for the pairs.
template<delay_router DelayRouter = sweep_router, expert_router Router>
requires sorted_is_best<Router>
[[nodiscard]] double lower_bound_s(const timeline& net, const moe_model& model,
                                   const Router& router, const lower_bound_options& options = {},
                                   const run_options& run = {}) {
  options.validate();
  detail::require_fit(router, model);
  const auto capacity = static_cast<std::size_t>(options.experts_per_satellite);
  const std::size_t hosts = (static_cast<std::size_t>(model.experts) + capacity - 1) / capacity;
  detail::require_between("satellites", net.size(), hosts + (model.layers > 1 ? 2 : 1),
                          mean_delays::max_satellites);

  // Layers whose experts, sorted by weight, have one law are of one kind.
  std::vector<std::vector<double>> laws;
  std::vector<std::size_t> kinds;
  for (std::size_t l = 0; l < router.activation().layers(); ++l) {
    std::vector<double> law = slowest_by_weight(router, l);
    const auto found = std::find(laws.begin(), laws.end(), law);
    kinds.push_back(static_cast<std::size_t>(found - laws.begin()));
    if (found == laws.end()) laws.push_back(std::move(law));
  }
  const auto drop = static_cast<std::size_t>(
      std::floor(options.unreachable_fraction * static_cast<double>(net.slots()) + 1e-6));
  const mean_delays delays = mean_delays::least<DelayRouter>(net, model.message_bits(), drop,
                                                             detail::part_of(run, 0, 0.2));
  detail::ring_bound ring(delays, std::move(laws), std::move(kinds), capacity,
                          detail::part_of(run, 0.2, 0.4));
  const double compute_s =
      (model.expert_flops + (options.count_gateway ? model.gateway_flops : 0)) /
      options.flops_per_s;
  const double path_s = ring.least_s(options.rounds, detail::part_of(run, 0.4, 1));
  return (model.layers * compute_s + path_s) * (1 - 1e-6);
}

}  // namespace orbitmoe
