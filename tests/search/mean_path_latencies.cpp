#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/search/mean_path_latencies.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/routing.hpp"
#include "support/skies.hpp"

namespace search_mean_path_latencies_test {
namespace {

using namespace orbitmoe;
using test::approx;

template<typename DelayRouter = sweep_router>
matrix means_s(const timeline& net, const moe_model& model,
               const std::vector<satellite_id>& gateways, const std::vector<satellite_id>& hosts,
               const run_options& run = {}) {
  return detail::mean_path_latencies_s<DelayRouter>(net, model, gateways, hosts, run);
}

TEST_CASE("mean_path_latencies: over the slots in which there is a path") {
  //  0 ─── 1 ─── 2: the second link is down in slot 1; 3 is alone.
  matrix propagation_s(2, 2);
  propagation_s << 0.5, 0.25,  //
      1, test::infinity;
  const timeline net{4, {{0, 1}, {1, 2}}, propagation_s};
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1, .token_bytes = 0};
  const matrix tau_s = means_s(net, model, {0, 1}, {0, 1, 2, 3});
  REQUIRE(tau_s.rows() == 2);
  for (std::size_t l = 0; l < 2; ++l) {
    CAPTURE(l);
    CHECK(row(tau_s, l)[0] == 0.75);
    CHECK(row(tau_s, l)[1] == 0.75);
    CHECK(row(tau_s, l)[2] == 1);
    CHECK(row(tau_s, l)[3] == test::infinity);
  }
  // One layer: out and back.
  const moe_model one{.layers = 1, .experts = 1, .top_k = 1, .token_bytes = 0};
  CHECK(means_s(net, one, {0}, {1})(0, 0) == 1.5);
  CHECK(means_s(net, one, {0}, {}).size() == 0);
}

TEST_CASE("mean_path_latencies: random networks against all pairs of every slot") {
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    CAPTURE(seed);
    const timeline net = test::random_network(seed);
    random_stream random(seed, "test");
    const std::vector<satellite_id> hosts = test::everyone(net);
    std::vector<satellite_id> gateways = hosts;
    random.shuffle(gateways);
    gateways.resize(1 + random.uniform_index(gateways.size()));
    const moe_model model{
        .layers = static_cast<int>(gateways.size()), .experts = 1, .top_k = 1, .token_bytes = 0};
    const matrix tau_s = means_s(net, model, gateways, hosts);
    std::vector<matrix> pairs_s;
    for (std::size_t slot = 0; slot < net.slots(); ++slot)
      pairs_s.push_back(test::all_delays_s(net, slot, 0));
    for (std::size_t l = 0; l < gateways.size(); ++l)
      for (const satellite_id v : hosts) {
        double sum_s = 0, count = 0;
        for (const matrix& delay_s : pairs_s) {
          const double over_s =
              delay_s(gateways[l], v) + delay_s(v, gateways[(l + 1) % gateways.size()]);
          if (over_s == test::infinity) continue;
          sum_s += over_s;
          ++count;
        }
        REQUIRE(row(tau_s, l)[v] == approx(count > 0 ? sum_s / count : test::infinity));
      }
  }
}

TEST_CASE("mean_path_latencies: the same bits for more layers than are taken at once") {
  const timeline net = test::high_net(9, 9, {.slots = 3, .survival_probability = 0.9});
  const moe_model model{.layers = 70, .experts = 1, .top_k = 1};
  std::vector<satellite_id> gateways = test::everyone(net), hosts{0, 7, 80};
  random_stream(1, "test").shuffle(gateways);
  gateways.resize(70);
  std::vector<double> done;
  const matrix all_s = means_s(net, model, gateways, hosts,
                               {.progress = [&](double part) { done.push_back(part); }});
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == approx(1));
  CHECK(means_s(net, model, gateways, hosts, {.threads = 3}) == all_s);
  CHECK(means_s<dijkstra_router>(net, model, gateways, hosts) == all_s);
  // Each layer alone: between its gateway and the next, and back.
  const moe_model two{.layers = 2, .experts = 1, .top_k = 1};
  for (std::size_t l = 0; l < 70; ++l) {
    const matrix alone_s = means_s(net, two, {gateways[l], gateways[(l + 1) % 70]}, hosts);
    for (std::size_t h = 0; h < hosts.size(); ++h) CHECK(row(alone_s, 0)[h] == row(all_s, l)[h]);
  }
  const auto cancel = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(means_s(net, model, gateways, hosts, {.progress = cancel}), "enough");
}

}  // namespace
}  // namespace search_mean_path_latencies_test
