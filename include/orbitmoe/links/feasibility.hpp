#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>
#include <orbitmoe/vector3.hpp>

namespace orbitmoe {

/// What physics and pointing allow of a laser link.
struct link_feasibility {
  double max_angular_rate_rad_s = 0.12;  ///< tracking limit on |Δr × Δv| / |Δr|², over 0 [rad/s]
  double min_grazing_altitude_km = 80;  ///< how far the beam must clear the Earth, 0 to 10,000 [km]
  double max_range_km = std::numeric_limits<double>::infinity();  ///< longest link, over 0 [km]
  bool operator==(const link_feasibility&) const = default;

  /// @throws invalid_input  a limit is outside its range.
  void validate() const {
    detail::require(max_angular_rate_rad_s > 0, "max_angular_rate_rad_s", max_angular_rate_rad_s,
                    "a number over 0");
    detail::require_between("min_grazing_altitude_km", min_grazing_altitude_km, 0.0, 10'000.0);
    detail::require(max_range_km > 0, "max_range_km", max_range_km, "a number over 0");
  }
};

/// Where a satellite is and how it moves, in one inertial frame.
struct state_vector {
  Eigen::Vector3d position_km;
  Eigen::Vector3d velocity_km_s;
};

/// Angular rate at which one end of a link must turn to follow the other [rad/s]; NaN where
/// the two coincide.
[[nodiscard]] inline double angular_rate_rad_s(const state_vector& a, const state_vector& b) {
  const Eigen::Vector3d dr = detail::from_to(a.position_km, b.position_km);
  const Eigen::Vector3d turn = detail::cross(dr, detail::from_to(a.velocity_km_s, b.velocity_km_s));
  return std::sqrt(detail::dot(turn, turn)) / detail::dot(dr, dr);
}

/// Least altitude of the straight segment between two satellites above the mean Earth radius [km].
[[nodiscard]] inline double grazing_altitude_km(const state_vector& a, const state_vector& b) {
  const Eigen::Vector3d& start = a.position_km;
  const Eigen::Vector3d dr = detail::from_to(start, b.position_km);
  const double length_squared = detail::dot(dr, dr);
  const double along =
      length_squared > 0 ? std::clamp(-detail::dot(start, dr) / length_squared, 0.0, 1.0) : 0.0;
  const Eigen::Vector3d nearest{start[0] + along * dr[0], start[1] + along * dr[1],
                                start[2] + along * dr[2]};
  return std::sqrt(detail::dot(nearest, nearest)) - earth_radius_km;
}

/// One-way propagation delay of the link [s]; infinite where it is not feasible.
/// @see MODEL §2.
[[nodiscard]] inline double propagation_s(const state_vector& a, const state_vector& b,
                                          const link_feasibility& limits) {
  const Eigen::Vector3d dr = detail::from_to(a.position_km, b.position_km);
  const double length_km = std::sqrt(detail::dot(dr, dr));
  const bool feasible = angular_rate_rad_s(a, b) < limits.max_angular_rate_rad_s &&
                        grazing_altitude_km(a, b) >= limits.min_grazing_altitude_km &&
                        length_km <= limits.max_range_km;
  return feasible ? length_km / light_speed_km_s : std::numeric_limits<double>::infinity();
}

}  // namespace orbitmoe
