#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>

#include <Eigen/Geometry>

#include <orbitmoe/constellation/walker.hpp>

#include "support/catch.hpp"

namespace constellation_walker_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;
using test::approx;

static_assert(std::is_nothrow_move_constructible_v<walker_constellation>);
static_assert(!std::is_convertible_v<walker_parameters, walker_constellation>);

constexpr double turn = 2 * std::numbers::pi;

// MODEL §1 by rotations: start on the x axis, turn by the argument of latitude in the equator, tilt
// by the inclination about the node, turn the node by the RAAN.
Eigen::Matrix3d orbit_to_inertial(const walker_parameters& w, int plane, double latitude_rad) {
  const double raan_rad = w.raan_spread_deg / 360 * turn * plane / w.planes;
  return (Eigen::AngleAxisd(raan_rad, Vector3d::UnitZ()) *
          Eigen::AngleAxisd(w.inclination_deg / 360 * turn, Vector3d::UnitX()) *
          Eigen::AngleAxisd(latitude_rad, Vector3d::UnitZ()))
      .toRotationMatrix();
}

// Skies that differ in every parameter: polar, retrograde, equatorial, star, one satellite.
const walker_parameters skies[] = {
    {},
    {.planes = 5,
     .satellites_per_plane = 7,
     .altitude_km = 1200,
     .inclination_deg = 53,
     .phasing = 3},
    {.planes = 6,
     .satellites_per_plane = 4,
     .altitude_km = 781,
     .inclination_deg = 86.4,
     .raan_spread_deg = 180,
     .phasing = 2},
    {.planes = 3,
     .satellites_per_plane = 2,
     .altitude_km = 35786,
     .inclination_deg = 0,
     .phasing = 0},
    {.planes = 4,
     .satellites_per_plane = 3,
     .altitude_km = 500,
     .inclination_deg = 180,
     .raan_spread_deg = 90,
     .phasing = 1},
    {.planes = 1,
     .satellites_per_plane = 1,
     .altitude_km = 100,
     .inclination_deg = 97.6,
     .phasing = 0},
};

TEST_CASE("walker: the defaults are the published experiment") {
  CHECK(walker_constellation{}.parameters() == walker_parameters{.planes = 33,
                                                                 .satellites_per_plane = 32,
                                                                 .altitude_km = 550,
                                                                 .inclination_deg = 87,
                                                                 .raan_spread_deg = 360,
                                                                 .phasing = 17});
  CHECK(walker_constellation{}.size() == 1056);
}

TEST_CASE("walker: by hand, a satellite starts at its node and goes north-east") {
  const walker_constellation sky{{.planes = 4,
                                  .satellites_per_plane = 4,
                                  .altitude_km = 629,
                                  .inclination_deg = 60,
                                  .phasing = 1}};
  const double speed_km_s = std::sqrt(398600.4418 / 7000);
  CHECK((sky.position_km(0, 0) - Vector3d(7000, 0, 0)).norm() < 1e-9);
  CHECK((sky.velocity_km_s(0, 0) - speed_km_s * Vector3d(0, 0.5, std::sqrt(0.75))).norm() < 1e-12);
  // Slot 1 is a quarter turn ahead, at the highest latitude.
  CHECK((sky.position_km(1, 0) - Vector3d(0, 3500, 7000 * std::sqrt(0.75))).norm() < 1e-9);
  CHECK((sky.velocity_km_s(1, 0) - Vector3d(-speed_km_s, 0, 0)).norm() < 1e-12);
  // Plane 1: the node a quarter turn east, the satellite 1/16 of a turn past it.
  const double u = turn / 16;
  CHECK((sky.position_km(4, 0) -
         7000 * Vector3d(-std::sin(u) / 2, std::cos(u), std::sin(u) * std::sqrt(0.75)))
            .norm() < 1e-9);
}

