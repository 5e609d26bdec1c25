#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/planner.hpp>
#include <orbitmoe/search/assignment.hpp>
#include <orbitmoe/search/optimal_layout.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace search_assignment_test {
namespace {

using namespace orbitmoe;
using test::approx;

double cost_of(const matrix& cost, std::span<const std::size_t> columns) {
  double sum = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) sum += row(cost, i)[columns[i]];
  return sum;
}

// The least cost of all choices of distinct columns; infinity: there is none.
double least_cost(const matrix& cost) {
  if (row_count(cost) > column_count(cost)) return test::infinity;
  std::vector<std::size_t> columns(column_count(cost));
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  double least = test::infinity;
  do {
    least = std::min(least, cost_of(cost, std::span(columns).first(row_count(cost))));
  } while (std::ranges::next_permutation(columns).found);
  return least;
}

void check_assignment(const matrix& cost) {
  const auto columns = min_cost_assignment(cost);
  const double least = least_cost(cost);
  REQUIRE(columns.has_value() == (least < test::infinity));
  if (!columns) return;
  REQUIRE(columns->size() == row_count(cost));
  REQUIRE(std::set(columns->begin(), columns->end()).size() == columns->size());
  REQUIRE(std::ranges::all_of(*columns, [&](std::size_t j) { return j < column_count(cost); }));
  REQUIRE(cost_of(cost, *columns) == approx(least).margin(1e-12));
}

TEST_CASE("min_cost_assignment: the least of all permutations") {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    CAPTURE(seed);
    random_stream random(seed, "test");
    const std::size_t rows = 1 + random.uniform_index(5), columns = 1 + random.uniform_index(6);
    const bool ties = random.uniform_01() < 0.5;
    const double forbidden = random.uniform_01() < 0.5 ? 0 : 0.7 * random.uniform_01();
    matrix cost = make_matrix(rows, columns, 0);
    for (double& entry : cost.reshaped()) {
      entry = ties ? double(random.uniform_index(4)) - 1 : 10 * random.uniform_01() - 3;
      if (random.uniform_01() < forbidden) entry = test::infinity;
    }
    check_assignment(cost);
  }
}

TEST_CASE("min_cost_assignment: by hand") {
  matrix cost(2, 3);
  cost << 1, 2, 9,  //
      1, 5, 9;
  CHECK(min_cost_assignment(cost) == std::vector<std::size_t>{1, 0});
  CHECK(min_cost_assignment(make_matrix(0, 3, 0)) == std::vector<std::size_t>{});
  CHECK_FALSE(min_cost_assignment(make_matrix(3, 2, 0)).has_value());
  // Both rows are tied to the same column.
  cost << 1, test::infinity, test::infinity,  //
      2, test::infinity, test::infinity;
  CHECK_FALSE(min_cost_assignment(cost).has_value());
}

TEST_CASE("min_cost_assignment: no exchange makes a large one cheaper") {
  random_stream random(1, "test");
  const std::size_t rows = 60, columns = 150;
  matrix cost = make_matrix(rows, columns, 0);
  for (double& entry : cost.reshaped()) entry = random.uniform_01();
  const auto chosen = min_cost_assignment(cost);
  REQUIRE(chosen.has_value());
  // No row is better off on a free column, no two rows in each other's place.
  const std::set<std::size_t> taken(chosen->begin(), chosen->end());
  REQUIRE(taken.size() == rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const double own = row(cost, i)[(*chosen)[i]];
    for (std::size_t j = 0; j < columns; ++j)
      if (!taken.contains(j)) CHECK(row(cost, i)[j] >= own - 1e-12);
    for (std::size_t other = 0; other < rows; ++other)
      CHECK(row(cost, i)[(*chosen)[other]] + row(cost, other)[(*chosen)[i]] >=
            own + row(cost, other)[(*chosen)[other]] - 1e-12);
  }
}

