#include <vector>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include <orbitmoe/random.hpp>
#include <orbitmoe/vector3.hpp>

#include "support/catch.hpp"

namespace vector3_test {
namespace {

using Eigen::Vector3d;
using namespace orbitmoe;

TEST_CASE("vector3: by hand") {
  const Vector3d a{1, 2, 3}, b{-4, 5, 7};
  CHECK(detail::from_to(a, b) == Vector3d(-5, 3, 4));
  CHECK(detail::dot(a, b) == 27);
  CHECK(detail::cross(a, b) == Vector3d(-1, -19, 13));
}

TEST_CASE("vector3: the same as Eigen's") {
  random_stream random(1, "vectors");
  const auto any = [&] {
    return Vector3d(random.uniform_01() - 0.5, random.uniform_01() - 0.5, random.uniform_01());
  };
  for (int round = 0; round < 100; ++round) {
    const Vector3d a = any(), b = any();
    REQUIRE(detail::from_to(a, b) == b - a);
    REQUIRE(detail::dot(a, b) == test::approx(a.dot(b)).margin(1e-15));
    REQUIRE((detail::cross(a, b) - a.cross(b)).norm() < 1e-15);
  }
}

}  // namespace
}  // namespace vector3_test