TEST_CASE("walker: positions and velocities are those of rotation matrices") {
  for (const walker_parameters& w : skies) {
    const walker_constellation sky(w);
    CAPTURE(w.planes, w.satellites_per_plane);
    const double radius_km = 6371.0 + w.altitude_km;
    const double motion_rad_s = std::sqrt(398600.4418 / std::pow(radius_km, 3));
    satellite_id id = 0;
    for (int p = 0; p < w.planes; ++p)
      for (int s = 0; s < w.satellites_per_plane; ++s, ++id)
        for (const double t_s : {0.0, 123.4, -5000.0, 86400.0}) {
          const double latitude_rad = turn * s / w.satellites_per_plane +
                                      turn * w.phasing * p / (w.planes * w.satellites_per_plane) +
                                      motion_rad_s * t_s;
          const Eigen::Matrix3d rotation = orbit_to_inertial(w, p, latitude_rad);
          const Vector3d position_km = radius_km * rotation.col(0);
          const Vector3d velocity_km_s = radius_km * motion_rad_s * rotation.col(1);
          REQUIRE((sky.position_km(id, t_s) - position_km).norm() < 1e-11 * radius_km);
          REQUIRE((sky.velocity_km_s(id, t_s) - velocity_km_s).norm() < 1e-10);
        }
    CHECK(id == sky.size());
  }
}

TEST_CASE("walker: (plane p, slot s) has id p·S + s") {
  const walker_constellation sky{{.planes = 5, .satellites_per_plane = 7, .phasing = 0}};
  CHECK(sky.size() == 35);
  satellite_id id = 0;
  for (std::uint32_t p = 0; p < 5; ++p)
    for (std::uint32_t s = 0; s < 7; ++s) CHECK(sky.slot_of(id++) == orbital_slot{p, s});
}

TEST_CASE("walker: the velocity is the derivative of the position, and gravity that of velocity") {
  constexpr double step_s = 0.5;
  for (const walker_parameters& w : skies) {
    const walker_constellation sky(w);
    for (satellite_id id = 0; id < sky.size(); id += 1 + static_cast<satellite_id>(sky.size() / 9))
      for (const double t_s : {0.0, 777.0, 4000.0}) {
        const Vector3d r = sky.position_km(id, t_s), v = sky.velocity_km_s(id, t_s);
        const Vector3d dr = sky.position_km(id, t_s + step_s) - sky.position_km(id, t_s - step_s);
        const Vector3d dv =
            sky.velocity_km_s(id, t_s + step_s) - sky.velocity_km_s(id, t_s - step_s);
        REQUIRE((dr / (2 * step_s) - v).norm() < 1e-6 * v.norm());
        const Vector3d gravity_km_s2 = -earth_mu_km3_s2 / std::pow(r.norm(), 3) * r;
        REQUIRE((dv / (2 * step_s) - gravity_km_s2).norm() < 1e-6 * gravity_km_s2.norm());
      }
  }
}

TEST_CASE("walker: orbits are circular, plane and speed constant, and close after a period") {
  for (const walker_parameters& w : skies) {
    const walker_constellation sky(w);
    const double radius_km = earth_radius_km + w.altitude_km;
    CHECK(sky.period_s() == approx(turn * std::sqrt(std::pow(radius_km, 3) / earth_mu_km3_s2)));
    for (satellite_id id = 0; id < sky.size();
         id += 1 + static_cast<satellite_id>(sky.size() / 9)) {
      const Vector3d normal = sky.position_km(id, 0).cross(sky.velocity_km_s(id, 0));
      CHECK(std::acos(normal.z() / normal.norm()) ==
            approx(w.inclination_deg * std::numbers::pi / 180, 1e-7).margin(1e-7));
      for (const double t_s : {100.0, 2500.0, 1e5}) {
        const Vector3d r = sky.position_km(id, t_s), v = sky.velocity_km_s(id, t_s);
        REQUIRE(r.norm() == approx(radius_km));
        REQUIRE(v.norm() == approx(std::sqrt(earth_mu_km3_s2 / radius_km)));
        REQUIRE(r.dot(v) == approx(0).margin(1e-9 * radius_km));
        REQUIRE((r.cross(v) - normal).norm() < 1e-10 * normal.norm());
        REQUIRE((sky.position_km(id, t_s + sky.period_s()) - r).norm() < 1e-8 * radius_km);
      }
    }
  }
}

