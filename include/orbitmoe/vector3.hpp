#pragma once

#include <Eigen/Core>

/// Three coordinates by hand: Eigen's expressions of them cost every user seconds of compile time.
namespace orbitmoe::detail {

[[nodiscard]] inline Eigen::Vector3d from_to(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  return {b[0] - a[0], b[1] - a[1], b[2] - a[2]};
}
[[nodiscard]] inline double dot(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
[[nodiscard]] inline Eigen::Vector3d cross(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

}  // namespace orbitmoe::detail