TEST_CASE("min_cost_assignment: costs are numbers") {
  matrix cost = make_matrix(1, 2, 0);
  cost(0, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK_INVALID(min_cost_assignment(cost), "cost[0][1]");
  cost(0, 1) = -test::infinity;
  CHECK_INVALID(min_cost_assignment(cost), "cost[0][1]");
}

TEST_CASE("falling_weights: stretches that rise are averaged") {
  const auto weights = [](std::vector<double> law) { return detail::falling_weights(law); };
  CHECK(weights({0.5, 0.3, 0.2}) == std::vector{0.5, 0.3, 0.2});
  CHECK(weights({0, 0.5, 0.5, 0}) == std::vector{1.0 / 3, 1.0 / 3, 1.0 / 3, 0.0});
  CHECK(weights({0.25, 0.5, 0.25}) == std::vector{0.375, 0.375, 0.25});
  random_stream random(1, "test");
  for (int n = 0; n < 200; ++n) {
    std::vector<double> law(1 + random.uniform_index(8));
    for (double& p : law) p = random.uniform_01();
    const std::vector<double> falling = weights(law);
    REQUIRE(falling.size() == law.size());
    CHECK(std::ranges::is_sorted(falling, std::greater{}));
    double sum = 0, falling_sum = 0;
    for (std::size_t j = 0; j < law.size(); ++j)
      CHECK((falling_sum += falling[j]) >= (sum += law[j]) - 1e-12);
    CHECK(falling_sum == approx(sum));
  }
}

double mean_s(const timeline& net, const moe_model& model, const successive& router,
              const placement& plan) {
  return evaluate(net, model, router, plan, {.tokens_per_slot = 0}).mean_s;
}

// The least mean over all hosts for given gateways.
double least_with_gateways_s(const timeline& net, const moe_model& model, const successive& router,
                             const std::vector<satellite_id>& gateways) {
  std::vector<satellite_id> free;
  for (satellite_id id = 0; id < net.size(); ++id)
    if (std::ranges::find(gateways, id) == gateways.end()) free.push_back(id);
  std::set<std::vector<std::vector<satellite_id>>> seen;
  std::vector<placement> plans;
  const auto experts = static_cast<std::ptrdiff_t>(model.experts);
  do {
    placement plan{gateways, {}};
    for (std::ptrdiff_t l = 0; l < model.layers; ++l)
      plan.experts.emplace_back(free.begin() + l * experts, free.begin() + (l + 1) * experts);
    if (seen.insert(plan.experts).second) plans.push_back(std::move(plan));
  } while (std::ranges::next_permutation(free).found);
  double least_s = test::infinity;
  for (const latency_report& report :
       evaluate(net, model, router, std::span<const placement>(plans), {.tokens_per_slot = 0}))
    if (report.unreachable_fraction == 0) least_s = std::min(least_s, report.mean_s);
  return least_s;
}

TEST_CASE("assigned_layout: the best of all hosts for top_k = 1") {
  random_stream random(1, "test");
  for (int n = 0; n < 24; ++n) {
    CAPTURE(n);
    const timeline net = test::high_net(
        2, 4, {.slots = 5, .survival_probability = 1, .seed = static_cast<std::uint64_t>(n)});
    const int layers = 1 + n % 3;
    const moe_model model{.layers = layers,
                          .experts = layers == 3 ? 1 : test::random_int(random, 2, 4 - layers / 2),
                          .top_k = 1,
                          .expert_flops = 0};
    const successive router(activation_profile::zipf(model, 1, random.uniform_index(1000)), model);
    const auto gateways = test::random_plan(random, net.size(), model).gateways;
    const placement found = assigned_layout(net, model, router, gateways);
    found.validate(net.size(), model);
    CHECK(found.gateways == gateways);
    CHECK(mean_s(net, model, router, found) ==
          approx(least_with_gateways_s(net, model, router, gateways)));
  }
}

TEST_CASE("assigned_layout: with the gateways of the best plan, the best plan") {
  const timeline net = test::high_net(3, 4, {.slots = 4, .survival_probability = 1});
  const moe_model model{.layers = 3, .experts = 2, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement best = optimal_layout(net, model, router);
  const placement found = assigned_layout(net, model, router, best.gateways);
  CHECK(mean_s(net, model, router, found) == approx(mean_s(net, model, router, best)));
}

TEST_CASE("assigned_layout: never worse than sorted subnets for top_k = 1") {
  for (const int layers : {4, 8, 12}) {
    const timeline net = test::high_net(8, 12, {.slots = 3, .survival_probability = 1});
    const moe_model model{.layers = layers, .experts = 5, .top_k = 1, .expert_flops = 0};
    const successive router(activation_profile::skewed(model, 7), model);
    const placement sorted = space_xnet{}.plan(net, model, router);
    const placement found = assigned_layout(net, model, router, sorted.gateways);
    found.validate(net.size(), model);
    CHECK(mean_s(net, model, router, found) <= mean_s(net, model, router, sorted) * (1 + 1e-12));
  }
}

TEST_CASE("assigned_layout: better than sorted subnets for top_k = 2, with outages") {
  const timeline net = test::high_net(10, 12, {.slots = 6, .survival_probability = 0.95});
  const moe_model model{.layers = 12, .experts = 6, .top_k = 2, .expert_flops = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement sorted = space_xnet{}.plan(net, model, router);
  const placement found = assigned_layout(net, model, router, sorted.gateways);
  found.validate(net.size(), model);
  CHECK(mean_s(net, model, router, found) < mean_s(net, model, router, sorted));
  CHECK(assigned_layout(net, model, router, sorted.gateways, {.threads = 3}).value() == found);
  CHECK(assigned_layout<dijkstra_router>(net, model, router, sorted.gateways).value() == found);
}

TEST_CASE("assigned_layout: in each layer the heavier expert is nearer, in the mean") {
  const timeline net = test::high_net(5, 8);
  const moe_model model{.layers = 5, .experts = 4, .top_k = 3, .expert_flops = 0};
  const conditional_poisson router(activation_profile::skewed(model, 3), model);
  const std::vector<satellite_id> gateways{0, 9, 18, 27, 36};
  const placement found = assigned_layout(net, model, router, gateways);
  std::vector<stage> stages;
  for (std::size_t l = 0; l < 5; ++l)
    stages.push_back({gateways[l], gateways[(l + 1) % 5], found.experts[l]});
  const path_latencies path_s = path_latencies_s(net, model.message_bits(), stages);
  for (std::size_t l = 0; l < 5; ++l) {
    const auto heaviest = heaviest_first(router.activation().layer(l));
    CHECK(std::ranges::is_sorted(heaviest, {}, [&](std::size_t e) { return path_s.at(l, 0)[e]; }));
  }
}

TEST_CASE("assigned_layout: more layers than are taken at once") {
  const timeline net = test::high_net(6, 25, {.slots = 2, .survival_probability = 1});
  const moe_model model{.layers = 70, .experts = 1, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::uniform(model), model);
  random_stream random(1, "test");
  const auto plan = test::random_plan(random, net.size(), model);
  std::vector<double> done;
  const placement found = assigned_layout(net, model, router, plan.gateways,
                                          {.progress = [&](double part) { done.push_back(part); }});
  found.validate(net.size(), model);
  CHECK(mean_s(net, model, router, found) < mean_s(net, model, router, plan));
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == 1);
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(assigned_layout(net, model, router, plan.gateways, {.progress = cancel}),
                    "enough");
}

TEST_CASE("assigned_layout: why there are no hosts") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const std::vector<satellite_id> gateways{0, 1};
  CHECK(assigned_layout(test::high_net(1, 5), model, router, gateways).reason() ==
        "2 gateways and 4 experts need 6 satellites, and there are 5");
  const timeline dark = test::high_net(3, 3, {.slots = 2, .survival_probability = 0});
  CHECK_THAT(assigned_layout(dark, model, router, gateways).reason(),
             test::containing("no choice of hosts gives every expert in use"));
  // An expert without weight may be where nobody gets.
  matrix rays = make_matrix(2, 3, 0.001);
  rays.col(0).setConstant(test::infinity);
  const moe_model one{.layers = 1, .experts = 3, .top_k = 2};
  matrix weights(1, 3);
  weights << 1, 0, 2;
  CHECK(assigned_layout(test::star(rays), one, successive(activation_profile(weights), one),
                        std::vector<satellite_id>{0})
            .value()
            .experts == std::vector<std::vector<satellite_id>>{{3, 1, 2}});
}

TEST_CASE("assigned_layout: what it does not take") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline net = test::high_net(3, 3);
  const auto with = [&](std::vector<satellite_id> gateways, const run_options& run = {}) {
    return assigned_layout(net, model, router, gateways, run);
  };
  CHECK_INVALID(with({1}), "gateways: found 1; allowed: 2 ids");
  CHECK_INVALID(with({1, 9}), "gateways[1]: found 9; allowed: a satellite in 0..8");
  CHECK_INVALID(with({4, 4}), "gateways[1]: found 4; allowed: a satellite that is no other");
  CHECK_INVALID(with({4, 5}, {.threads = 2000}), "threads");
  const moe_model other{.layers = 3, .experts = 2, .top_k = 1};
  CHECK_INVALID(assigned_layout(net, other, router, std::vector<satellite_id>{1, 2, 3}),
                "activation");
  const moe_model both{.layers = 2, .experts = 2, .top_k = 2};
  CHECK_INVALID(assigned_layout(net, both, router, std::vector<satellite_id>{1, 2}),
                "router.top_k: found 1");
}

}  // namespace
}  // namespace search_assignment_test
