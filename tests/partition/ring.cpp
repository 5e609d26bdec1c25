#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/partition/ring.hpp>
#include <orbitmoe/random.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace partition_ring_test {
namespace {

using namespace orbitmoe;

std::vector<subnet> ring(int planes, int slots, int layers) {
  return ring_partition{}
      .subnets(test::high_net(planes, slots), {.layers = layers, .experts = 1, .top_k = 1})
      .value();
}

/// Whether a satellite of one subnet is beside a satellite of the other: the next one along the
/// orbit, which is closed, or the same slot of the next plane. The planes close only with `seam`.
bool beside(const subnet& one, const subnet& other, int planes, int slots, bool seam) {
  const auto step = [](int a, int b, int size, bool closed) {
    const int difference = std::abs(a - b);
    return difference == 1 || (closed && difference == size - 1);
  };
  for (const satellite_id a : one)
    for (const satellite_id b : other) {
      const int plane_a = static_cast<int>(a) / slots, slot_a = static_cast<int>(a) % slots;
      const int plane_b = static_cast<int>(b) / slots, slot_b = static_cast<int>(b) % slots;
      if (plane_a == plane_b && step(slot_a, slot_b, slots, true)) return true;
      if (slot_a == slot_b && step(plane_a, plane_b, planes, seam)) return true;
    }
  return false;
}

/// Planes and slots that do not rise with the id: a user's catalogue in any order, with a gap.
struct catalogue {
  std::vector<orbital_slot> where;

  std::size_t size() const { return where.size(); }
  Eigen::Vector3d position_km(satellite_id id, double) const { return {7000.0 + id, 0, 0}; }
  Eigen::Vector3d velocity_km_s(satellite_id, double) const { return {0, 7.5, 0}; }
  double period_s() const { return 6000; }
  orbital_slot slot_of(satellite_id id) const { return where[id]; }
};

TEST_CASE("ring_partition: with a layer per slot, a subnet is one slot of all planes") {
  CHECK(ring(3, 4, 4) == std::vector<subnet>{{0, 4, 8}, {1, 5, 9}, {2, 6, 10}, {3, 7, 11}});
}

TEST_CASE("ring_partition: with fewer layers, layer l has the slots s with floor(s·L/S) = l") {
  CHECK(ring(2, 5, 2) == std::vector<subnet>{{0, 1, 2, 5, 6, 7}, {3, 4, 8, 9}});
  for (int planes = 1; planes <= 3; ++planes)
    for (int slots = 1; slots <= 9; ++slots)
      for (int layers = 1; layers <= slots; ++layers) {
        const std::vector<subnet> subnets = ring(planes, slots, layers);
        std::vector<subnet> expected(static_cast<std::size_t>(layers));
        for (int id = 0; id < planes * slots; ++id)
          expected[static_cast<std::size_t>(id % slots * layers / slots)].push_back(
              static_cast<satellite_id>(id));
        CHECK(subnets == expected);
      }
}

TEST_CASE(
    "ring_partition: with twice as many layers, out along one band and back along the other") {
  CHECK(ring(2, 3, 6) == std::vector<subnet>{{0}, {1}, {2}, {5}, {4}, {3}});
  CHECK(ring(5, 2, 4) == std::vector<subnet>{{0, 2, 4}, {1, 3, 5}, {7, 9}, {6, 8}});
}

TEST_CASE("ring_partition: subnets are a ring of neighbours and every satellite is in one") {
  std::set<int> bands_seen;
  for (int planes = 1; planes <= 9; ++planes)
    for (int slots = 1; slots <= 6; ++slots)
      for (int layers = 1; layers <= planes * slots; ++layers) {
        INFO("P = " << planes << ", S = " << slots << ", L = " << layers);
        const int bands = layers <= slots ? 1 : (layers + 2 * slots - 1) / (2 * slots) * 2;
        if (bands > planes) continue;
        bands_seen.insert(bands);
        const std::vector<subnet> subnets = ring(planes, slots, layers);
        REQUIRE(subnets.size() == static_cast<std::size_t>(layers));

        std::vector<int> times(static_cast<std::size_t>(planes * slots), 0);
        for (const subnet& each : subnets) {
          CHECK_FALSE(each.empty());
          CHECK(std::is_sorted(each.begin(), each.end()));
          for (const satellite_id id : each) ++times[id];
        }
        CHECK(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));

        // Bands of a single slot lie in a line, not on a ring: only a seam could close it.
        const bool seam = slots == 1;
        for (std::size_t l = 0; layers > 1 && l < subnets.size(); ++l)
          CHECK(beside(subnets[l], subnets[(l + 1) % subnets.size()], planes, slots, seam));
      }
  CHECK(bands_seen == std::set<int>{1, 2, 4, 6, 8});
}

TEST_CASE("ring_partition: reads planes and slots, not ids") {
  // Plane 1 has no satellite in slot 0.
  const catalogue sky{{{1, 2}, {0, 0}, {1, 1}, {0, 2}, {0, 1}}};
  const timeline net{sky, link_list{}, {.slots = 1}};
  const auto subnets = ring_partition{}.subnets(net, {.layers = 3, .experts = 1, .top_k = 1});
  CHECK(subnets.value() == std::vector<subnet>{{1, 4}, {2, 3}, {0}});
}

