#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/search/layout_search.hpp>
#include <orbitmoe/search/lower_bound.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

using namespace orbitmoe;
using test::approx;

namespace {

// Every plan there is, one post after the other: gateways first, then experts layer by layer.
std::vector<placement> every_plan(std::size_t satellites, std::size_t layers, std::size_t experts) {
  std::vector<placement> plans;
  std::vector<satellite_id> chosen;
  const std::function<void()> extend = [&] {
    if (chosen.size() == layers * (experts + 1)) {
      placement plan{{chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(layers)}, {}};
      for (std::size_t l = 0; l < layers; ++l) {
        const auto first = chosen.begin() + static_cast<std::ptrdiff_t>(layers + l * experts);
        plan.experts.emplace_back(first, first + static_cast<std::ptrdiff_t>(experts));
      }
      plans.push_back(std::move(plan));
      return;
    }
    for (satellite_id id = 0; id < satellites; ++id)
      if (std::ranges::find(chosen, id) == chosen.end()) {
        chosen.push_back(id);
        extend();
        chosen.pop_back();
      }
  };
  extend();
  return plans;
}

// The least mean of all plans that lack routes in at most a share of the slots; infinity: none.
template<typename Router>
double least_mean_s(const timeline& net, const moe_model& model, const Router& router,
                    double unreachable_fraction) {
  const auto plans = every_plan(net.size(), static_cast<std::size_t>(model.layers),
                                static_cast<std::size_t>(model.experts));
  double least_s = test::infinity;
  for (const latency_report& report :
       evaluate(net, model, router, std::span<const placement>(plans), {.tokens_per_slot = 0}))
    if (report.unreachable_fraction <= unreachable_fraction + 1e-9)
      least_s = std::min(least_s, report.mean_s);
  return least_s;
}

TEST_CASE("least_means: the mean of all but the largest") {
  random_stream random(1, "test");
  for (int repetition = 0; repetition < 200; ++repetition) {
    const std::size_t drop = random.uniform_index(4), count = drop + 1 + random.uniform_index(9);
    detail::least_means means(3, drop);
    std::vector<double> values(count);
    for (double& value : values) {
      value = random.uniform_01() < 0.2 ? test::infinity : random.uniform_01();
      means.add(1, value);
    }
    std::ranges::sort(values);
    const double sum =
        std::accumulate(values.begin(), values.end() - static_cast<std::ptrdiff_t>(drop), 0.0);
    CHECK(means.mean(1, count) == approx(sum / static_cast<double>(count - drop)));
    CHECK(means.mean(0, count) == 0);
  }
}

TEST_CASE("lower_bound_s: the least mean itself for one layer in one slot") {
  int searched = 0;
  for (std::uint64_t seed = 0; seed < 400 && searched < 60; ++seed) {
    const timeline net = test::random_network(seed);
    const moe_model model{.layers = 1, .experts = 2, .top_k = 1 + static_cast<int>(seed % 2)};
    if (net.slots() != 1 || net.size() < 3 || net.size() > 8) continue;
    CAPTURE(seed);
    const successive router(activation_profile::skewed(model, seed), model);
    const double least_s = least_mean_s(net, model, router, 0);
    const double bound_s = lower_bound_s(net, model, router);
    if (least_s == test::infinity)
      CHECK(bound_s == test::infinity);
    else
      CHECK(bound_s == approx(least_s));
    ++searched;
  }
  CHECK(searched == 60);
}

TEST_CASE("lower_bound_s: below every plan of two layers and what the search finds") {
  int searched = 0;
  for (std::uint64_t seed = 0; seed < 600 && searched < 60; ++seed) {
    const timeline net = test::random_network(seed);
    if (net.size() < 4 || net.size() > 7) continue;
    const moe_model model{.layers = 2, .experts = 1, .top_k = 1};
    const conditional_poisson router(activation_profile::skewed(model, seed), model);
    const double least_s = least_mean_s(net, model, router, 0);
    if (least_s == test::infinity) continue;
    CAPTURE(seed);
    ++searched;
    CHECK(lower_bound_s(net, model, router) <= least_s * (1 + 1e-12));
    const placement found = layout_search<>{{.moves = 2000}}.plan(net, model, router);
    const latency_report report = evaluate(net, model, router, found, {.tokens_per_slot = 0});
    if (report.unreachable_fraction == 0)
      CHECK(report.mean_s >= lower_bound_s(net, model, router) * (1 - 1e-12));
  }
  CHECK(searched == 60);
}

TEST_CASE("lower_bound_s: holds for plans that lack routes in some slots") {
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  int some = 0;
  for (std::uint64_t seed = 1; seed < 12; ++seed) {
    CAPTURE(seed);
    const timeline net = test::high_net(
        2, 3, {.slots = 40, .survival_probability = 0.8 + 0.015 * double(seed), .seed = seed});
    for (const double share : {0.0, 0.025, 0.05}) {
      const double least_s = least_mean_s(net, model, router, share);
      const double bound_s = lower_bound_s(net, model, router, {.unreachable_fraction = share});
      CHECK(bound_s <= least_s * (1 + 1e-12));
      some += least_s < test::infinity;
    }
  }
  CHECK(some > 5);
}

TEST_CASE("lower_bound_s: a good share of what the search finds") {
  const timeline net = test::high_net(12, 12, {.slots = 6, .survival_probability = 1});
  const moe_model model{.layers = 6, .experts = 5, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement found = layout_search<>{{.moves = 100'000}}.plan(net, model, router);
  const double mean_s = evaluate(net, model, router, found, {.tokens_per_slot = 0}).mean_s;
  const double bound_s = lower_bound_s(net, model, router);
  CHECK(bound_s < mean_s);
  CHECK(bound_s > 0.7 * mean_s);
  CHECK(lower_bound_s(net, model, router, {}, {.threads = 3}) == bound_s);
  // Compute time comes on top.
  CHECK(lower_bound_s(net, model, router, {.flops_per_s = 1e24}) ==
        approx(bound_s - 6 * model.expert_flops / 7.28e9).epsilon(1e-9));
}

TEST_CASE("lower_bound_s: what it does not take") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline few{5, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(lower_bound_s(few, model, router), "satellites: found 5");
  const timeline many{5000, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(lower_bound_s(many, model, router), "satellites: found 5000");
  const timeline net = test::high_net(4, 4);
  CHECK_INVALID(lower_bound_s(net, model, router, {.unreachable_fraction = 0.06}),
                "unreachable_fraction");
  CHECK_INVALID(lower_bound_s(net, model, router, {.flops_per_s = 0}), "flops_per_s");
}

}  // namespace
