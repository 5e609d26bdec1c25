#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/evaluate/objective.hpp>
#include <orbitmoe/model/successive.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace evaluate_objective_test {
namespace {

using namespace orbitmoe;
using test::approx;

template<typename Objective>
double value_of(const Objective& objective, std::vector<double> outcomes_s) {
  return objective(std::span(outcomes_s));
}

std::vector<double> sorted(std::vector<double> outcomes_s) {
  std::ranges::sort(outcomes_s);
  return outcomes_s;
}

// The least over t of t + E[max(x − t, 0)] / (1 − q), which is found at one of the outcomes.
double rockafellar_uryasev_s(const std::vector<double>& outcomes_s, double q) {
  double least_s = test::infinity;
  for (const double t : outcomes_s) {
    double over_s = 0;
    for (const double x : outcomes_s) over_s += std::max(x - t, 0.0);
    least_s = std::min(least_s, t + over_s / ((1 - q) * static_cast<double>(outcomes_s.size())));
  }
  return least_s;
}

// Random numbers of a random count, often with ties.
std::vector<double> random_outcomes(random_stream& random) {
  const bool ties = random.uniform_01() < 0.5;
  std::vector<double> outcomes_s(1 + random.uniform_index(150));
  for (double& outcome_s : outcomes_s)
    outcome_s = ties ? double(1 + random.uniform_index(4)) : 10 * random.uniform_01();
  return outcomes_s;
}

TEST_CASE("objectives: random outcomes against a plain sort") {
  random_stream random(1, "test");
  for (int n = 0; n < 400; ++n) {
    const std::vector<double> outcomes_s = random_outcomes(random);
    const std::vector<double> in_order_s = sorted(outcomes_s);
    const double mean_s = std::accumulate(outcomes_s.begin(), outcomes_s.end(), 0.0) /
                          static_cast<double>(outcomes_s.size());
    CAPTURE(n, outcomes_s.size());
    CHECK(value_of(mean_latency{}, outcomes_s) == approx(mean_s));
    for (const double q : {0.0, 0.1, 0.5, 0.9, 0.99, random.uniform_01(), 1.0}) {
      CAPTURE(q);
      CHECK(value_of(latency_quantile{q}, outcomes_s) == quantile(in_order_s, q));
      if (q < 1)
        CHECK(value_of(tail_mean{q}, outcomes_s) ==
              approx(rockafellar_uryasev_s(outcomes_s, q)).epsilon(1e-9));
    }
    CHECK(value_of(latency_quantile{0}, outcomes_s) == in_order_s.front());
    CHECK(value_of(latency_quantile{1}, outcomes_s) == in_order_s.back());
    CHECK(value_of(tail_mean{0}, outcomes_s) == approx(mean_s));
    CHECK(value_of(tail_mean{1}, outcomes_s) == approx(in_order_s.back()));
  }
}

TEST_CASE("objectives: by hand") {
  const std::vector<double> outcomes_s{4, 1, 3, 2};
  CHECK(value_of(mean_latency{}, outcomes_s) == 2.5);
  CHECK(value_of(latency_quantile{0.5}, outcomes_s) == 2.5);
  CHECK(value_of(latency_quantile{0.25}, outcomes_s) == 1.75);
  CHECK(value_of(tail_mean{0.5}, outcomes_s) == 3.5);
  // 2.5 of 4 outcomes: the border counts in half.
  CHECK(value_of(tail_mean{0.375}, outcomes_s) == approx((4 + 3 + 0.5 * 2) / 2.5));
  // Less than one outcome is the slowest.
  CHECK(value_of(tail_mean{0.9}, outcomes_s) == approx(4));
  for (const double q : {0.0, 0.3, 1.0}) {
    CHECK(value_of(latency_quantile{q}, {7}) == 7);
    CHECK(value_of(tail_mean{q}, {7}) == approx(7));
  }
}

template<latency_objective Objective>
void check_semantics(const Objective& objective) {
  random_stream random(2, "test");
  for (int n = 0; n < 100; ++n) {
    std::vector<double> outcomes_s = random_outcomes(random);
    const double before_s = value_of(objective, outcomes_s);
    CHECK(value_of(objective, sorted(outcomes_s)) == approx(before_s));
    std::vector<double> later_s = outcomes_s;
    for (double& outcome_s : later_s) outcome_s += 3;
    CHECK(value_of(objective, later_s) == approx(before_s + 3));
    outcomes_s[random.uniform_index(outcomes_s.size())] += 5;
    CHECK(value_of(objective, outcomes_s) >= before_s * (1 - 1e-12));
  }
}

TEST_CASE("objectives: adding to all outcomes adds to the value and a higher one never lowers it") {
  check_semantics(mean_latency{});
  for (const double q : {0.0, 0.5, 0.99, 1.0}) {
    check_semantics(latency_quantile{q});
    check_semantics(tail_mean{q});
  }
}

TEST_CASE("objectives: a share is from 0 to 1") {
  for (const double q : {-0.01, 1.01, std::nan("")}) {
    CHECK_INVALID(value_of(latency_quantile{q}, {1, 2}), "q: found");
    CHECK_INVALID(value_of(tail_mean{q}, {1, 2}), "q: found");
  }
}

TEST_CASE("value_s: slots without every route do not count and nothing is infinity") {
  latency_report report;
  CHECK(value_s(mean_latency{}, report) == test::infinity);
  CHECK(value_s(tail_mean{}, report) == test::infinity);
  report.slot_mean_s = {test::infinity, test::infinity};
  CHECK(value_s(mean_latency{}, report) == test::infinity);
  report.slot_mean_s = {3, test::infinity, 5};
  CHECK(value_s(mean_latency{}, report) == 4);
  // Slots, but no tokens.
  CHECK(value_s(latency_quantile{}, report) == test::infinity);
  report.token_s = {4, 2, 9, 3};
  const latency_report copy = report;
  CHECK(value_s(latency_quantile{1}, report) == 9);
  CHECK(value_s(tail_mean{0.5}, report) == 6.5);
  CHECK(report == copy);
}

TEST_CASE("value_s: of plans that have been evaluated") {
  const timeline net = test::high_net(4, 5, {.slots = 20, .survival_probability = 0.7});
  const moe_model model{.layers = 2, .experts = 3, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  random_stream random(3, "test");
  int partly = 0;
  for (int n = 0; n < 20; ++n) {
    const latency_report report =
        evaluate(net, model, router, test::random_plan(random, net.size(), model));
    partly += report.unreachable_fraction > 0 && report.unreachable_fraction < 1 ? 1 : 0;
    CHECK(value_s(mean_latency{}, report) == approx(report.mean_s));
    const std::vector<double> tokens_s = sorted(report.token_s);
    for (const double q : {0.5, 0.99})
      CHECK(value_s(latency_quantile{q}, report) == quantile(tokens_s, q));
    if (!tokens_s.empty())
      CHECK(value_s(tail_mean{0.99}, report) >= tokens_s[tokens_s.size() * 99 / 100] * (1 - 1e-12));
  }
  CHECK(partly > 0);
}

}  // namespace
}  // namespace evaluate_objective_test
