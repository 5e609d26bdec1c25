#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/evaluate/objective.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/planner.hpp>
#include <orbitmoe/search/improvement.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace search_improvement_test {
namespace {

using namespace orbitmoe;
using test::approx;

// As a plan is judged by improved with the same options. Compute time is the same for all plans.
template<typename Router>
latency_report judged(const timeline& net, const moe_model& model, const Router& router,
                      const placement& plan, const improve_options& options) {
  return evaluate(net, model, router, plan,
                  {.tokens_per_slot = options.tokens_per_slot,
                   .seed = options.seed,
                   .experts_per_satellite = options.experts_per_satellite});
}

double compute_s(const moe_model& model) {
  return model.layers * model.expert_flops / evaluate_options{}.flops_per_s;
}

// Checks the numbers of a descent against evaluate, and that it leads down.
template<typename Router, typename Objective>
placement check_descent(const timeline& net, const moe_model& model, const Router& router,
                        const placement& plan, const improve_options& options,
                        const Objective& objective) {
  const auto satellites = detail::hosts_nearby<sweep_router>(
      net, model, plan, static_cast<std::size_t>(options.hosts_per_layer), {});
  std::vector<stage> stages = detail::stages_of(plan);
  for (std::size_t l = 0; l < stages.size(); ++l) stages[l].hosts = satellites[l];
  const path_latencies path_s = path_latencies_s(net, model.message_bits(), stages);
  detail::outcome_table table(router, objective, plan, satellites, path_s, options);
  const auto check_value = [&] {
    const latency_report report = judged(net, model, router, table.plan(), options);
    CHECK(table.value_s() + compute_s(model) == approx(value_s(objective, report)));
    return report;
  };
  const latency_report before = check_value();
  const double before_s = table.value_s();
  detail::descent(table, satellites, net.size(), options, {}).run();
  const latency_report after = check_value();

  table.plan().validate(net.size(), model, options.experts_per_satellite);
  CHECK(table.plan().gateways == plan.gateways);
  CHECK(after.unreachable_fraction <= before.unreachable_fraction);
  CHECK((table.plan() == plan || table.value_s() < before_s));
  CHECK(improved(net, model, router, plan, options, objective) == table.plan());
  return table.plan();
}

template<typename Router>
void check_descents(const timeline& net, const moe_model& model, const Router& router,
                    const placement& plan, const improve_options& options = {}) {
  check_descent(net, model, router, plan, options, mean_latency{});
  check_descent(net, model, router, plan, options, latency_quantile{0.9});
  check_descent(net, model, router, plan, options, tail_mean{0.8});
}

TEST_CASE("improved: its values are those of evaluate with every router and objective") {
  random_stream random(1, "test");
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const timeline net = test::high_net(
        4, 5, {.slots = 4, .survival_probability = seed % 3 == 0 ? 1 : 0.8, .seed = seed});
    const moe_model model{.layers = 1 + static_cast<int>(seed % 3),
                          .experts = 4,
                          .top_k = test::random_int(random, 1, 3)};
    const auto activation = activation_profile::zipf(model, 0.8, seed);
    const placement plan = test::random_plan(random, net.size(), model);
    const improve_options options{
        .hosts_per_layer = test::random_int(random, 0, 20), .tokens_per_slot = 30, .seed = seed};
    if (seed % 2 == 0)
      check_descents(net, model, successive(activation, model), plan, options);
    else
      check_descents(net, model, conditional_poisson(activation, model), plan, options);
    check_descents(net, model, trace(test::random_trace(random, 20, model), model), plan, options);
  }
}

TEST_CASE("improved: networks without any order") {
  random_stream random(2, "test");
  int tried = 0;
  for (std::uint64_t seed = 0; seed < 400 && tried < 40; ++seed) {
    const timeline net = test::random_network(seed);
    const moe_model model{.layers = 2, .experts = 2, .top_k = test::random_int(random, 1, 2)};
    if (net.size() < 7) continue;
    CAPTURE(seed);
    ++tried;
    const successive router(activation_profile::zipf(model, 1, seed), model);
    const placement plan = test::random_plan(random, net.size(), model);
    const improve_options options{.experts_per_satellite = 1 + static_cast<int>(seed % 2),
                                  .tokens_per_slot = 10};
    check_descent(net, model, router, plan, options, mean_latency{});
    check_descent(net, model, router, plan, options, latency_quantile{0.8});
  }
  CHECK(tried == 40);
}

