#pragma once

/// The Earth of SGP4, which element sets are fitted with: WGS 72.
/// @see  Hoots and Roehrich, Spacetrack Report No. 3 (1980), p. 78.
namespace orbitmoe::wgs72 {
inline constexpr double mu_km3_s2 = 398600.8;  ///< gravitational parameter [km³/s²]
inline constexpr double radius_km = 6378.135;  ///< equatorial radius [km]
inline constexpr double j2 = 0.001082616;      ///< zonal harmonics [-]
inline constexpr double j3 = -0.00000253881;
inline constexpr double j4 = -0.00000165597;
}  // namespace orbitmoe::wgs72
