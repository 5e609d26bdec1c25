#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/planner.hpp>
#include <orbitmoe/search/layout_search.hpp>

namespace orbitmoe {

/// Token latency of a scheme: of its plan, or over `repetitions` plans where it is random.
struct scheme_report {
  std::string name;
  double mean_s = 0;    ///< mean over the repetitions that reach a token [s]
  double stderr_s = 0;  ///< standard error of mean_s over the repetitions [s]; 0 where the scheme
                        ///< is not random, infinity where one repetition tells nothing
  double p50_s = 0, p95_s = 0, p99_s = 0;  ///< quantiles of the tokens of all repetitions [s]
  std::vector<double> layer_mean_s;        ///< L means over the repetitions [s]
  double unreachable_fraction = 0;         ///< mean over the repetitions, 0 to 1 [-]
  placement plan;                          ///< of the first repetition
  /// Mean over outages that the plan was not made for [s], where it was asked for; infinity where
  /// a draw of them leaves no slot with every route.
  std::optional<double> held_out_mean_s = {};
  /// What no plan under the same rules can be below [s], where it was asked for. @see
  /// lower_bound_s.
  std::optional<double> lower_bound_s = {};

  /// Share of the mean by which the best plan may be below it, at most; 0 to 1 [-].
  [[nodiscard]] std::optional<double> gap() const {
    if (!lower_bound_s) return {};
    return (mean_s - *lower_bound_s) / mean_s;
  }
  bool operator==(const scheme_report&) const = default;