// All plans that one change of hosts makes from another.
std::vector<placement> neighbours(const placement& plan, std::size_t satellites, int capacity) {
  std::vector<int> room(satellites, capacity);
  for (const satellite_id id : plan.gateways) room[id] = 0;
  std::vector<std::pair<std::size_t, std::size_t>> experts;
  for (std::size_t l = 0; l < plan.experts.size(); ++l)
    for (std::size_t e = 0; e < plan.experts[l].size(); ++e) {
      experts.emplace_back(l, e);
      --room[plan.experts[l][e]];
    }
  std::vector<placement> plans;
  const auto host = [](placement& of, std::pair<std::size_t, std::size_t> x) -> satellite_id& {
    return of.experts[x.first][x.second];
  };
  for (const auto& x : experts) {
    for (const auto& y : experts)
      if (x < y) {
        placement& changed = plans.emplace_back(plan);
        std::swap(host(changed, x), host(changed, y));
      }
    for (satellite_id to = 0; to < satellites; ++to)
      if (room[to] > 0) host(plans.emplace_back(plan), x) = to;
  }
  return plans;
}

template<typename Router, typename Objective>
void check_local_optimum(const timeline& net, const moe_model& model, const Router& router,
                         const placement& plan, const improve_options& options,
                         const Objective& objective) {
  REQUIRE(model.expert_flops == 0);  // which would hide differences
  const placement found = improved(net, model, router, plan, options, objective);
  const latency_report least = judged(net, model, router, found, options);
  const std::vector<placement> plans = neighbours(found, net.size(), options.experts_per_satellite);
  const auto reports = evaluate(net, model, router, std::span(plans),
                                {.tokens_per_slot = options.tokens_per_slot,
                                 .seed = options.seed,
                                 .experts_per_satellite = options.experts_per_satellite});
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (reports[i].unreachable_fraction > least.unreachable_fraction) continue;
    CAPTURE(plan, found, plans[i]);
    REQUIRE(value_s(objective, reports[i]) >= value_s(objective, least) * (1 - 2e-9));
  }
}

TEST_CASE("improved: no single change of hosts is better") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    random_stream random(seed, "test");
    const timeline net = test::high_net(
        3, 4, {.slots = 6, .survival_probability = seed % 4 == 0 ? 1 : 0.75, .seed = seed});
    const moe_model model{.layers = 1 + static_cast<int>(seed % 3),
                          .experts = 3,
                          .top_k = test::random_int(random, 1, 3),
                          .expert_flops = 0};
    const int capacity = 1 + static_cast<int>(seed / 3 % 2);
    CAPTURE(seed, capacity);
    const placement plan = test::random_plan(random, net.size(), model);
    const improve_options options{.experts_per_satellite = capacity, .tokens_per_slot = 5};
    const successive router(activation_profile::zipf(model, 1, seed), model);
    check_local_optimum(net, model, router, plan, options, mean_latency{});
    check_local_optimum(net, model, router, plan, options, tail_mean{0.7});
    const trace tokens(test::random_trace(random, 9, model), model);
    check_local_optimum(net, model, tokens, plan, options, mean_latency{});
  }
}

TEST_CASE("improved: the best over many slots where sorting by means is not") {
  // Satellites 1 and 2 have the least mean, but one of them is always slow. @see activation_sorted.
  const timeline net = test::star(matrix{{1, 3, 2.1, 2.1}, {3, 1, 2.1, 2.1}});
  const moe_model model{.layers = 1, .experts = 2, .top_k = 2, .expert_flops = 0};
  const successive router(activation_profile::uniform(model), model);
  const placement sorted{{0}, {{1, 2}}};
  CHECK(evaluate(net, model, router, sorted).mean_s == approx(6.0));
  const placement found = improved(net, model, router, sorted);
  CHECK(evaluate(net, model, router, found).mean_s == approx(4.2));
  CHECK(found.gateways == sorted.gateways);
}

