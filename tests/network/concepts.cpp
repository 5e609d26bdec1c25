#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <thread>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/network/sweep.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/routing.hpp"

namespace network_concepts_test {
namespace {

using namespace orbitmoe;
using test::approx, test::delays_s, test::everyone;

constexpr double infinity = std::numeric_limits<double>::infinity();

static_assert(delay_router<sweep_router>);
static_assert(delay_router<grid_sweep_router>);
static_assert(delay_router<graph_sweep_router>);
static_assert(delay_router<dijkstra_router>);
static_assert(delay_router<test::bellman_ford_router>);

// What does not fit.
static_assert(!delay_router<int>);
static_assert(!delay_router<timeline>);
struct prepared_for_nothing {
  void delays_s(std::span<const double>, std::span<const satellite_id>, std::span<double>) const {}
};
static_assert(!delay_router<prepared_for_nothing>);
struct prepared {
  explicit prepared(const timeline&) {}
};
static_assert(!delay_router<prepared>);
// Threads share one router, so asking must not change it.
struct changed_by_asking : prepared {
  using prepared::prepared;
  void delays_s(std::span<const double>, std::span<const satellite_id>, std::span<double>) {}
};
static_assert(!delay_router<changed_by_asking>);
struct one_source_at_a_time : prepared {
  using prepared::prepared;
  void delays_s(std::span<const double>, satellite_id, std::span<double>) const {}
};
static_assert(!delay_router<one_source_at_a_time>);
struct writes_into_the_links : prepared {
  using prepared::prepared;
  void delays_s(std::span<double>, std::span<const satellite_id>, std::span<double>) const {}
};
static_assert(!delay_router<writes_into_the_links>);

template<delay_router Router>
std::vector<double> delays_from_0_s(const timeline& net) {
  const satellite_id source[] = {0};
  std::vector<double> delays(net.size());
  Router(net).delays_s(net.hop_delays_s(0, 0), source, delays);
  return delays;
}

TEST_CASE("delay_router: one function serves the library's router and a user's") {
  // 0 – 1 – 2 in a row, and a long way round from 0 to 2.
  matrix hops_s(1, 3);
  hops_s << 0.25, 0.5, 2;
  const timeline net{3, {{0, 1}, {1, 2}, {2, 0}}, hops_s};
  CHECK(delays_from_0_s<sweep_router>(net) == std::vector<double>{0, 0.25, 0.75});
  CHECK(delays_from_0_s<test::bellman_ford_router>(net) == std::vector<double>{0, 0.25, 0.75});
}

// What every router must do on any network. grid_sweep_router takes part where there is a grid.

#define ANY_NETWORK_ROUTERS \
  dijkstra_router, graph_sweep_router, sweep_router, test::bellman_ford_router

TEMPLATE_TEST_CASE("delay_router: by hand", "", ANY_NETWORK_ROUTERS) {
  //      0.5     0.25
  //  0 ─────── 1 ───── 2     4 ── 5 (down)    3 alone
  //   └────── 1 ──────┘
  matrix propagation_s(2, 4);
  propagation_s << 0.5, 0.25, 1, infinity,  //
      0.5, infinity, 1, 0.125;
  const timeline net{6, {{0, 1}, {1, 2}, {2, 0}, {4, 5}}, propagation_s};
  const TestType router(net);
  CHECK(delays_s(router, net, 0, 0, {0}) ==
        std::vector<double>{0, 0.5, 0.75, infinity, infinity, infinity});
  // The same router, another slot: the short way is down.
  CHECK(delays_s(router, net, 1, 0, {0}) ==
        std::vector<double>{0, 0.5, 1, infinity, infinity, infinity});
  CHECK(delays_s(router, net, 1, 0, {5, 3}) ==
        std::vector<double>{infinity, infinity, infinity, infinity, 0.125, 0,  //
                            infinity, infinity, infinity, 0, infinity, infinity});
  CHECK(delays_s(router, net, 0, 0, {0}) ==
        std::vector<double>{0, 0.5, 0.75, infinity, infinity, infinity});
}

TEMPLATE_TEST_CASE("delay_router: out has a row per satellite", "", ANY_NETWORK_ROUTERS) {
  matrix propagation_s(1, 2);
  propagation_s << 0.5, 0.25;
  const timeline net{3, {{0, 1}, {1, 2}}, propagation_s};
  const satellite_id sources[] = {2, 0};
  std::vector<double> out(6);
  TestType(net).delays_s(net.hop_delays_s(0, 0), sources, out);
  CHECK(out == std::vector<double>{0.75, 0,    //
                                   0.25, 0.5,  //
                                   0, 0.75});
}

TEMPLATE_TEST_CASE("delay_router: long messages prefer the way with fewer hops", "",
                   ANY_NETWORK_ROUTERS) {
  // Straight from 0 to 3 over 1 and 2: 3,000 km in three hops. Over 4: 3,606 km in two.
  const test::drifting_sky sky{{{{8000, 0, 0}, {0, 0, 0}},
                                {{8000, 1000, 0}, {0, 0, 0}},
                                {{8000, 2000, 0}, {0, 0, 0}},
                                {{8000, 3000, 0}, {0, 0, 0}},
                                {{9000, 1500, 0}, {0, 0, 0}}}};
  const timeline net{sky,
                     link_list{{{0, 1}, {1, 2}, {2, 3}, {0, 4}, {4, 3}}},
                     {.slots = 1, .span_s = 1, .survival_probability = 1, .rate_gbps = 1}};
  const TestType router(net);
  const double bent_km = 2 * std::hypot(1000, 1500);
  CHECK(delays_s(router, net, 0, 1e6, {0})[3] == approx(3000 / 299'792.458 + 3 * 0.001));
  CHECK(delays_s(router, net, 0, 1e7, {0})[3] == approx(bent_km / 299'792.458 + 2 * 0.01));
}

TEMPLATE_TEST_CASE("delay_router: a satellite alone and a sky without links", "",
                   ANY_NETWORK_ROUTERS) {
  const timeline alone{1, {}, make_matrix(1, 0, 0)};
  CHECK(delays_s(TestType(alone), alone, 0, 0, {0}) == std::vector<double>{0});
  CHECK(delays_s(TestType(alone), alone, 0, 0, {0, 0}) == std::vector<double>{0, 0});
  const timeline apart{3, {}, make_matrix(1, 0, 0)};
  CHECK(delays_s(TestType(apart), apart, 0, 0, {1}) == std::vector<double>{infinity, 0, infinity});
}

TEMPLATE_TEST_CASE("delay_router: the shorter of two links between one pair counts", "",
                   ANY_NETWORK_ROUTERS) {
  matrix propagation_s(2, 2);
  propagation_s << 0.5, 0.25,  //
      0.5, infinity;
  const timeline net{2, {{0, 1}, {1, 0}}, propagation_s};
  const TestType router(net);
  CHECK(delays_s(router, net, 0, 0, {0}) == std::vector<double>{0, 0.25});
  CHECK(delays_s(router, net, 0, 0, {1}) == std::vector<double>{0.25, 0});
  CHECK(delays_s(router, net, 1, 0, {1}) == std::vector<double>{0.5, 0});
}

#define ALL_ROUTERS grid_sweep_router, ANY_NETWORK_ROUTERS

timeline grid_of_70() {
  const walker_constellation sky{
      {.planes = 7, .satellites_per_plane = 10, .altitude_km = 5000, .phasing = 3}};
  return {sky, plus_grid{.seam = true}, {.slots = 4, .survival_probability = 0.8}};
}

TEMPLATE_TEST_CASE("delay_router: any number of sources, in any order, repeated, or none", "",
                   ALL_ROUTERS) {
  const timeline net = grid_of_70();
  const TestType router(net);
  const std::size_t n = net.size();
  std::vector<double> from_each;
  for (const satellite_id id : everyone(net)) {
    const auto one = delays_s(router, net, 0, 0, {id});
    REQUIRE(one[id] == 0);
    from_each.insert(from_each.end(), one.begin(), one.end());
  }
  random_stream stream(1, "sources");
  for (const std::size_t count : {0u, 1u, 2u, 15u, 16u, 17u, 31u, 32u, 33u, 40u, 70u, 100u}) {
    CAPTURE(count);
    std::vector<satellite_id> sources;
    std::vector<double> expected;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t id = stream.uniform_index(n);
      sources.push_back(static_cast<satellite_id>(id));
      expected.insert(expected.end(), &from_each[id * n], &from_each[id * n] + n);
    }
    CHECK(delays_s(router, net, 0, 0, sources) == expected);
  }
  CHECK(delays_s(router, net, 0, 0, everyone(net)) == from_each);
}

TEMPLATE_TEST_CASE("delay_router: writes out and nothing beside it, wherever it lies", "",
                   ALL_ROUTERS) {
  const timeline net = grid_of_70();
  const TestType router(net);
  const auto hops_s = net.hop_delays_s(0, 0);
  for (const std::size_t count : {1u, 15u, 16u, 17u, 31u, 32u, 33u, 40u}) {
    const std::vector<satellite_id> sources(count, 3);
    const std::size_t size = net.size() * count;
    for (std::size_t offset = 1; offset <= 8; ++offset) {
      CAPTURE(count, offset);
      std::vector<double> memory(size + offset + 8, -7);
      router.delays_s(hops_s, sources, std::span(memory).subspan(offset, size));
      for (std::size_t i = 0; i < memory.size(); ++i)
        REQUIRE((memory[i] == -7) == (i < offset || i >= offset + size));
    }
  }
}

TEMPLATE_TEST_CASE("delay_router: one router serves all slots and messages", "", ALL_ROUTERS) {
  const timeline net = grid_of_70();
  const TestType router(net);
  for (const std::size_t slot : {0u, 1u, 2u, 3u, 0u})
    for (const double message_bits : {0.0, 1e6, 1e9})
      CHECK(delays_s(router, net, slot, message_bits, everyone(net)) ==
            delays_s(TestType(net), net, slot, message_bits, everyone(net)));
}

TEMPLATE_TEST_CASE("delay_router: threads share one router", "", ALL_ROUTERS) {
  const timeline net = grid_of_70();
  const TestType router(net);
  const auto ids = everyone(net);
  std::vector<std::vector<double>> found(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t slot = 0; slot < 4; ++slot)
      threads.emplace_back([&, slot] { found[slot] = delays_s(router, net, slot, 0, ids); });
  }
  for (std::size_t slot = 0; slot < 4; ++slot)
    CHECK(found[slot] == delays_s(router, net, slot, 0, ids));
}

TEMPLATE_TEST_CASE("delay_router: the same bits as Bellman and Ford find", "", ALL_ROUTERS) {
  test::check_same<TestType, test::bellman_ford_router>(grid_of_70(), 65'536);
}

#undef ANY_NETWORK_ROUTERS
#undef ALL_ROUTERS

}  // namespace
}  // namespace network_concepts_test
