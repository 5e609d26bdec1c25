#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/latency.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/path_latency.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe {

/// What a satellite computes, and what to sample. The defaults are the published experiment.
struct evaluate_options {
  double flops_per_s = 7.28e9;    ///< of one satellite, 1 to 1e24 [FLOP/s]
  bool count_gateway = false;     ///< whether attention and router take time
  int tokens_per_slot = 50;       ///< sampled for quantiles, 0 to 1,000,000; 0: none
  std::uint64_t seed = 1;         ///< of the sampled tokens
  int experts_per_satellite = 1;  ///< how many experts may share a satellite, 1 to 65,536
  bool operator==(const evaluate_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("flops_per_s", flops_per_s, 1.0, 1e24);
    detail::require_between("tokens_per_slot", tokens_per_slot, 0, 1'000'000);
    detail::require_between("experts_per_satellite", experts_per_satellite, 1, 65'536);
  }
};

namespace detail {

/// Time of the slowest of the activated experts of one layer [s].
inline double slowest_s(std::span<const std::size_t> activated, std::span<const double> time_s) {
  double slowest = 0;
  for (const std::size_t expert : activated) slowest = std::max(slowest, time_s[expert]);
  return slowest;
}

/// What a token passes under a plan: from the gateway of each layer over its experts to the next.
inline std::vector<stage> stages_of(const placement& plan) {
  std::vector<stage> stages;
  for (std::size_t l = 0; l < plan.gateways.size(); ++l)
    stages.push_back(
        {plan.gateways[l], plan.gateways[(l + 1) % plan.gateways.size()], plan.experts[l]});
  return stages;
}

/// @param layer_s  slots × layers exact means [s], infinite where a route is missing.
/// @param token_s  slots × tokens sampled latencies [s].
inline latency_report summarised(const matrix& layer_s, const matrix& token_s) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  latency_report report;
  report.layer_mean_s.assign(column_count(layer_s), 0);
  std::size_t reachable = 0;
  for (std::size_t slot = 0; slot < row_count(layer_s); ++slot) {
    const auto layers_s = row(layer_s, slot);
    double sum_s = 0;
    for (const double term_s : layers_s) sum_s += term_s;
    report.slot_mean_s.push_back(sum_s);
    if (sum_s == infinity) continue;
    ++reachable;
    for (std::size_t l = 0; l < layers_s.size(); ++l) report.layer_mean_s[l] += layers_s[l];
    const auto sampled_s = row(token_s, slot);
    report.token_s.insert(report.token_s.end(), sampled_s.begin(), sampled_s.end());
  }
  report.mean_s = reachable > 0 ? 0 : infinity;
  for (double& mean_s : report.layer_mean_s) {
    mean_s = reachable > 0 ? mean_s / static_cast<double>(reachable) : infinity;
    report.mean_s += mean_s;
  }
  const auto slots = static_cast<double>(row_count(layer_s));
  report.unreachable_fraction = (slots - static_cast<double>(reachable)) / slots;
  return report;
}

}  // namespace detail