TEST_CASE("walker: the period at 550 km is 95.5 minutes, and a sidereal day when geostationary") {
  CHECK(walker_constellation{}.period_s() / 60 == approx(95.5, 1e-3));
  const walker_constellation geostationary{{.altitude_km = 42164.17 - 6371.0}};
  CHECK(geostationary.period_s() == approx(86164.0905, 1e-6));
}

TEST_CASE("walker: neighbouring planes are Ω/P apart, one turn of them comes back") {
  // Equatorial orbits show RAAN and argument of latitude as one angle: their sum.
  const walker_parameters w{.planes = 6,
                            .satellites_per_plane = 5,
                            .inclination_deg = 0,
                            .raan_spread_deg = 180,
                            .phasing = 4};
  const walker_constellation sky(w);
  for (satellite_id p = 0; p + 1 < 6; ++p) {
    const Vector3d here = sky.position_km(p * 5, 0), next = sky.position_km((p + 1) * 5, 0);
    const double angle = std::atan2(here.cross(next).z(), here.dot(next));
    CHECK(angle == approx(std::numbers::pi / 6 + turn * 4 / 30));
  }
}

TEST_CASE("walker: parameters out of range") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto make = [](walker_parameters w) { return walker_constellation(w); };

  CHECK_INVALID(make({.planes = 0}), "planes: found 0; allowed: an integer from 1 to 10000");
  CHECK_INVALID(make({.planes = 10'001}), "planes: found 10001;");
  CHECK_INVALID(make({.satellites_per_plane = -1}),
                "satellites_per_plane: found -1; allowed: an integer from 1 to 10000");
  CHECK_INVALID(make({.satellites_per_plane = 10'001}), "satellites_per_plane: found 10001;");
  CHECK_INVALID(make({.planes = 101, .satellites_per_plane = 10'000}),
                "satellites_per_plane: found 10000; allowed: planes × satellites_per_plane at most "
                "1000000");
  CHECK_INVALID(make({.altitude_km = 99}), "altitude_km: found 99; allowed: a number from 100 to ");
  CHECK_INVALID(make({.altitude_km = 100'001}), "altitude_km: found 100001;");
  CHECK_INVALID(make({.altitude_km = nan}), "altitude_km: found nan;");
  CHECK_INVALID(make({.inclination_deg = -0.5}),
                "inclination_deg: found -0.5; allowed: a number from 0 to 180");
  CHECK_INVALID(make({.inclination_deg = 180.5}), "inclination_deg: found 180.5;");
  CHECK_INVALID(make({.inclination_deg = nan}), "inclination_deg: found nan;");
  CHECK_INVALID(make({.raan_spread_deg = 0}),
                "raan_spread_deg: found 0; allowed: a number over 0 and up to 360");
  CHECK_INVALID(make({.raan_spread_deg = 360.5}), "raan_spread_deg: found 360.5;");
  CHECK_INVALID(make({.raan_spread_deg = nan}), "raan_spread_deg: found nan;");
  CHECK_INVALID(make({.phasing = -1}), "phasing: found -1; allowed: an integer from 0 to 32");
  CHECK_INVALID(make({.planes = 5, .phasing = 5}),
                "phasing: found 5; allowed: an integer from 0 to 4");
}

TEST_CASE("walker: the ends of the ranges are allowed") {
  const auto make = [](walker_parameters w) { return walker_constellation(w); };
  CHECK(make({.planes = 10'000, .satellites_per_plane = 100}).size() == 1'000'000);
  CHECK(make({.planes = 100, .satellites_per_plane = 10'000}).size() == 1'000'000);
  CHECK_NOTHROW(make({.planes = 1,
                      .satellites_per_plane = 1,
                      .altitude_km = 100,
                      .inclination_deg = 0,
                      .raan_spread_deg = 1e-3,
                      .phasing = 0}));
  CHECK_NOTHROW(make({.altitude_km = 100'000, .inclination_deg = 180, .phasing = 32}));
}

}  // namespace
}  // namespace constellation_walker_test
