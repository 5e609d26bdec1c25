#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/search/layout_search.hpp>
#include <orbitmoe/search/lower_bound.hpp>
#include <orbitmoe/search/optimal_layout.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/plans.hpp"
#include "support/skies.hpp"

namespace search_lower_bound_test {
namespace {

using namespace orbitmoe;
using test::approx;

// It takes off a millionth for rounding.
constexpr double rounding = 2e-6;

TEST_CASE("lower_bound_s: the least mean itself for one layer in one slot") {
  int searched = 0;
  for (std::uint64_t seed = 0; seed < 400 && searched < 60; ++seed) {
    const timeline net = test::random_network(seed);
    const moe_model model{.layers = 1, .experts = 2, .top_k = 1 + static_cast<int>(seed % 2)};
    if (net.slots() != 1 || net.size() < 3 || net.size() > 8) continue;
    CAPTURE(seed);
    const successive router(activation_profile::skewed(model, seed), model);
    const double least_s = test::least_mean_s(net, model, router, 0);
    const double bound_s = lower_bound_s(net, model, router);
    if (least_s == test::infinity)
      CHECK(bound_s == test::infinity);
    else
      CHECK(bound_s == approx(least_s).epsilon(rounding));
    ++searched;
  }
  CHECK(searched == 60);
}

template<typename Router>
double mean_s(const timeline& net, const moe_model& model, const Router& router,
              const placement& plan, int capacity = 1) {
  return evaluate(net, model, router, plan,
                  {.tokens_per_slot = 0, .experts_per_satellite = capacity})
      .mean_s;
}

// Checks the bound against the best of all plans. Returns whether there is one.
template<typename Router>
bool check_bound(const timeline& net, const moe_model& model, const Router& router,
                 double unreachable_fraction = 0) {
  REQUIRE(model.expert_flops == 0);  // which would hide differences
  const auto best =
      optimal_layout(net, model, router, {.unreachable_fraction = unreachable_fraction});
  if (!best.feasible()) return false;
  const double least_s = mean_s(net, model, router, best);
  double before_s = 0;
  for (const int rounds : {0, 10, 50}) {
    CAPTURE(rounds, unreachable_fraction);
    const double bound_s = lower_bound_s(
        net, model, router, {.unreachable_fraction = unreachable_fraction, .rounds = rounds});
    CHECK(bound_s <= least_s);
    CHECK(bound_s > 0);
    CHECK(bound_s >= before_s * (1 - 1e-9));
    before_s = bound_s;
    if (model.layers == 1 && net.slots() == 1) CHECK(bound_s == approx(least_s).epsilon(rounding));
  }
  return true;
}

TEST_CASE("lower_bound_s: below the best of all plans on random networks") {
  static constexpr struct {
    int layers, experts;
    std::size_t most_satellites;
  } shapes[] = {{1, 3, 10}, {2, 1, 10}, {2, 2, 9}, {2, 3, 8}, {3, 1, 9}, {3, 2, 9}, {4, 1, 8}};
  for (const auto& [layers, experts, most_satellites] : shapes) {
    int tried = 0;
    for (std::uint64_t seed = 0; seed < 5000 && tried < 8; ++seed) {
      const timeline net = test::random_network(seed);
      if (net.size() < static_cast<std::size_t>(layers * (experts + 1)) ||
          net.size() > most_satellites)
        continue;
      const moe_model model{.layers = layers,
                            .experts = experts,
                            .top_k = 1 + static_cast<int>(seed % 2) * (experts > 1 ? 1 : 0),
                            .expert_flops = 0};
      CAPTURE(seed, layers, experts, model.top_k);
      const auto activation = activation_profile::zipf(model, 0.8, seed);
      if (seed % 3 == 0)
        tried += check_bound(net, model, conditional_poisson(activation, model)) ? 1 : 0;
      else
        tried += check_bound(net, model, successive(activation, model)) ? 1 : 0;
    }
    CAPTURE(layers, experts);
    CHECK(tried == 8);
  }
}

TEST_CASE("lower_bound_s: below the best of all plans under outages") {
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    for (const int layers : {1, 2, 3}) {
      CAPTURE(seed, layers);
      const timeline net = test::high_net(
          3, 3, {.slots = 24, .survival_probability = 0.85 + 0.01 * double(seed), .seed = seed});
      const moe_model model{.layers = layers,
                            .experts = layers == 3 ? 1 : 2,
                            .top_k = layers == 3 ? 1 : 1 + static_cast<int>(seed % 2),
                            .expert_flops = 0};
      const successive router(activation_profile::zipf(model, 1, seed), model);
      for (const double share : {0.0, 0.05})
        tried += check_bound(net, model, router, share) ? 1 : 0;
    }
  CHECK(tried > 10);
}

TEST_CASE("lower_bound_s: a share of few slots is none") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  for (const int slots : {1, 3, 19}) {
    CAPTURE(slots);
    const timeline net = test::high_net(3, 4, {.slots = slots, .survival_probability = 0.9});
    CHECK(lower_bound_s(net, model, router, {.unreachable_fraction = 0.05, .rounds = 5}) ==
          lower_bound_s(net, model, router, {.rounds = 5}));
  }
}

// Every plan in which a satellite hosts at most so many experts of any layers.
std::vector<placement> every_shared_plan(std::size_t satellites, const moe_model& model,
                                         int capacity) {
  std::vector<placement> plans;
  placement plan;
  std::vector<int> room(satellites, capacity);
  const auto layers = static_cast<std::size_t>(model.layers);
  const auto experts = static_cast<std::size_t>(model.experts);
  const std::function<void()> extend = [&] {
    const bool gateways = plan.gateways.size() < layers;
    if (!gateways && plan.experts.back().size() == experts) {
      if (plan.experts.size() == layers) {
        plans.push_back(plan);
        return;
      }
      plan.experts.emplace_back();
      extend();
      plan.experts.pop_back();
      return;
    }
    const int needed = gateways ? capacity : 1;
    for (satellite_id id = 0; id < satellites; ++id) {
      if (room[id] < needed) continue;
      room[id] -= needed;
      auto& chosen = gateways ? plan.gateways : plan.experts.back();
      chosen.push_back(id);
      if (gateways && plan.gateways.size() == layers) plan.experts.emplace_back();
      extend();
      if (gateways && plan.gateways.size() == layers) plan.experts.pop_back();
      (gateways ? plan.gateways : plan.experts.back()).pop_back();
      room[id] += needed;
    }
  };
  extend();
  return plans;
}

TEST_CASE("lower_bound_s: below all plans whose experts may share a satellite") {
  static constexpr struct {
    int layers, experts, capacity;
    std::size_t most_satellites;
  } shapes[] = {{1, 3, 2, 6}, {2, 1, 2, 6}, {2, 2, 2, 5}, {2, 2, 3, 4}, {3, 1, 2, 6}, {3, 1, 3, 5}};
  for (const auto& [layers, experts, capacity, most_satellites] : shapes) {
    int tried = 0;
    for (std::uint64_t seed = 0; seed < 5000 && tried < 6; ++seed) {
      const timeline net = test::random_network(seed);
      if (net.size() < most_satellites - 1 || net.size() > most_satellites) continue;
      const moe_model model{.layers = layers,
                            .experts = experts,
                            .top_k = 1 + static_cast<int>(seed % 2) * (experts > 1 ? 1 : 0),
                            .expert_flops = 0};
      const successive router(activation_profile::zipf(model, 1, seed), model);
      const auto plans = every_shared_plan(net.size(), model, capacity);
      double least_s = test::infinity;
      for (const latency_report& report :
           evaluate(net, model, router, std::span(plans),
                    {.tokens_per_slot = 0, .experts_per_satellite = capacity}))
        if (report.unreachable_fraction == 0) least_s = std::min(least_s, report.mean_s);
      if (least_s == test::infinity) continue;
      ++tried;
      CAPTURE(seed, layers, experts, capacity, model.top_k);
      for (const int rounds : {0, 50}) {
        const double bound_s = lower_bound_s(net, model, router,
                                             {.experts_per_satellite = capacity, .rounds = rounds});
        CHECK(bound_s <= least_s);
        if (layers == 1 && net.slots() == 1) CHECK(bound_s == approx(least_s).epsilon(rounding));
      }
    }
    CAPTURE(layers, experts, capacity);
    CHECK(tried == 6);
  }
}

TEST_CASE("lower_bound_s: below what the search finds where experts share a satellite") {
  const timeline net = test::high_net(6, 7, {.slots = 4, .survival_probability = 0.97});
  const moe_model model{.layers = 4, .experts = 5, .top_k = 2, .expert_flops = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  double before_s = test::infinity;
  for (const int capacity : {1, 2, 5}) {
    CAPTURE(capacity);
    const placement found = layout_search<>{{.moves = 30'000}}.plan(
        net, model, router, {.experts_per_satellite = capacity});
    const double bound_s =
        lower_bound_s(net, model, router, {.experts_per_satellite = capacity, .rounds = 60});
    const double found_s = mean_s(net, model, router, found, capacity);
    CHECK(bound_s <= found_s);
    CHECK(bound_s > 0.5 * found_s);
    CHECK(bound_s < before_s);
    before_s = bound_s;
  }
}

TEST_CASE("lower_bound_s: layers of several kinds and experts without weight") {
  const timeline net = test::high_net(4, 4, {.slots = 2, .survival_probability = 1});
  const moe_model model{.layers = 2, .experts = 4, .top_k = 2, .expert_flops = 0};
  const auto bound_s = [&](const matrix& weights, int rounds) {
    return lower_bound_s(net, model, successive(activation_profile(weights), model),
                         {.rounds = rounds});
  };
  const matrix same{{4, 3, 2, 1}, {4, 3, 2, 1}}, permuted{{4, 3, 2, 1}, {1, 3, 4, 2}};
  const matrix flat{{4, 3, 2, 1}, {1, 1, 1, 1}}, few{{4, 0, 2, 0}, {0, 3, 0, 1}};
  CHECK(bound_s(same, 30) == approx(bound_s(permuted, 30)).epsilon(1e-9));
  CHECK(bound_s(same, 0) <= bound_s(flat, 0) * (1 + 1e-9));
  CHECK(bound_s(few, 0) < bound_s(same, 0));
  for (const matrix& weights : {same, permuted, flat, few}) {
    const successive router(activation_profile(weights), model);
    const placement found = layout_search<>{{.moves = 20'000}}.plan(net, model, router);
    CHECK(bound_s(weights, 0) <= bound_s(weights, 50) * (1 + 1e-9));
    CHECK(bound_s(weights, 50) <= mean_s(net, model, router, found));
  }
  // An expert without weight may be where nobody gets.
  matrix rays = make_matrix(1, 4, 0.5);
  rays.rightCols(2).setConstant(test::infinity);
  const moe_model one{.layers = 1, .experts = 4, .top_k = 1, .expert_flops = 0};
  CHECK(lower_bound_s(test::star(rays), one,
                      successive(activation_profile(matrix{{0, 1, 0, 1}}), one)) ==
        approx(1).epsilon(rounding));
  CHECK(lower_bound_s(test::star(rays), one,
                      successive(activation_profile(matrix{{0, 1, 1, 1}}), one)) == test::infinity);
}

TEST_CASE("lower_bound_s: infinity where nothing is reached") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline dark = test::high_net(3, 4, {.slots = 40, .survival_probability = 0});
  CHECK(lower_bound_s(dark, model, router) == test::infinity);
  CHECK(lower_bound_s(dark, model, router, {.unreachable_fraction = 0.05, .rounds = 0}) ==
        test::infinity);
  // As much as nothing is not infinity.
  const moe_model small{.layers = 2, .experts = 2, .top_k = 1, .expert_flops = 0, .token_bytes = 0};
  CHECK(lower_bound_s(test::star(make_matrix(1, 9, 1e-60)), small,
                      successive(activation_profile::uniform(small), small)) < 1e-30);
}

TEST_CASE("lower_bound_s: holds for plans that lack routes in some slots") {
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  int some = 0;
  for (std::uint64_t seed = 1; seed < 12; seed += 2) {
    CAPTURE(seed);
    const timeline net = test::high_net(
        2, 3, {.slots = 40, .survival_probability = 0.8 + 0.015 * double(seed), .seed = seed});
    for (const double share : {0.0, 0.025, 0.05}) {
      const double least_s = test::least_mean_s(net, model, router, share);
      const double bound_s = lower_bound_s(net, model, router, {.unreachable_fraction = share});
      CHECK(bound_s <= least_s);
      some += least_s < test::infinity;
    }
  }
  CHECK(some > 3);
}

TEST_CASE("lower_bound_s: a good share of what the search finds") {
  const timeline net = test::high_net(12, 12, {.slots = 6, .survival_probability = 1});
  const moe_model model{.layers = 6, .experts = 5, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement found = layout_search<>{{.moves = 100'000}}.plan(net, model, router);
  const double found_s = mean_s(net, model, router, found);
  const double bound_s = lower_bound_s(net, model, router);
  CHECK(bound_s < found_s);
  CHECK(bound_s > 0.85 * found_s);
  // Prices are what makes it good.
  const double first_s = lower_bound_s(net, model, router, {.rounds = 0});
  CHECK(first_s < 0.95 * bound_s);
  // The same bits for any number of threads; compute time comes on top.
  const lower_bound_options few{.rounds = 10};
  const double few_s = lower_bound_s(net, model, router, few);
  CHECK(few_s >= first_s * (1 - 1e-12));
  CHECK(lower_bound_s(net, model, router, few, {.threads = 3}) == few_s);
  const double compute_s = 6 * model.expert_flops / 7.28e9;
  const double gateway_s = 6 * model.gateway_flops / 7.28e9;
  CHECK(lower_bound_s(net, model, router, {.flops_per_s = 1e24, .rounds = 10}) ==
        approx(few_s - compute_s).epsilon(rounding));
  CHECK(lower_bound_s(net, model, router, {.count_gateway = true, .rounds = 10}) ==
        approx(few_s + gateway_s).epsilon(rounding));
}

TEST_CASE("lower_bound_s: what it does not take") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline few{5, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(lower_bound_s(few, model, router), "satellites: found 5");
  CHECK(lower_bound_s(few, model, router, {.experts_per_satellite = 2}) == test::infinity);
  const timeline many{16'385, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(lower_bound_s(many, model, router), "satellites: found 16385");
  const timeline net = test::high_net(4, 4);
  CHECK_INVALID(lower_bound_s(net, model, router, {.unreachable_fraction = 0.06}),
                "unreachable_fraction");
  CHECK_INVALID(lower_bound_s(net, model, router, {.flops_per_s = 0}), "flops_per_s");
  CHECK_INVALID(lower_bound_s(net, model, router, {.experts_per_satellite = 0}),
                "experts_per_satellite: found 0");
  CHECK_INVALID(lower_bound_s(net, model, router, {.rounds = -1}), "rounds: found -1");
  CHECK_INVALID(lower_bound_s(net, model, router, {.rounds = 1'000'001}), "rounds");
  CHECK_INVALID(lower_bound_s(net, model, router, {}, {.threads = -1}), "threads");
  const moe_model other{.layers = 3, .experts = 4, .top_k = 1};
  CHECK_INVALID(lower_bound_s(net, other, router), "activation");
  const moe_model both{.layers = 2, .experts = 4, .top_k = 2};
  CHECK_INVALID(lower_bound_s(net, both, router), "router.top_k: found 1");
}

TEST_CASE("lower_bound_s: progress rises to 1 and its exception reaches the caller") {
  const timeline net = test::high_net(4, 5, {.slots = 2});
  const moe_model model{.layers = 3, .experts = 3, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  std::vector<double> fractions;
  (void)lower_bound_s(net, model, router, {.rounds = 10},
                      {.progress = [&](double fraction) { fractions.push_back(fraction); }});
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(lower_bound_s(net, model, router, {}, {.progress = cancel}), "enough");
}

}  // namespace
}  // namespace search_lower_bound_test
