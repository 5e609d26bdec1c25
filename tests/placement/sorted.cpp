#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/placement/sorted.hpp>
#include <orbitmoe/planner.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/skies.hpp"

namespace placement_sorted_test {
namespace {

using namespace orbitmoe;

using sorted_around = planner<whole_constellation, test::given_gateways, activation_sorted>;

/// Calls visit(hosts) for every way to put `experts` experts on different satellites.
template<typename Visit>
void for_each_row(const std::vector<satellite_id>& satellites, std::size_t experts, Visit visit) {
  std::vector<satellite_id> row;
  const auto extend = [&](auto self) -> void {
    if (row.size() == experts) return visit(row);
    for (const satellite_id id : satellites)
      if (std::find(row.begin(), row.end(), id) == row.end()) {
        row.push_back(id);
        self(self);
        row.pop_back();
      }
  };
  extend(extend);
}

/// Least mean latency over all placements with these gateways and subnets [s], by enumeration of
/// placements and of tokens.
double least_mean_s(const timeline& net, const std::vector<satellite_id>& gateways,
                    const std::vector<subnet>& subnets, std::size_t experts,
                    const std::vector<test::token_outcome>& outcomes) {
  placement plan{gateways, {}};
  double least_s = test::infinity;
  const auto extend = [&](auto self) -> void {
    const std::size_t l = plan.experts.size();
    if (l == gateways.size()) {
      least_s = std::min(least_s, test::enumerate_latency(net, outcomes, plan, {}).mean_s);
      return;
    }
    std::vector<satellite_id> free;
    for (const satellite_id id : subnets[l])
      if (std::find(gateways.begin(), gateways.end(), id) == gateways.end()) free.push_back(id);
    for_each_row(free, experts, [&](const std::vector<satellite_id>& row) {
      plan.experts.push_back(row);
      self(self);
      plan.experts.pop_back();
    });
  };
  extend(extend);
  return least_s;
}

TEST_CASE("activation_sorted: the heaviest expert has the fastest satellite, ties in order") {
  const timeline net = test::star(matrix{{3, 1, 2, 1, 9}});
  const moe_model model{.layers = 1, .experts = 4, .top_k = 2};
  const activation_profile profile(matrix{{1, 5, 1, 2}});
  const placement plan = sorted_around{.gateway = {{0}}}.plan(net, model, profile);
  CHECK(plan.experts[0] == std::vector<satellite_id>{3, 2, 1, 4});
}

TEST_CASE("activation_sorted: a satellite with room takes the next expert too") {
  const timeline net = test::star(matrix{{3, 1, 2}});
  const moe_model model{.layers = 1, .experts = 4, .top_k = 2};
  const activation_profile profile(matrix{{1, 5, 3, 2}});
  const placement plan =
      sorted_around{.gateway = {{0}}}.plan(net, model, profile, {.experts_per_satellite = 2});
  CHECK(plan.experts[0] == std::vector<satellite_id>{3, 2, 2, 3});
}

TEST_CASE("activation_sorted: satellites that are never reached come last") {
  const double inf = test::infinity;
  const timeline net = test::star(matrix{{inf, 9, 1}, {inf, 9, inf}});
  const moe_model model{.layers = 1, .experts = 3, .top_k = 1};
  const activation_profile profile(matrix{{1, 2, 3}});
  const placement plan = sorted_around{.gateway = {{0}}}.plan(net, model, profile);
  CHECK(plan.experts[0] == std::vector<satellite_id>{1, 2, 3});
}

TEST_CASE("activation_sorted: no placement is faster in one frozen slot") {
  random_stream random(1, "sorted");
  for (int experts = 1; experts <= 4; ++experts)
    for (const auto& weight : test::weight_families(random, static_cast<std::size_t>(experts)))
      for (int top_k = 1; top_k <= static_cast<int>(test::used_experts(weight).size()); ++top_k) {
        const moe_model model{.layers = 1, .experts = experts, .top_k = top_k};
        const activation_profile profile = test::one_layer(weight);
        matrix delays_s = make_matrix(1, 5, 0);
        for (double& delay_s : delays_s.reshaped()) delay_s = 0.001 + random.uniform_01();
        const timeline net = test::star(delays_s);
        const placement plan = sorted_around{.gateway = {{0}}}.plan(net, model, profile);

        const auto check = [&](const auto& router, const test::set_law& law) {
          const auto outcomes = test::independent_outcomes({law});
          const double least_s = least_mean_s(net, {0}, {{1, 2, 3, 4, 5}},
                                              static_cast<std::size_t>(experts), outcomes);
          INFO("E = " << experts << ", K = " << top_k);
          CHECK(evaluate(net, model, router, plan, {.flops_per_s = 1e24}).mean_s ==
                test::approx(least_s, 1e-12));
        };
        const auto used = profile.layer(0);
        check(successive(profile, model), test::successive_law(used, top_k));
        check(conditional_poisson(profile, model), test::conditional_poisson_law(used, top_k));
      }
}

TEST_CASE("activation_sorted: no plan of a whole ring is faster in one frozen slot") {
  random_stream random(2, "sorted");
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const timeline net = test::high_net(
        4, 3, {.slots = 1, .survival_probability = 0.95, .seed = seed, .rate_gbps = 1e9});
    const moe_model model{
        .layers = 3, .experts = 2, .top_k = test::random_int(random, 1, 2), .expert_flops = 0};
    const activation_profile profile = activation_profile::zipf(model, 2, seed);
    const placement plan = space_xnet{}.plan(net, model, profile);
    std::vector<test::set_law> laws;
    for (std::size_t l = 0; l < 3; ++l)
      laws.push_back(test::successive_law(profile.layer(l), model.top_k));
    const double least_s =
        least_mean_s(net, plan.gateways, ring_partition{}.subnets(net, model).value(), 2,
                     test::independent_outcomes(laws));
    CHECK(evaluate(net, model, profile, plan).mean_s == test::approx(least_s, 1e-9));
  }
}

TEST_CASE("activation_sorted: over many slots it is an approximation (MODEL §6)") {
  // Satellites 1 and 2 have the least mean, 2 · 2 s, but one of them is always slow: the slower of
  // the two takes 2 · 3 s in every slot. 3 and 4 are never fast and never slow: 2 · 2.1 s.
  const timeline net = test::star(matrix{{1, 3, 2.1, 2.1}, {3, 1, 2.1, 2.1}});
  const moe_model model{.layers = 1, .experts = 2, .top_k = 2, .expert_flops = 0};
  const auto profile = activation_profile::uniform(model);
  const placement plan = sorted_around{.gateway = {{0}}}.plan(net, model, profile);
  CHECK(plan == placement{{0}, {{1, 2}}});
  CHECK(evaluate(net, model, profile, plan).mean_s == test::approx(6.0));

  const auto outcomes = test::independent_outcomes({test::successive_law(profile.layer(0), 2)});
  CHECK(least_mean_s(net, {0}, {{1, 2, 3, 4}}, 2, outcomes) == test::approx(4.2));
  CHECK(evaluate(net, model, profile, placement{{0}, {{3, 4}}}).mean_s == test::approx(4.2));
}

}  // namespace
}  // namespace placement_sorted_test
