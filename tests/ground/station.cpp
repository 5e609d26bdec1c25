#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <Eigen/Geometry>

#include <orbitmoe/ground/station.hpp>

#include "support/catch.hpp"

namespace ground_station_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;
using test::approx;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("station: Earth-fixed positions against published numbers") {
  // Semi-axes of WGS 84, and 45 degrees north.
  const auto at = [](double latitude_deg, double longitude_deg, double elevation_m = 0) {
    return earth_fixed_km({"", latitude_deg, longitude_deg, elevation_m});
  };
  CHECK((at(0, 0) - Vector3d(6378.137, 0, 0)).norm() < 1e-9);
  CHECK((at(0, 90) - Vector3d(0, 6378.137, 0)).norm() < 1e-9);
  CHECK((at(90, 33) - Vector3d(0, 0, 6356.752314245)).norm() < 1e-8);
  CHECK((at(-90, 0, 1000) - Vector3d(0, 0, -6357.752314245)).norm() < 1e-8);
  CHECK((at(45, 0) - Vector3d(4517.590878849, 0, 4487.348408866)).norm() < 1e-7);
  // Vallado, "Fundamentals of Astrodynamics and Applications", example 7-1 [km].
  CHECK((at(39.007, -104.883, 2187) - Vector3d(-1275.1219, -4797.9890, 3994.2975)).norm() < 2e-3);
  // Longitudes may be counted either way.
  CHECK((at(12, -100) - at(12, 260)).norm() < 1e-9);
}

TEST_CASE("station: other figures of the Earth") {
  const ground_station pole{.latitude_deg = 90};
  CHECK(earth_fixed_km(pole, wgs72_ellipsoid)[2] == approx(6356.750520, 1e-9));
  const ellipsoid sphere{.equatorial_radius_km = 6371,
                         .inverse_flattening = std::numeric_limits<double>::infinity()};
  CHECK(earth_fixed_km(pole, sphere)[2] == approx(6371));
  CHECK(earth_fixed_km({.latitude_deg = 30, .longitude_deg = 40}, sphere).norm() == approx(6371));
}

TEST_CASE("station: sidereal time against published numbers") {
  // Meeus, "Astronomical Algorithms", examples 12.a and 12.b: 13h 10m 46.3668s and 128.7378734.
  CHECK(gmst_deg(2446895.5) == approx(15 * (13 + 10 / 60.0 + 46.3668 / 3600), 1e-8));
  CHECK(gmst_deg(2446896.30625) == approx(128.7378734, 1e-8));
  // Vallado, example 3-5: 1992-08-20 12:14 UT1.
  CHECK(gmst_deg(2448855.009722222) == approx(152.578787, 1e-6));
}

TEST_CASE("station: the Earth turns once in a sidereal day") {
  const earth_rotation rotation{.angle_at_start_deg = 90};
  const Vector3d greenwich{6378, 0, 5};
  CHECK((to_inertial(greenwich, rotation, 0) - Vector3d(0, 6378, 5)).norm() < 1e-9);
  CHECK((to_inertial(greenwich, rotation, 86164.0905) - Vector3d(0, 6378, 5)).norm() < 1e-3);
  // Eastwards.
  CHECK(to_inertial(greenwich, {}, 60)[1] > 0);
  CHECK(earth_rotation{}.angle_rad(1) == approx(7.2921158e-5, 1e-7));
}

TEST_CASE("station: elevation by hand") {
  const Vector3d here{6378, 0, 0}, up{1, 0, 0};
  CHECK(elevation_deg(here, up, {7000, 0, 0}) == approx(90));
  CHECK(elevation_deg(here, up, {6378, 0, 800}) == approx(0).margin(1e-12));
  CHECK(elevation_deg(here, up, {6378 + 500, -500, 0}) == approx(45));
  CHECK(elevation_deg(here, up, {0, 0, 0}) == approx(-90));
  // The vertical is that of the ellipsoid, not the direction from its centre.
  const ground_station station{.latitude_deg = 45};
  const Vector3d vertical = earth_fixed_up(station);
  const double apart = std::acos(vertical.dot(earth_fixed_km(station).normalized()));
  CHECK(apart * 180 / std::numbers::pi == approx(0.19242, 1e-4));
}

