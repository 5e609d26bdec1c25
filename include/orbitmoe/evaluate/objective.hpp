#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/latency.hpp>

namespace orbitmoe {

/// What makes a plan good: one number from the latencies of all its outcomes, the lower the better.
///
/// | expression       | returns  | meaning                                                       |
/// |------------------|----------|---------------------------------------------------------------|
/// | o(outcomes_s)    | double   | value of finite latencies [s], one or more; may reorder them  |
/// | O::over_tokens   | bool     | outcomes are sampled tokens, or else exact means of slots     |
///
/// Semantics (not checkable): pure; adding the same to all outcomes adds it to the value; no lower
/// where an outcome is higher.
///
/// Which one when:
/// - mean_latency      the default: exact, no samples
/// - latency_quantile  what a share of the tokens stays below: p99
/// - tail_mean         mean of the slowest tokens: conditional value at risk (CVaR)
template<typename O>
concept latency_objective = std::copyable<O> && requires(const O o, std::span<double> outcomes_s) {
  { o(outcomes_s) } -> std::convertible_to<double>;
  { O::over_tokens } -> std::convertible_to<bool>;
};

/// Mean token latency.
struct mean_latency {
  static constexpr bool over_tokens = false;
  bool operator==(const mean_latency&) const = default;

  /// O(outcomes).
  double operator()(std::span<double> outcomes_s) const {
    return std::accumulate(outcomes_s.begin(), outcomes_s.end(), 0.0) /
           static_cast<double>(outcomes_s.size());
  }
};
static_assert(latency_objective<mean_latency>);

/// Latency that a share q of the tokens stays below, over slots and draws. @see quantile.
struct latency_quantile {
  static constexpr bool over_tokens = true;
  double q = 0.99;  ///< 0 to 1
  bool operator==(const latency_quantile&) const = default;

  /// O(outcomes).
  /// @throws invalid_input  q is outside its range.
  double operator()(std::span<double> outcomes_s) const {
    detail::require_between("q", q, 0.0, 1.0);
    const auto below = static_cast<std::ptrdiff_t>(q * static_cast<double>(outcomes_s.size() - 1));
    const auto at = outcomes_s.begin() + below;
    std::nth_element(outcomes_s.begin(), at, outcomes_s.end());
    const double place = q * static_cast<double>(outcomes_s.size() - 1);
    const double above_s =
        at + 1 < outcomes_s.end() ? *std::min_element(at + 1, outcomes_s.end()) : *at;
    return *at + (place - std::floor(place)) * (above_s - *at);
  }
};
static_assert(latency_objective<latency_quantile>);

/// Mean of the slowest tokens, a share 1 − q of them, over slots and draws: conditional value at
/// risk. The token on the border counts in part.
///
/// @see  Rockafellar and Uryasev, "Optimization of conditional value-at-risk", J. Risk 2 (2000).
struct tail_mean {
  static constexpr bool over_tokens = true;
  double q = 0.99;  ///< 0 (all tokens) up to 1 (only the slowest)
  bool operator==(const tail_mean&) const = default;

  /// O(outcomes).
  /// @throws invalid_input  q is outside its range.
  double operator()(std::span<double> outcomes_s) const {
    detail::require_between("q", q, 0.0, 1.0);
    const double share = std::max((1 - q) * static_cast<double>(outcomes_s.size()), 1e-9);
    const auto whole = std::min(static_cast<std::ptrdiff_t>(share),
                                static_cast<std::ptrdiff_t>(outcomes_s.size()));
    const auto border = outcomes_s.end() - whole;  // the slowest are from here on
    if (whole > 0) std::nth_element(outcomes_s.begin(), border, outcomes_s.end());
    double sum_s = std::accumulate(border, outcomes_s.end(), 0.0);
    if (const double part = share - static_cast<double>(whole);
        part > 0 && border > outcomes_s.begin())
      sum_s += part * *std::max_element(outcomes_s.begin(), border);
    return sum_s / share;
  }
};
static_assert(latency_objective<tail_mean>);

/// Value of a plan that has been evaluated [s]; infinity where it has no outcome: no slot has every
/// route, or tokens are asked for and none were sampled.
template<latency_objective Objective>
[[nodiscard]] double value_s(const Objective& objective, const latency_report& report) {
  std::vector<double> outcomes_s = Objective::over_tokens ? report.token_s : report.slot_mean_s;
  std::erase(outcomes_s, std::numeric_limits<double>::infinity());
  return outcomes_s.empty() ? std::numeric_limits<double>::infinity()
                            : objective(std::span(outcomes_s));
}

}  // namespace orbitmoe
