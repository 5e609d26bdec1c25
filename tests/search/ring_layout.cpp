#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/search/mean_delays.hpp>
#include <orbitmoe/search/ring_layout.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace search_ring_layout_test {
namespace {

using namespace orbitmoe;
using detail::ring_layout;
using test::approx;

using post = ring_layout::post;
using laws_t = std::vector<std::vector<double>>;

std::vector<std::vector<double>> falling_law(std::size_t layers, std::size_t hosts) {
  std::vector<double> law(hosts);
  const double sum = static_cast<double>(hosts * (hosts + 1)) / 2;
  for (std::size_t j = 0; j < hosts; ++j) law[j] = static_cast<double>(hosts - j) / sum;
  return std::vector(layers, law);
}

// The first of all satellites in random order.
std::vector<satellite_id> random_start(random_stream& random, std::size_t satellites,
                                       std::size_t posts) {
  std::vector<satellite_id> start(satellites);
  std::iota(start.begin(), start.end(), satellite_id{0});
  random.shuffle(start);
  start.resize(posts);
  return start;
}

float over_s(const mean_delays& delays, const ring_layout& layout, std::size_t layer,
             satellite_id host) {
  return std::min(
      delays.from(layout.gateway(layer))[host] + delays.from(layout.gateway(layer + 1))[host],
      1e3f);
}

// Checks that every satellite is there at most once, and each layer's hosts by rising time.
void check_order(const mean_delays& delays, const ring_layout& layout) {
  const auto& satellites = layout.satellites();
  REQUIRE(std::set(satellites.begin(), satellites.end()).size() == satellites.size());
  for (std::size_t l = 0; l < layout.layers(); ++l)
    for (std::size_t n = 2; n < layout.width(); ++n) {
      const std::size_t at = l * layout.width() + n;
      REQUIRE(over_s(delays, layout, l, satellites[at - 1]) <=
              over_s(delays, layout, l, satellites[at]));
    }
}

// Random moves, kept or not. Each puts a post on a satellite, and who was there in its stead.
void check_moves(const mean_delays& delays, const std::vector<std::vector<double>>& law,
                 std::uint64_t seed, int moves) {
  random_stream random(seed, "test");
  const std::size_t posts = law.size() * (law.front().size() + 1);
  ring_layout layout(delays, law, random_start(random, delays.size(), posts));
  REQUIRE(layout.posts() == posts);
  double total_s = layout.total_s();
  for (int n = 0; n < moves; ++n) {
    const auto moved = static_cast<post>(random.uniform_index(posts));
    const auto to = static_cast<satellite_id>(random.uniform_index(delays.size()));
    const bool keep = random.uniform_01() < 0.5;
    const std::vector<satellite_id> before = layout.satellites();
    const double before_s = layout.total_s();
    double offered_s = 0;
    const double change_s = layout.move(moved, to, [&](double offer_s) {
      offered_s = offer_s;
      return keep;
    });
    REQUIRE(change_s == (keep ? offered_s : 0));
    total_s += change_s;
    if (!keep) {
      REQUIRE(layout.satellites() == before);
      REQUIRE(layout.total_s() == before_s);
      continue;
    }
    std::vector<satellite_id> expected = before;
    const auto there = std::ranges::find(expected, to);
    if (there != expected.end()) *there = before[moved];
    expected[moved] = to;
    const ring_layout fresh(delays, law, expected);
    check_order(delays, layout);
    for (std::size_t l = 0; l < layout.layers(); ++l) {
      CHECK(layout.gateway(l) == expected[l * layout.width()]);
      const auto hosts = [&](const std::vector<satellite_id>& of) {
        const auto first = of.begin() + static_cast<std::ptrdiff_t>(l * layout.width());
        return std::set(first, first + static_cast<std::ptrdiff_t>(layout.width()));
      };
      REQUIRE(hosts(layout.satellites()) == hosts(expected));
    }
    REQUIRE(layout.total_s() == approx(fresh.total_s()).epsilon(1e-6));
    REQUIRE(layout.total_s() == approx(total_s).epsilon(1e-9));
  }
}

TEST_CASE("ring_layout: thousands of moves kept or not leave the right total") {
  const timeline net = test::high_net(4, 6, {.slots = 2, .survival_probability = 0.95});
  const mean_delays delays = mean_delays::over(net, 65'536);
  std::uint64_t seed = 1;
  for (const auto& [layers, hosts] : {std::pair<std::size_t, std::size_t>{1, 1},
                                      {1, 6},
                                      {2, 1},
                                      {2, 5},
                                      {3, 4},
                                      {4, 5},
                                      {8, 2}}) {
    CAPTURE(layers, hosts);
    check_moves(delays, falling_law(layers, hosts), seed++, 1000);
  }
}

TEST_CASE("ring_layout: moves in networks with many ties") {
  int tried = 0;
  for (std::uint64_t seed = 0; tried < 20; ++seed) {
    const timeline net = test::random_network(seed);
    const mean_delays delays = mean_delays::over(net, 0);
    const bool connected =
        std::ranges::all_of(delays.from(0), [](float delay_s) { return delay_s < 1; });
    if (net.size() < 8 || !connected) continue;
    CAPTURE(seed);
    ++tried;
    check_moves(delays, falling_law(2, 3), seed, 150);
  }
}

TEST_CASE("ring_layout: a gateway and a host change places") {
  const timeline net = test::high_net(3, 5);
  const mean_delays delays = mean_delays::over(net, 65'536);
  for (const std::size_t layers : {1u, 2u, 4u}) {
    const auto law = falling_law(layers, 2);
    random_stream random(layers, "test");
    const std::vector<satellite_id> start = random_start(random, net.size(), 3 * layers);
    const ring_layout before(delays, law, start);
    for (post p = 0; p < before.posts(); ++p)
      for (post other = 0; other < before.posts(); ++other) {
        ring_layout layout = before;
        std::vector<satellite_id> swapped = before.satellites();
        std::swap(swapped[p], swapped[other]);
        const ring_layout fresh(delays, law, swapped);
        const double change_s =
            layout.move(p, before.satellites()[other], [](double) { return true; });
        CAPTURE(layers, p, other);
        CHECK(layout.total_s() == approx(fresh.total_s()).epsilon(1e-6));
        CHECK(change_s == approx(fresh.total_s() - before.total_s()).margin(1e-6));
        check_order(delays, layout);
        // And back: where the host is now, its order may have changed.
        const satellite_id was = before.satellites()[p];
        const auto at = std::ranges::find(layout.satellites(), before.satellites()[other]);
        layout.move(static_cast<post>(at - layout.satellites().begin()), was,
                    [](double) { return true; });
        CHECK(layout.total_s() == approx(before.total_s()).epsilon(1e-6));
      }
  }
}

TEST_CASE("ring_layout: what changes nothing is not asked for") {
  const timeline net = test::high_net(3, 5);
  const mean_delays delays = mean_delays::over(net, 65'536);
  const auto law = falling_law(2, 3);
  ring_layout layout(delays, law, {0, 1, 2, 3, 4, 5, 6, 7});
  const auto never = [](double) -> bool { throw std::runtime_error("asked"); };
  for (post p = 0; p < layout.posts(); ++p)
    CHECK(layout.move(p, layout.satellites()[p], never) == 0);
  for (const post p : {1u, 2u, 3u})
    for (const post other : {1u, 2u, 3u})
      CHECK(layout.move(p, layout.satellites()[other], never) == 0);
}

TEST_CASE("ring_layout: out of reach is very far and leaves no trace") {
  // Satellites 30 and up are alone. Only hosts move, so that no layer is ever costed anew.
  matrix rays = make_matrix(1, 39, 0.001);
  for (Eigen::Index i = 0; i < 39; ++i) rays(0, i) += 1.37e-3 * double(i);
  rays.rightCols(10).setConstant(test::infinity);
  const timeline net = test::star(rays);
  const mean_delays delays = mean_delays::over(net, 0);
  const laws_t law(2, {0.1, 0.2, 0.3, 0.4});
  ring_layout layout(delays, law, {0, 2, 3, 4, 5, 1, 6, 7, 8, 9});
  random_stream random(1, "test");
  const auto move = [&](const auto& accept) {
    const std::size_t place = random.uniform_index(8);
    return layout.move(static_cast<post>(1 + place % 4 + place / 4 * layout.width()),
                       static_cast<satellite_id>(2 + random.uniform_index(net.size() - 2)), accept);
  };
  bool far = false;
  for (int n = 0; n < 30'000; ++n) {
    move([](double) { return true; });
    far |= layout.total_s() > 100;
  }
  CHECK(far);
  check_order(delays, layout);
  for (int n = 0; n < 5000; ++n) move([](double change_s) { return change_s < 0; });
  const double fresh_s = ring_layout(delays, law, layout.satellites()).total_s();
  CHECK(fresh_s < 1);
  CHECK(layout.total_s() == approx(fresh_s).epsilon(1e-6));
}

TEST_CASE("ring_layout: its total is the exact mean in one slot without outages") {
  const timeline net = test::high_net(5, 7);
  const mean_delays delays = mean_delays::over(net, moe_model{}.message_bits());
  random_stream random(2, "test");
  for (const int layers : {1, 2, 3, 5}) {
    const moe_model model{.layers = layers, .experts = 4, .top_k = 2, .expert_flops = 0};
    const conditional_poisson router(activation_profile::zipf(model, 1, 3), model);
    std::vector<std::vector<double>> law;
    for (std::size_t l = 0; l < router.activation().layers(); ++l)
      law.push_back(slowest_by_weight(router, l));
    for (int repetition = 0; repetition < 10; ++repetition) {
      const ring_layout layout(delays, law,
                               random_start(random, net.size(), router.activation().layers() * 5));
      placement plan;
      for (std::size_t l = 0; l < layout.layers(); ++l) {
        const auto heaviest = heaviest_first(router.activation().layer(l));
        plan.gateways.push_back(layout.gateway(l));
        plan.experts.emplace_back(4);
        for (std::size_t n = 0; n < 4; ++n)
          plan.experts[l][heaviest[n]] = layout.satellites()[l * layout.width() + 1 + n];
      }
      CHECK(
          layout.total_s() ==
          approx(evaluate(net, model, router, plan, {.tokens_per_slot = 0}).mean_s).epsilon(1e-6));
    }
  }
}

}  // namespace
}  // namespace search_ring_layout_test
