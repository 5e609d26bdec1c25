#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/feasibility.hpp>
#include <orbitmoe/random.hpp>

#include "support/catch.hpp"

namespace links_feasibility_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;
using test::approx;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
// Every link but through the Earth.
constexpr link_feasibility no_limits{.max_angular_rate_rad_s = infinity,
                                     .min_grazing_altitude_km = 0};

Vector3d random_vector(random_stream& stream, double scale) {
  const auto component = [&] { return scale * (2 * stream.uniform_01() - 1); };
  const double x = component(), y = component(), z = component();
  return {x, y, z};
}

state_vector random_motion(random_stream& stream) {
  const Vector3d direction = random_vector(stream, 1).normalized();
  const double radius_km = earth_radius_km + 100 + 9000 * stream.uniform_01();
  return {radius_km * direction, random_vector(stream, 7)};
}

TEST_CASE("feasibility: grazing altitude by hand") {
  const auto at = [](double x, double y) { return state_vector{{x, y, 0}, {0, 0, 0}}; };
  // The middle is nearest.
  CHECK(grazing_altitude_km(at(7000, -3000), at(7000, 3000)) == approx(7000 - 6371.0));
  // One end is nearest: the foot of the perpendicular lies outside the segment.
  CHECK(grazing_altitude_km(at(7000, 0), at(9000, 0)) == approx(7000 - 6371.0));
  CHECK(grazing_altitude_km(at(9000, 1000), at(7000, 1000)) ==
        approx(std::hypot(7000, 1000) - 6371.0));
  // Straight through the centre.
  CHECK(grazing_altitude_km(at(7000, 0), at(-7000, 0)) == approx(-6371.0));
  // No segment at all.
  CHECK(grazing_altitude_km(at(7000, 0), at(7000, 0)) == approx(7000 - 6371.0));
}

TEST_CASE("feasibility: grazing altitude is the least over the segment") {
  random_stream stream(1, "grazing");
  constexpr int samples = 1000;
  for (int n = 0; n < 300; ++n) {
    const state_vector a = random_motion(stream), b = random_motion(stream);
    double least_km = infinity;
    for (int k = 0; k <= samples; ++k) {
      const double along = static_cast<double>(k) / samples;
      least_km = std::min(
          least_km, ((1 - along) * a.position_km + along * b.position_km).norm() - earth_radius_km);
    }
    const double found_km = grazing_altitude_km(a, b);
    REQUIRE(found_km <= least_km + 1e-9);
    // The nearest point is at most half a step away from a sample.
    const double half_step_km = (a.position_km - b.position_km).norm() / samples / 2;
    REQUIRE(std::hypot(found_km + earth_radius_km, half_step_km) - earth_radius_km >=
            least_km - 1e-9);
    REQUIRE(grazing_altitude_km(b, a) == approx(found_km).margin(1e-9));
  }
}

TEST_CASE("feasibility: a chord of one orbit clears the Earth by a·cos(θ/2) − R") {
  for (const int per_plane : {3, 5, 8, 32}) {
    const walker_constellation sky{
        {.planes = 1, .satellites_per_plane = per_plane, .altitude_km = 8000, .phasing = 0}};
    const state_vector a{sky.position_km(0, 50), sky.velocity_km_s(0, 50)};
    const state_vector b{sky.position_km(1, 50), sky.velocity_km_s(1, 50)};
    CHECK(grazing_altitude_km(a, b) ==
          approx(14371 * std::cos(std::numbers::pi / per_plane) - 6371, 1e-11));
    // Seen from one another, the two turn once per orbit.
    CHECK(angular_rate_rad_s(a, b) == approx(2 * std::numbers::pi / sky.period_s(), 1e-11));
  }
}

TEST_CASE("feasibility: angular rate by hand") {
  const state_vector still{{7000, 0, 0}, {0, 0, 0}};
  // 5 km/s across, 100 km away.
  CHECK(angular_rate_rad_s(still, {{7100, 0, 0}, {0, 3, 4}}) == approx(0.05));
  // Straight away, and alongside.
  CHECK(angular_rate_rad_s(still, {{7100, 0, 0}, {5, 0, 0}}) == 0);
  CHECK(angular_rate_rad_s({{7000, 0, 0}, {1, 2, 3}}, {{7000, 50, 0}, {1, 2, 3}}) == 0);
}

TEST_CASE("feasibility: angular rate is how fast the direction to the other end turns") {
  random_stream stream(1, "rate");
  constexpr double step_s = 1e-2;
  for (int n = 0; n < 300; ++n) {
    const state_vector a = random_motion(stream), b = random_motion(stream);
    const auto direction = [&](double t_s) {
      return ((b.position_km + t_s * b.velocity_km_s) - (a.position_km + t_s * a.velocity_km_s))
          .normalized();
    };
    const double turned = (direction(step_s) - direction(-step_s)).norm();
    const double rate_rad_s = angular_rate_rad_s(a, b);
    REQUIRE(rate_rad_s == approx(turned / (2 * step_s), 1e-5).margin(1e-11));
    REQUIRE(angular_rate_rad_s(b, a) == rate_rad_s);
    // Coordinates of any other inertial frame give the same.
    const Vector3d drift = random_vector(stream, 7);
    REQUIRE(angular_rate_rad_s({a.position_km, a.velocity_km_s + drift},
                               {b.position_km, b.velocity_km_s + drift}) ==
            approx(rate_rad_s, 1e-9));
  }
}

