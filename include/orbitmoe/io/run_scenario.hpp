#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/io/report.hpp>
#include <orbitmoe/io/scenario.hpp>
#include <orbitmoe/io/scenario_activation.hpp>
#include <orbitmoe/io/scenario_sky.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/schemes.hpp>
#include <orbitmoe/search/lower_bound.hpp>
#include <orbitmoe/search/optimal_layout.hpp>

namespace orbitmoe {
namespace detail {

/// The schemes of a report that are one plan each, however often they are asked.
inline std::vector<scheme_report*> single_plans(report& out) {
  std::vector<scheme_report*> single;
  for (scheme_report& scheme : out.schemes)
    if (!visit_scheme(scheme.name, [](const auto& planner) { return planner.is_random; }))
      single.push_back(&scheme);
  return single;
}

/// Gives each scheme that is one plan its mean over outages that it was not planned on.
inline void add_held_out(report& out, const timeline& net, const any_router& router,
                         const run_options& run) {
  const std::vector<scheme_report*> single = single_plans(out);
  std::vector<placement> plans;
  for (scheme_report* const scheme : single) {
    plans.push_back(scheme->plan);
    scheme->held_out_mean_s = 0;
  }
  evaluate_options options = out.scenario.options.evaluate;
  options.tokens_per_slot = 0;
  const int draws = out.scenario.held_out;
  for (int draw = 0; draw < draws; ++draw) {
    const run_options part =
        part_of(run, draw / static_cast<double>(draws), (draw + 1) / static_cast<double>(draws));
    const std::uint64_t seed = random_stream::derive_seed(out.scenario.options.seed, "held out",
                                                          static_cast<std::uint64_t>(draw));
    const timeline unseen = net.with_outages(seed);
    const std::vector<latency_report> reports = std::visit(
        [&](const auto& drawn) {
          return evaluate(unseen, out.scenario.model, drawn, std::span<const placement>(plans),
                          options, part);
        },
        router);
    for (std::size_t i = 0; i < single.size(); ++i)
      *single[i]->held_out_mean_s += reports[i].mean_s / draws;
  }
}

/// Gives each scheme that is one plan what no plan with as few missing routes can be below; a plan
/// that lacks routes in more than 5 % of the slots gets none.
inline void add_lower_bound(report& out, const timeline& net, const any_router& router,
                            const run_options& run) {
  const evaluate_options& compute = out.scenario.options.evaluate;
  lower_bound_options options{.flops_per_s = compute.flops_per_s,
                              .count_gateway = compute.count_gateway,
                              .experts_per_satellite = compute.experts_per_satellite};
  std::vector<scheme_report*> bounded = single_plans(out);
  std::erase_if(bounded, [](const auto* scheme) { return scheme->unreachable_fraction > 0.05; });
  if (bounded.empty()) return;
  for (const scheme_report* const scheme : bounded)
    options.unreachable_fraction =
        std::max(options.unreachable_fraction, scheme->unreachable_fraction);
  const double bound_s = std::visit(
      [&]<typename Router>(const Router& drawn) -> double {
        const scenario& asked = out.scenario;
        if (const auto best =
                optimal_if_small(net, asked.model, drawn, compute.experts_per_satellite,
                                 options.unreachable_fraction, run)) {
          evaluate_options exact = compute;
          exact.tokens_per_slot = 0;
          return evaluate(net, asked.model, drawn, *best, exact).mean_s;
        }
        if constexpr (!sorted_is_best<Router>)
          throw invalid_input::value("lower_bound", "true with a trace",
                                     "true with the sampling successive or conditional_poisson");
        else
          return orbitmoe::lower_bound_s(net, asked.model, drawn, options, run);
      },
      router);
  // The optimum may be above a mean that ties with it, by rounding.
  for (scheme_report* const scheme : bounded)
    scheme->lower_bound_s = std::min(bound_s, scheme->mean_s);
}

}  // namespace detail

/// Runs every scheme of a scenario.
/// @return  infeasible where a scheme is; the reason names it.
/// @throws invalid_input  the parts of the scenario do not fit together.
/// @complexity  that of run_scheme for each scheme.
[[nodiscard]] inline outcome<report> run(const scenario& given, const run_options& how = {}) {
  report out{resolved(given), {}};
  scenario& asked = out.scenario;
  timeline_options network = asked.network;
  scheme_options options = asked.options;
  network.seed = options.evaluate.seed = options.seed;
  const timeline net =
      network_of(asked.constellation, asked.topology, network, {.threads = how.threads});
  const any_router router = detail::router_of(asked.activation, asked.model);

  const double schemes_done = asked.lower_bound ? 0.5 : 0.9;
  for (const std::string& name : asked.schemes) {
    const auto part = [&](std::size_t schemes) {
      return schemes_done * static_cast<double>(schemes) /
             static_cast<double>(asked.schemes.size());
    };
    const run_options each =
        detail::part_of(how, part(out.schemes.size()), part(out.schemes.size() + 1));
    const auto run_with = [&](const auto& planner) {
      return std::visit(
          [&](const auto& drawn) {
            return run_scheme(name, planner, net, asked.model, drawn, options, each);
          },
          router);
    };
    outcome<scheme_report> scheme = visit_scheme(name, run_with, options.search);
    if (!scheme.feasible()) return infeasible{scheme.reason()};
    out.schemes.push_back(std::move(scheme).value());
  }
  if (asked.lower_bound)
    detail::add_lower_bound(out, net, router, detail::part_of(how, schemes_done, 0.9));
  if (asked.held_out > 0) detail::add_held_out(out, net, router, detail::part_of(how, 0.9, 1));
  if (how.progress) how.progress(1);
  return out;
}

}  // namespace orbitmoe
