#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/search/mean_delays.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

using namespace orbitmoe;
using test::approx;

namespace {

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

TEST_CASE("mean_delays: the same bits for any number of threads and any exact router") {
  const timeline net = test::high_net(7, 9, {.slots = 3, .survival_probability = 0.9});
  const mean_delays one = mean_delays::over(net, 8192);
  const mean_delays two = mean_delays::over(net, 8192, {.threads = 2});
  const mean_delays dijkstra = mean_delays::over<dijkstra_router>(net, 8192);
  for (satellite_id id = 0; id < net.size(); ++id) {
    CHECK(std::ranges::equal(one.from(id), two.from(id)));
    CHECK(std::ranges::equal(one.from(id), dijkstra.from(id)));
  }
}

TEST_CASE("mean_delays: more satellites than the table takes, messages that are none") {
  const timeline many{mean_delays::max_satellites + 1, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(mean_delays::over(many, 0), "satellites: found 16385");
  const timeline one{1, {}, make_matrix(1, 0, 0)};
  CHECK_INVALID(mean_delays::over(one, -1), "message_bits");
}

}  // namespace
