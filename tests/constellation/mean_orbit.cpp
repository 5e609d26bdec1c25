#include <cmath>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include <orbitmoe/constellation/mean_orbit.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"

namespace constellation_mean_orbit_test {
namespace {

using namespace orbitmoe;
using detail::mean_orbit;
using Eigen::Vector3d;
using test::approx, test::catalogue_start;

TEST_CASE("mean_orbit: angles between vectors, near 0 and 180 too") {
  const auto at = [](double deg) {
    return Vector3d(std::cos(deg_to_rad(deg)), 0, std::sin(deg_to_rad(deg)));
  };
  for (const double deg : {0.0, 1e-7, 1.0, 90.0, 179.9999999, 180.0})
    CHECK(detail::angle_deg(at(0), at(deg)) == approx(deg).margin(1e-12));
}

TEST_CASE("mean_orbit: by hand, at the epoch") {
  const element_set set = test::elements_of({700, 90, 0, 30});
  const mean_orbit orbit(set, set.epoch);
  CHECK((orbit.normal - Vector3d(0, -1, 0)).norm() < 1e-12);
  CHECK((orbit.direction - Vector3d(std::cos(deg_to_rad(30)), 0, 0.5)).norm() < 1e-12);
  CHECK(orbit.inclination_deg == 90);
  CHECK(orbit.altitude_km == approx(700).margin(0.01));
  CHECK(orbit.motion_deg_per_day == 360 * set.mean_motion_rev_per_day);
}

TEST_CASE("mean_orbit: what a satellite flies, from any epoch") {
  for (const double inclination_deg : {0.0, 0.1, 53.0, 97.6, 180.0})
    for (const double later_s : {-3e5, 0.0, 3e5}) {
      CAPTURE(inclination_deg, later_s);
      element_set set = test::elements_of({800, inclination_deg, 200, 310}, later_s);
      set.eccentricity = 0;
      const mean_orbit orbit(set, catalogue_start);
      const secular_j2 motion(set);
      const double since_s = seconds_between(set.epoch, catalogue_start);
      const Vector3d r = motion.position_km(since_s), v = motion.velocity_km_s(since_s);
      CHECK((orbit.direction - r.normalized()).norm() < 1e-9);
      // Velocity in space leans out of the plane, which turns itself, by about a thousandth.
      CHECK((orbit.normal - r.cross(v).normalized()).norm() < 2e-3);
      CHECK(orbit.normal.norm() == approx(1));
      CHECK(orbit.normal.dot(orbit.direction) == approx(0).margin(1e-12));
      // All epochs of one orbit say the same.
      const mean_orbit now(test::elements_of({800, inclination_deg, 200, 310}), catalogue_start);
      CHECK(detail::angle_deg(orbit.normal, now.normal) < 1e-3);
      CHECK(detail::angle_deg(orbit.direction, now.direction) < 0.1);  // by hand to first order
      CHECK(orbit.altitude_km == approx(now.altitude_km).margin(1e-3));
    }
}

TEST_CASE("mean_orbit: the mean of an eccentric orbit is where mean anomaly says") {
  element_set set = test::elements_of({2000, 60, 10, 90});
  set.eccentricity = 0.1;
  set.argument_of_perigee_deg = 20;
  set.mean_anomaly_deg = 70;
  const mean_orbit orbit(set, set.epoch);
  CHECK(orbit.direction[2] == approx(std::sin(deg_to_rad(60))));
}

TEST_CASE("mean_orbit: elements that are no orbit") {
  element_set set;
  set.eccentricity = 0.2;
  CHECK_INVALID(mean_orbit(set, set.epoch), "eccentricity: found 0.2;");
  set = {};
  set.raan_deg = 361;
  CHECK_INVALID(mean_orbit(set, set.epoch), "raan_deg: found 361;");
}

}  // namespace
}  // namespace constellation_mean_orbit_test
