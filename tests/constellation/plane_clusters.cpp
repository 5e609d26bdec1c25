#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <vector>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include <orbitmoe/constellation/plane_clusters.hpp>
#include <orbitmoe/units.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"

namespace constellation_plane_clusters_test {
namespace {

using namespace orbitmoe;
using namespace orbitmoe::detail;
using test::approx, test::catalogue_start, test::origin;

std::vector<mean_orbit> orbits_of(const test::catalogue_maker& made) {
  std::vector<mean_orbit> orbits;
  for (const element_set& set : made.sets) orbits.emplace_back(set, catalogue_start);
  return orbits;
}

std::vector<plane_cluster> clusters_of(const std::vector<mean_orbit>& orbits,
                                       std::size_t least = 3) {
  return plane_finder(orbits, 1, 2.5, least).clusters();
}

TEST_CASE("plane_clusters: medians") {
  CHECK(median({3}) == 3);
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 3, 2}) == 3);
  CHECK(lower_median({3}) == 3);
  CHECK(lower_median({3, 1, 2}) == 2);
  CHECK(lower_median({4, 1, 3, 2}) == 2);
}

TEST_CASE("plane_axes: angles go from the ascending node along the orbit") {
  for (const double raan : {0.0, 30.0, 200.0}) {
    CAPTURE(raan);
    const double node = deg_to_rad(raan), tilt = deg_to_rad(60);
    const Eigen::Vector3d normal{std::sin(tilt) * std::sin(node), -std::sin(tilt) * std::cos(node),
                                 std::cos(tilt)};
    const plane_axes axes(normal);
    CHECK(axes.raan_deg() == approx(raan, 1e-12));
    CHECK(std::abs(std::remainder(axes.angle_deg({std::cos(node), std::sin(node), 0}), 360)) <
          1e-10);
    CHECK(axes.angle_deg(normal.cross(Eigen::Vector3d(std::cos(node), std::sin(node), 0))) ==
          approx(90, 1e-12));
  }
  // Over the equator there is no node: angles are from the x axis.
  const plane_axes flat({0, 0, 1});
  CHECK(flat.raan_deg() == 0);
  CHECK(flat.angle_deg({0, 1, 0}) == approx(90, 1e-12));
}

TEST_CASE("plane_clusters: planes are found, the densest first") {
  test::catalogue_maker made;
  for (const int slots : {5, 12, 8})
    for (int s = 0; s < slots; ++s)
      made.add({.jitter = 1}, {origin::regular, slots, s, {550, 53, 10.0 * slots, 13.0 * s}});
  made.shuffle();
  const auto orbits = orbits_of(made);
  const auto found = clusters_of(orbits);
  REQUIRE(found.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    const int slots = std::vector{12, 8, 5}[c];
    CHECK(found[c].members.size() == static_cast<std::size_t>(slots));
    CHECK(std::ranges::is_sorted(found[c].members));
    for (const std::size_t i : found[c].members) CHECK(made.truth[i].plane == slots);
    CHECK(found[c].inclination_deg == approx(53).margin(0.02));
    CHECK(found[c].altitude_km == approx(550).margin(0.11));
    CHECK(detail::angle_deg(found[c].normal, orbits[found[c].members[0]].normal) < 0.2);
  }
  CHECK(clusters_of(orbits, 6).size() == 2);
  CHECK(clusters_of(orbits, 13).empty());
  CHECK(clusters_of({}).empty());
}

TEST_CASE("plane_clusters: planes do not grow together over strays between them") {
  test::catalogue_maker made;
  for (const double raan_deg : {10.0, 13.0})
    for (int s = 0; s < 10; ++s)
      made.add({origin::regular, raan_deg > 11, s, {550, 53, raan_deg, 36.0 * s}});
  for (int k = 1; k < 10; ++k) made.add({origin::stray, -1, 0, {550, 53, 10 + 0.3 * k, 0}});
  const auto orbits = orbits_of(made);
  const auto found = clusters_of(orbits);
  REQUIRE(found.size() >= 2);
  for (std::size_t c = 0; c < 2; ++c) {
    std::set<int> planes;
    for (const std::size_t i : found[c].members)
      if (made.truth[i].plane >= 0) planes.insert(made.truth[i].plane);
    CHECK(planes.size() == 1);
  }
}

TEST_CASE("plane_clusters: no member twice and nobody outside its ball in any cloud") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test::catalogue_maker made(seed);
    for (int k = 0; k < 150; ++k)
      made.add(
          {origin::stray,
           0,
           0,
           {made.around(550, 4), made.around(53, 1), made.around(20, 4), made.around(180, 180)}});
    const auto orbits = orbits_of(made);
    std::vector<int> times(orbits.size(), 0);
    std::vector<bool> taken(orbits.size(), false);
    for (const plane_cluster& cluster : clusters_of(orbits)) {
      CHECK(cluster.members.size() >= 3);
      for (const std::size_t i : cluster.members) {
        ++times.at(i);
        taken[i] = true;
      }
      // Who is still free when a plane is taken is in it or outside its ball.
      std::size_t inside = 0;
      for (std::size_t i = 0; i < orbits.size(); ++i)
        inside += (!taken[i] || std::ranges::binary_search(cluster.members, i)) &&
                  detail::angle_deg(orbits[i].normal, cluster.normal) < 1 &&
                  std::abs(orbits[i].motion_deg_per_day - cluster.motion_deg_per_day) < 2.5;
      CHECK(inside == cluster.members.size());
    }
    CHECK(std::ranges::all_of(times, [](int n) { return n <= 1; }));
  }
}

TEST_CASE("plane_clusters: shells are chains of steps, the fullest first") {
  const auto plane = [](double altitude_km, double inclination_deg, std::size_t satellites) {
    plane_cluster cluster;
    cluster.altitude_km = altitude_km;
    cluster.inclination_deg = inclination_deg;
    cluster.members.resize(satellites);
    return cluster;
  };
  const std::vector<plane_cluster> planes = {plane(540, 53, 9), plane(550, 53, 3),
                                             plane(554, 53.1, 3), plane(546, 53, 3),
                                             plane(550, 54, 5)};
  // 546, 550 and 554 hold together and have 9 satellites, as many as 540: the first stays first.
  CHECK(shells_of(planes, 5, 0.15) == std::vector<std::size_t>{0, 1, 1, 1, 2});
  CHECK(shells_of(planes, 6, 0.15) == std::vector<std::size_t>{0, 0, 0, 0, 1});
  CHECK(shells_of(planes, 6, 1) == std::vector<std::size_t>{0, 0, 0, 0, 0});
  CHECK(shells_of(planes, 0, 0) == std::vector<std::size_t>{0, 2, 3, 4, 1});
  CHECK(shells_of({}, 5, 1).empty());
}

}  // namespace
}  // namespace constellation_plane_clusters_test
