#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/grid.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"

namespace network_grid_test {
namespace {

using namespace orbitmoe;

using links_t = std::vector<laser_link>;
constexpr std::uint32_t none = plane_grid::no_link;

walker_constellation sky(int planes, int per_plane, int phasing = 0) {
  return walker_constellation{
      {.planes = planes, .satellites_per_plane = per_plane, .phasing = phasing}};
}

std::optional<plane_grid> grid_of(const walker_constellation& walker, const links_t& links) {
  return plane_grid_of(timeline{walker, link_list{links}, {.slots = 1}});
}

std::optional<plane_grid> plus_grid_of(int planes, int per_plane, int phasing, bool seam) {
  return plane_grid_of(
      timeline{sky(planes, per_plane, phasing), plus_grid{.seam = seam}, {.slots = 1}});
}

// Planes as a user may have them.
struct listed_sky : test::drifting_sky {
  std::vector<orbital_slot> places;
  orbital_slot slot_of(satellite_id id) const { return places[id]; }
};
static_assert(planar_constellation<listed_sky>);

std::optional<plane_grid> grid_of(const std::vector<orbital_slot>& places, const links_t& links) {
  listed_sky listed;
  listed.places = places;
  for (std::size_t i = 0; i < places.size(); ++i)
    listed.at_start.push_back({{8000, 10 * static_cast<double>(i), 0}, {0, 0, 0}});
  return plane_grid_of(timeline{listed, link_list{links}, {.slots = 1, .span_s = 1}});
}

// Checks the definition of plane_grid: every link has one place, which tells its two ends.
void check_places(const plane_grid& grid, std::size_t planes, std::size_t per_plane,
                  const links_t& links) {
  const std::size_t satellites = planes * per_plane;
  REQUIRE(grid.planes == planes);
  REQUIRE(grid.satellites_per_plane == per_plane);
  REQUIRE(grid.along.size() == satellites);
  REQUIRE(grid.across.size() == satellites);
  REQUIRE(grid.shift.size() == planes);
  REQUIRE(grid.joined.size() == planes);
  std::vector<int> seen(links.size());
  std::vector<bool> joined(planes);
  const auto check = [&](std::uint32_t link, std::size_t a, std::size_t b) {
    REQUIRE(link < links.size());
    ++seen[link];
    const auto [x, y] = links[link];
    REQUIRE(((x == a && y == b) || (x == b && y == a)));
  };
  for (std::size_t p = 0; p < planes; ++p) {
    REQUIRE(grid.shift[p] < per_plane);
    for (std::size_t s = 0; s < per_plane; ++s) {
      const std::size_t here = p * per_plane + s;
      if (grid.along[here] != none)
        check(grid.along[here], here, p * per_plane + (s + 1) % per_plane);
      if (grid.across[here] == none) continue;
      check(grid.across[here], here,
            (p + 1) % planes * per_plane + (s + grid.shift[p]) % per_plane);
      joined[p] = true;
    }
  }
  REQUIRE(seen == std::vector<int>(links.size(), 1));
  REQUIRE(grid.joined == joined);
}

TEST_CASE("plane_grid_of: by hand, 2 planes of 3") {
  // Plane 0: 0 1 2, plane 1: 3 4 5. Links as plus_grid has them:
  // 0–1, 0–2, 0–3, 1–2, 1–4, 2–5, 3–4, 3–5, 4–5.
  CHECK(plus_grid_of(2, 3, 1, false) == plane_grid{.planes = 2,
                                                   .satellites_per_plane = 3,
                                                   .along = {0, 3, 1, 6, 8, 7},
                                                   .across = {2, 4, 5, none, none, none},
                                                   .shift = {0, 0},
                                                   .joined = {true, false}});
  // With the seam 3–1, 4–2 and 5–0, which joins the same two planes at another shift:
  // 0–1, 0–2, 0–3, 0–5, 1–2, 1–3, 1–4, 2–4, 2–5, 3–4, 3–5, 4–5.
  CHECK(plus_grid_of(2, 3, 1, true) == plane_grid{.planes = 2,
                                                  .satellites_per_plane = 3,
                                                  .along = {0, 4, 1, 9, 11, 10},
                                                  .across = {2, 6, 8, 5, 7, 3},
                                                  .shift = {0, 1},
                                                  .joined = {true, true}});
}

TEST_CASE("plane_grid_of: by hand, links that are missing or the other way round") {
  CHECK(grid_of(sky(3, 4), {{9, 5}, {3, 0}, {1, 5}, {11, 10}}) ==
        plane_grid{.planes = 3,
                   .satellites_per_plane = 4,
                   .along = {none, none, none, 1, none, none, none, none, none, none, 3, none},
                   .across = {none, 2, none, none, none, 0, none, none, none, none, none, none},
                   .shift = {0, 0, 0},
                   .joined = {true, true, false}});
  // Planes 0 and 2 alone are joined, two slots on from plane 2.
  CHECK(grid_of(sky(3, 4), {{0, 10}, {9, 3}}) ==
        plane_grid{.planes = 3,
                   .satellites_per_plane = 4,
                   .along = std::vector<std::uint32_t>(12, none),
                   .across = {none, none, none, none, none, none, none, none, none, 1, 0, none},
                   .shift = {0, 0, 2},
                   .joined = {false, false, true}});
  CHECK(grid_of(sky(2, 2), {}) == plane_grid{.planes = 2,
                                             .satellites_per_plane = 2,
                                             .along = {none, none, none, none},
                                             .across = {none, none, none, none},
                                             .shift = {0, 0},
                                             .joined = {false, false}});
}

TEST_CASE("plane_grid_of: by hand, one plane, one satellite per plane, rings of two") {
  CHECK(plus_grid_of(1, 1, 0, true) == plane_grid{.planes = 1,
                                                  .satellites_per_plane = 1,
                                                  .along = {none},
                                                  .across = {none},
                                                  .shift = {0},
                                                  .joined = {false}});
  CHECK(plus_grid_of(1, 3, 0, true) == plane_grid{.planes = 1,
                                                  .satellites_per_plane = 3,
                                                  .along = {0, 2, 1},
                                                  .across = {none, none, none},
                                                  .shift = {0},
                                                  .joined = {false}});
  CHECK(plus_grid_of(3, 1, 2, true) == plane_grid{.planes = 3,
                                                  .satellites_per_plane = 1,
                                                  .along = {none, none, none},
                                                  .across = {0, 2, 1},
                                                  .shift = {0, 0, 0},
                                                  .joined = {true, true, true}});
  // Two satellites make a ring of two links, of which plus_grid has one.
  CHECK(plus_grid_of(1, 2, 0, false) == plane_grid{.planes = 1,
                                                   .satellites_per_plane = 2,
                                                   .along = {0, none},
                                                   .across = {none, none},
                                                   .shift = {0},
                                                   .joined = {false}});
  CHECK(grid_of(sky(1, 2), {{0, 1}, {0, 1}}) == plane_grid{.planes = 1,
                                                           .satellites_per_plane = 2,
                                                           .along = {0, 1},
                                                           .across = {none, none},
                                                           .shift = {0},
                                                           .joined = {false}});
  CHECK(grid_of(sky(2, 1), {{0, 1}, {0, 1}}) == plane_grid{.planes = 2,
                                                           .satellites_per_plane = 1,
                                                           .along = {none, none},
                                                           .across = {0, 1},
                                                           .shift = {0, 0},
                                                           .joined = {true, true}});
  CHECK_FALSE(grid_of(sky(1, 2), {{0, 1}, {0, 1}, {1, 0}}));
  CHECK_FALSE(grid_of(sky(2, 1), {{0, 1}, {0, 1}, {1, 0}}));
}

TEST_CASE("plane_grid_of: every plus_grid is one") {
  for (int planes = 1; planes <= 6; ++planes)
    for (int per_plane = 1; per_plane <= 6; ++per_plane)
      for (int phasing = 0; phasing < planes; ++phasing)
        for (const bool seam : {false, true}) {
          CAPTURE(planes, per_plane, phasing, seam);
          const walker_constellation walker = sky(planes, per_plane, phasing);
          const auto grid = plus_grid_of(planes, per_plane, phasing, seam);
          REQUIRE(grid);
          const auto last = static_cast<std::size_t>(planes) - 1;
          check_places(*grid, last + 1, static_cast<std::size_t>(per_plane),
                       plus_grid{.seam = seam}.links(walker));
          if (planes > 2) {
            CHECK(grid->joined[last] == seam);
            CHECK(grid->shift[last] == static_cast<std::size_t>(seam ? phasing % per_plane : 0));
          }
        }
}

TEST_CASE("plane_grid_of: any links of a grid in any order are one") {
  random_stream stream(1, "part of a grid");
  for (int i = 0; i < 500; ++i) {
    const int planes = 1 + static_cast<int>(stream.uniform_index(7));
    const int per_plane = 1 + static_cast<int>(stream.uniform_index(7));
    const int phasing = static_cast<int>(stream.uniform_index(static_cast<std::size_t>(planes)));
    const walker_constellation walker = sky(planes, per_plane, phasing);
    links_t links = plus_grid{.seam = i % 2 == 0}.links(walker);
    stream.shuffle(links);
    links.resize(stream.uniform_index(links.size() + 1));
    // Between two planes only the direction tells the seam from the other pair.
    if (planes != 2)
      for (auto& [a, b] : links)
        if (stream.uniform_01() < 0.5) std::swap(a, b);
    CAPTURE(i, planes, per_plane, phasing, links.size());
    const auto grid = grid_of(walker, links);
    REQUIRE(grid);
    check_places(*grid, static_cast<std::size_t>(planes), static_cast<std::size_t>(per_plane),
                 links);
  }
}

TEST_CASE("plane_grid_of: nothing without planes") {
  CHECK_FALSE(plane_grid_of(timeline{4, {{0, 1}, {2, 3}}, make_matrix(1, 2, 0.1)}));
  CHECK_FALSE(plane_grid_of(timeline{1, {}, make_matrix(1, 0, 0.1)}));
  const test::drifting_sky two{{{{8000, 0, 0}, {0, 0, 0}}, {{8000, 100, 0}, {0, 0, 0}}}};
  CHECK_FALSE(plane_grid_of(timeline{two, link_list{}, {.slots = 1, .span_s = 1}}));
}

TEST_CASE("plane_grid_of: nothing where one link has no place") {
  const walker_constellation walker = sky(5, 6, 2);
  const links_t grid = plus_grid{.seam = true}.links(walker);
  REQUIRE(grid_of(walker, grid));
  // Past a slot, past a plane, across to another slot, at the seam at another shift, and twice.
  for (const laser_link other : links_t{{0, 2},
                                        {5, 1},
                                        {0, 12},
                                        {0, 18},
                                        {0, 7},
                                        {7, 0},
                                        {0, 11},
                                        {24, 0},
                                        {24, 1},
                                        {0, 1},
                                        {1, 0},
                                        {0, 5},
                                        {0, 6},
                                        {6, 0},
                                        {24, 2},
                                        {2, 24}}) {
    CAPTURE(other.a, other.b);
    for (const bool first : {false, true}) {
      links_t links = grid;
      links.insert(first ? links.begin() : links.end(), other);
      CHECK_FALSE(grid_of(walker, links));
    }
  }
  // Two shifts between one pair of planes.
  CHECK(grid_of(walker, {{0, 7}, {1, 8}}));
  CHECK_FALSE(grid_of(walker, {{0, 7}, {1, 9}}));
  CHECK_FALSE(grid_of(walker, {{0, 7}, {1, 6}}));
  CHECK_FALSE(grid_of(walker, {{24, 0}, {25, 0}}));
}

TEST_CASE("plane_grid_of: planes that a user gives") {
  const links_t row{{0, 1}, {1, 2}, {2, 3}};
  CHECK(grid_of({{0, 0}, {0, 1}, {1, 0}, {1, 1}}, {{0, 1}, {1, 3}, {2, 3}}));
  CHECK(grid_of({{0, 0}, {0, 1}, {0, 2}, {0, 3}}, row));
  CHECK(grid_of({{0, 0}, {1, 0}, {2, 0}, {3, 0}}, row));
  // Of unequal size.
  CHECK_FALSE(grid_of({{0, 0}, {0, 1}, {0, 2}, {1, 0}}, row));
  CHECK_FALSE(grid_of({{0, 0}, {1, 0}, {1, 1}, {1, 2}}, row));
  CHECK_FALSE(grid_of({{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}, {2, 0}}, row));
  // Ids not in the order of plane and slot, or numbers that do not begin at 0 or leave one out.
  CHECK_FALSE(grid_of({{0, 0}, {1, 0}, {0, 1}, {1, 1}}, row));
  CHECK_FALSE(grid_of({{1, 0}, {1, 1}, {0, 0}, {0, 1}}, row));
  CHECK_FALSE(grid_of({{0, 1}, {0, 0}, {1, 0}, {1, 1}}, row));
  CHECK_FALSE(grid_of({{1, 0}, {1, 1}, {2, 0}, {2, 1}}, row));
  CHECK_FALSE(grid_of({{0, 0}, {0, 1}, {2, 0}, {2, 1}}, row));
  CHECK_FALSE(grid_of({{0, 1}, {0, 2}, {1, 1}, {1, 2}}, row));
  CHECK_FALSE(grid_of({{0, 0}, {0, 0}, {1, 0}, {1, 0}}, row));
}

}  // namespace
}  // namespace network_grid_test
