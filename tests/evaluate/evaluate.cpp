#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace evaluate_evaluate_test {
namespace {

using namespace orbitmoe;

/// Checks every exact number of a report, to 1e-12 relative.
void check_equal(const latency_report& report, const test::enumerated_latency& expected) {
  CHECK(report.mean_s == test::approx(expected.mean_s));
  CHECK(report.unreachable_fraction == test::approx(expected.unreachable_fraction));
  REQUIRE(report.slot_mean_s.size() == expected.slot_mean_s.size());
  for (std::size_t k = 0; k < report.slot_mean_s.size(); ++k)
    CHECK(report.slot_mean_s[k] == test::approx(expected.slot_mean_s[k]));
  REQUIRE(report.layer_mean_s.size() == expected.layer_mean_s.size());
  for (std::size_t l = 0; l < report.layer_mean_s.size(); ++l)
    CHECK(report.layer_mean_s[l] == test::approx(expected.layer_mean_s[l]));
}

/// Weights of a random kind for each layer, always K or more of them in use.
activation_profile random_profile(random_stream& random, const moe_model& model) {
  const auto experts = static_cast<std::size_t>(model.experts);
  matrix weights = make_matrix(static_cast<std::size_t>(model.layers), experts, 0);
  for (std::size_t l = 0; l < row_count(weights); ++l) {
    const auto families = test::weight_families(random, experts);
    std::size_t kind = random.uniform_index(families.size());
    if (test::used_experts(families[kind]).size() < static_cast<std::size_t>(model.top_k)) kind = 1;
    std::copy(families[kind].begin(), families[kind].end(), row(weights, l).begin());
  }
  return activation_profile(weights);
}

/// Checks `evaluate` against enumeration for the three routers on one network.
/// @return  the share of slots that the last router could not use.
double check_all_routers(random_stream& random, const timeline& net, double hop_overhead_s,
                         const moe_model& model, const evaluate_options& options) {
  const auto experts = static_cast<std::size_t>(model.experts);
  const placement plan = test::random_plan(random, net.size(), model);
  const test::costs cost{
      .hop_overhead_s = hop_overhead_s,
      .expert_s = model.expert_flops / options.flops_per_s,
      .gateway_s = options.count_gateway ? model.gateway_flops / options.flops_per_s : 0};
  INFO("L = " << model.layers << ", E = " << experts << ", K = " << model.top_k);
  const auto check = [&](const auto& router, const std::vector<test::token_outcome>& outcomes) {
    const latency_report report = evaluate(net, model, router, plan, options);
    check_equal(report, test::enumerate_latency(net, outcomes, plan, cost));
    return report.unreachable_fraction;
  };
  const activation_profile profile = random_profile(random, model);
  std::vector<test::set_law> successive_laws, poisson_laws;
  for (std::size_t l = 0; l < profile.layers(); ++l) {
    successive_laws.push_back(test::successive_law(profile.layer(l), model.top_k));
    poisson_laws.push_back(test::conditional_poisson_law(profile.layer(l), model.top_k));
  }
  const token_trace tokens = test::random_trace(random, 1 + random.uniform_index(12), model);
  check(trace(tokens, model), test::trace_outcomes(tokens));
  check(conditional_poisson(profile, model), test::independent_outcomes(poisson_laws));
  return check(successive(profile, model), test::independent_outcomes(successive_laws));
}

/// One layer round satellite 0 of a star, its two experts on rays 1 and 2.
struct small_case {
  moe_model model{.layers = 1, .experts = 2, .top_k = 1, .expert_flops = 0};
  placement plan{{0}, {{1, 2}}};
};

TEST_CASE("evaluate: a token by hand") {
  // Rays of 1, …, 5 s, gateways 0 and 3, every expert used. The slowest of layer 0 is on satellite
  // 2: out 2, on to satellite 3 by 2 + 3. The slowest of layer 1 is on 5: out 3 + 5, home 5.
  const timeline net = test::star(matrix{{1, 2, 3, 4, 5}});
  const moe_model model{
      .layers = 2, .experts = 2, .top_k = 2, .expert_flops = 10, .gateway_flops = 100};
  const placement plan{{0, 3}, {{1, 2}, {4, 5}}};
  const auto profile = activation_profile::uniform(model);
  const latency_report report = evaluate(net, model, profile, plan, {.flops_per_s = 1000});
  CHECK(report.layer_mean_s[0] == test::approx(2 + 2 + 3 + 0.01));
  CHECK(report.layer_mean_s[1] == test::approx(3 + 5 + 5 + 0.01));
  CHECK(report.mean_s == test::approx(20.02));
  CHECK(report.slot_mean_s == std::vector<double>{report.mean_s});
  CHECK(report.unreachable_fraction == 0);
  CHECK(report.token_s.size() == 50);
  for (const double token_s : report.token_s) CHECK(token_s == test::approx(20.02));

  const latency_report counted =
      evaluate(net, model, profile, plan, {.flops_per_s = 1000, .count_gateway = true});
  CHECK(counted.mean_s == test::approx(20.22));
}

TEST_CASE("evaluate: the mean equals all outcomes of a token on Walker skies") {
  random_stream random(1, "evaluate");
  int reached = 0, missed = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    moe_model model = test::random_model(random, 3, 4);
    model.token_bytes = random.uniform_01() < 0.5 ? 0 : 1e4 * random.uniform_01();
    timeline_options options{.slots = 3,
                             .survival_probability = 0.6 + 0.4 * random.uniform_01(),
                             .seed = seed,
                             .rate_gbps = 1e-3,
                             .hop_processing_s = 0.01 * random.uniform_01()};
    if (seed % 4 == 0) options.dead_satellites = {static_cast<satellite_id>(seed % 15)};
    const timeline net = test::high_net(3, 5, options);
    const double hop_overhead_s = model.token_bytes * 8 / 1e6 + options.hop_processing_s;
    const double unreachable = check_all_routers(
        random, net, hop_overhead_s, model,
        {.flops_per_s = 1e9, .count_gateway = seed % 2 == 0, .tokens_per_slot = 0});
    ++(unreachable < 1 ? reached : missed);
  }
  CHECK(reached > 20);
  CHECK(missed > 10);
}

