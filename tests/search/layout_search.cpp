#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/search/layout_search.hpp>
#include <orbitmoe/search/lower_bound.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace search_layout_search_test {
namespace {

using namespace orbitmoe;
using test::approx;

double mean_s(const timeline& net, const moe_model& model, const successive& router,
              const placement& plan, int capacity = 1) {
  return evaluate(net, model, router, plan,
                  {.tokens_per_slot = 0, .experts_per_satellite = capacity})
      .mean_s;
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
  for (std::uint64_t seed = 0; seed < 3000 && searched < 20; ++seed) {
    const timeline net = test::random_network(seed);
    if (net.size() < 5 || net.size() > 8 || net.slots() != 1) continue;
    // Where it is in parts, the search stays in that of its start.
    const auto from_s = mean_delays::over(net, 0);
    if (std::ranges::max(from_s.from(0)) > 1) continue;
    const double best_s = best_of_all_s(net, model, router);
    CAPTURE(seed);
    ++searched;
    const placement found =
        layout_search<>{{.moves = 20'000}}.plan(net, model, router, {.seed = seed});
    CHECK(mean_s(net, model, router, found) == approx(best_s).epsilon(1e-6));
  }
  CHECK(searched == 20);
}

TEST_CASE("layout_search: better than Space-XNet on outages it has not seen too") {
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

TEST_CASE("layout_search: the same layout for any number of threads") {
  const timeline net = test::high_net(6, 8, {.slots = 3, .survival_probability = 0.9});
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const activation_profile activation = activation_profile::skewed(model, 1);
  const layout_search<> search{{.moves = 20'000}};
  const placement one = search.plan(net, model, activation, {.seed = 5});
  CHECK(search.plan(net, model, activation, {.seed = 5}, {.threads = 3}) == one);
  CHECK_FALSE(search.plan(net, model, activation, {.seed = 6}) == one);
}

TEST_CASE("layout_search: many moves are several searches and the same on any number of threads") {
  const timeline net = test::high_net(5, 6, {.slots = 2, .survival_probability = 0.9});
  const moe_model model{.layers = 1, .experts = 1, .top_k = 1};
  const successive router(activation_profile::uniform(model), model);
  const layout_search<> search{{.moves = 600'000}};
  const placement one = search.plan(net, model, router, {.seed = 5});
  CHECK(search.plan(net, model, router, {.seed = 5}, {.threads = 3}).value() == one);
  one.validate(net.size(), model);
}

// Checks what every layout obeys in which hosts are shared by experts of one layer.
void check_sharing(const placement& plan, const moe_model& model, int capacity) {
  std::map<satellite_id, std::set<std::size_t>> layers;
  for (std::size_t l = 0; l < plan.experts.size(); ++l) {
    for (const satellite_id id : plan.experts[l]) layers[id].insert(l);
    const std::set<satellite_id> hosts(plan.experts[l].begin(), plan.experts[l].end());
    CHECK(hosts.size() == static_cast<std::size_t>((model.experts + capacity - 1) / capacity));
  }
  for (const auto& [id, of] : layers) CHECK(of.size() == 1);
}

TEST_CASE("layout_search: experts that share satellites") {
  const timeline net = test::high_net(8, 8, {.slots = 4, .survival_probability = 0.95});
  const moe_model model{.layers = 6, .experts = 5, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  double before_s = test::infinity;
  for (const int capacity : {1, 2, 5}) {
    CAPTURE(capacity);
    const plan_options room{.experts_per_satellite = capacity};
    const placement sorted = space_xnet{}.plan(net, model, router, room);
    const placement found = layout_search<>{{.moves = 40'000}}.plan(net, model, router, room);
    found.validate(net.size(), model, capacity);
    check_sharing(found, model, capacity);
    const double found_s = mean_s(net, model, router, found, capacity);
    CHECK(found_s < 0.97 * mean_s(net, model, router, sorted, capacity));
    CHECK(found_s < before_s);
    before_s = found_s;
  }
}

TEST_CASE("layout_search: sharing makes room where there was none") {
  const timeline net = test::high_net(3, 3);
  const moe_model model{.layers = 2, .experts = 6, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const layout_search<> search{{.moves = 10'000}};
  CHECK_THAT(search.plan(net, model, router).reason(),
             test::containing("2 layers need 14 satellites, each 1 for its gateway and 6 for 6 "
                              "experts, and there are 9"));
  const placement found = search.plan(net, model, router, {.experts_per_satellite = 2});
  found.validate(net.size(), model, 2);
  check_sharing(found, model, 2);
  CHECK_THAT(
      search.plan(test::high_net(1, 7), model, router, {.experts_per_satellite = 2}).reason(),
      test::containing("2 layers need 8 satellites, each 1 for its gateway and 3 for 6 "
                       "experts, and there are 7"));
  CHECK_INVALID(search.plan(net, model, router, {.experts_per_satellite = 0}),
                "experts_per_satellite");
}

TEST_CASE("layout_search: tells what is better as it goes and the last is the result") {
  const timeline net = test::high_net(6, 8, {.slots = 2, .survival_probability = 0.97});
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  for (const std::uint64_t moves : {1000u, 4096u, 5000u, 30'000u})
    for (const int capacity : {1, 2}) {
      CAPTURE(moves, capacity);
      std::vector<std::pair<placement, double>> told;
      const layout_search<> search{{.moves = moves}, [&](const placement& plan, double path_s) {
                                     told.emplace_back(plan, path_s);
                                   }};
      const placement found =
          search.plan(net, model, router, {.experts_per_satellite = capacity}, {.threads = 2});
      REQUIRE_FALSE(told.empty());
      CHECK(told.back().first == found);
      for (std::size_t i = 0; i < told.size(); ++i) {
        told[i].first.validate(net.size(), model, capacity);
        if (i > 0) CHECK(told[i].second < told[i - 1].second);
      }
      // Means of maxima are no less than maxima of means.
      const double compute_s = model.layers * model.expert_flops / evaluate_options{}.flops_per_s;
      CHECK(told.back().second > 0);
      CHECK(told.back().second <=
            (mean_s(net, model, router, found, capacity) - compute_s) * (1 + 1e-5));
    }
}

TEST_CASE("layout_search: an exception stops it soon on any number of threads") {
  const timeline net = test::high_net(6, 8);
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const layout_options endless{.moves = layout_options::max_moves, .time_limit_s = 3};
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    const auto started = std::chrono::steady_clock::now();
    int calls = 0;
    const layout_search<> search{endless, [&](const placement&, double) {
                                   if (calls++ == 0) throw std::runtime_error("enough");
                                 }};
    CHECK_THROWS_WITH(search.plan(net, model, router, {}, {.threads = threads}), "enough");
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
    CHECK(passed.count() < 1.5);
  }
}

TEST_CASE("layout_search: a target ends it early") {
  const timeline net = test::high_net(8, 8, {.slots = 2, .survival_probability = 1});
  const moe_model model{.layers = 4, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  // Anything is good enough.
  const placement sorted = space_xnet{}.plan(net, model, router);
  const layout_search<> lax{{.moves = layout_options::max_moves, .target_gap = 0.99}};
  CHECK(lax.plan(net, model, router).value() == sorted);
  // The path latency told last is the first that is within the gap.
  const double bound_s =
      lower_bound_s(net, model, router, {.flops_per_s = 1e24, .rounds = 200}) / (1 - 1e-6);
  std::vector<double> told_s;
  const layout_search<> near{{.moves = layout_options::max_moves, .target_gap = 0.3},
                             [&](const placement&, double path_s) { told_s.push_back(path_s); }};
  const placement found = near.plan(net, model, router);
  found.validate(net.size(), model);
  REQUIRE_FALSE(told_s.empty());
  const double enough_s = bound_s / 0.7;
  CHECK(told_s.back() <= enough_s * (1 + 1e-4));
  if (told_s.size() > 1) CHECK(told_s[told_s.size() - 2] > enough_s * (1 - 1e-4));
  // The same for any number of threads.
  CHECK(near.plan(net, model, router, {}, {.threads = 2}).value() == found);
  // A target out of reach changes nothing.
  const layout_search<> none{{.moves = 20'000}}, far{{.moves = 20'000, .target_gap = 0}};
  CHECK(far.plan(net, model, router).value() == none.plan(net, model, router).value());
}

TEST_CASE("layout_search: a start out of reach does not keep it from a good layout") {
  // The same satellites, and ten more that nobody gets to.
  matrix rays = make_matrix(1, 20, 0);
  for (Eigen::Index i = 0; i < 20; ++i) rays(0, i) = 0.001 * double(1 + i % 10);
  matrix more = make_matrix(1, 30, test::infinity);
  more.leftCols(20) = rays;
  const moe_model model{.layers = 2, .experts = 3, .top_k = 2, .expert_flops = 0, .token_bytes = 0};
  const successive router(activation_profile::skewed(model, 1), model);
  const layout_search<> search{{.moves = 50'000}};
  const timeline near = test::star(rays), far = test::star(more);
  const double near_s = mean_s(near, model, router, search.plan(near, model, router));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    CHECK(mean_s(far, model, router, search.plan(far, model, router, {.seed = seed})) <=
          near_s * 1.05);
  }
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

TEST_CASE("layout_search: a sky without planes and experts without weight") {
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

TEST_CASE("layout_search: no room is an answer and bad options are not") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 1};
  const activation_profile activation = activation_profile::skewed(model, 1);
  const timeline small = test::high_net(3, 3);
  const auto outcome = layout_search<>{}.plan(small, model, activation);
  CHECK_FALSE(outcome.feasible());
  CHECK(outcome.reason() ==
        "2 layers need 10 satellites, each 1 for its gateway and 4 for 4 experts, and there are 9");
  const timeline net = test::high_net(5, 5);
  CHECK_INVALID(layout_search<>{{.time_limit_s = 0}}.plan(net, model, activation), "time_limit_s");
  CHECK_INVALID(layout_search<>{{.moves = 2'000'000'000'000'000}}.plan(net, model, activation),
                "moves");
  for (const double gap : {-0.01, 0.991, std::nan("")})
    CHECK_INVALID(layout_search<>{{.target_gap = gap}}.plan(net, model, activation), "target_gap");
}

TEST_CASE("layout_search: progress rises to 1 and its exception reaches the caller") {
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
}  // namespace search_layout_search_test
