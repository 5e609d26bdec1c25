#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <orbitmoe/schemes.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace schemes_test {
namespace {

using namespace orbitmoe;

/// A user's own planner: the usual plan, or another for some seeds.
struct one_of_two {
  static constexpr bool is_random = true;
  placement usual, other;
  std::function<bool(std::uint64_t)> takes_other;

  outcome<placement> plan(const timeline&, const moe_model&, const successive&,
                          const plan_options& options, const run_options&) const {
    return takes_other(options.seed) ? other : usual;
  }
};

/// Plans and reports of a scheme's repetitions, each by itself.
template<typename Scheme, typename Router>
std::vector<std::pair<placement, latency_report>> one_by_one(const Scheme& scheme,
                                                             const timeline& net,
                                                             const moe_model& model,
                                                             const Router& router,
                                                             const scheme_options& options) {
  std::vector<std::pair<placement, latency_report>> repetitions;
  for (int r = 0; r < options.repetitions; ++r) {
    const placement plan = scheme.plan(
        net, model, router,
        {.seed = random_stream::derive_seed(options.seed, "scheme", static_cast<std::uint64_t>(r)),
         .experts_per_satellite = options.evaluate.experts_per_satellite},
        {});
    repetitions.emplace_back(plan, evaluate(net, model, router, plan, options.evaluate));
  }
  return repetitions;
}

TEST_CASE("run_scheme: mean, standard error and quantiles by hand from the single reports") {
  const timeline net = test::high_net(6, 4, {.slots = 5, .survival_probability = 0.95, .seed = 2});
  const moe_model model{.layers = 4, .experts = 3, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const scheme_options options{
      .repetitions = 7, .seed = 9, .evaluate = {.tokens_per_slot = 11, .experts_per_satellite = 2}};
  const auto check = [&](const auto& scheme) {
    const scheme_report report = run_scheme("name", scheme, net, model, router, options);
    const auto singles = one_by_one(scheme, net, model, router, options);
    CHECK(report.name == "name");
    CHECK(report.plan == singles.front().first);

    double n = 0, sum_s = 0, squares = 0, unreachable = 0;
    std::vector<double> layer_sum_s(4, 0.0), token_s;
    for (const auto& [plan, single] : singles) {
      unreachable += single.unreachable_fraction / 7;
      if (single.unreachable_fraction == 1) continue;
      n += 1;
      sum_s += single.mean_s;
      token_s.insert(token_s.end(), single.token_s.begin(), single.token_s.end());
      for (std::size_t l = 0; l < 4; ++l) layer_sum_s[l] += single.layer_mean_s[l];
    }
    REQUIRE(n > 1);
    for (const auto& [plan, single] : singles)
      if (single.unreachable_fraction < 1) squares += std::pow(single.mean_s - sum_s / n, 2);
    CHECK(report.mean_s == test::approx(sum_s / n));
    CHECK(report.stderr_s > 0);
    CHECK(report.stderr_s == test::approx(std::sqrt(squares / (n - 1)) / std::sqrt(n), 1e-10));
    CHECK(report.unreachable_fraction == test::approx(unreachable));
    for (std::size_t l = 0; l < 4; ++l)
      CHECK(report.layer_mean_s[l] == test::approx(layer_sum_s[l] / n));
    std::sort(token_s.begin(), token_s.end());
    CHECK(report.p50_s == quantile(token_s, 0.50));
    CHECK(report.p95_s == quantile(token_s, 0.95));
    CHECK(report.p99_s == quantile(token_s, 0.99));
  };
  check(rand_intra_cg{});
  check(rand_intra{});
  check(rand_place{});
}

TEST_CASE("run_scheme: a scheme without chance has one plan and no error") {
  const timeline net = test::high_net(6, 4, {.slots = 5});
  const moe_model model{.layers = 4, .experts = 3, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const scheme_report report = run_scheme("sorted", space_xnet{}, net, model, router);
  const placement plan = space_xnet{}.plan(net, model, router);
  const latency_report single = evaluate(net, model, router, plan);
  REQUIRE(single.unreachable_fraction < 1);
  CHECK(report.plan == plan);
  CHECK(report.mean_s == single.mean_s);
  CHECK(report.stderr_s == 0);
  CHECK(report.layer_mean_s == single.layer_mean_s);
  CHECK(report ==
        run_scheme("sorted", space_xnet{}, net, model, router, {.repetitions = 3, .seed = 77})
            .value());
}

TEST_CASE("run_scheme: repetitions that reach no token count as unreachable, not in the mean") {
  // Rays 1 and 2 are up; 3 is down.
  const timeline net = test::star(matrix{{1, 2, test::infinity}});
  const moe_model model{.layers = 1, .experts = 2, .top_k = 2, .expert_flops = 0};
  const successive router(activation_profile::uniform(model), model);
  const one_of_two planner{.usual = {{0}, {{1, 2}}},
                           .other = {{0}, {{1, 3}}},
                           .takes_other = [](std::uint64_t seed) { return seed % 2 == 1; }};
  const scheme_options options{.repetitions = 40};
  const scheme_report report = run_scheme("half", planner, net, model, router, options);
  double lost = 0;
  for (const auto& [plan, single] : one_by_one(planner, net, model, router, options))
    lost += plan == planner.other;
  REQUIRE(lost > 0);
  REQUIRE(lost < 40);
  CHECK(report.mean_s == test::approx(4.0));
  CHECK(report.stderr_s == 0);
  CHECK(report.p50_s == test::approx(4.0));
  CHECK(report.unreachable_fraction == test::approx(lost / 40));
}

TEST_CASE("run_scheme: many repetitions are evaluated in batches") {
  // One table of 600 slots · 6 experts for each of 10,000 plans is more than 2^25 numbers.
  const timeline net = test::star(make_matrix(600, 7, 1));
  const moe_model model{.layers = 1, .experts = 6, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::uniform(model), model);
  // All rays are 1 s: from the hub a token takes 2 s, from the end of a ray 4 s. Only the first
  // repetition has its gateway there.
  const one_of_two planner{.usual = {{0}, {{1, 2, 3, 4, 5, 6}}},
                           .other = {{7}, {{1, 2, 3, 4, 5, 6}}},
                           .takes_other = [](std::uint64_t seed) {
                             return seed == random_stream::derive_seed(1, "scheme", 0);
                           }};
  std::vector<double> fractions;
  const scheme_report report =
      run_scheme("many", planner, net, model, router,
                 {.repetitions = 10'000, .evaluate = {.tokens_per_slot = 0}},
                 {.threads = 2, .progress = [&](double done) { fractions.push_back(done); }});
  CHECK(report.plan == planner.other);
  CHECK(report.mean_s == test::approx(2 + 2.0 / 10'000));
  CHECK(report.stderr_s == test::approx(2.0 / 10'000, 1e-9));  // 2·sqrt(1/n·(1 − 1/n)/(n − 1))
  CHECK(std::is_sorted(fractions.begin(), fractions.end()));
  CHECK(fractions.size() > net.slots());  // more than one pass over the slots
  CHECK(fractions.front() > 0);
  CHECK(fractions.back() == test::approx(1.0));
}

TEST_CASE("run_scheme: the same bits for any number of threads, other plans for another seed") {
  const timeline net = test::high_net(6, 5, {.slots = 6, .survival_probability = 0.95, .seed = 4});
  const moe_model model{.layers = 5, .experts = 4, .top_k = 3};
  const successive router(activation_profile::skewed(model, 1), model);
  for (const std::string_view name : scheme_names)
    visit_scheme(name, [&](const auto& scheme) {
      const auto run = [&](std::uint64_t seed, int threads) {
        return run_scheme(name, scheme, net, model, router, {.repetitions = 4, .seed = seed},
                          {.threads = threads})
            .value();
      };
      const scheme_report report = run(1, 1);
      CHECK(report.name == name);
      CHECK(report == run(1, 2));
      CHECK(report == run(1, 5));
      CHECK((report.plan != run(2, 1).plan) == scheme.is_random);
    });
}

TEST_CASE("run_scheme: says why there is no report") {
  const moe_model model{.layers = 4, .experts = 3, .top_k = 1, .expert_flops = 0};
  const successive router(activation_profile::uniform(model), model);
  const auto small = run_scheme("x", space_xnet{}, test::high_net(3, 4), model, router);
  CHECK_FALSE(small.feasible());
  CHECK(small.reason() ==
        "x: layer 0 needs 4 satellites (1 gateway and 3 for 3 experts), and its subnet has 3: "
        "experts_per_satellite must be 2 or more");

  const timeline dark = test::high_net(4, 4, {.slots = 3, .survival_probability = 0});
  const auto cut = run_scheme("y", rand_intra{}, dark, model, router, {.repetitions = 2});
  CHECK_FALSE(cut.feasible());
  CHECK(cut.reason() == "y: no slot of 3 has every route that the model uses");
  CHECK_THROWS_AS(cut.value(), infeasible_error);
}

TEST_CASE("run_scheme: what is out of range or does not fit is named") {
  const timeline net = test::high_net(4, 4, {.slots = 3});
  const moe_model model{.layers = 4, .experts = 3, .top_k = 1};
  const successive router(activation_profile::uniform(model), model);
  const auto with = [&](const scheme_options& options, const run_options& run = {}) {
    return run_scheme("x", rand_intra{}, net, model, router, options, run);
  };
  CHECK_INVALID(with({.repetitions = 0}),
                "repetitions: found 0; allowed: an integer from 1 to 10000");
  CHECK_INVALID(with({.repetitions = 10'001}), "repetitions: found 10001");
  CHECK_INVALID(with({.evaluate = {.flops_per_s = -1}}), "flops_per_s: found -1");
  CHECK_INVALID(with({.evaluate = {.experts_per_satellite = 0}}), "experts_per_satellite: found 0");
  CHECK_INVALID(with({}, {.threads = -1}), "threads: found -1");
  CHECK_INVALID(with({.repetitions = 10'000, .evaluate = {.tokens_per_slot = 1'000'000}}),
                "tokens_per_slot: found 1000000; allowed: slots × tokens_per_slot × repetitions at "
                "most 2^27");
  const moe_model other{.layers = 4, .experts = 2, .top_k = 1};
  CHECK_INVALID(run_scheme("x", rand_intra{}, net, other, router),
                "activation: found 4 layers × 3 experts; allowed: 4 layers × 2 experts");
}

TEST_CASE("visit_scheme: the four schemes of the published table by name, and the search") {
  const auto is = []<typename Expected>(std::string_view name, const Expected&) {
    return visit_scheme(
        name, []<typename Scheme>(const Scheme&) { return std::is_same_v<Scheme, Expected>; });
  };
  CHECK(scheme_names.size() == 4);
  CHECK(is(scheme_names[0], space_xnet{}));
  CHECK(is(scheme_names[1], rand_intra_cg{}));
  CHECK(is(scheme_names[2], rand_intra{}));
  CHECK(is(scheme_names[3], rand_place{}));
  CHECK_INVALID(visit_scheme("best", [](const auto&) {}),
                "schemes: found \"best\"; allowed: space-xnet, rand-intra-cg, rand-intra, "
                "rand-place, space-xnet-ring-optimal, layout-search");
  CHECK(is("space-xnet-ring-optimal", space_xnet_ring_optimal{}));
  const layout_options few{.moves = 7};
  const auto moves_of = []<typename Scheme>(const Scheme& scheme) -> std::uint64_t {
    if constexpr (std::is_same_v<Scheme, layout_search<>>) return scheme.options.moves;
    return 0;
  };
  CHECK(visit_scheme("layout-search", moves_of, few) == 7);
  CHECK(visit_scheme("layout-search", moves_of) == layout_options{}.moves);
}

TEST_CASE("run_scheme: progress of a scheme that is not random is that of its plan, too") {
  const timeline net = test::high_net(6, 8);
  const moe_model model{.layers = 3, .experts = 4};
  const successive router(activation_profile::skewed(model, 1), model);
  std::vector<double> fractions;
  const auto note = [&](double fraction) { fractions.push_back(fraction); };
  (void)run_scheme("x", layout_search<>{{.moves = 20'000}}, net, model, router, {},
                   {.progress = note});
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  CHECK(std::ranges::count_if(fractions, [](double f) { return f > 0.1 && f < 0.45; }) > 1);
}

TEST_CASE("run_scheme: the published table keeps its order on a few slots of the published sky") {
  const timeline net{walker_constellation{}, plus_grid{}, {.slots = 5}};
  const moe_model model = presets::llama_moe_3_5b();
  const successive router(activation_profile::skewed(model, 1), model);
  std::vector<double> mean_s;
  for (const std::string_view name : scheme_names)
    visit_scheme(name, [&](const auto& scheme) {
      const scheme_report report = run_scheme(
          name, scheme, net, model, router, {.repetitions = 2, .evaluate = {.tokens_per_slot = 0}});
      CHECK(report.unreachable_fraction == 0);
      mean_s.push_back(report.mean_s);
    });
  CHECK(mean_s[0] == test::approx(1.05, 0.08));  // FACTS: the published 1.02–1.07 s, within 8 %
  CHECK(mean_s[1] > 2 * mean_s[0]);
  CHECK(mean_s[2] > mean_s[1]);
  CHECK(mean_s[3] > mean_s[2]);
}

struct says_not_random {
  static constexpr bool is_random = false;
  std::vector<satellite_id> place(const layer_context& ctx) const {
    return random_experts{}.place(ctx);
  }
};
static_assert(!planner<ring_partition, central_gateway, says_not_random>::is_random);
static_assert(planner<ring_partition, central_gateway, random_experts>::is_random);
static_assert(!space_xnet::is_random);

/// Draws experts that the model does not have.
struct draws_too_far : successive {
  using successive::successive;
  void draw(random_stream&, std::span<std::size_t> out) const {
    std::fill(out.begin(), out.end(), activation().experts());
  }
};

TEST_CASE("schemes: a model is checked before it is used") {
  const timeline net = test::high_net(5, 3);
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  const successive router(activation_profile::uniform(model), model);
  for (const int layers : {0, -1})
    CHECK_INVALID(run_scheme("x", space_xnet{}, net, {.layers = layers}, router), "layers: found ");
}

TEST_CASE("evaluate: a router that draws what there is not is named") {
  const timeline net = test::high_net(5, 3);
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  const draws_too_far router(activation_profile::uniform(model), model);
  CHECK_INVALID(run_scheme("x", space_xnet{}, net, model, router),
                "router.draw: found 4; allowed: an expert of the model");
}

}  // namespace
}  // namespace schemes_test
