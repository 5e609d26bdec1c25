#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/search/exact_search.hpp>
#include <orbitmoe/search/layer_costs.hpp>

namespace orbitmoe {

/// Which plans optimal_layout takes into account, and when it gives up.
struct optimal_options {
  /// Share of slots in which a plan may lack a route, 0 to 1: its mean is over the others, one slot
  /// or more.
  double unreachable_fraction = 0;
  /// Work at most, from 1 on: all ways to place a single layer are costed in each slot, one step
  /// each; then the search looks at choices among them, one step each.
  std::uint64_t max_steps = 1'000'000'000;
  bool operator==(const optimal_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("unreachable_fraction", unreachable_fraction, 0.0, 1.0);
    detail::require_between("max_steps", max_steps, std::uint64_t{1},
                            std::numeric_limits<std::uint64_t>::max());
  }
};

namespace detail {

/// Ways to place the experts in use of single layers between all gateways; infinity is too many.
inline double ways_to_place(const activation_profile& activation, std::size_t satellites) {
  const auto n = static_cast<double>(satellites);
  double sum = 0;
  for (std::size_t l = 0; l < activation.layers(); ++l) {
    const std::size_t used = experts_in_use(activation.layer(l)).size();
    require(used <= slowest_of_orders::max_experts, "activation[" + std::to_string(l) + "]", used,
            "at most " + std::to_string(slowest_of_orders::max_experts) + " experts in use");
    double ways = activation.layers() > 1 ? n * (n - 1) : n;
    for (std::size_t i = 0; i < used; ++i)
      ways *= n - static_cast<double>(i + (activation.layers() > 1 ? 2 : 1));
    sum += ways;
  }
  return sum;
}

/// Puts the experts that are never activated on the lowest satellites that are left.
inline placement with_unused_experts(const exact_search& search,
                                     const activation_profile& activation,
                                     std::span<const slowest_of_orders> laws) {
  satellite_set taken = 0;
  for (const satellite_id id : search.gateways()) taken |= set_of(id);
  for (const auto& of_layer : search.hosts())
    for (const satellite_id id : of_layer) taken |= set_of(id);
  placement plan{search.gateways(), {}};
  for (std::size_t l = 0; l < laws.size(); ++l) {
    auto& hosts = plan.experts.emplace_back(activation.experts());
    for (std::size_t e = 0; e < hosts.size(); ++e) {
      if (activation.layer(l)[e] > 0) continue;
      hosts[e] = static_cast<satellite_id>(std::countr_one(taken));
      taken |= set_of(hosts[e]);
    }
    for (std::size_t i = 0; i < laws[l].used().size(); ++i)
      hosts[laws[l].used()[i]] = search.hosts()[l][i];
  }
  return plan;
}

}  // namespace detail

/// The plan with the least exact mean token latency of all, for small networks: what heuristics and
/// bounds are measured against.
///
/// All plans are those with gateways and experts on distinct satellites that lack routes in at most
/// `unreachable_fraction` of the slots. The mean is that of `evaluate`, over the slots in which
/// every route that can be used exists; compute time, the same for all plans, does not matter.
/// Branch and bound: every placement of a single layer between every two gateways is costed, which
/// bounds partial plans; whole plans are judged exactly.
///
/// Means that differ by less than 1e-12 of them are equal, and of equal plans it is the one with
/// the first gateways in lexicographic order, then the first hosts of the experts in use, layer by
/// layer. Experts that are never activated take the lowest satellites that are left.
///
/// @param router  any model of expert_router. No order of experts is taken for granted.
/// @return  the plan; or the reason why there is none: too few satellites, no plan with enough
///          routes, or more work than max_steps.
/// @throws invalid_input  router and model do not fit; an option is outside its range; over 64
///                        satellites, or over 9 experts in use in a layer; run.threads out of
///                        range.
/// @complexity  with n satellites and E experts in use: L · n^(E+2) · (slots + log) to cost all
///              layers, and L · n^(E+2) / E! choices of 24 bytes, more if routes may be lacking;
///              then exponential in L in the worst case. Some milliseconds for 9 satellites and 2
///              × 3 experts. Same plan for any number of threads.
/// @see  Land and Doig, "An automatic method of solving discrete programming problems",
///       Econometrica 28 (1960).
template<delay_router DelayRouter = sweep_router, expert_router Router>
[[nodiscard]] outcome<placement> optimal_layout(const timeline& net, const moe_model& model,
                                                const Router& router,
                                                const optimal_options& options = {},
                                                const run_options& run = {}) {
  options.validate();
  const activation_profile& activation = router.activation();
  detail::require_fit(router, model);
  detail::require_between("satellites", net.size(), std::size_t{1}, std::size_t{64});
  const std::size_t needed = activation.layers() * (activation.experts() + 1);
  if (net.size() < needed)
    return infeasible{"the plan needs " + std::to_string(needed) + " satellites, and there are " +
                      std::to_string(net.size())};

  const double to_cost =
      detail::ways_to_place(activation, net.size()) * static_cast<double>(net.slots());
  const std::string too_much =
      "the best plan is not known after max_steps = " + std::to_string(options.max_steps) +
      " steps";
  if (to_cost >= static_cast<double>(options.max_steps))
    return infeasible{too_much + ": to cost all single layers alone takes " +
                      detail::to_text(to_cost)};
  std::vector<detail::slowest_of_orders> laws;
  for (std::size_t l = 0; l < activation.layers(); ++l) laws.emplace_back(router, l);
  const detail::slot_terms terms(net.slots(), options.unreachable_fraction);
  const detail::layer_costs costs(std::in_place_type<DelayRouter>, net, model.message_bits(), terms,
                                  detail::part_of(run, 0, 0.1));
  detail::exact_search search(costs, laws, terms, net.size(),
                              options.max_steps - static_cast<std::uint64_t>(to_cost),
                              detail::part_of(run, 0.1, 0.5));
  const auto ended = search.run();
  if (run.progress) run.progress(1);
  using enum detail::exact_search::status;
  if (ended == out_of_steps) return infeasible{too_much};
  if (ended == no_plan)
    return infeasible{"every plan lacks a route in more than " + std::to_string(terms.drop()) +
                      " of " + std::to_string(terms.slots()) + " slots"};
  return detail::with_unused_experts(search, activation, laws);
}

namespace detail {

/// optimal_layout where it takes about a second at most; nothing where it would take longer, or
/// satellites may host several experts, or there is no plan.
template<delay_router DelayRouter = sweep_router, expert_router Router>
std::optional<placement> optimal_if_small(const timeline& net, const moe_model& model,
                                          const Router& router, int experts_per_satellite,
                                          double unreachable_fraction, const run_options& run) {
  constexpr std::uint64_t steps = 20'000'000;
  if (experts_per_satellite > 1 || net.size() > 64 ||
      static_cast<std::size_t>(model.experts) > slowest_of_orders::max_experts)
    return {};
  outcome<placement> best = optimal_layout<DelayRouter>(
      net, model, router, {.unreachable_fraction = unreachable_fraction, .max_steps = steps},
      {.threads = run.threads});
  if (!best.feasible()) return {};
  return std::move(best).value();
}

}  // namespace detail
}  // namespace orbitmoe