  friend std::ostream& operator<<(std::ostream& out, const scheme_report& scheme) {
    return out << scheme.name << ": " << scheme.mean_s << " ± " << scheme.stderr_s
               << " s per token";
  }
};

struct scheme_options {
  int repetitions = 20;    ///< plans drawn where the scheme is random, 1 to 10,000
  std::uint64_t seed = 1;  ///< of the plans; repetition r has the stream "scheme", r
  evaluate_options evaluate = {};
  layout_options search = {};  ///< of the scheme layout-search
  bool operator==(const scheme_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("repetitions", repetitions, 1, 10'000);
    evaluate.validate();
    search.validate();
  }
};

/// Plans and evaluates a scheme.
///
/// @param planner  any object with the members of orbitmoe::planner.
/// @return  infeasible where a plan is, or where no slot of any repetition has every route.
/// @throws invalid_input  as plan and evaluate; an option is outside its range, or the samples
///                        (slots × tokens × repetitions) are more than 2^27.
/// @complexity  that of evaluate; repetitions share shortest-delay trees, in batches of one plan or
///              more whose path latencies stay under 256 MB; samples add 8 bytes each.
template<delay_router DelayRouter = sweep_router, typename Planner, expert_router Router>
[[nodiscard]] outcome<scheme_report> run_scheme(std::string_view name, const Planner& planner,
                                                const timeline& net, const moe_model& model,
                                                const Router& router,
                                                const scheme_options& options = {},
                                                const run_options& run = {}) {
  options.validate();
  model.validate();
  const std::size_t repetitions =
      Planner::is_random ? static_cast<std::size_t>(options.repetitions) : 1;
  const std::size_t samples =
      net.slots() * static_cast<std::size_t>(options.evaluate.tokens_per_slot) * repetitions;
  detail::require(samples <= (std::size_t{1} << 27), "tokens_per_slot",
                  options.evaluate.tokens_per_slot,
                  "slots × tokens_per_slot × repetitions at most 2^27");
  const std::size_t table = net.slots() * static_cast<std::size_t>(model.layers * model.experts);
  const std::size_t batch = std::clamp<std::size_t>((std::size_t{1} << 25) / table, 1, repetitions);

  scheme_report scheme{.name = std::string(name), .layer_mean_s = {}, .plan = {}};
  scheme.layer_mean_s.assign(static_cast<std::size_t>(model.layers), 0);
  std::vector<double> means_s, token_s;
  for (std::size_t first = 0; first < repetitions; first += batch) {
    const auto part = [&](std::size_t r) {
      return static_cast<double>(r) / static_cast<double>(repetitions);
    };
    const run_options batch_run =
        detail::part_of(run, part(first), part(std::min(first + batch, repetitions)));
    std::vector<placement> plans;
    for (std::size_t r = first; r < std::min(first + batch, repetitions); ++r) {
      outcome<placement> plan =
          planner.plan(net, model, router,
                       {.seed = random_stream::derive_seed(options.seed, "scheme", r),
                        .experts_per_satellite = options.evaluate.experts_per_satellite},
                       Planner::is_random ? run_options{.threads = run.threads}
                                          : detail::part_of(batch_run, 0, 0.5));
      if (!plan.feasible()) return infeasible{std::string(name) + ": " + plan.reason()};
      plans.push_back(std::move(plan).value());
    }
    if (first == 0) scheme.plan = plans.front();

    const run_options evaluate_run = detail::part_of(batch_run, Planner::is_random ? 0 : 0.5, 1);
    for (const latency_report& report :
         evaluate<DelayRouter>(net, model, router, std::span<const placement>(plans),
                               options.evaluate, evaluate_run)) {
      scheme.unreachable_fraction += report.unreachable_fraction / static_cast<double>(repetitions);
      if (report.unreachable_fraction == 1) continue;
      means_s.push_back(report.mean_s);
      token_s.insert(token_s.end(), report.token_s.begin(), report.token_s.end());
      for (std::size_t l = 0; l < scheme.layer_mean_s.size(); ++l)
        scheme.layer_mean_s[l] += report.layer_mean_s[l];
    }
  }
  if (means_s.empty())
    return infeasible{std::string(name) + ": no slot of " + std::to_string(net.slots()) +
                      " has every route that the model uses"};

  const auto n = static_cast<double>(means_s.size());
  for (double& layer : scheme.layer_mean_s) layer /= n;
  for (const double mean_s : means_s) scheme.mean_s += mean_s;
  scheme.mean_s /= n;
  double squares = 0;
  for (const double mean_s : means_s)
    squares += (mean_s - scheme.mean_s) * (mean_s - scheme.mean_s);
  if (n > 1)
    scheme.stderr_s = std::sqrt(squares / (n - 1) / n);
  else if constexpr (Planner::is_random)
    scheme.stderr_s = std::numeric_limits<double>::infinity();
  std::sort(token_s.begin(), token_s.end());
  scheme.p50_s = quantile(token_s, 0.50);
  scheme.p95_s = quantile(token_s, 0.95);
  scheme.p99_s = quantile(token_s, 0.99);
  return scheme;
}

/// Names of the schemes of the published table, in its order.
inline constexpr std::array<std::string_view, 4> scheme_names{"space-xnet", "rand-intra-cg",
                                                              "rand-intra", "rand-place"};

/// Calls visit(planner) with the scheme of that name: one of scheme_names, space-xnet-ring-optimal
/// or layout-search.
/// @throws invalid_input  there is none.
template<typename Visit>
decltype(auto) visit_scheme(std::string_view name, Visit&& visit,
                            const layout_options& search = {}) {
  if (name == "space-xnet") return visit(space_xnet{});
  if (name == "rand-intra-cg") return visit(rand_intra_cg{});
  if (name == "rand-intra") return visit(rand_intra{});
  if (name == "rand-place") return visit(rand_place{});
  if (name == "space-xnet-ring-optimal") return visit(space_xnet_ring_optimal{});
  if (name == "layout-search") return visit(layout_search<>{search});
  throw invalid_input::value("schemes", detail::shown(name),
                             "space-xnet, rand-intra-cg, rand-intra, rand-place, "
                             "space-xnet-ring-optimal, layout-search");
}

}  // namespace orbitmoe