TEST_CASE("evaluate: the mean equals all outcomes of a token on networks without any order") {
  random_stream random(2, "evaluate");
  int partly_reached = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const timeline net = test::random_network(seed);
    const moe_model model = test::random_model(random, 3, 4);
    if (net.size() < static_cast<std::size_t>(model.layers * (model.experts + 1))) continue;
    const double unreachable =
        check_all_routers(random, net, 0, model, {.count_gateway = true, .tokens_per_slot = 0});
    partly_reached += unreachable > 0 && unreachable < 1;
  }
  CHECK(partly_reached > 5);
}

TEST_CASE("evaluate: an expert that is never used need not be reached") {
  const small_case c;
  const timeline net = test::star(matrix{{1, test::infinity, 1}, {2, 9, 1}});
  const activation_profile only_first(matrix{{1, 0}}), both(matrix{{1, 1e-9}});
  const latency_report report = evaluate(net, c.model, only_first, c.plan);
  CHECK(report.unreachable_fraction == 0);
  CHECK(report.mean_s == test::approx(3.0));
  CHECK(evaluate(net, c.model, conditional_poisson(only_first, c.model), c.plan) == report);
  CHECK(evaluate(net, c.model, trace({1, 1, {0, 0}}, c.model), c.plan) == report);

  const latency_report partly = evaluate(net, c.model, both, c.plan, {.tokens_per_slot = 7});
  CHECK(partly.unreachable_fraction == 0.5);
  CHECK(partly.mean_s == test::approx(4.0, 1e-8));
  CHECK(partly.slot_mean_s[0] == test::infinity);
  CHECK(partly.token_s.size() == 7);
}

TEST_CASE("evaluate: a plan that no token can use is infinitely slow") {
  const small_case c;
  const timeline net = test::star(matrix{{1, test::infinity, 1}, {test::infinity, 1, 1}});
  const auto profile = activation_profile::uniform(c.model);
  const latency_report report = evaluate(net, c.model, profile, c.plan);
  CHECK(report.unreachable_fraction == 1);
  CHECK(report.mean_s == test::infinity);
  CHECK(report.layer_mean_s == std::vector<double>{test::infinity});
  CHECK(report.slot_mean_s == std::vector<double>(2, test::infinity));
  CHECK(report.token_s.empty());
}

