#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stop_token>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/search/layout_search.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

using namespace orbitmoe;
using test::approx;

namespace {

double mean_s(const timeline& net, const moe_model& model, const successive& router,
              const placement& plan) {
  return evaluate(net, model, router, plan, {.tokens_per_slot = 0}).mean_s;
}

std::vector<std::vector<double>> falling_law(std::size_t layers, std::size_t experts) {
  std::vector<double> law(experts);
  for (std::size_t j = 0; j < experts; ++j) law[j] = static_cast<double>(experts - j);
  return std::vector(layers, law);
}

TEST_CASE("ring_layout: thousands of moves, kept or not, leave the right total") {
  const timeline net = test::high_net(6, 8, {.slots = 2, .survival_probability = 0.9});
  const moe_model model{.layers = 4, .experts = 5, .top_k = 2};
  const mean_delays delays = mean_delays::over(net, model.message_bits());
  random_stream random(1, "test");
  const placement start = test::random_plan(random, net.size(), model);
  const auto law = falling_law(4, 5);
  std::vector<std::vector<std::size_t>> heaviest(4, {0, 1, 2, 3, 4});

  detail::ring_layout layout(delays, law, start);
  double total_s = layout.total_s();
  for (int n = 0; n < 5000; ++n) {
    const auto post = static_cast<detail::ring_layout::post>(random.uniform_index(layout.posts()));
    const auto to = static_cast<satellite_id>(random.uniform_index(net.size()));
    const bool keep = random.uniform_01() < 0.5;
    const double before_s = layout.total_s();
    const double change_s = layout.move(post, to, [&](double) { return keep; });
    total_s += change_s;
    REQUIRE(layout.total_s() == approx(before_s + change_s));
    REQUIRE(layout.total_s() == approx(total_s));
    if (!keep) REQUIRE(layout.total_s() == before_s);
    if (n % 100 != 0) continue;
    const placement plan = layout.plan(heaviest);
    plan.validate(net.size(), model);
    REQUIRE(layout.total_s() == approx(detail::ring_layout(delays, law, plan).total_s()));
  }
}

TEST_CASE("ring_layout: one slot without outages, and its total is the exact mean") {
  const timeline net = test::high_net(5, 7);
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 3), model);
  const mean_delays delays = mean_delays::over(net, model.message_bits());
  random_stream random(2, "test");
  for (int repetition = 0; repetition < 20; ++repetition) {
    std::vector<std::vector<std::size_t>> heaviest(3);
    std::vector<std::vector<double>> law(3, std::vector<double>(4));
    for (std::size_t l = 0; l < 3; ++l) {
      heaviest[l] = {0, 1, 2, 3};
      std::ranges::stable_sort(heaviest[l], [&](std::size_t a, std::size_t b) {
        return router.activation().layer(l)[a] > router.activation().layer(l)[b];
      });
      router.slowest_rank(l, heaviest[l], law[l]);
    }
    const detail::ring_layout layout(delays, law, test::random_plan(random, net.size(), model));
    const double compute_s = 3 * model.expert_flops / evaluate_options{}.flops_per_s;
    CHECK(layout.total_s() + compute_s ==
          approx(mean_s(net, model, router, layout.plan(heaviest))).epsilon(1e-6));
  }
}

// Every plan of two layers with one expert each.
double best_of_all_s(const timeline& net, const moe_model& model, const successive& router) {
  std::vector<placement> plans;
  const auto n = static_cast<satellite_id>(net.size());
  for (satellite_id a = 0; a < n; ++a)
    for (satellite_id b = 0; b < n; ++b)
      for (satellite_id c = 0; c < n; ++c)
        for (satellite_id d = 0; d < n; ++d)
          if (a != b && a != c && a != d && b != c && b != d && c != d)
            plans.push_back({{a, b}, {{c}, {d}}});
  double best_s = test::infinity;
  for (const latency_report& report :
       evaluate(net, model, router, std::span<const placement>(plans), {.tokens_per_slot = 0}))
    best_s = std::min(best_s, report.mean_s);
  return best_s;
}

