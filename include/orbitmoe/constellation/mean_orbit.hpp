#pragma once

#include <cmath>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/secular_j2.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/units.hpp>
#include <orbitmoe/vector3.hpp>

namespace orbitmoe::detail {

/// The mean orbit of a satellite at one instant, for comparing orbits with each other.
struct mean_orbit {
  Eigen::Vector3d normal;         // of the orbital plane, unit vector
  Eigen::Vector3d direction;      // to where the satellite is on average, unit vector
  double inclination_deg = 0;     // 0 to 180
  double altitude_km = 0;         // semi-major axis above the mean radius of the Earth
  double motion_deg_per_day = 0;  // mean motion

  /// @throws invalid_input  as secular_j2.
  mean_orbit(const element_set& set, const utc_time& at) : inclination_deg(set.inclination_deg) {
    const secular_j2 motion(set);
    const double since_s = seconds_between(set.epoch, at);
    const double raan = motion.raan_rad(since_s), u = motion.argument_of_latitude_rad(since_s);
    const double i = deg_to_rad(inclination_deg);
    const double cos_raan = std::cos(raan), sin_raan = std::sin(raan);
    normal = {std::sin(i) * sin_raan, -std::sin(i) * cos_raan, std::cos(i)};
    const double x = std::cos(u), y = std::sin(u) * std::cos(i), z = std::sin(u) * std::sin(i);
    direction = {cos_raan * x - sin_raan * y, sin_raan * x + cos_raan * y, z};
    altitude_km = motion.semi_major_axis_km() - earth_radius_km;
    motion_deg_per_day = 360 * set.mean_motion_rev_per_day;
  }
};

/// Angle between two unit vectors [deg].
inline double angle_deg(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  const Eigen::Vector3d turn = cross(a, b);
  return rad_to_deg(std::atan2(std::sqrt(dot(turn, turn)), dot(a, b)));
}

}  // namespace orbitmoe::detail
