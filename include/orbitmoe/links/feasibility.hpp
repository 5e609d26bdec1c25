#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>

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
struct motion {
  Eigen::Vector3d position_km;
  Eigen::Vector3d velocity_km_s;
};

/// Angular rate at which one end of a link must turn to follow the other [rad/s]; infinite or NaN
/// where the two coincide.
[[nodiscard]] inline double angular_rate_rad_s(const motion& a, const motion& b) {
  const Eigen::Vector3d dr = b.position_km - a.position_km;
  const Eigen::Vector3d dv = b.velocity_km_s - a.velocity_km_s;
  return dr.cross(dv).norm() / dr.squaredNorm();
}

/// Least altitude of the straight segment between two satellites above the mean Earth radius [km].
[[nodiscard]] inline double grazing_altitude_km(const motion& a, const motion& b) {
  const Eigen::Vector3d dr = b.position_km - a.position_km;
  const double length_squared = dr.squaredNorm();
  const double along =
      length_squared > 0 ? std::clamp(-a.position_km.dot(dr) / length_squared, 0.0, 1.0) : 0.0;
  return (a.position_km + along * dr).norm() - earth_radius_km;
}

/// One-way propagation delay of the link [s]; infinite where it is not feasible.
/// @see MODEL §2.
[[nodiscard]] inline double propagation_s(const motion& a, const motion& b,
                                          const link_feasibility& limits) {
  const double length_km = (b.position_km - a.position_km).norm();
  const bool feasible = angular_rate_rad_s(a, b) < limits.max_angular_rate_rad_s &&
                        grazing_altitude_km(a, b) >= limits.min_grazing_altitude_km &&
                        length_km <= limits.max_range_km;
  return feasible ? length_km / light_speed_km_s : std::numeric_limits<double>::infinity();
}

}  // namespace orbitmoe
