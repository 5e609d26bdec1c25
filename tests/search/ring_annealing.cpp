#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/search/ring_annealing.hpp>
#include <orbitmoe/search/ring_bound.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace search_ring_annealing_test {
namespace {

using namespace orbitmoe;

// What stops a search after so many moves, and remembers what it was told.
struct counter {
  double moves;
  std::vector<double> costs_s = {};
  double made = 0;
  double operator()(std::uint64_t more, const detail::costed_posts& best) {
    made += static_cast<double>(more);
    costs_s.push_back(best.cost_s);
    return made / moves;
  }
};

TEST_CASE("ring_annealing: ever better, never below the bound, and the cost of what it returns") {
  const timeline net = test::high_net(8, 8, {.slots = 3, .survival_probability = 0.95});
  const moe_model model{.layers = 5, .experts = 4, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const mean_delays delays = mean_delays::least(net, model.message_bits(), 0);
  const std::vector<std::vector<double>> slowest(5, slowest_by_weight(router, 0));
  const detail::ring_annealing annealing(delays, slowest);
  CHECK(annealing.moves_per_search() == 140'000u * 25);
  std::vector<satellite_id> posts(25);
  std::iota(posts.begin(), posts.end(), satellite_id{7});
  const detail::costed_posts start = annealing.costed(posts);

  random_stream random(1, "test");
  counter done{.moves = 300'000};
  const detail::costed_posts found = annealing.search(start, random, std::ref(done));
  CHECK(done.made >= 300'000);
  CHECK(done.made < 310'000);
  CHECK(std::ranges::is_sorted(done.costs_s, std::ranges::greater{}));
  CHECK(done.costs_s.front() == start.cost_s);
  CHECK(done.costs_s.back() == found.cost_s);
  CHECK(found.cost_s < 0.9 * start.cost_s);
  CHECK(found.cost_s == test::approx(annealing.costed(found.satellites).cost_s));
  std::vector<satellite_id> sorted = found.satellites;
  std::ranges::sort(sorted);
  CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
  detail::ring_bound bound(delays, slowest, {0, 1, 2, 3, 4}, 1, {});
  CHECK(bound.least_s(50, {}) <= found.cost_s * (1 + 1e-6));

  counter again{.moves = 300'000};
  random_stream same(1, "test");
  CHECK(annealing.search(start, same, std::ref(again)).satellites == found.satellites);
}

TEST_CASE("ring_annealing: no time leaves the start") {
  const timeline net = test::high_net(4, 4);
  const std::vector<std::vector<double>> slowest(2, {0.5, 0.5});
  const mean_delays delays = mean_delays::over(net, 0);
  const detail::ring_annealing annealing(delays, slowest);
  const detail::costed_posts start = annealing.costed({0, 1, 2, 3, 4, 5});
  random_stream random(1, "test");
  const auto over = [](std::uint64_t, const detail::costed_posts&) { return 1.0; };
  CHECK(annealing.search(start, random, over).satellites == start.satellites);
}

}  // namespace
}  // namespace search_ring_annealing_test
