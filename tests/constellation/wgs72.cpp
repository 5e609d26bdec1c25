#include <cmath>

#include <orbitmoe/constellation/wgs72.hpp>

#include "support/catch.hpp"

namespace constellation_wgs72_test {
namespace {

using namespace orbitmoe;

TEST_CASE("wgs72: the constants of Spacetrack Report No. 3") {
  // Its k_e [equatorial radii^1.5 / min], and CK2 = J2 / 2, CK4 = -3 J4 / 8.
  const double ke = 60 / std::sqrt(std::pow(wgs72::radius_km, 3) / wgs72::mu_km3_s2);
  CHECK(ke == test::approx(0.0743669161).epsilon(1e-9));
  CHECK(wgs72::j2 / 2 == test::approx(5.413080e-4).epsilon(1e-7));
  CHECK(-3 * wgs72::j4 / 8 == test::approx(0.62098875e-6).epsilon(1e-7));
  CHECK(wgs72::j3 == -0.253881e-5);
}

}  // namespace
}  // namespace constellation_wgs72_test