TEST_CASE("feasibility: a feasible link takes its length at the speed of light") {
  const state_vector a{{7000, 0, 0}, {0, 0, 0}}, b{{7000, 3000, 0}, {1, 0, 0}};
  CHECK(propagation_s(a, b, {}) == 3000 / 299'792.458);
  CHECK(propagation_s(b, a, {}) == 3000 / 299'792.458);
}

TEST_CASE("feasibility: each limit alone takes the link down, exactly at its value") {
  const state_vector a{{7000, -1500, 0}, {0, 0, 0}}, b{{7000, 1500, 0}, {3, 0, 0}};
  const double rate_rad_s = angular_rate_rad_s(a, b), grazing_km = grazing_altitude_km(a, b);
  CHECK(rate_rad_s == approx(1e-3));
  CHECK(grazing_km == approx(629));
  const auto up = [&](const link_feasibility& limits) {
    return propagation_s(a, b, limits) < infinity;
  };
  const auto above = [](double value) { return std::nextafter(value, infinity); };
  const auto below = [](double value) { return std::nextafter(value, 0); };
  CHECK(up({}));
  // The rate must be below its limit; the other two limits may be met.
  CHECK_FALSE(up({.max_angular_rate_rad_s = rate_rad_s}));
  CHECK(up({.max_angular_rate_rad_s = above(rate_rad_s)}));
  CHECK(up({.min_grazing_altitude_km = grazing_km}));
  CHECK_FALSE(up({.min_grazing_altitude_km = above(grazing_km)}));
  CHECK(up({.max_range_km = 3000}));
  CHECK_FALSE(up({.max_range_km = below(3000)}));
}

TEST_CASE("feasibility: more generous limits never take a link down") {
  random_stream stream(1, "limits");
  int up = 0, down = 0;
  for (int n = 0; n < 500; ++n) {
    const state_vector a = random_motion(stream), b = random_motion(stream);
    const link_feasibility strict{.max_angular_rate_rad_s = 1e-3 + 2e-3 * stream.uniform_01(),
                                  .min_grazing_altitude_km = 200 * stream.uniform_01(),
                                  .max_range_km = 15'000 * stream.uniform_01() + 1};
    link_feasibility generous = strict;
    generous.max_angular_rate_rad_s *= 1.5;
    generous.min_grazing_altitude_km *= 0.5;
    generous.max_range_km *= 1.5;
    const double strict_s = propagation_s(a, b, strict);
    if (strict_s < infinity) {
      ++up;
      REQUIRE(propagation_s(a, b, generous) == strict_s);
    } else {
      ++down;
    }
  }
  CHECK(up > 20);
  CHECK(down > 20);
}

TEST_CASE("feasibility: satellites that coincide have no link, and no NaN gets out") {
  const Vector3d r{7000, 0, 0};
  for (const Vector3d& v : {Vector3d(0, 0, 0), Vector3d(0, 7, 0), Vector3d(7, 0, 0)})
    for (const link_feasibility& limits : {link_feasibility{}, no_limits})
      CHECK(propagation_s({r, {0, 0, 0}}, {r, v}, limits) == infinity);
  // So near that squares underflow.
  const state_vector origin{{7000, 0, 0}, {0, 0, 0}}, near{{7000, 1e-170, 0}, {0, 0, 1e-170}};
  CHECK(propagation_s(origin, near, no_limits) == infinity);
  // A position that is not a number, from a user's sky.
  CHECK(propagation_s({{nan, 0, 0}, {0, 0, 0}}, {r, {0, 0, 0}}, no_limits) == infinity);
  CHECK(propagation_s({r, {0, nan, 0}}, {{7000, 100, 0}, {0, 0, 0}}, no_limits) == infinity);
}

TEST_CASE("feasibility: limits out of range") {
  const auto validate = [](const link_feasibility& limits) { limits.validate(); };
  CHECK_INVALID(validate({.max_angular_rate_rad_s = 0}),
                "max_angular_rate_rad_s: found 0; allowed: a number over 0");
  CHECK_INVALID(validate({.max_angular_rate_rad_s = -0.1}), "max_angular_rate_rad_s: found -0.1;");
  CHECK_INVALID(validate({.max_angular_rate_rad_s = nan}), "max_angular_rate_rad_s: found nan;");
  CHECK_INVALID(validate({.min_grazing_altitude_km = -1}),
                "min_grazing_altitude_km: found -1; allowed: a number from 0 to 10000");
  CHECK_INVALID(validate({.min_grazing_altitude_km = 10'001}),
                "min_grazing_altitude_km: found 10001;");
  CHECK_INVALID(validate({.min_grazing_altitude_km = nan}), "min_grazing_altitude_km: found nan;");
  CHECK_INVALID(validate({.max_range_km = 0}), "max_range_km: found 0; allowed: a number over 0");
  CHECK_INVALID(validate({.max_range_km = -5}), "max_range_km: found -5;");
  CHECK_INVALID(validate({.max_range_km = nan}), "max_range_km: found nan;");
  CHECK_NOTHROW(validate({}));
  CHECK_NOTHROW(validate(no_limits));
  CHECK_NOTHROW(validate({.min_grazing_altitude_km = 10'000}));
}

}  // namespace
}  // namespace links_feasibility_test
