#pragma once

#include <cmath>
#include <numbers>

/// Constants with their sources. Units stand in the names; every delay is in seconds.
namespace orbitmoe {

/// Standard gravitational parameter of the Earth [km³/s²] (WGS 84, as MODEL §1).
inline constexpr double earth_mu_km3_s2 = 398600.4418;

/// Mean radius of the Earth [km] (IUGG R1, rounded; MODEL §1).
inline constexpr double earth_radius_km = 6371.0;

/// Speed of light in vacuum [km/s] (exact, SI).
inline constexpr double light_speed_km_s = 299792.458;

[[nodiscard]] constexpr double deg_to_rad(double angle_deg) noexcept {
  return angle_deg * (std::numbers::pi / 180.0);
}
[[nodiscard]] constexpr double rad_to_deg(double angle_rad) noexcept {
  return angle_rad * (180.0 / std::numbers::pi);
}

/// The angle in [0, 360) [deg].
[[nodiscard]] inline double turned_deg(double angle_deg) noexcept {
  const double turned = angle_deg - 360 * std::floor(angle_deg / 360);
  return turned < 360 ? turned : 0;
}

}  // namespace orbitmoe
