#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <tuple>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/nearest.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/random.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"

namespace links_nearest_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;

using links_t = std::vector<laser_link>;
static_assert(link_topology<nearest_neighbours, walker_constellation>);

/// A user's sky: satellites that keep their places side by side.
struct formation {
  std::vector<Vector3d> places;

  std::size_t size() const { return places.size(); }
  Vector3d position_km(satellite_id id, double) const { return places[id]; }
  Vector3d velocity_km_s(satellite_id, double) const { return {0, 7, 0}; }
};
static_assert(constellation<formation>);
static_assert(!planar_constellation<formation>);

formation line(const std::vector<double>& along_km) {
  formation sky;
  for (const double z_km : along_km) sky.places.push_back({7000, 0, z_km});
  return sky;
}

/// Furthest distance of a pair in the sampled instants [s]; infinite if ever out of reach.
template<constellation Constellation>
double furthest_s(const Constellation& sky, const nearest_neighbours& rule, double span_s,
                  satellite_id a, satellite_id b) {
  double furthest = 0;
  for (int k = 0; k < rule.instants; ++k) {
    const double t_s = span_s / rule.instants * k;
    const state_vector from{sky.position_km(a, t_s), sky.velocity_km_s(a, t_s)};
    const state_vector to{sky.position_km(b, t_s), sky.velocity_km_s(b, t_s)};
    furthest = std::max(furthest, propagation_s(from, to, rule.feasibility));
  }
  return furthest;
}

/// Part of the network that each satellite is in: the least id of it.
std::vector<satellite_id> parts_of(std::size_t size, const links_t& links) {
  std::vector<satellite_id> part(size);
  for (satellite_id id = 0; id < size; ++id) part[id] = id;
  for (std::size_t round = 0; round < size; ++round)
    for (const auto [a, b] : links) part[a] = part[b] = std::min(part[a], part[b]);
  return part;
}

/// The documentation step by step: again and again the shortest pair that may be taken.
template<constellation Constellation>
links_t by_hand(const Constellation& sky, const nearest_neighbours& rule, double span_s) {
  std::vector<std::tuple<double, satellite_id, satellite_id>> pairs;
  for (satellite_id a = 0; a < sky.size(); ++a)
    for (satellite_id b = a + 1; b < sky.size(); ++b)
      if (const double d = furthest_s(sky, rule, span_s, a, b); std::isfinite(d))
        pairs.emplace_back(d, a, b);
  std::ranges::sort(pairs);
  links_t links;
  const auto free = [&](satellite_id id) {
    return std::ranges::count_if(links, [&](laser_link l) { return l.a == id || l.b == id; }) <
           rule.terminals;
  };
  for (const bool joining : {true, false})
    for (const auto& [d, a, b] : pairs) {
      const auto part = parts_of(sky.size(), links);
      if (joining && part[a] == part[b]) continue;
      if (free(a) && free(b) && std::ranges::count(links, laser_link{a, b}) == 0)
        links.push_back({a, b});
    }
  std::ranges::sort(links);
  return links;
}

template<constellation Constellation>
void check(const Constellation& sky, const nearest_neighbours& rule, double span_s) {
  const links_t links = rule.links(sky);
  REQUIRE(links == by_hand(sky, rule, span_s));
  REQUIRE(links == rule.links(sky));
  std::vector<int> degree(sky.size());
  for (const auto [a, b] : links) {
    REQUIRE(a < b);
    ++degree.at(a);
    ++degree.at(b);
    REQUIRE(std::isfinite(furthest_s(sky, rule, span_s, a, b)));
  }
  // Nobody has more links than terminals, and no feasible pair has both ends free.
  for (satellite_id a = 0; a < sky.size(); ++a) {
    REQUIRE(degree[a] <= rule.terminals);
    for (satellite_id b = a + 1; b < sky.size(); ++b)
      if (degree[a] < rule.terminals && degree[b] < rule.terminals &&
          !std::ranges::binary_search(links, laser_link{a, b}))
        REQUIRE(std::isinf(furthest_s(sky, rule, span_s, a, b)));
  }
}