TEST_CASE("layout_search: finds the best of all plans where all can be tried") {
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1};
  const successive router(activation_profile::skewed(model, 1), model);
  int searched = 0;
  for (std::uint64_t seed = 0; seed < 300 && searched < 20; ++seed) {
    const timeline net = test::random_network(seed);
    if (net.size() < 5 || net.size() > 8 || net.slots() != 1) continue;
    const double best_s = best_of_all_s(net, model, router);
    if (best_s == test::infinity) continue;
    CAPTURE(seed);
    ++searched;
    const placement found =
        layout_search<>{{.moves = 20'000}}.plan(net, model, router, {.seed = seed});
    CHECK(mean_s(net, model, router, found) == approx(best_s).epsilon(1e-6));
  }
  CHECK(searched == 20);
}

TEST_CASE("layout_search: better than Space-XNet, on outages it has not seen, too") {
  const walker_constellation sky = test::high_sky(12, 12);
  const timeline net{sky, plus_grid{}, {.slots = 12, .survival_probability = 0.95}};
  const moe_model model{.layers = 12, .experts = 6, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const placement sorted = space_xnet{}.plan(net, model, router);
  const placement found = layout_search<>{{.moves = 100'000}}.plan(net, model, router);
  found.validate(net.size(), model);
  CHECK(mean_s(net, model, router, found) < 0.95 * mean_s(net, model, router, sorted));
  const timeline unseen{sky, plus_grid{}, {.slots = 12, .survival_probability = 0.95, .seed = 2}};
  CHECK(mean_s(unseen, model, router, found) < 0.95 * mean_s(unseen, model, router, sorted));
}

TEST_CASE("layout_search: same seed and moves, same layout for any number of threads") {
  const timeline net = test::high_net(6, 8, {.slots = 3, .survival_probability = 0.9});
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const activation_profile activation = activation_profile::skewed(model, 1);
  const layout_search<> search{{.moves = 20'000}};
  const placement one = search.plan(net, model, activation, {.seed = 5});
  CHECK(search.plan(net, model, activation, {.seed = 5}, {.threads = 3}) == one);
  CHECK_FALSE(search.plan(net, model, activation, {.seed = 6}) == one);
}

TEST_CASE("layout_search: no moves or no time leave the start") {
  const timeline net = test::high_net(6, 8);
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const activation_profile activation = activation_profile::skewed(model, 1);
  const placement sorted = space_xnet{}.plan(net, model, activation);
  CHECK(layout_search<>{{.moves = 0}}.plan(net, model, activation).value() == sorted);
  std::stop_source stop;
  stop.request_stop();
  CHECK(layout_search<>{{.stop = stop.get_token()}}.plan(net, model, activation).value() == sorted);
  const placement hurried =
      layout_search<>{{.moves = 1'000'000'000'000, .time_limit_s = 0.05}}.plan(net, model,
                                                                               activation);
  hurried.validate(net.size(), model);
}

TEST_CASE("layout_search: a sky without planes, another router, experts without weight") {
  matrix rays = make_matrix(2, 20, 0.001);
  for (std::size_t i = 0; i < 20; ++i) rays(0, static_cast<Eigen::Index>(i)) += 0.0001 * double(i);
  const timeline net = test::star(rays);
  const moe_model model{.layers = 2, .experts = 3, .top_k = 2};
  matrix weights(2, 3);
  weights << 1, 0, 3,  //
      2, 2, 2;
  const conditional_poisson router(activation_profile(weights), model);
  const placement found = layout_search<>{{.moves = 20'000}}.plan(net, model, router);
  found.validate(net.size(), model);
  // The hub is a gateway, or some layer pays two rays more.
  CHECK(std::ranges::count(found.gateways, satellite_id{0}) == 1);
}

TEST_CASE("layout_search: no room is an answer, bad options are not") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 1};
  const activation_profile activation = activation_profile::skewed(model, 1);
  const timeline small = test::high_net(3, 3);
  const auto outcome = layout_search<>{}.plan(small, model, activation);
  CHECK_FALSE(outcome.feasible());
  CHECK(outcome.reason().find("layer") != std::string::npos);
  const timeline net = test::high_net(5, 5);
  CHECK_INVALID(layout_search<>{{.time_limit_s = 0}}.plan(net, model, activation), "time_limit_s");
  CHECK_INVALID(layout_search<>{{.moves = 2'000'000'000'000'000}}.plan(net, model, activation),
                "moves");
}

TEST_CASE("layout_search: progress rises to 1, and its exception reaches the caller") {
  const timeline net = test::high_net(5, 5, {.slots = 2});
  const moe_model model{.layers = 2, .experts = 3, .top_k = 1};
  const activation_profile activation = activation_profile::skewed(model, 1);
  std::vector<double> fractions;
  (void)layout_search<>{{.moves = 20'000}}.plan(
      net, model, activation, {},
      {.progress = [&](double fraction) { fractions.push_back(fraction); }});
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(layout_search<>{}.plan(net, model, activation, {}, {.progress = cancel}),
                    "enough");
}

}  // namespace
