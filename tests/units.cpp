#include <cmath>
#include <numbers>

#include <orbitmoe/units.hpp>

#include "support/catch.hpp"

namespace units_test {
namespace {

using namespace orbitmoe;
using test::approx;

static_assert(deg_to_rad(0) == 0);
static_assert(deg_to_rad(180) == std::numbers::pi);
static_assert(deg_to_rad(-90) == -std::numbers::pi / 2);

// Kepler's third law: period of an orbit of semi-major axis a.
double period_s(double semi_major_axis_km) {
  return 2 * std::numbers::pi * std::sqrt(std::pow(semi_major_axis_km, 3) / earth_mu_km3_s2);
}

TEST_CASE("units: the gravitational parameter gives known periods") {
  // The planetary ephemeris DE440 finds 398600.4355 km³/s².
  CHECK(earth_mu_km3_s2 == approx(398600.4355, 2e-8));
  // Geostationary: one sidereal day, 23 h 56 min 4.0905 s, at 42,164.17 km.
  CHECK(period_s(42164.17) == approx(86164.0905, 1e-6));
  // GPS: half a sidereal day at 26,561.76 km.
  CHECK(period_s(26561.76) == approx(86164.0905 / 2, 1e-6));
  // 550 km above the mean radius: 95.5 minutes.
  CHECK(period_s(earth_radius_km + 550) / 60 == approx(95.5, 1e-3));
}

TEST_CASE("units: the radius is the mean of the WGS 84 axes") {
  constexpr double equatorial_km = 6378.137, polar_km = 6356.752314245;
  CHECK(earth_radius_km == approx((2 * equatorial_km + polar_km) / 3, 2e-6));
  // Gravity on that sphere [m/s²].
  CHECK(1000 * earth_mu_km3_s2 / (earth_radius_km * earth_radius_km) == approx(9.82, 1e-4));
}

TEST_CASE("units: light takes 499.004784 s for one astronomical unit") {
  CHECK(149'597'870.7 / light_speed_km_s == approx(499.004784, 1e-9));
}

TEST_CASE("units: angles in a turn") {
  CHECK(turned_deg(0) == 0);
  CHECK(turned_deg(360) == 0);
  CHECK(turned_deg(-10) == 350);
  CHECK(turned_deg(725) == 5);
  CHECK(turned_deg(-1e-20) == 0);
}

}  // namespace
}  // namespace units_test