TEST_CASE("nearest: by hand, five on a line") {
  const formation sky = line({0, 10, 20, 100, 110});
  const auto links = [&](int terminals) {
    return nearest_neighbours{.terminals = terminals, .span_s = 1}.links(sky);
  };
  CHECK(links(1) == links_t{{0, 1}, {3, 4}});
  CHECK(links(2) == links_t{{0, 1}, {0, 4}, {1, 2}, {2, 3}, {3, 4}});
  CHECK(links(4).size() == 10);
  CHECK(links(64).size() == 10);
}

TEST_CASE("nearest: parts are joined before neighbours get a second link") {
  // Two triples; 2–3 is longer than all pairs of a triple, and still comes first.
  const formation sky = line({0, 1, 2, 100, 101, 102});
  const links_t links = nearest_neighbours{.terminals = 2, .span_s = 1}.links(sky);
  CHECK(std::ranges::count(links, laser_link{2, 3}) == 1);
  CHECK(parts_of(6, links) == std::vector<satellite_id>(6, 0));
}

TEST_CASE("nearest: equal distances go by ids") {
  const formation sky{{{7000, 0, 0}, {7000, 50, 0}, {7000, 50, 50}, {7000, 0, 50}}};
  CHECK(nearest_neighbours{.terminals = 1, .span_s = 1}.links(sky) == links_t{{0, 1}, {2, 3}});
}

TEST_CASE("nearest: a pair must keep to the limits at every instant") {
  // Three satellites; 2 goes round the Earth the other way and is near 0 at the start.
  struct {
    std::size_t size() const { return 3; }
    Vector3d position_km(satellite_id id, double t_s) const {
      const double angle = (id == 2 ? -1 : 1) * t_s * 2 * 3.141592653589793 / 6000 + 0.1 * id;
      return {7000 * std::cos(angle), 7000 * std::sin(angle), 0};
    }
    Vector3d velocity_km_s(satellite_id, double) const { return {0, 0, 0}; }
    double period_s() const { return 6000; }
  } const sky;
  CHECK(nearest_neighbours{}.links(sky) == links_t{{0, 1}});
  CHECK(nearest_neighbours{.instants = 1}.links(sky) == links_t{{0, 1}, {0, 2}, {1, 2}});
  CHECK(nearest_neighbours{.span_s = 100}.links(sky) == links_t{{0, 1}, {0, 2}, {1, 2}});
}

TEST_CASE("nearest: the rules on small Walker skies") {
  for (const int terminals : {1, 2, 3, 4, 64})
    for (const double max_range_km : {3000.0, 8000.0, std::numeric_limits<double>::infinity()}) {
      const walker_constellation sky({.planes = 4,
                                      .satellites_per_plane = 6,
                                      .altitude_km = 1500,
                                      .inclination_deg = 60,
                                      .phasing = 1});
      nearest_neighbours rule{.terminals = terminals, .instants = 5};
      rule.feasibility.max_range_km = max_range_km;
      CAPTURE(terminals, max_range_km);
      check(sky, rule, sky.period_s());
    }
}

TEST_CASE("nearest: the rules on element sets and on a user's sky") {
  test::catalogue_maker made;
  for (int k = 0; k < 24; ++k)
    made.add({test::origin::stray,
              0,
              0,
              {made.around(1500, 300), made.around(60, 20), made.around(180, 180),
               made.around(180, 180)}});
  const element_sky<> real(made.sets, test::catalogue_start);
  random_stream random(1, "formation");
  for (const int terminals : {1, 2, 4}) {
    check(real, {.terminals = terminals, .span_s = 600.0, .instants = 4}, 600);
    formation sky;
    for (int k = 0; k < 25; ++k)
      sky.places.push_back({7500 + 300 * random.uniform_01(), 3000 * random.uniform_01(),
                            3000 * random.uniform_01()});
    check(sky, {.terminals = terminals, .span_s = 60.0, .instants = 2}, 60);
    nearest_neighbours near{.terminals = terminals, .span_s = 60.0, .instants = 1};
    near.feasibility.max_range_km = 700;
    check(sky, near, 60);
  }
}