TEST_CASE("improved: experts that fire together are kept apart from slow hosts") {
  const timeline net = test::star(matrix{{1, 2, 3, 4}});
  const moe_model model{.layers = 1, .experts = 4, .top_k = 2, .expert_flops = 0};
  const token_trace tokens{1, 2, {0, 1, 0, 1, 2, 3, 0, 1, 0, 1}};
  const trace router(tokens, model);
  const placement found = improved(net, model, router, placement{{0}, {{1, 3, 2, 4}}});
  // The pair that is seen more often is on the two fast satellites.
  CHECK(std::max(found.experts[0][0], found.experts[0][1]) == 2);
  CHECK(evaluate(net, model, router, found).mean_s == approx(2 * (0.8 * 2 + 0.2 * 4)));
}

TEST_CASE("improved: the tail may want other hosts than the mean") {
  // Satellite 1 is fast but for one slot in five, 2 is never slow.
  matrix rays(5, 2);
  rays << 1, 2.5, 1, 2.5, 1, 2.5, 1, 2.5, 5, 2.5;
  const timeline net = test::star(rays);
  const moe_model model{.layers = 1, .experts = 1, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::uniform(model), model);
  const placement one{{0}, {{1}}}, two{{0}, {{2}}};
  CHECK(improved(net, model, router, two, {}, mean_latency{}) == one);
  CHECK(improved(net, model, router, one, {}, latency_quantile{0.99}) == two);
  CHECK(improved(net, model, router, one, {}, tail_mean{0.9}) == two);
  CHECK(improved(net, model, router, two, {}, latency_quantile{0.5}) == one);
}