/// Token latency of several plans on one network.
///
/// T_k = Σ_l [ C_gateway + E_A max_{e∈A} ( d_k(g_l, v_e) + C_e + d_k(v_e, g_{l+1}) ) ], A the K
/// experts that the router activates in layer l; the expectation is exact. Every plan is judged on
/// the same sampled tokens. Streams: "tokens", slot.
///
/// @tparam DelayRouter  model of delay_router.
/// @param  router  model of expert_router: successive, conditional_poisson, trace, or a user's own.
/// @return         one report per plan.
/// @throws invalid_input  router and model do not fit; an option is outside its range; a plan does
///                        not fit the model or the network (the message gives `plans[i]`); the
///                        router draws an expert that there is not.
/// @complexity  O(slots · (gateways · DelayRouter + plans · L · (E log E + slowest_rank) +
///              tokens · (draw + plans · L · K))), equal gateways counted once; memory
///              slots · plans · (L · E + tokens) doubles. Same bits for any number of threads.
/// @see    MODEL §7.
template<delay_router DelayRouter = sweep_router, expert_router Router>
[[nodiscard]] std::vector<latency_report> evaluate(const timeline& net, const moe_model& model,
                                                   const Router& router,
                                                   std::span<const placement> plans,
                                                   const evaluate_options& options = {},
                                                   const run_options& run = {}) {
  options.validate();
  const activation_profile& activation = router.activation();
  detail::require_fit(router, model);
  std::vector<stage> stages;
  for (std::size_t p = 0; p < plans.size(); ++p) {
    detail::within("plans[" + std::to_string(p) + "]",
                   [&] { plans[p].validate(net.size(), model, options.experts_per_satellite); });
    const std::vector<stage> of_plan = detail::stages_of(plans[p]);
    stages.insert(stages.end(), of_plan.begin(), of_plan.end());
  }
  const path_latencies path_s = path_latencies_s<DelayRouter>(net, model.message_bits(), stages,
                                                              detail::part_of(run, 0, 0.5));

  const std::size_t layers = activation.layers(), slots = net.slots(), top_k = router.top_k();
  const auto tokens = static_cast<std::size_t>(options.tokens_per_slot);
  const double compute_s =
      (model.expert_flops + (options.count_gateway ? model.gateway_flops : 0)) /
      options.flops_per_s;
  std::vector<std::vector<std::size_t>> used;
  for (std::size_t l = 0; l < layers; ++l) used.push_back(experts_in_use(activation.layer(l)));
  std::vector<matrix> layer_s(plans.size(), make_matrix(slots, layers, 0));
  std::vector<matrix> token_s(plans.size(), make_matrix(slots, tokens, 0));
  detail::parallel_for(slots, detail::part_of(run, 0.5, 1), [&](std::size_t slot) {
    const auto path_of = [&](std::size_t p, std::size_t l) {
      return path_s.at(p * layers + l, slot);
    };
    std::vector<std::size_t> order(activation.experts());
    std::vector<double> rank(activation.experts());
    for (std::size_t p = 0; p < plans.size(); ++p)
      for (std::size_t l = 0; l < layers; ++l)
        row(layer_s[p], slot)[l] =
            compute_s + detail::mean_slowest_s(router, l, path_of(p, l), used[l],
                                               std::span(order).first(used[l].size()),
                                               std::span(rank).first(used[l].size()));
    std::vector<std::size_t> drawn(layers * top_k);
    random_stream stream(options.seed, "tokens", slot);
    for (std::size_t t = 0; t < tokens; ++t) {
      router.draw(stream, drawn);
      for (const std::size_t expert : drawn)
        detail::require(expert < activation.experts(), "router.draw", expert,
                        "an expert of the model");
      for (std::size_t p = 0; p < plans.size(); ++p)
        for (std::size_t l = 0; l < layers; ++l)
          row(token_s[p], slot)[t] +=
              compute_s +
              detail::slowest_s(std::span(drawn).subspan(l * top_k, top_k), path_of(p, l));
    }
  });

  std::vector<latency_report> reports;
  for (std::size_t p = 0; p < plans.size(); ++p)
    reports.push_back(detail::summarised(layer_s[p], token_s[p]));
  return reports;
}

/// Token latency of one plan. @see the overload for several plans.
template<delay_router DelayRouter = sweep_router, expert_router Router>
[[nodiscard]] latency_report evaluate(const timeline& net, const moe_model& model,
                                      const Router& router, const placement& plan,
                                      const evaluate_options& options = {},
                                      const run_options& run = {}) {
  return evaluate<DelayRouter>(net, model, router, std::span(&plan, 1), options, run).front();
}

/// Token latency of several plans when experts are drawn successively from a profile.
template<delay_router DelayRouter = sweep_router>
[[nodiscard]] std::vector<latency_report> evaluate(const timeline& net, const moe_model& model,
                                                   const activation_profile& activation,
                                                   std::span<const placement> plans,
                                                   const evaluate_options& options = {},
                                                   const run_options& run = {}) {
  return evaluate<DelayRouter>(net, model, successive(activation, model), plans, options, run);
}

/// Token latency of one plan when experts are drawn successively from a profile.
template<delay_router DelayRouter = sweep_router>
[[nodiscard]] latency_report evaluate(const timeline& net, const moe_model& model,
                                      const activation_profile& activation, const placement& plan,
                                      const evaluate_options& options = {},
                                      const run_options& run = {}) {
  return evaluate<DelayRouter>(net, model, successive(activation, model), plan, options, run);
}

}  // namespace orbitmoe