TEST_CASE("nearest: with terminals enough, all that can be joined is joined") {
  random_stream random(2, "formation");
  for (int round = 0; round < 20; ++round) {
    formation sky;
    for (int k = 0; k < 40; ++k)
      sky.places.push_back({7500, 3000 * random.uniform_01(), 3000 * random.uniform_01()});
    nearest_neighbours rule{.terminals = 64, .span_s = 1, .instants = 1};
    rule.feasibility.max_range_km = 300 + 20 * round;
    const links_t all = rule.links(sky);  // every feasible pair
    // Euclidean shortest trees have at most six links in a place.
    rule.terminals = 6;
    CHECK(parts_of(sky.size(), rule.links(sky)) == parts_of(sky.size(), all));
  }
}

TEST_CASE("nearest: satellites in one place have no link") {
  CHECK(nearest_neighbours{.span_s = 1}.links(line({0, 0})).empty());
  CHECK(nearest_neighbours{.span_s = 1}.links(line({0, 0, 10})) == links_t{{0, 2}, {1, 2}});
  CHECK(nearest_neighbours{.span_s = 1}.links(formation{}).empty());
  CHECK(nearest_neighbours{.span_s = 1}.links(line({0})).empty());
}

TEST_CASE("nearest: a timeline of a sky that is no grid") {
  test::catalogue_maker made;
  made.add(test::walker_plan{.planes = 5, .slots = 8, .altitude_km = 1500});
  made.shuffle();
  const element_sky<> sky(made.sets, test::catalogue_start);
  const timeline net(sky, nearest_neighbours{.span_s = 6000},
                     {.slots = 4, .span_s = 6000, .survival_probability = 1});
  CHECK(!net.links().empty());
  for (std::size_t slot = 0; slot < net.slots(); ++slot)
    CHECK(std::ranges::all_of(net.propagation_s(slot), [](double s) { return std::isfinite(s); }));
}

TEST_CASE("nearest: what it refuses") {
  const formation sky = line({0, 10});
  const auto links = [&](const nearest_neighbours& rule) { return rule.links(sky); };
  CHECK_INVALID(links({.terminals = 0, .span_s = 1}),
                "terminals: found 0; allowed: an integer from 1 to 64");
  CHECK_INVALID(links({.terminals = 65, .span_s = 1}), "terminals: found 65;");
  CHECK_INVALID(links({.feasibility = {.max_range_km = 0}, .span_s = 1}), "max_range_km: found 0;");
  CHECK_INVALID(links({.span_s = 0}), "span_s: found 0; allowed: a number over 0 and up to 1e");
  CHECK_INVALID(links({.span_s = 1e10}), "span_s: found 10000000000;");
  CHECK_INVALID(links({.span_s = std::nan("")}), "span_s: found nan;");
  CHECK_INVALID(links({.span_s = 1, .instants = 0}),
                "instants: found 0; allowed: an integer from 1 to 1000");
  CHECK_INVALID(links({.span_s = 1, .instants = 1001}), "instants: found 1001;");
  CHECK_INVALID(links({}),
                "span_s: found nothing; allowed: a time span, because the constellation has no "
                "period_s()");
  const formation many{std::vector<Vector3d>(20'001, Vector3d{7000, 0, 0})};
  CHECK_INVALID((nearest_neighbours{.span_s = 1}.links(many)),
                "satellites: found 20001; allowed: at most 20000");
  CHECK_NOTHROW(links({.terminals = 64, .span_s = 1e9, .instants = 1000}));
}

}  // namespace
}  // namespace links_nearest_test