TEST_CASE("improved: several experts on one satellite") {
  const timeline net = test::star(matrix{{1, 2, 3, 4}});
  const moe_model model{.layers = 1, .experts = 4, .top_k = 2, .expert_flops = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement plan{{0}, {{1, 2, 3, 4}}};
  const auto mean_s = [&](int capacity) {
    const placement found = improved(net, model, router, plan, {.experts_per_satellite = capacity});
    found.validate(net.size(), model, capacity);
    return evaluate(net, model, router, found, {.experts_per_satellite = capacity}).mean_s;
  };
  CHECK(mean_s(4) == approx(2));
  CHECK(mean_s(2) < mean_s(1));
  CHECK(mean_s(3) < mean_s(2));
}

TEST_CASE("improved: sorted subnets get better under outages") {
  const timeline net = test::high_net(8, 10, {.slots = 10, .survival_probability = 0.9});
  const moe_model model{.layers = 8, .experts = 6, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement sorted = space_xnet{}.plan(net, model, router);
  const placement found =
      check_descent(net, model, router, sorted, {.hosts_per_layer = 12}, mean_latency{});
  CHECK_FALSE(found == sorted);
  // The same bits again, for any number of threads and any exact router.
  const improve_options options{.hosts_per_layer = 12};
  CHECK(improved(net, model, router, sorted, options) == found);
  CHECK(improved(net, model, router, sorted, options, mean_latency{}, {.threads = 3}) == found);
  CHECK(improved<dijkstra_router>(net, model, router, sorted, options) == found);
  // Nothing is better than what nothing is better than.
  CHECK(improved(net, model, router, found, {.hosts_per_layer = 0}) == found);
}

TEST_CASE("improved: where no slot has every route") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline dark = test::high_net(3, 3, {.slots = 2, .survival_probability = 0});
  const placement plan{{0, 1}, {{2, 3}, {4, 5}}};
  CHECK(improved(dark, model, router, plan) == plan);
  CHECK(improved(dark, model, router, plan, {}, tail_mean{}) == plan);
  // One expert is out of reach, and there is a satellite for it that is not.
  matrix rays = make_matrix(1, 4, 0.5);
  rays(0, 3) = test::infinity;
  const moe_model one{.layers = 1, .experts = 3, .top_k = 1};
  const successive of_one(activation_profile::uniform(one), one);
  const timeline net = test::star(rays);
  CHECK(evaluate(net, one, of_one, placement{{1}, {{2, 3, 4}}}).mean_s == test::infinity);
  const placement found = improved(net, one, of_one, placement{{1}, {{2, 3, 4}}});
  CHECK(evaluate(net, one, of_one, found).unreachable_fraction == 0);
}

TEST_CASE("improved: experts without weight do not matter") {
  matrix rays = make_matrix(1, 5, 0.5);
  rays(0, 4) = test::infinity;
  const timeline net = test::star(rays);
  const moe_model model{.layers = 1, .experts = 3, .top_k = 2};
  const successive router(activation_profile(matrix{{1, 0, 2}}), model);
  const placement plan{{0}, {{1, 5, 2}}};
  CHECK(improved(net, model, router, plan) == plan);
  CHECK(improved(net, model, router, plan, {}, latency_quantile{}) == plan);
}

TEST_CASE("improved: when it stops") {
  const timeline net = test::high_net(5, 6, {.slots = 8, .survival_probability = 0.9});
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  random_stream random(5, "test");
  const placement plan = test::random_plan(random, net.size(), model);
  CHECK(improved(net, model, router, plan, {.changes = 0}) == plan);
  std::stop_source stop;
  stop.request_stop();
  CHECK(improved(net, model, router, plan, {.stop = stop.get_token()}) == plan);
  CHECK(improved(net, model, router, plan, {.time_limit_s = 1e-9}) == plan);
  const placement best = improved(net, model, router, plan);
  CHECK(improved(net, model, router, plan, {.time_limit_s = 1e6}) == best);
  // The more changes, the better.
  double before_s = evaluate(net, model, router, plan).mean_s;
  for (const std::uint64_t changes : {1u, 10u, 50u, 200u, 1000u}) {
    const placement found = improved(net, model, router, plan, {.changes = changes});
    found.validate(net.size(), model);
    const double mean_s = evaluate(net, model, router, found).mean_s;
    CHECK(mean_s <= before_s * (1 + 1e-12));
    before_s = mean_s;
  }
  CHECK(before_s > 0);
}

TEST_CASE("improved: progress rises to 1 and its exception reaches the caller") {
  const timeline net = test::high_net(5, 6, {.slots = 2, .survival_probability = 0.9});
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  random_stream random(5, "test");
  const placement plan = test::random_plan(random, net.size(), model);
  std::vector<double> fractions;
  (void)improved(net, model, router, plan, {.changes = 2000}, mean_latency{},
                 {.progress = [&](double fraction) { fractions.push_back(fraction); }});
  CHECK(fractions.size() > 1);
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(improved(net, model, router, plan, {}, mean_latency{}, {.progress = cancel}),
                    "enough");
}

TEST_CASE("improved: what it does not take") {
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  const timeline net = test::high_net(3, 3);
  const placement plan{{0, 1}, {{2, 3}, {4, 5}}};
  const auto with = [&](const improve_options& options) {
    return improved(net, model, router, plan, options);
  };
  CHECK_INVALID(with({.time_limit_s = 0}), "time_limit_s");
  CHECK_INVALID(with({.time_limit_s = 2e6}), "time_limit_s");
  CHECK_INVALID(with({.hosts_per_layer = -1}), "hosts_per_layer: found -1");
  CHECK_INVALID(with({.hosts_per_layer = 65'537}), "hosts_per_layer");
  CHECK_INVALID(with({.experts_per_satellite = 0}), "experts_per_satellite: found 0");
  CHECK_INVALID(with({.tokens_per_slot = 0}), "tokens_per_slot: found 0");
  CHECK_INVALID(with({.tokens_per_slot = 1'000'001}), "tokens_per_slot");
  CHECK_INVALID(improved(net, model, router, plan, {}, latency_quantile{1.5}), "q: found 1.5");
  CHECK_INVALID(improved(net, model, router, plan, {}, mean_latency{}, {.threads = -1}), "threads");
  CHECK_INVALID(improved(net, model, router, placement{{0, 1}, {{2, 3}, {4, 9}}}),
                "experts[1][1]: found 9");
  const placement shared{{0, 1}, {{2, 3}, {4, 2}}};
  CHECK_INVALID(improved(net, model, router, shared), "experts[1][1]: found 2");
  CHECK_NOTHROW(improved(net, model, router, shared, {.experts_per_satellite = 2}));
  const moe_model other{.layers = 3, .experts = 2, .top_k = 1};
  CHECK_INVALID(improved(net, other, router, plan), "activation");
  const moe_model both{.layers = 2, .experts = 2, .top_k = 2};
  CHECK_INVALID(improved(net, both, router, plan), "router.top_k: found 1");
}

}  // namespace
}  // namespace search_improvement_test
