#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/search/layout_search.hpp>
#include <orbitmoe/search/lower_bound.hpp>
#include <orbitmoe/search/optimal_layout.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/plans.hpp"
#include "support/skies.hpp"

namespace search_optimal_layout_test {
namespace {

using namespace orbitmoe;
using test::approx;

trace random_trace(random_stream& random, const moe_model& model) {
  token_trace tokens{
      static_cast<std::size_t>(model.layers), static_cast<std::size_t>(model.top_k), {}};
  for (int set = 0; set < 6 * model.layers; ++set) {
    std::vector<std::uint32_t> experts(static_cast<std::size_t>(model.experts));
    std::iota(experts.begin(), experts.end(), 0u);
    random.shuffle(experts);
    tokens.experts.insert(tokens.experts.end(), experts.begin(), experts.begin() + model.top_k);
  }
  return trace(tokens, model);
}

// The first of the plans that have the least mean but for rounding; nothing: none has a mean.
template<typename Router>
std::optional<placement> first_of_best(const timeline& net, const moe_model& model,
                                       const Router& router, double unreachable_fraction) {
  const auto plans = test::every_plan(net.size(), static_cast<std::size_t>(model.layers),
                                      static_cast<std::size_t>(model.experts));
  const auto reports =
      evaluate(net, model, router, std::span<const placement>(plans), {.tokens_per_slot = 0});
  const auto mean_s = [&](const latency_report& report) {
    return report.unreachable_fraction <= unreachable_fraction + 1e-9 ? report.mean_s
                                                                      : test::infinity;
  };
  const double least_s = mean_s(std::ranges::min(reports, {}, mean_s));
  if (least_s == test::infinity) return {};
  const auto first = std::ranges::find_if(reports, [&](const latency_report& report) {
    return mean_s(report) <= least_s * (1 + 1e-12);
  });
  return plans[static_cast<std::size_t>(first - reports.begin())];
}

template<typename Router>
bool check_optimal(const timeline& net, const moe_model& model, const Router& router,
                   double unreachable_fraction) {
  CAPTURE(unreachable_fraction);
  // Compute time would hide differences from a comparison relative to the whole.
  REQUIRE(model.expert_flops == 0);
  const auto best = first_of_best(net, model, router, unreachable_fraction);
  const auto found =
      optimal_layout(net, model, router, {.unreachable_fraction = unreachable_fraction});
  CHECK(found.feasible() == best.has_value());
  if (!best || !found.feasible()) return false;
  CAPTURE(found.value(), *best);
  const bool used_all = std::ranges::all_of(router.activation().weights().reshaped(),
                                            [](double weight) { return weight > 0; });
  if (used_all) CHECK(found.value() == *best);
  const auto mean_s = [&](const placement& plan) {
    return evaluate(net, model, router, plan, {.tokens_per_slot = 0}).mean_s;
  };
  CHECK(mean_s(found) == approx(mean_s(*best)));
  return true;
}

TEST_CASE("optimal_layout: the first of the best of all plans on random networks") {
  static constexpr struct {
    int layers, experts;
    std::size_t most_satellites;
  } shapes[] = {{1, 2, 7}, {1, 4, 6}, {2, 1, 7}, {2, 2, 7}, {3, 1, 7}};
  for (const auto& shape : shapes) {
    int feasible = 0;
    for (std::uint64_t seed = 0; feasible < 8; ++seed) {
      const timeline net = test::random_network(seed);
      if (net.size() < static_cast<std::size_t>(shape.layers * (shape.experts + 1)) ||
          net.size() > shape.most_satellites)
        continue;
      REQUIRE(seed < 5000);
      random_stream random(seed, "test");
      const moe_model model{.layers = shape.layers,
                            .experts = shape.experts,
                            .top_k = test::random_int(random, 1, shape.experts),
                            .expert_flops = 0};
      CAPTURE(seed, shape.layers, shape.experts, model.top_k);
      const activation_profile activation = activation_profile::zipf(model, 0.8, seed);
      const double share = 0.34 * test::random_int(random, 0, 3);
      const double allowed = std::min(share, 1.0);
      if (seed % 3 == 0)
        feasible += check_optimal(net, model, successive(activation, model), allowed);
      else if (seed % 3 == 1)
        feasible += check_optimal(net, model, conditional_poisson(activation, model), allowed);
      else
        feasible += check_optimal(net, model, random_trace(random, model), allowed);
    }
  }
}

TEST_CASE("optimal_layout: routes lacking in some of many slots") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  int feasible = 0;
  for (std::uint64_t seed = 1; seed < 4; ++seed)
    for (const double share : {0.0, 0.25, 0.5}) {
      CAPTURE(seed);
      const timeline net =
          test::high_net(2, 3, {.slots = 8, .survival_probability = 0.8, .seed = seed});
      feasible += check_optimal(net, model, router, share);
    }
  CHECK(feasible >= 3);
}

TEST_CASE("optimal_layout: experts that are never activated may be out of reach") {
  // Satellite 6 is never reached, so the expert without weight must be there.
  matrix rays = make_matrix(2, 6, 0.001);
  rays.col(5).setConstant(test::infinity);
  const timeline net = test::star(rays);
  const moe_model model{.layers = 1, .experts = 6, .top_k = 2, .expert_flops = 0};
  matrix weights(1, 6);
  weights << 1, 2, 0, 3, 1, 1;
  const successive router(activation_profile(weights), model);
  CHECK(optimal_layout(net, model, router).value() == placement{{0}, {{1, 2, 6, 3, 4, 5}}});
}

TEST_CASE("optimal_layout: by hand, the hub and the short rays") {
  // One slot. The gateway on the hub: twice the ray's delay to each expert, the heavy one first.
  matrix rays(1, 4);
  rays << 4, 1, 3, 2;
  const timeline net = test::star(rays);
  const moe_model model{.layers = 1, .experts = 2, .top_k = 1, .expert_flops = 0};
  matrix weights(1, 2);
  weights << 0.25, 0.75;
  const successive router(activation_profile(weights), model);
  const placement found = optimal_layout(net, model, router);
  CHECK(found == placement{{0}, {{4, 2}}});
  CHECK(evaluate(net, model, router, found).mean_s == approx(0.25 * 4 + 0.75 * 2));
}

TEST_CASE("optimal_layout: between the lower bound and what the search finds") {
  for (const int top_k : {1, 2}) {
    const timeline net = test::high_net(3, 4, {.slots = 4, .survival_probability = 0.97});
    const moe_model model{.layers = 3, .experts = 2, .top_k = top_k};
    const successive router(activation_profile::skewed(model, 1), model);
    const auto mean_s = [&](const placement& plan) {
      return evaluate(net, model, router, plan, {.tokens_per_slot = 0}).mean_s;
    };
    const double best_s = mean_s(optimal_layout(net, model, router));
    CHECK(lower_bound_s(net, model, router) <= best_s * (1 + 1e-12));
    const placement searched = layout_search<>{{.moves = 5000}}.plan(net, model, router);
    CHECK(best_s <= mean_s(searched) * (1 + 1e-12));
  }
}

TEST_CASE(
    "optimal_layout: 9 satellites and two layers of three experts, on any number of threads") {
  const timeline net = test::high_net(3, 3, {.slots = 4, .survival_probability = 0.9});
  const moe_model model{.layers = 2, .experts = 3, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const optimal_options options{.unreachable_fraction = 0.25};
  const placement found = optimal_layout(net, model, router, options);
  found.validate(net.size(), model);
  CHECK(optimal_layout(net, model, router, options, {.threads = 3}).value() == found);
  CHECK(optimal_layout<dijkstra_router>(net, model, router, options).value() == found);
  const latency_report best = evaluate(net, model, router, found, {.tokens_per_slot = 0});
  CHECK(best.unreachable_fraction <= 0.25);
  random_stream random(1, "test");
  for (int n = 0; n < 2000; ++n) {
    const latency_report other = evaluate(
        net, model, router, test::random_plan(random, net.size(), model), {.tokens_per_slot = 0});
    if (other.unreachable_fraction <= 0.25) CHECK(other.mean_s >= best.mean_s * (1 - 1e-12));
  }
}

TEST_CASE("optimal_layout: why there is no plan") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const auto reason = [&](const timeline& net, const optimal_options& options = {}) {
    return optimal_layout(net, model, router, options).reason();
  };
  CHECK(reason(test::high_net(1, 5)) == "the plan needs 6 satellites, and there are 5");
  const timeline dark = test::high_net(3, 3, {.slots = 4, .survival_probability = 0});
  CHECK(reason(dark) == "every plan lacks a route in more than 0 of 4 slots");
  CHECK(reason(dark, {.unreachable_fraction = 1}) ==
        "every plan lacks a route in more than 3 of 4 slots");
  const timeline net = test::high_net(3, 3);
  CHECK_THAT(reason(net, {.max_steps = 1000}),
             test::containing("to cost all single layers alone takes 6048"));
  CHECK(reason(net, {.max_steps = 6050}) ==
        "the best plan is not known after max_steps = 6050 steps");
  // From some number on, the work allowed changes nothing.
  const placement best = optimal_layout(net, model, router);
  int refused = 0;
  for (std::uint64_t steps = 6049; steps < 100'000'000; steps += steps / 8) {
    const auto found = optimal_layout(net, model, router, {.max_steps = steps});
    if (found.feasible()) {
      CHECK(found.value() == best);
      break;
    }
    ++refused;
  }
  CHECK(refused > 0);
}

TEST_CASE("optimal_layout: what it does not take") {
  const moe_model model{.layers = 1, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline net = test::high_net(2, 3);
  CHECK_INVALID(optimal_layout(net, model, router, {.unreachable_fraction = 1.5}),
                "unreachable_fraction: found 1.5");
  CHECK_INVALID(optimal_layout(net, model, router, {.unreachable_fraction = -0.1}),
                "unreachable_fraction");
  CHECK_INVALID(optimal_layout(net, model, router, {.max_steps = 0}), "max_steps");
  CHECK_INVALID(optimal_layout(net, model, router, {}, {.threads = -1}), "threads");
  CHECK_INVALID(optimal_layout(test::high_net(5, 13), model, router), "satellites: found 65");
  const moe_model other{.layers = 2, .experts = 2, .top_k = 1};
  CHECK_INVALID(optimal_layout(net, other, router), "activation");
  const moe_model both{.layers = 1, .experts = 2, .top_k = 2};
  CHECK_INVALID(optimal_layout(net, both, router), "router.top_k: found 1");
  const moe_model wide{.layers = 1, .experts = 10, .top_k = 1};
  CHECK_INVALID(optimal_layout(test::high_net(3, 4), wide,
                               successive(activation_profile::skewed(wide, 1), wide)),
                "activation[0]: found 10; allowed: at most 9");
}

TEST_CASE("optimal_layout: progress rises to 1, and its exception reaches the caller") {
  const timeline net = test::high_net(3, 3, {.slots = 2});
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  std::vector<double> fractions;
  (void)optimal_layout(net, model, router, {},
                       {.progress = [&](double fraction) { fractions.push_back(fraction); }});
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(optimal_layout(net, model, router, {}, {.progress = cancel}), "enough");
}

}  // namespace
}  // namespace search_optimal_layout_test
