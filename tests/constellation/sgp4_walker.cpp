#include <cmath>
#include <limits>
#include <numbers>

#include <Eigen/Geometry>

#include <orbitmoe/constellation/sgp4_walker.hpp>

#include "support/catch.hpp"

namespace constellation_sgp4_walker_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;
using test::approx;

const sgp4_walker_parameters skies[] = {
    {},
    {.planes = 5,
     .satellites_per_plane = 7,
     .mean_motion_rev_day = 13.66,
     .inclination_deg = 98.98},
    {.planes = 4, .satellites_per_plane = 3, .mean_motion_rev_day = 15.19, .inclination_deg = 53},
    {.planes = 3, .satellites_per_plane = 2, .mean_motion_rev_day = 7, .inclination_deg = 0},
    {.planes = 2, .satellites_per_plane = 2, .mean_motion_rev_day = 16, .inclination_deg = 180},
};

// Acceleration in the Earth's zonal field, by differences of the potential [km/s²].
Vector3d gravity(const Vector3d& r) {
  const auto potential = [](const Vector3d& p) {
    constexpr double mu = 398600.8, radius = 6378.135;
    const double d = p.norm(), s = p[2] / d, q = radius / d;
    const double p2 = (3 * s * s - 1) / 2, p3 = (5 * s * s - 3) * s / 2,
                 p4 = (35 * s * s * s * s - 30 * s * s + 3) / 8;
    return mu / d *
           (1 - 0.001082616 * q * q * p2 + 0.00000253881 * q * q * q * p3 +
            0.00000165597 * q * q * q * q * p4);
  };
  Vector3d a;
  for (int i = 0; i < 3; ++i) {
    const Vector3d step = 0.5 * Vector3d::Unit(i);
    a[i] = potential(r + step) - potential(r - step);
  }
  return a;
}

TEST_CASE("sgp4_walker: a satellite goes where gravity takes it") {
  for (const auto& parameters : skies) {
    const sgp4_walker sky(parameters);
    for (const satellite_id id : {satellite_id{0}, satellite_id{3}}) {
      Vector3d r = sky.position_km(id, 100), v = sky.velocity_km_s(id, 100);
      constexpr double h = 2;
      for (int k = 0; k < 600; ++k) {  // Runge-Kutta of order 4
        const Vector3d a1 = gravity(r), v2 = v + h / 2 * a1, a2 = gravity(r + h / 2 * v);
        const Vector3d v3 = v + h / 2 * a2, a3 = gravity(r + h / 2 * v2);
        const Vector3d v4 = v + h * a3, a4 = gravity(r + h * v3);
        r += h / 6 * (v + 2 * v2 + 2 * v3 + v4);
        v += h / 6 * (a1 + 2 * a2 + 2 * a3 + a4);
      }
      // SGP4 leaves out terms of J2²: some 20 m in a fifth of a turn, where J2 makes kilometres.
      CHECK((r - sky.position_km(id, 1300)).norm() < 0.1);
    }
  }
}

TEST_CASE("sgp4_walker: velocity is the change of position") {
  for (const auto& parameters : skies) {
    const sgp4_walker sky(parameters);
    for (satellite_id id = 0; id < sky.size(); id += 3) {
      const Vector3d change = sky.position_km(id, 500.5) - sky.position_km(id, 499.5);
      CHECK((change - sky.velocity_km_s(id, 500)).norm() < 2e-4);
    }
  }
}

TEST_CASE("sgp4_walker: nodes drift by the textbook's rate and mean motion is Kozai's") {
  const sgp4_walker sky;
  const double n = 14.8 * 2 * std::numbers::pi / 86400, a = std::cbrt(398600.8 / (n * n));
  const double cos_i = std::cos(deg_to_rad(51.9));
  const double rate = -1.5 * 0.001082616 * std::pow(6378.135 / a, 2) * n * cos_i;
  CHECK(sky.raan_rate_rad_s() == approx(rate, 5e-3));
  // 98.98 degrees at 13.66 turns per day: nearly 1 degree per day to the east.
  const double polar = sgp4_walker(skies[1]).raan_rate_rad_s() * 86400 * 180 / std::numbers::pi;
  CHECK(polar == approx(0.93, 0.02));
  // From node to node J2 makes the turn quicker or slower, by a part in a thousand.
  CHECK(sky.period_s() == approx(86400 / 14.8, 2e-3));
}

TEST_CASE("sgp4_walker: planes and slots stand where the elements say") {
  const sgp4_walker sky;
  CHECK(sky.size() == 1156);
  CHECK(sky.slot_of(35) == orbital_slot{1, 1});
  CHECK(sky.parameters() == sgp4_walker_parameters{});
  const auto angle_deg = [&](satellite_id a, satellite_id b) {
    return std::acos(sky.position_km(a, 0).normalized().dot(sky.position_km(b, 0).normalized())) *
           180 / std::numbers::pi;
  };
  CHECK(angle_deg(0, 1) == approx(360.0 / 34, 2e-3));
  CHECK(angle_deg(0, 17) == approx(180, 2e-3));
  // Plane 0 starts at its node on the x axis; plane 1 is half a slot ahead, plane 2 is not.
  CHECK(sky.position_km(0, 0).normalized()[0] == approx(1, 1e-5));
  const double half_slot = deg_to_rad(360.0 / 68), i = deg_to_rad(51.9);
  CHECK(sky.position_km(34, 0).normalized()[2] == approx(std::sin(half_slot) * std::sin(i), 2e-2));
  CHECK(std::abs(sky.position_km(68, 0).normalized()[2]) < 2e-3);
  // Equal for two planes on: the sky turned about the axis.
  CHECK(sky.position_km(0, 77).norm() == approx(sky.position_km(68, 77).norm()));
}

TEST_CASE("sgp4_walker: lengths grow with the unit of length") {
  const sgp4_walker small, large{{.earth_radius_km = 6378.16}};
  CHECK((small.position_km(40, 9) * (6378.16 / 6378.135) - large.position_km(40, 9)).norm() < 1e-9);
}

TEST_CASE("sgp4_walker: every parameter has its range") {
  const auto make = [](sgp4_walker_parameters p) { return sgp4_walker(p); };
  CHECK_INVALID(make({.planes = 0}), "planes: found 0; allowed: an integer from 1 to 10000");
  CHECK_INVALID(make({.satellites_per_plane = 0}), "satellites_per_plane: found 0;");
  CHECK_INVALID(make({.planes = 10'000, .satellites_per_plane = 101}),
                "allowed: planes × satellites_per_plane at most 1000000");
  CHECK_INVALID(make({.mean_motion_rev_day = 6}),
                "mean_motion_rev_day: found 6; allowed: a number from 6.5 to 16.5");
  CHECK_INVALID(make({.mean_motion_rev_day = std::numeric_limits<double>::quiet_NaN()}),
                "mean_motion_rev_day: found nan;");
  CHECK_INVALID(make({.inclination_deg = -1}), "inclination_deg: found -1;");
  CHECK_INVALID(make({.raan_spread_deg = 0}), "raan_spread_deg: found 0;");
  CHECK_INVALID(make({.odd_plane_offset = 2}), "odd_plane_offset: found 2;");
  CHECK_INVALID(make({.earth_radius_km = 1}), "earth_radius_km: found 1;");
}

}  // namespace
}  // namespace constellation_sgp4_walker_test