TEST_CASE("evaluate: sampled tokens are outcomes, as frequent as they are likely") {
  const timeline net = test::star(matrix{{1, 2, 4, 8, 16, 32, 64}});
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1, .expert_flops = 0};
  const placement plan{{0, 7}, {{1, 2}, {3, 4}}};
  // Out and on to 7: 2·1 + 64 or 2·2 + 64; back: 64 + 2·4 or 64 + 2·8. The trace knows only two
  // of the four: (first, first) and (second, second), one to three.
  const trace router({2, 1, {0, 0, 1, 1, 1, 1, 1, 1}}, model);
  const latency_report report = evaluate(net, model, router, plan, {.tokens_per_slot = 20'000});
  double fast = 0;
  for (const double token_s : report.token_s) {
    CHECK((token_s == 138 || token_s == 148));
    fast += token_s == 138;
  }
  CHECK(report.token_s.size() == 20'000);
  CHECK(fast / 20'000 == test::approx(0.25, 0).margin(0.016));  // 5 standard deviations
  CHECK(report.mean_s == test::approx(0.25 * 138 + 0.75 * 148));
}

TEST_CASE("evaluate: every slot has tokens of its own") {
  const small_case c;
  const timeline net = test::star(matrix{{1, 2}, {1, 2}});
  const auto profile = activation_profile::uniform(c.model);
  const std::vector<double> token_s = evaluate(net, c.model, profile, c.plan).token_s;
  REQUIRE(token_s.size() == 100);
  CHECK_FALSE(std::equal(token_s.begin(), token_s.begin() + 50, token_s.begin() + 50));
}

TEST_CASE("evaluate: sampled tokens have the exact mean") {
  const timeline net = test::high_net(5, 4, {.slots = 4, .survival_probability = 0.9, .seed = 2});
  const moe_model model{.layers = 3, .experts = 5, .top_k = 3};
  random_stream random(3, "evaluate");
  const placement plan = test::random_plan(random, net.size(), model);
  const auto profile = activation_profile::zipf(model, 1, 1);
  const auto check = [&](const auto& router) {
    const latency_report report =
        evaluate(net, model, router, plan, {.count_gateway = true, .tokens_per_slot = 5000});
    REQUIRE(report.unreachable_fraction < 1);
    const auto tokens = static_cast<double>(report.token_s.size());
    CHECK(tokens == test::approx(20'000 * (1 - report.unreachable_fraction)));
    double sum_s = 0, squares = 0;
    for (const double token_s : report.token_s) sum_s += token_s;
    for (const double token_s : report.token_s)
      squares += (token_s - sum_s / tokens) * (token_s - sum_s / tokens);
    CHECK(sum_s / tokens == test::approx(report.mean_s, 0).margin(5 * std::sqrt(squares) / tokens));
  };
  check(successive(profile, model));
  check(conditional_poisson(profile, model));
}

TEST_CASE("evaluate: several plans are judged on the same tokens, each as if alone") {
  const timeline net = test::high_net(5, 4, {.slots = 4, .survival_probability = 0.95});
  const moe_model model{.layers = 2, .experts = 4, .top_k = 2};
  const auto profile = activation_profile::skewed(model, 1);
  const successive router(profile, model);
  random_stream random(4, "evaluate");
  std::vector<placement> plans;
  for (int i = 0; i < 3; ++i) plans.push_back(test::random_plan(random, net.size(), model));
  const std::vector<latency_report> reports = evaluate(net, model, router, plans);
  REQUIRE(reports.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(reports[i] == evaluate(net, model, router, plans[i]));
    CHECK(reports[i] == evaluate(net, model, profile, plans[i]));
  }
  CHECK_FALSE(reports[0] == reports[1]);
  CHECK(evaluate(net, model, router, std::vector<placement>{}).empty());
}

TEST_CASE("evaluate: the same bits for any number of threads, other tokens for another seed") {
  const timeline net = test::high_net(6, 5, {.slots = 9, .survival_probability = 0.9, .seed = 3});
  const moe_model model{.layers = 4, .experts = 5, .top_k = 3};
  random_stream random(5, "evaluate");
  const placement plan = test::random_plan(random, net.size(), model);
  const auto profile = activation_profile::skewed(model, 1);
  const latency_report report = evaluate(net, model, profile, plan);
  REQUIRE(report.unreachable_fraction < 1);
  for (const int threads : {2, 5})
    CHECK(report == evaluate(net, model, profile, plan, {}, {.threads = threads}));
  const latency_report other = evaluate(net, model, profile, plan, {.seed = 2});
  CHECK(other.slot_mean_s == report.slot_mean_s);
  CHECK(other.token_s != report.token_s);
}

TEST_CASE("evaluate: any delay router gives the same numbers") {
  const timeline net = test::high_net(5, 4, {.slots = 4, .survival_probability = 0.9});
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  random_stream random(6, "evaluate");
  const placement plan = test::random_plan(random, net.size(), model);
  const auto profile = activation_profile::skewed(model, 1);
  CHECK(evaluate<test::bellman_ford_router>(net, model, profile, plan) ==
        evaluate(net, model, profile, plan));
}

TEST_CASE("evaluate: a plan may share satellites where the options allow it") {
  const small_case c;
  const timeline net = test::star(matrix{{1, 2}});
  const auto profile = activation_profile::uniform(c.model);
  const placement shared{{0}, {{2, 2}}};
  CHECK(evaluate(net, c.model, profile, shared, {.experts_per_satellite = 2}).mean_s ==
        test::approx(4.0));
  CHECK_INVALID(evaluate(net, c.model, profile, shared),
                "plans[0].experts[0][1]: found 2; allowed: a satellite that hosts nothing else");
}

TEST_CASE("evaluate: options outside their range are named") {
  CHECK_NOTHROW(evaluate_options{}.validate());
  const small_case c;
  const timeline net = test::star(matrix{{1, 2}});
  const auto with = [&](const evaluate_options& options, const run_options& run = {}) {
    return evaluate(net, c.model, activation_profile::uniform(c.model), c.plan, options, run);
  };
  CHECK_INVALID(with({.flops_per_s = 0}),
                "flops_per_s: found 0; allowed: a number from 1 to 1e+24");
  CHECK_INVALID(with({.tokens_per_slot = -1}),
                "tokens_per_slot: found -1; allowed: an integer from 0 to 1000000");
  CHECK_INVALID(with({.experts_per_satellite = 0}),
                "experts_per_satellite: found 0; allowed: an integer from 1 to 65536");
  CHECK_INVALID(with({}, {.threads = 1025}),
                "threads: found 1025; allowed: an integer from 0 to 1024");
}

TEST_CASE("evaluate: a router or a plan that does not fit is named") {
  const small_case c;
  const timeline net = test::star(matrix{{1, 2, 3}});
  const auto profile = activation_profile::uniform(c.model);
  const moe_model three{.layers = 1, .experts = 3, .top_k = 1};
  moe_model both = c.model;
  both.top_k = 2;
  CHECK_INVALID(evaluate(net, three, profile, c.plan),
                "activation: found 1 layers × 2 experts; allowed: 1 layers × 3 experts");
  CHECK_INVALID(evaluate(net, three, successive(profile, c.model), c.plan),
                "activation: found 1 layers × 2 experts; allowed: 1 layers × 3 experts");
  CHECK_INVALID(evaluate(net, both, successive(profile, c.model), c.plan),
                "router.top_k: found 1; allowed: 2, by model.top_k");
  CHECK_INVALID(evaluate(net, three, activation_profile::uniform(three), c.plan),
                "plans[0].experts[0]: found 2; allowed: 3 ids, one per expert");
  const std::vector<placement> plans{c.plan, {{0}, {{1, 4}}}};
  CHECK_INVALID(evaluate(net, c.model, successive(profile, c.model), plans),
                "plans[1].experts[0][1]: found 4; allowed: a satellite in 0..3");
}

}  // namespace
}  // namespace evaluate_evaluate_test
