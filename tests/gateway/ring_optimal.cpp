#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/gateway/ring_optimal.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/planner.hpp>

#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/skies.hpp"

namespace gateway_ring_optimal_test {
namespace {

using namespace orbitmoe;
using test::approx;

// Calls visit(indices) for every choice of one index below each of the counts.
template<typename Visit>
void for_each_choice(const std::vector<std::size_t>& counts, Visit&& visit) {
  std::vector<std::size_t> indices(counts.size(), 0);
  for (;;) {
    visit(indices);
    std::size_t i = 0;
    while (i < counts.size() && ++indices[i] == counts[i]) indices[i++] = 0;
    if (i == counts.size()) return;
  }
}

// A partition of some satellites into subnets of `size`, at random.
std::vector<subnet> random_subnets(random_stream& random, std::size_t satellites,
                                   std::size_t layers, std::size_t size) {
  std::vector<satellite_id> ids(satellites);
  std::iota(ids.begin(), ids.end(), satellite_id{0});
  random.shuffle(ids);
  std::vector<subnet> subnets;
  for (std::size_t l = 0; l < layers; ++l) {
    subnets.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(l * size),
                         ids.begin() + static_cast<std::ptrdiff_t>((l + 1) * size));
    std::ranges::sort(subnets.back());
  }
  return subnets;
}

TEST_CASE("cheapest_ring: random costs against every choice") {
  random_stream random(1, "test");
  bool none = false;
  for (int repetition = 0; repetition < 500; ++repetition) {
    const std::size_t layers = 1 + random.uniform_index(4);
    std::vector<std::size_t> counts(layers);
    for (std::size_t& count : counts) count = 1 + random.uniform_index(4);
    std::vector<matrix> costs;
    for (std::size_t l = 0; l < layers; ++l) {
      costs.push_back(make_matrix(counts[l], counts[(l + 1) % layers], test::infinity));
      for (double& cost : costs.back().reshaped())
        if (random.uniform_01() < 0.6) cost = random.uniform_01();
    }
    const auto cost_of = [&](const std::vector<std::size_t>& ring) {
      double sum = 0;
      for (std::size_t l = 0; l < layers; ++l)
        sum += row(std::as_const(costs[l]), ring[l])[ring[(l + 1) % layers]];
      return sum;
    };
    double best = test::infinity;
    for_each_choice(counts, [&](const auto& ring) { best = std::min(best, cost_of(ring)); });
    const auto found = detail::cheapest_ring(costs);
    REQUIRE(found.empty() == (best == test::infinity));
    none |= found.empty();
    if (!found.empty()) REQUIRE(cost_of(found) == approx(best));
  }
  CHECK(none);
}

template<typename Router>
void check_against_every_choice(const timeline& net, const moe_model& model, const Router& router,
                                const std::vector<subnet>& subnets, int capacity) {
  const auto mean_s = [&](const placement& plan) {
    return evaluate(net, model, router, plan,
                    {.tokens_per_slot = 0, .experts_per_satellite = capacity})
        .mean_s;
  };
  const plan_options options{.experts_per_satellite = capacity};
  std::vector<std::size_t> counts;
  for (const subnet& members : subnets) counts.push_back(members.size());
  double best_s = test::infinity;
  for_each_choice(counts, [&](const auto& chosen) {
    std::vector<satellite_id> gateways;
    for (std::size_t l = 0; l < subnets.size(); ++l) gateways.push_back(subnets[l][chosen[l]]);
    const planner<test::given_subnets, test::given_gateways, activation_sorted> fixed{{subnets},
                                                                                      {gateways}};
    best_s = std::min(best_s, mean_s(fixed.plan(net, model, router, options)));
  });
  const planner<test::given_subnets, ring_optimal, activation_sorted> optimal{{subnets}};
  REQUIRE(mean_s(optimal.plan(net, model, router, options)) == approx(best_s));
}

TEST_CASE("ring_optimal: the best of every choice of gateways") {
  random_stream random(2, "test");
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const timeline net = test::high_net(4, 5, {.slots = 3, .survival_probability = 1});
    const int layers = test::random_int(random, 1, 3), experts = test::random_int(random, 1, 3);
    const int capacity = test::random_int(random, 1, 2);
    const moe_model model{
        .layers = layers, .experts = experts, .top_k = test::random_int(random, 1, experts)};
    const auto subnets =
        random_subnets(random, net.size(), static_cast<std::size_t>(layers),
                       static_cast<std::size_t>(experts) + 1 + random.uniform_index(2));
    const auto activation = activation_profile::skewed(model, seed);
    check_against_every_choice(net, model, successive(activation, model), subnets, capacity);
    check_against_every_choice(net, model, conditional_poisson(activation, model), subnets,
                               capacity);
  }
}

TEST_CASE("ring_optimal: never worse than central gateways where every route exists") {
  const timeline net = test::high_net(7, 8, {.slots = 6, .survival_probability = 1});
  const moe_model model{.layers = 8, .experts = 4};
  const successive router(activation_profile::skewed(model, 1), model);
  const auto mean_s = [&](const placement& plan) {
    return evaluate(net, model, router, plan, {.tokens_per_slot = 0}).mean_s;
  };
  CHECK(mean_s(space_xnet_ring_optimal{}.plan(net, model, router)) <=
        mean_s(space_xnet{}.plan(net, model, router)) * (1 + 1e-12));
  // A profile stands for successive draws.
  CHECK(space_xnet_ring_optimal{}.plan(net, model, router.activation()).value() ==
        space_xnet_ring_optimal{}.plan(net, model, router).value());
}

TEST_CASE("ring_optimal: of a large subnet only the members in the middle are tried") {
  // Satellites 0 to 8 in a row: 4 is in the middle.
  std::vector<laser_link> links;
  for (satellite_id id = 0; id < 8; ++id) links.push_back({id, id + 1});
  const timeline net{9, links, make_matrix(1, 8, 1)};
  const moe_model model{.layers = 1, .experts = 2, .top_k = 1};
  const auto activation = activation_profile::uniform(model);
  const planner<whole_constellation, ring_optimal, activation_sorted> one{
      .gateway = {.candidates = 1}};
  CHECK(one.plan(net, model, activation).value().gateways == std::vector<satellite_id>{4});
  const planner<whole_constellation, ring_optimal, activation_sorted> none{
      .gateway = {.candidates = 0}};
  CHECK_INVALID(none.plan(net, model, activation), "candidates: found 0");
}

TEST_CASE("ring_optimal: says why there are no gateways") {
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1};
  const auto activation = activation_profile::uniform(model);
  const planner<whole_constellation, ring_optimal, activation_sorted> anywhere;
  const auto overlap = anywhere.plan(test::high_net(3, 3), model, activation);
  CHECK_FALSE(overlap.feasible());
  CHECK_THAT(overlap.reason(), test::containing("satellite 0 is in two"));
  const timeline apart{4, {}, make_matrix(1, 0, 0)};
  const planner<test::given_subnets, ring_optimal, activation_sorted> split{{{{0, 1}, {2, 3}}}};
  const auto routes = split.plan(apart, model, activation);
  CHECK_FALSE(routes.feasible());
  CHECK_THAT(routes.reason(), test::containing("a slot with all the routes"));
}

}  // namespace
}  // namespace gateway_ring_optimal_test
