#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <vector>

#include <orbitmoe/random.hpp>
#include <orbitmoe/search/mean_delays.hpp>
#include <orbitmoe/search/ring_bound.hpp>
#include <orbitmoe/search/ring_layout.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace search_ring_bound_test {
namespace {

using namespace orbitmoe;
using test::approx;

using laws_t = std::vector<std::vector<double>>;
using kinds_t = std::vector<std::size_t>;

double bound_s(const mean_delays& delays, const laws_t& laws, const kinds_t& layers,
               std::size_t capacity, int rounds, int threads = 1) {
  return detail::ring_bound(delays, laws, layers, capacity, {.threads = threads})
      .least_s(rounds, {.threads = threads});
}

// The least cost of all rings: every choice of gateways, and of hosts with so many experts each.
double least_of_all_s(const mean_delays& delays, const laws_t& laws, const kinds_t& layers,
                      std::size_t capacity) {
  const std::size_t experts = laws.front().size();
  double least_s = test::infinity;
  std::vector<satellite_id> gateways;
  std::vector<std::size_t> room(delays.size(), capacity);
  // The hosts of layer l and of those after it, on what room is left.
  const std::function<void(std::size_t, double)> host = [&](std::size_t l, double so_far_s) {
    if (!(so_far_s < least_s)) return;
    if (l == layers.size()) {
      least_s = so_far_s;
      return;
    }
    const auto from_s = delays.from(gateways[l]);
    const auto to_s = delays.from(gateways[(l + 1) % layers.size()]);
    std::vector<double> times_s;
    const std::function<void(satellite_id)> choose = [&](satellite_id first) {
      if (times_s.size() == experts) {
        std::vector<double> sorted_s = times_s;
        std::ranges::sort(sorted_s);
        double cost_s = 0;
        for (std::size_t j = 0; j < experts; ++j)
          if (laws[layers[l]][j] > 0) cost_s += laws[layers[l]][j] * sorted_s[j];
        host(l + 1, so_far_s + cost_s);
        return;
      }
      for (satellite_id v = first; v < delays.size(); ++v) {
        if (room[v] == 0) continue;
        --room[v];
        times_s.push_back(static_cast<double>(from_s[v]) + static_cast<double>(to_s[v]));
        choose(v);
        times_s.pop_back();
        ++room[v];
      }
    };
    choose(0);
  };
  const std::function<void()> choose_gateways = [&] {
    if (gateways.size() == layers.size()) {
      host(0, 0);
      return;
    }
    for (satellite_id g = 0; g < delays.size(); ++g) {
      if (room[g] == 0) continue;
      room[g] = 0;
      gateways.push_back(g);
      choose_gateways();
      gateways.pop_back();
      room[g] = capacity;
    }
  };
  choose_gateways();
  return least_s;
}

// P(the slowest expert is the j-th) of some kind of layer; of some, the last experts are not used.
std::vector<double> random_law(random_stream& random, std::size_t experts) {
  std::vector<double> law(experts, 0);
  const std::size_t used = 1 + random.uniform_index(experts);
  double sum = 0;
  for (std::size_t j = 0; j < used; ++j) sum += law[j] = 0.05 + random.uniform_01();
  for (double& p : law) p /= sum;
  return law;
}

TEST_CASE("ring_bound: below all rings on random networks and close to the best") {
  static constexpr struct {
    std::size_t layers, experts, capacity, most_satellites;
  } shapes[] = {{1, 1, 1, 9}, {1, 3, 1, 9}, {1, 4, 2, 8}, {2, 1, 1, 9}, {2, 2, 1, 8}, {2, 2, 2, 7},
                {2, 3, 2, 6}, {3, 1, 1, 7}, {3, 2, 2, 6}, {3, 1, 2, 6}, {4, 1, 1, 8}};
  for (const auto& [layers, experts, capacity, most_satellites] : shapes) {
    double bounds_s = 0, least_sum_s = 0;
    int tried = 0;
    for (std::uint64_t seed = 0; seed < 20'000 && tried < 8; ++seed) {
      const timeline net = test::random_network(seed);
      const std::size_t hosts = (experts + capacity - 1) / capacity;
      if (net.size() > most_satellites ||
          net.size() < layers + std::max(hosts, layers * experts / capacity))
        continue;
      random_stream random(seed, "test");
      const std::size_t kind_count = 1 + random.uniform_index(2);
      laws_t laws;
      for (std::size_t k = 0; k < kind_count; ++k) laws.push_back(random_law(random, experts));
      kinds_t kinds(layers);
      for (std::size_t& kind : kinds) kind = random.uniform_index(laws.size());
      const mean_delays delays = mean_delays::least(net, 0, 0);
      const double least_s = least_of_all_s(delays, laws, kinds, capacity);
      CAPTURE(seed, layers, experts, capacity);
      const double found_s = bound_s(delays, laws, kinds, capacity, 60);
      CHECK(found_s <= least_s * (1 + 1e-6));
      if (least_s == test::infinity) continue;
      ++tried;
      if (layers == 1) CHECK(found_s == approx(least_s).epsilon(1e-6));
      CHECK(found_s >= bound_s(delays, laws, kinds, capacity, 0) * (1 - 1e-12));
      CHECK(found_s > 0);
      bounds_s += found_s;
      least_sum_s += least_s;
    }
    CAPTURE(layers, experts, capacity);
    CHECK(tried == 8);
    CHECK(bounds_s >= 0.6 * least_sum_s);
  }
}

TEST_CASE("ring_bound: by hand on a chain") {
  // 0 ─ 1 ─ 2 ─ 3, one second each. Two layers with one expert each: the gateways beside each
  // other, and each expert beside one of them; no two layers take less than 3 s both.
  const mean_delays delays =
      mean_delays::over(timeline{4, {{0, 1}, {1, 2}, {2, 3}}, matrix::Ones(1, 3)}, 0);
  CHECK(least_of_all_s(delays, {{1}}, {0, 0}, 1) == 6);
  CHECK(least_of_all_s(delays, {{1}}, {0, 0}, 2) == 4);
  CHECK(bound_s(delays, {{1}}, {0, 0}, 1, 0) == approx(4));
  CHECK(bound_s(delays, {{1}}, {0, 0}, 1, 200) <= 6);
  CHECK(bound_s(delays, {{1}}, {0, 0}, 1, 200) > 5);
  CHECK(bound_s(delays, {{1}}, {0, 0}, 2, 200) == approx(4));
  // One layer: there and back.
  CHECK(bound_s(delays, {{1}}, {0}, 1, 0) == approx(2));
  CHECK(bound_s(delays, {{0.5, 0.5}}, {0}, 1, 0) == approx(2));
  CHECK(bound_s(delays, {{0.5, 0.25, 0.25}}, {0}, 1, 0) == approx(0.75 * 2 + 0.25 * 4));
  CHECK(bound_s(delays, {{0.5, 0.25, 0.25}}, {0}, 2, 0) == approx(2));
}

TEST_CASE("ring_bound: prices raise it where neighbours want the same satellites") {
  const timeline net = test::high_net(7, 7);
  const mean_delays delays = mean_delays::over(net, 65'536);
  const laws_t laws{{0.4, 0.3, 0.2, 0.1}, {0.1, 0.2, 0.3, 0.4}};
  for (const kinds_t& kinds : {kinds_t{0, 0, 0, 0}, kinds_t{1, 1, 1}, kinds_t{0, 1, 0, 1, 1}})
    for (const std::size_t capacity : {1u, 2u}) {
      CAPTURE(kinds, capacity);
      const double free_s = bound_s(delays, laws, kinds, capacity, 0);
      double before_s = free_s;
      for (const int rounds : {1, 5, 20, 80}) {
        CAPTURE(rounds);
        const double found_s = bound_s(delays, laws, kinds, capacity, rounds);
        CHECK(found_s >= free_s * (1 - 1e-12));
        if (kinds.size() != 5) CHECK(found_s >= before_s * (1 - 1e-12));  // of one kind
        before_s = found_s;
      }
      CHECK(before_s > 1.02 * free_s);
      CHECK(bound_s(delays, laws, kinds, capacity, 20, 3) ==
            bound_s(delays, laws, kinds, capacity, 20));
    }
}

TEST_CASE("ring_bound: room for two experts is worth less than half the satellites") {
  const mean_delays delays = mean_delays::over(test::high_net(6, 6), 65'536);
  const laws_t one{{0.4, 0.3, 0.2, 0.1}}, two{{0.7, 0.3}};
  const kinds_t kinds{0, 0, 0};
  const double alone_s = bound_s(delays, one, kinds, 1, 40);
  const double shared_s = bound_s(delays, one, kinds, 2, 40);
  CHECK(shared_s < alone_s);
  // Pairs on one satellite are one of the ways to share.
  CHECK(shared_s <= bound_s(delays, two, kinds, 1, 40) * 1.02);
  // More room than for all experts of two layers is no more.
  CHECK(bound_s(delays, one, kinds, 8, 20) == bound_s(delays, one, kinds, 65'536, 20));
}

TEST_CASE("ring_bound: infinity where no layer has its routes") {
  const mean_delays dark = mean_delays::over(timeline{8, {}, make_matrix(2, 0, 0)}, 0);
  for (const int rounds : {0, 20}) {
    CHECK(bound_s(dark, {{1}}, {0}, 1, rounds) == test::infinity);
    CHECK(bound_s(dark, {{0.5, 0.5}}, {0, 0}, 1, rounds) == test::infinity);
  }
}

TEST_CASE("ring_bound: progress rises to 1 and its exception reaches the caller") {
  const mean_delays delays = mean_delays::over(test::high_net(4, 5), 65'536);
  std::vector<double> fractions;
  const run_options run{.progress = [&](double part) { fractions.push_back(part); }};
  detail::ring_bound bound(delays, {{0.5, 0.5}}, {0, 0, 0}, 1, run);
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == approx(1));
  fractions.clear();
  (void)bound.least_s(10, run);
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(bound.least_s(10, {.progress = cancel}), "enough");
}

}  // namespace
}  // namespace search_ring_bound_test
