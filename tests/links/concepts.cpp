#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"

namespace links_concepts_test {
namespace {

using namespace orbitmoe;

using links_t = std::vector<laser_link>;

// A topology as a user may write one: each satellite and the nearest one at time 0.
struct nearest_neighbours {
  template<constellation Sky>
  links_t links(const Sky& sky) const {
    std::set<laser_link> chosen;
    for (satellite_id a = 0; a < sky.size(); ++a) {
      const auto distance_km = [&](satellite_id b) {
        return (sky.position_km(b, 0) - sky.position_km(a, 0)).norm();
      };
      satellite_id nearest = a == 0 ? 1 : 0;
      for (satellite_id b = 0; b < sky.size(); ++b)
        if (b != a && distance_km(b) < distance_km(nearest)) nearest = b;
      chosen.insert({std::min(a, nearest), std::max(a, nearest)});
    }
    return {chosen.begin(), chosen.end()};
  }
};
static_assert(link_topology<nearest_neighbours, walker_constellation>);
static_assert(link_topology<nearest_neighbours, test::drifting_sky>);

// +Grid needs planes and slots in a regular order; a list fits any sky.
static_assert(!link_topology<plus_grid, test::drifting_sky>);
static_assert(link_topology<link_list, test::drifting_sky>);

// What does not fit.
static_assert(!link_topology<plus_grid, int>);
static_assert(!link_topology<int, walker_constellation>);
struct pairs_for_links {
  std::vector<std::pair<satellite_id, satellite_id>> links(const walker_constellation&) const {
    return {};
  }
};
static_assert(!link_topology<pairs_for_links, walker_constellation>);
struct changed_by_asking {
  links_t links(const walker_constellation&) { return {}; }
};
static_assert(!link_topology<changed_by_asking, walker_constellation>);
struct links_of_no_sky {
  links_t links() const { return {}; }
};
static_assert(!link_topology<links_of_no_sky, walker_constellation>);
struct changes_the_sky {
  links_t links(walker_constellation&) const { return {}; }
};
static_assert(!link_topology<changes_the_sky, walker_constellation>);

TEST_CASE("link: compares by its ends, in order") {
  using orbitmoe::laser_link;
  CHECK(laser_link{1, 2} == laser_link{1, 2});
  CHECK(laser_link{1, 2} != laser_link{2, 1});
  CHECK(laser_link{1, 9} < laser_link{2, 3});
  CHECK(laser_link{1, 2} < laser_link{1, 3});
}

TEST_CASE("link_topology: a user's topology on the library's sky and on a user's") {
  const test::drifting_sky row{{{{7000, 0, 0}, {0, 0, 0}},
                                {{7000, 10, 0}, {0, 0, 0}},
                                {{7000, 30, 0}, {0, 0, 0}},
                                {{7000, 45, 0}, {0, 0, 0}}}};
  CHECK(nearest_neighbours{}.links(row) == links_t{{0, 1}, {2, 3}});

  const timeline net{
      row, nearest_neighbours{}, {.slots = 1, .span_s = 1, .survival_probability = 1}};
  CHECK(net.links() == links_t{{0, 1}, {2, 3}});
  CHECK(net.propagation_s(0)[1] == test::approx(15 / 299'792.458));

  const walker_constellation ring{{.planes = 1, .satellites_per_plane = 40, .phasing = 0}};
  for (const auto [a, b] : nearest_neighbours{}.links(ring))
    CHECK((b == a + 1 || (a == 0 && b == 39)));
}

}  // namespace
}  // namespace links_concepts_test
