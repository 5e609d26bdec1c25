#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/search/mean_delays.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace search_mean_delays_test {
namespace {

using namespace orbitmoe;
using test::approx;

TEST_CASE("mean_delays: by hand") {
  //  0 ─── 1 ─── 2: the second link is down in slot 1; 3 is alone.
  matrix propagation_s(2, 2);
  propagation_s << 0.5, 0.25,  //
      1, test::infinity;
  const mean_delays means = mean_delays::over(timeline{4, {{0, 1}, {1, 2}}, propagation_s}, 0);
  REQUIRE(means.size() == 4);
  const auto from = [&](satellite_id id) {
    return std::vector<float>(means.from(id).begin(), means.from(id).end());
  };
  const float never = std::numeric_limits<float>::infinity();
  CHECK(from(0) == std::vector<float>{0, 0.75f, 0.75f, never});
  CHECK(from(1) == std::vector<float>{0.75f, 0, 0.25f, never});
  CHECK(from(3) == std::vector<float>{never, never, never, 0});
}

TEST_CASE("mean_delays: random networks against all pairs of every slot") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const timeline net = test::random_network(seed);
    const mean_delays means = mean_delays::over(net, 0);
    const std::size_t n = net.size();
    matrix sums = make_matrix(n, n, 0), counts = sums;
    for (std::size_t slot = 0; slot < net.slots(); ++slot) {
      const matrix pairs = test::all_delays_s(net, slot, 0);
      for (std::size_t i = 0; i < n * n; ++i)
        if (pairs.data()[i] < test::infinity) {
          sums.data()[i] += pairs.data()[i];
          ++counts.data()[i];
        }
    }
    for (satellite_id u = 0; u < n; ++u)
      for (std::size_t v = 0; v < n; ++v) {
        const double count = row(counts, u)[v];
        if (count == 0)
          REQUIRE(means.from(u)[v] == std::numeric_limits<float>::infinity());
        else
          REQUIRE(means.from(u)[v] == approx(row(sums, u)[v] / count).epsilon(1e-6));
      }
  }
}

// Delays from u to v in every slot, from the least to the most.
std::vector<double> sorted_delays_s(const std::vector<matrix>& pairs_s, std::size_t u,
                                    std::size_t v) {
  std::vector<double> delays_s;
  for (const matrix& pairs : pairs_s) delays_s.push_back(row(pairs, u)[v]);
  std::ranges::sort(delays_s);
  return delays_s;
}

void check_least(const timeline& net) {
  std::vector<matrix> pairs_s;
  for (std::size_t slot = 0; slot < net.slots(); ++slot)
    pairs_s.push_back(test::all_delays_s(net, slot, 0));
  for (std::size_t drop = 0; drop < net.slots(); ++drop) {
    CAPTURE(drop);
    const mean_delays means = mean_delays::least(net, 0, drop);
    const std::size_t kept = net.slots() - drop;
    for (satellite_id u = 0; u < net.size(); ++u)
      for (std::size_t v = 0; v < net.size(); ++v) {
        const std::vector<double> delays_s = sorted_delays_s(pairs_s, u, v);
        const double sum_s = std::accumulate(
            delays_s.begin(), delays_s.begin() + static_cast<std::ptrdiff_t>(kept), 0.0);
        if (sum_s == test::infinity)
          REQUIRE(means.from(u)[v] == std::numeric_limits<float>::infinity());
        else
          REQUIRE(means.from(u)[v] == approx(sum_s / static_cast<double>(kept)).epsilon(1e-6));
      }
  }
}

TEST_CASE("mean_delays: all slots but those with the largest delays") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    check_least(test::random_network(seed));
  }
  check_least(test::star(matrix{{5, 1}, {1, 2}, {4, test::infinity}, {2, test::infinity}, {3, 3}}));
}

TEST_CASE("mean_delays: who is near and ties to the lower id") {
  // From the hub: 3 at 1 s, then 1 and 4 at 2 s; 2 is never reached.
  const mean_delays star = mean_delays::over(test::star(matrix{{2, test::infinity, 1, 2}}), 0);
  CHECK(star.nearest(0, 3) == std::vector<satellite_id>{3, 1, 4});
  CHECK(star.nearest(0, 0).empty());
  CHECK(star.nearest(0, 99) == std::vector<satellite_id>{3, 1, 4, 2});
  CHECK(star.nearest(2, 2) == std::vector<satellite_id>{0, 1});
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const timeline net = test::random_network(seed);
    const mean_delays means = mean_delays::over(net, 0);
    for (satellite_id id = 0; id < net.size(); ++id) {
      std::vector<satellite_id> others;
      for (satellite_id v = 0; v < net.size(); ++v)
        if (v != id) others.push_back(v);
      const auto from_s = means.from(id);
      std::ranges::stable_sort(others, {}, [&](satellite_id v) { return from_s[v]; });
      CHECK(means.nearest(id, net.size()) == others);
      others.resize(others.size() / 2);
      CHECK(means.nearest(id, others.size()) == others);
    }
  }
}

TEST_CASE("mean_delays: the same bits for any number of threads and any exact router") {
  const timeline net = test::high_net(7, 9, {.slots = 3, .survival_probability = 0.9});
  const mean_delays one = mean_delays::over(net, 8192);
  const mean_delays two = mean_delays::over(net, 8192, {.threads = 2});
  const mean_delays dijkstra = mean_delays::over<dijkstra_router>(net, 8192);
  const mean_delays least = mean_delays::least(net, 8192, 1);
  const mean_delays least_too = mean_delays::least<dijkstra_router>(net, 8192, 1, {.threads = 2});
  for (satellite_id id = 0; id < net.size(); ++id) {
    CHECK(std::ranges::equal(one.from(id), two.from(id)));
    CHECK(std::ranges::equal(one.from(id), dijkstra.from(id)));
    CHECK(std::ranges::equal(least.from(id), least_too.from(id)));
  }
}

TEST_CASE("mean_delays: what it does not take") {
  const timeline many{mean_delays::max_satellites + 1, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(mean_delays::over(many, 0), "satellites: found 16385");
  const timeline one{1, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(mean_delays::over(one, -1), "message_bits");
  CHECK_INVALID(mean_delays::least(many, 0, 0), "satellites: found 16385");
  CHECK_INVALID(mean_delays::least(one, -1, 0), "message_bits");
  CHECK_INVALID(mean_delays::least(one, 0, 1), "drop: found 1");
  CHECK_INVALID(mean_delays::over(one, 0, {.threads = -1}), "threads");
}

}  // namespace
}  // namespace search_mean_delays_test
