#include <cstddef>
#include <span>
#include <vector>

#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/dijkstra.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"

using namespace orbitmoe;

namespace {

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
  matrix delays_s(1, 3);
  delays_s << 0.25, 0.5, 2;
  const timeline net{3, {{0, 1}, {1, 2}, {2, 0}}, delays_s};
  CHECK(delays_from_0_s<dijkstra_router>(net) == std::vector<double>{0, 0.25, 0.75});
  CHECK(delays_from_0_s<test::bellman_ford_router>(net) == std::vector<double>{0, 0.25, 0.75});
}

}  // namespace
