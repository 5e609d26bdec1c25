#include <cmath>
#include <numbers>

#include <orbitmoe/constellation/sgp4_terms.hpp>

#include "support/catch.hpp"

namespace constellation_sgp4_terms_test {
namespace {

using namespace orbitmoe;
using test::approx;

TEST_CASE("sgp4_terms: Kepler's equation between node and north") {
  for (const double e : {0.0, 1e-6, 0.01, 0.5, 0.9})
    for (double perigee = 0; perigee < 6.3; perigee += 0.7)
      for (double u = -3; u <= 3; u += 0.25) {
        const double node = e * std::cos(perigee), north = e * std::sin(perigee);
        const auto [s, c] = detail::sgp4_eccentric_latitude(u, node, north);
        const double excess = std::atan2(s, c) + north * c - node * s - u;
        CAPTURE(e, perigee, u);
        CHECK(s * s + c * c == approx(1));
        CHECK(std::remainder(excess, 2 * std::numbers::pi) == approx(0).margin(1e-13));
      }
}

TEST_CASE("sgp4_terms: mean motion after Brouwer is as near to Kozai's as J2") {
  const double kozai_rad_s = 15 * 2 * std::numbers::pi / 86'400;
  const double a = detail::sgp4_axis(kozai_rad_s);
  CHECK(a * a * a * kozai_rad_s * kozai_rad_s == approx(detail::sgp4_mu));
  for (const double c : {-1.0, 0.0, 0.3, 1.0}) {
    const double delta = 0.75 * wgs72::j2 * (3 * c * c - 1) / (a * a) * std::pow(0.99, -1.5);
    CHECK(kozai_rad_s / detail::brouwer_mean_motion_rad_s(15, 0.1, c) - 1 ==
          approx(delta).margin(3e-6));
  }
  CHECK(detail::brouwer_mean_motion_rad_s(15, 0.1, std::sqrt(1.0 / 3)) == approx(kozai_rad_s));
}

TEST_CASE("sgp4_terms: a perigee below the ground") {
  CHECK_NOTHROW(detail::require_perigee_above_earth(1.2, 0.1));
  CHECK_INVALID(detail::require_perigee_above_earth(1.1, 0.1),
                "eccentricity: found 0.1; allowed: one whose perigee is above the surface");
}

}  // namespace
}  // namespace constellation_sgp4_terms_test
