#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include <Eigen/Geometry>

#include <orbitmoe/constellation/shell_sky.hpp>
#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/random.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"

namespace links_plus_grid_test {
namespace {

using namespace orbitmoe;
using test::approx;

using links_t = std::vector<laser_link>;

walker_constellation sky(int planes, int per_plane, int phasing, double raan_spread_deg = 360) {
  return walker_constellation{{.planes = planes,
                               .satellites_per_plane = per_plane,
                               .raan_spread_deg = raan_spread_deg,
                               .phasing = phasing}};
}

// MODEL §2 as a question about two satellites.
bool points_at(const walker_parameters& w, bool seam, orbital_slot a, orbital_slot b) {
  const auto planes = static_cast<unsigned>(w.planes);
  const auto per_plane = static_cast<unsigned>(w.satellites_per_plane);
  if (a.plane == b.plane) return b.slot == (a.slot + 1) % per_plane;
  if (b.plane == a.plane + 1 && b.slot == a.slot) return true;
  return seam && a.plane == planes - 1 && b.plane == 0 &&
         b.slot == (a.slot + static_cast<unsigned>(w.phasing)) % per_plane;
}

TEST_CASE("plus_grid: by hand, 2 planes of 3") {
  //  plane 0: 0 1 2, plane 1: 3 4 5
  CHECK(plus_grid{}.links(sky(2, 3, 1)) ==
        links_t{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {3, 5}, {4, 5}});
  // The seam adds 3–1, 4–2 and 5–0.
  CHECK(plus_grid{.seam = true}.links(sky(2, 3, 1)) == links_t{{0, 1},
                                                               {0, 2},
                                                               {0, 3},
                                                               {0, 5},
                                                               {1, 2},
                                                               {1, 3},
                                                               {1, 4},
                                                               {2, 4},
                                                               {2, 5},
                                                               {3, 4},
                                                               {3, 5},
                                                               {4, 5}});
}

TEST_CASE("plus_grid: the links of every small sky are those of the definition") {
  for (int planes = 1; planes <= 5; ++planes)
    for (int per_plane = 1; per_plane <= 5; ++per_plane)
      for (int phasing = 0; phasing < planes; ++phasing)
        for (const bool seam : {false, true}) {
          CAPTURE(planes, per_plane, phasing, seam);
          const walker_constellation grid = sky(planes, per_plane, phasing);
          links_t expected;
          for (satellite_id a = 0; a < grid.size(); ++a)
            for (satellite_id b = a + 1; b < grid.size(); ++b)
              if (points_at(grid.parameters(), seam, grid.slot_of(a), grid.slot_of(b)) ||
                  points_at(grid.parameters(), seam, grid.slot_of(b), grid.slot_of(a)))
                expected.push_back({a, b});
          // Equal lists in sorted order: no pair is missing, named twice or joined to itself.
          CHECK(plus_grid{seam}.links(grid) == expected);
        }
}

TEST_CASE("plus_grid: P·S + (P−1)·S links, S more with the seam, at most four per satellite") {
  for (const int planes : {3, 4, 7, 33})
    for (const int per_plane : {3, 5, 32})
      for (const int phasing : {0, 1, planes - 1}) {
        const walker_constellation grid = sky(planes, per_plane, phasing);
        for (const bool seam : {false, true}) {
          CAPTURE(planes, per_plane, phasing, seam);
          const links_t links = plus_grid{seam}.links(grid);
          const int expected = planes * per_plane + (planes - 1) * per_plane + seam * per_plane;
          CHECK(links.size() == static_cast<std::size_t>(expected));
          std::vector<int> degree(grid.size());
          for (const auto [a, b] : links) ++degree.at(a), ++degree.at(b);
          for (satellite_id id = 0; id < grid.size(); ++id) {
            const auto plane = static_cast<int>(grid.slot_of(id).plane);
            const bool at_the_edge = !seam && (plane == 0 || plane == planes - 1);
            REQUIRE(degree[id] == (at_the_edge ? 3 : 4));
          }
        }
      }
}

TEST_CASE("plus_grid: rings of one or two have no link twice or to themselves") {
  CHECK(plus_grid{}.links(sky(1, 1, 0)).empty());
  CHECK(plus_grid{true}.links(sky(1, 1, 0)).empty());
  CHECK(plus_grid{}.links(sky(1, 2, 0)) == links_t{{0, 1}});
  CHECK(plus_grid{true}.links(sky(1, 3, 0)) == links_t{{0, 1}, {0, 2}, {1, 2}});
  CHECK(plus_grid{}.links(sky(2, 1, 0)) == links_t{{0, 1}});
  // Two planes without phasing: the seam is the link that is there already.
  CHECK(plus_grid{true}.links(sky(2, 1, 0)) == links_t{{0, 1}});
  CHECK(plus_grid{true}.links(sky(2, 2, 0)) == links_t{{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  // With phasing it is another one.
  CHECK(plus_grid{true}.links(sky(2, 2, 1)) ==
        links_t{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}});
}

TEST_CASE("plus_grid: every link between planes, the seam's too, keeps the Walker phase") {
  constexpr double turn = 2 * std::numbers::pi;
  for (const auto& [planes, per_plane] : {std::pair{5, 7}, {3, 8}, {12, 4}})
    for (int phasing = 0; phasing < planes; ++phasing) {
      CAPTURE(planes, per_plane, phasing);
      const walker_constellation grid = sky(planes, per_plane, phasing);
      // Argument of latitude as the positions show it: the angle from the ascending node, which is
      // where the orbital plane meets the equator.
      const auto latitude_rad = [&](satellite_id id) {
        const Eigen::Vector3d r = grid.position_km(id, 1000), v = grid.velocity_km_s(id, 1000);
        const Eigen::Vector3d normal = Eigen::Vector3d(r.cross(v)).normalized();
        const Eigen::Vector3d node = Eigen::Vector3d::UnitZ().cross(normal).normalized();
        return std::atan2(r.dot(normal.cross(node)), r.dot(node));
      };
      int across = 0;
      for (const auto [a, b] : plus_grid{.seam = true}.links(grid)) {
        const auto from = grid.slot_of(a), to = grid.slot_of(b);
        if (from.plane == to.plane) continue;
        ++across;
        // a < b, so a stands west of b but at the seam.
        const double step = to.plane == from.plane + 1 ? latitude_rad(b) - latitude_rad(a)
                                                       : latitude_rad(a) - latitude_rad(b);
        const double surplus = step - turn * phasing / (planes * per_plane);
        REQUIRE(std::remainder(surplus, turn) == approx(0).margin(1e-9));
      }
      CHECK(across == planes * per_plane);
    }
}

TEST_CASE("plus_grid: the seam is as short as the other links where the Walker phase is kept") {
  // The same distances at the same latitude: at any time the set of link lengths across the seam is
  // one that planes 0 and 1 show some time later.
  const walker_constellation grid = sky(6, 6, 5);
  const auto longest_km = [&](std::uint32_t west) {
    double longest = 0;
    for (const auto [a, b] : plus_grid{.seam = true}.links(grid)) {
      const auto p = grid.slot_of(a).plane, q = grid.slot_of(b).plane;
      if (!(west == 5 ? p == 0 && q == 5 : p == west && q == west + 1)) continue;
      for (int k = 0; k < 2000; ++k) {
        const double t_s = grid.period_s() * k / 2000;
        longest = std::max(longest, (grid.position_km(a, t_s) - grid.position_km(b, t_s)).norm());
      }
    }
    return longest;
  };
  CHECK(longest_km(5) == approx(longest_km(0), 1e-5));
}

TEST_CASE("plus_grid: a seam where the planes do not close the circle") {
  CHECK_INVALID(plus_grid{.seam = true}.links(sky(4, 4, 0, 180)),
                "seam: found true with planes that do not close; allowed: true only where "
                "planes go all the way round, raan_spread_deg 360");
  CHECK_NOTHROW(plus_grid{.seam = false}.links(sky(4, 4, 0, 180)));
  CHECK(plus_grid{}.links(sky(4, 4, 0, 180)) == plus_grid{}.links(sky(4, 4, 0)));
}

/// A user's sky: satellites in any places of any grid.
struct places {
  orbital_grid shape;
  std::vector<orbital_slot> where;

  std::size_t size() const { return where.size(); }
  Eigen::Vector3d position_km(satellite_id id, double) const { return {7000.0 + id, 0, 0}; }
  Eigen::Vector3d velocity_km_s(satellite_id, double) const { return {0, 7.5, 0}; }
  orbital_slot slot_of(satellite_id id) const { return where[id]; }
  orbital_grid grid() const { return shape; }
};
static_assert(gridded_constellation<places>);
static_assert(!periodic_constellation<places>);

// The documentation as a question about two satellites, where places may be vacant.
bool points_over_gaps(const places& sky, const plus_grid& links, satellite_id from,
                      satellite_id to) {
  const auto [planes, slots, shift] = sky.shape;
  const auto inhabited = [&](std::uint32_t plane, std::uint32_t slot) {
    return std::ranges::count(sky.where, orbital_slot{plane, slot % slots}) > 0;
  };
  const orbital_slot a = sky.where[from], b = sky.where[to];
  if (a.plane == b.plane) {
    const std::uint32_t ahead = (b.slot + slots - a.slot) % slots;
    for (std::uint32_t k = 1; k < ahead; ++k)
      if (inhabited(a.plane, a.slot + k)) return false;
    return links.bridge_gaps || ahead == 1;
  }
  const bool over_seam = b.plane < a.plane;
  if (over_seam && !links.seam) return false;
  const std::uint32_t ahead = (b.plane + planes - a.plane) % planes;
  for (std::uint32_t k = 1; k < ahead; ++k)
    for (std::uint32_t s = 0; s < slots; ++s)
      if (inhabited((a.plane + k) % planes, s)) return false;
  if (ahead > 1 && !links.bridge_gaps) return false;
  return b.slot == (a.slot + (over_seam ? *shift % slots : 0)) % slots;
}

TEST_CASE("plus_grid: by hand over vacant places") {
  //  plane 0: 0 . 1 .    plane 1: none    plane 2: 2 3 . 4
  const places sky{{3, 4, 1}, {{0, 0}, {0, 2}, {2, 0}, {2, 1}, {2, 3}}};
  CHECK(plus_grid{}.links(sky) == links_t{{0, 1}, {0, 2}, {2, 3}, {2, 4}, {3, 4}});
  CHECK(plus_grid{.bridge_gaps = false}.links(sky) == links_t{{2, 3}, {2, 4}});
  // The seam: slot s of plane 2 to slot s + 1 of plane 0: 3–1 and 4–0.
  CHECK(plus_grid{.seam = true, .bridge_gaps = false}.links(sky) ==
        links_t{{0, 4}, {1, 3}, {2, 3}, {2, 4}});
  CHECK(plus_grid{.seam = true}.links(sky) ==
        links_t{{0, 1}, {0, 2}, {0, 4}, {1, 3}, {2, 3}, {2, 4}, {3, 4}});
}

TEST_CASE("plus_grid: the links of random skies with vacant places are those of the definition") {
  random_stream random(1, "places");
  const auto any = [&](std::size_t count) {
    return static_cast<std::uint32_t>(random.uniform_index(count));
  };
  for (int round = 0; round < 300; ++round) {
    places sky{{1 + any(6), 1 + any(6), any(9)}, {}};
    const double share = random.uniform_01();
    for (std::uint32_t p = 0; p < sky.shape.planes; ++p)
      for (std::uint32_t s = 0; s < sky.shape.slots; ++s)
        if (random.uniform_01() < share) sky.where.push_back({p, s});
    random.shuffle(sky.where);
    for (const plus_grid topology : {plus_grid{false, false}, plus_grid{false, true},
                                     plus_grid{true, false}, plus_grid{true, true}}) {
      CAPTURE(round, sky.shape.planes, sky.shape.slots, topology.seam, topology.bridge_gaps);
      links_t expected;
      for (satellite_id a = 0; a < sky.size(); ++a)
        for (satellite_id b = a + 1; b < sky.size(); ++b)
          if (points_over_gaps(sky, topology, a, b) || points_over_gaps(sky, topology, b, a))
            expected.push_back({a, b});
      REQUIRE(topology.links(sky) == expected);
    }
  }
}

TEST_CASE("plus_grid: hostile grids") {
  CHECK(plus_grid{}.links(places{{0, 0}, {}}).empty());
  CHECK(plus_grid{true}.links(places{{0, 0, 5}, {}}).empty());
  CHECK(plus_grid{true}.links(places{{3, 0, 5}, {}}).empty());
  CHECK_INVALID(plus_grid{}.links(places{{0, 0}, {{0, 0}}}),
                "satellite 0: found plane 0, slot 0; allowed: a place of its own in 0 planes of 0 "
                "slots");
  CHECK_INVALID(plus_grid{}.links(places{{2, 3}, {{0, 0}, {2, 0}}}),
                "satellite 1: found plane 2, slot 0; allowed: a place of its own in 2 planes of 3 "
                "slots");
  CHECK_INVALID(plus_grid{}.links(places{{2, 3}, {{1, 3}}}), "satellite 0: found plane 1, slot 3;");
  CHECK_INVALID(plus_grid{}.links(places{{2, 3}, {{0xffffffff, 0xffffffff}}}),
                "satellite 0: found plane 4294967295, slot 4294967295;");
  CHECK_INVALID(plus_grid{}.links(places{{2, 3}, {{1, 2}, {0, 0}, {1, 2}}}),
                "satellite 2: found plane 1, slot 2;");
  CHECK_INVALID(plus_grid{}.links(places{{1 << 14, (1 << 13) + 1}, {}}),
                "slots: found 8193; allowed: planes × slots at most 2^27");
  CHECK_INVALID(plus_grid{}.links(places{{0xffffffff, 0xffffffff}, {}}),
                "slots: found 4294967295;");
  CHECK_INVALID(plus_grid{}.links(places{{0xffffffff, 0}, {}}), "slots: found 0;");
  CHECK_INVALID(plus_grid{true}.links(places{{2, 3}, {}}), "seam: found true");
}

TEST_CASE("plus_grid: any seam shift counts in slots round the plane") {
  const std::vector<orbital_slot> all = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}};
  for (const std::uint32_t shift : {0u, 1u, 2u})
    CHECK(plus_grid{true}.links(places{{2, 3, 0xffffffff - 3 + shift}, all}) ==
          plus_grid{true}.links(places{{2, 3, shift}, all}));
}

TEST_CASE("plus_grid: a very sparse grid is no slower than its size") {
  const places sky{{1 << 20, 2, 0}, {{5, 1}, {1'000'000, 1}}};
  CHECK(plus_grid{}.links(sky) == links_t{{0, 1}});
  CHECK(plus_grid{.seam = true, .bridge_gaps = false}.links(sky).empty());
}

TEST_CASE("plus_grid: neighbours among real satellites' planes") {
  for (const bool closed : {false, true}) {
    test::catalogue_maker made;
    const test::walker_plan plan{.planes = 6,
                                 .slots = 9,
                                 .phasing = 2,
                                 .raan_spread_deg = closed ? 360.0 : 180.0,
                                 .altitude_km = 1000};
    std::vector<std::pair<int, int>> without{{0, 3}, {1, 7}, {1, 8}};
    for (int s = 0; s < plan.slots; ++s) without.emplace_back(3, s);
    made.add(plan, without);
    made.shuffle();
    const shell_sky<> sky(made.sets, test::catalogue_start);
    const links_t bridged = plus_grid{.seam = closed}.links(sky);
    const links_t without_bridges = plus_grid{.seam = closed, .bridge_gaps = false}.links(sky);
    CHECK(std::ranges::includes(bridged, without_bridges));
    for (const auto& [links, whole] : {std::pair{bridged, true}, {without_bridges, false}})
      for (const auto [a, b] : links) {
        const orbital_slot from = sky.slot_of(a), to = sky.slot_of(b);
        const std::uint32_t ahead = to.plane - from.plane;
        if (ahead == 0) continue;
        CHECK(from.slot == to.slot);
        CHECK((ahead == 1 || (closed && ahead == 5) || (whole && ahead == 2 && from.plane == 2)));
      }
    if (!closed) CHECK_INVALID(plus_grid{.seam = true}.links(sky), "seam: found true");
  }
}

}  // namespace
}  // namespace links_plus_grid_test