/// Satellites on a sphere, in a meridian plane, `angles_deg` from the x axis to the north.
std::vector<Vector3d> overhead(double radius_km, const std::vector<double>& angles_deg) {
  std::vector<Vector3d> satellites_km;
  for (const double angle_deg : angles_deg)
    satellites_km.push_back(
        radius_km * Vector3d(std::cos(deg_to_rad(angle_deg)), 0, std::sin(deg_to_rad(angle_deg))));
  return satellites_km;
}

const ellipsoid sphere{.equatorial_radius_km = 6371,
                       .inverse_flattening = std::numeric_limits<double>::infinity()};

TEST_CASE("station: least elevation, by the law of sines") {
  // At 30 degrees above the horizon and 630 km up, the angle at the Earth's centre is
  // 60 - asin(6371/7001 · cos 30), here 60 - 52.0081 degrees.
  const double edge_deg = 60 - std::asin(6371.0 / 7001 * std::sqrt(0.75)) * 180 / std::numbers::pi;
  const auto satellites_km = overhead(
      7001, {0, edge_deg - 1e-6, edge_deg + 1e-6, -edge_deg + 1e-6, -edge_deg - 1e-6, 180});
  const ground_view view({}, {.min_elevation_deg = 30}, sphere);
  const auto found = view.visible(satellites_km, {}, 0);
  REQUIRE(found.size() == 3);
  CHECK(found[0].id == 0);
  CHECK(found[0].delay_s == approx(630 / light_speed_km_s));
  CHECK(found[1].id == 1);
  CHECK(found[2].id == 3);
  CHECK(found[1].delay_s == approx(found[2].delay_s));
  const double slant_km = 7001 * std::sin(deg_to_rad(edge_deg)) / std::sin(deg_to_rad(120));
  CHECK(found[1].delay_s == approx(slant_km / light_speed_km_s, 1e-6));
}

TEST_CASE("station: greatest range") {
  const auto satellites_km = overhead(7001, {0, 5, -5, 10, 180});
  const auto visible = [&](double max_range_km) {
    return ground_view({}, {.min_elevation_deg = -90, .max_range_km = max_range_km}, sphere)
        .visible(satellites_km, {}, 0)
        .size();
  };
  CHECK(visible(629) == 0);
  CHECK(visible(631) == 1);
  CHECK(visible(1000) == 3);
  CHECK(visible(1e6) == 5);
}

TEST_CASE("station: mirrored stations see mirrored satellites") {
  const auto satellites_km = overhead(7500, {12, -12, 40, -40});
  const auto from = [&](double latitude_deg) {
    return ground_view({.latitude_deg = latitude_deg, .elevation_m = 50}, {.min_elevation_deg = 10})
        .visible(satellites_km, {}, 0);
  };
  const auto north = from(15), south = from(-15);
  REQUIRE(!north.empty());
  REQUIRE(north.size() == south.size());
  CHECK(north[0].id == 0);
  CHECK(south[0].id == 1);
  CHECK(north[0].delay_s == approx(south[0].delay_s));
}

TEST_CASE("station: the Earth carries the station along") {
  const auto satellites_km = overhead(7000, {0});
  const ground_view view({.longitude_deg = 30}, {.min_elevation_deg = 60});
  CHECK(view.visible(satellites_km, {}, 0).empty());
  CHECK(view.visible(satellites_km, {.angle_at_start_deg = -30}, 0).size() == 1);
  CHECK(view.visible(satellites_km, {}, 86164.0905 * 11 / 12).size() == 1);
}

TEST_CASE("station: coordinates and limits have their ranges") {
  const auto make = [](const ground_station& s, const ground_access& a = {}) {
    return ground_view(s, a);
  };
  CHECK_INVALID(make({.latitude_deg = 91}), "latitude_deg: found 91; allowed: a number from -90");
  CHECK_INVALID(make({.latitude_deg = nan}), "latitude_deg: found nan;");
  CHECK_INVALID(make({.longitude_deg = 361}), "longitude_deg: found 361;");
  CHECK_INVALID(make({.elevation_m = -2000}), "elevation_m: found -2000;");
  CHECK_INVALID(earth_fixed_km({.latitude_deg = -91}), "latitude_deg: found -91;");
  CHECK_INVALID(make({}, {.min_elevation_deg = 91}), "min_elevation_deg: found 91;");
  CHECK_INVALID(make({}, {.max_range_km = 0}), "max_range_km: found 0; allowed: a number over 0");
}

}  // namespace
}  // namespace ground_station_test