/// Cells (band, slot) in the order in which the ring visits them, walked as documented.
std::vector<std::pair<int, int>> way_round(int bands, int slots) {
  std::vector<std::pair<int, int>> way{{0, 0}};
  for (int band = 0; band < bands; ++band)
    for (int step = 1; step < slots; ++step)
      way.emplace_back(band, band % 2 == 0 ? step : slots - step);
  for (int band = bands - 1; band > 0; --band) way.emplace_back(band, 0);
  return way;
}

TEST_CASE("ring_partition: vacant places are cut by count along the same way") {
  random_stream random(3, "vacant");
  for (int round = 0; round < 400; ++round) {
    const int planes = test::random_int(random, 1, 6), slots = test::random_int(random, 1, 7);
    catalogue sky;
    for (unsigned p = 0; p < static_cast<unsigned>(planes); ++p)
      for (unsigned s = 0; s < static_cast<unsigned>(slots); ++s) sky.where.push_back({p, s});
    const orbital_slot last = sky.where.back();
    random.shuffle(sky.where);
    sky.where.resize(1 + random.uniform_index(sky.where.size()));
    if (std::ranges::count(sky.where, last) == 0) sky.where.back() = last;
    const bool vacant = sky.size() < static_cast<std::size_t>(planes * slots);
    const int layers = test::random_int(random, 1, static_cast<int>(sky.size()));
    const int bands = layers <= slots ? 1 : (layers + 2 * slots - 1) / (2 * slots) * 2;
    CAPTURE(round, planes, slots, sky.size(), layers, bands);
    const timeline net{sky, link_list{}, {.slots = 1}};
    const auto result = ring_partition{}.subnets(net, {.layers = layers, .experts = 1, .top_k = 1});
    REQUIRE(result.feasible() == (bands <= planes));
    if (!result.feasible()) continue;
    const std::vector<subnet>& subnets = result.value();
    REQUIRE(subnets.size() == static_cast<std::size_t>(layers));

    std::vector<int> layer_of(sky.size(), -1);
    for (std::size_t l = 0; l < subnets.size(); ++l) {
      REQUIRE(std::ranges::is_sorted(subnets[l]));
      const std::size_t least = sky.size() / subnets.size();
      if (vacant)
        REQUIRE((subnets[l].size() == least ||
                 (subnets[l].size() == least + 1 && sky.size() % subnets.size() > 0)));
      for (const satellite_id id : subnets[l]) {
        REQUIRE(layer_of.at(id) == -1);
        layer_of[id] = static_cast<int>(l);
      }
    }
    REQUIRE(std::ranges::count(layer_of, -1) == 0);

    // Contiguous: along the way, and by planes in a cell, layers never fall.
    int layer = 0;
    for (const auto& [band, slot] : way_round(bands, slots))
      for (int plane = 0; plane < planes; ++plane)
        for (satellite_id id = 0; id < sky.size(); ++id)
          if (plane * bands / planes == band && static_cast<int>(sky.where[id].plane) == plane &&
              static_cast<int>(sky.where[id].slot) == slot) {
            REQUIRE(layer_of[id] >= layer);
            layer = layer_of[id];
          }
  }
}

TEST_CASE("ring_partition: few satellites in high slots, as on their way up") {
  // Four of one plane of 720 slots, and one in the tenth plane alone.
  const catalogue sky{{{0, 719}, {0, 3}, {0, 2}, {0, 1}, {9, 2}}};
  const timeline net{sky, link_list{}, {.slots = 1}};
  const auto subnets = ring_partition{}.subnets(net, {.layers = 2, .experts = 1, .top_k = 1});
  REQUIRE(subnets.feasible());
  CHECK(subnets.value() == std::vector<subnet>{{2, 3, 4}, {0, 1}});
}

TEST_CASE("ring_partition: planes and slots as far as numbers go") {
  const catalogue sky{{{0xffffffff, 0xffffffff}, {0, 0}, {0xffffffff, 0}}};
  const timeline net{sky, link_list{}, {.slots = 1}};
  const auto subnets = ring_partition{}.subnets(net, {.layers = 3, .experts = 1, .top_k = 1});
  REQUIRE(subnets.feasible());
  CHECK(subnets.value() == std::vector<subnet>{{1}, {2}, {0}});
}

TEST_CASE("ring_partition: says why there is no ring") {
  const auto none = ring_partition{}.subnets(test::star(matrix{{1, 1}}), {.layers = 2});
  CHECK_FALSE(none.feasible());
  CHECK(none.reason() ==
        "the ring partition needs the plane and slot of each satellite, and the constellation has "
        "none");

  const auto narrow = ring_partition{}.subnets(test::high_net(3, 4), {.layers = 9});
  CHECK_FALSE(narrow.feasible());
  CHECK(narrow.reason() ==
        "the ring partition needs 4 bands of planes for 9 layers over 4 slots, and there are 3 "
        "planes");
  CHECK_THROWS_AS(narrow.value(), infeasible_error);
}

}  // namespace
}  // namespace partition_ring_test
