#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/links/feasibility.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// A place on the ground, in geodetic coordinates.
struct ground_station {
  std::string name = {};
  double latitude_deg = 0;   ///< geodetic, north positive, −90 to 90 [deg]
  double longitude_deg = 0;  ///< east positive, −360 to 360 [deg]
  double elevation_m = 0;    ///< above the ellipsoid, −1,000 to 100,000 [m]
  bool operator==(const ground_station&) const = default;

  /// @throws invalid_input  a coordinate is outside its range.
  void validate() const {
    detail::require_between("latitude_deg", latitude_deg, -90.0, 90.0);
    detail::require_between("longitude_deg", longitude_deg, -360.0, 360.0);
    detail::require_between("elevation_m", elevation_m, -1000.0, 100'000.0);
  }
};

/// The figure of the Earth that geodetic coordinates refer to.
struct ellipsoid {
  double equatorial_radius_km = 6378.137;     ///< 1 to 1e6 [km]
  double inverse_flattening = 298.257223563;  ///< over 1; infinity: a sphere
  bool operator==(const ellipsoid&) const = default;
};
inline constexpr ellipsoid wgs84{};
inline constexpr ellipsoid wgs72_ellipsoid{.equatorial_radius_km = 6378.135,
                                           .inverse_flattening = 298.26};

/// How the Earth-fixed frame stands in the inertial frame: turned about z by an angle that grows.
struct earth_rotation {
  double angle_at_start_deg = 0;          ///< from the inertial x axis to Greenwich at t = 0 [deg]
  double rate_deg_day = 360.98564736629;  ///< against the equinox, as gmst_deg [deg/day]
  bool operator==(const earth_rotation&) const = default;

  /// Angle at t_s [s], not reduced to a turn [rad].
  [[nodiscard]] double angle_rad(double t_s) const noexcept {
    return deg_to_rad(angle_at_start_deg) + deg_to_rad(rate_deg_day) * (t_s / 86400);
  }
};

/// Greenwich mean sidereal time in [0, 360) [deg], the angle at the start of an earth_rotation
/// whose t = 0 is the given date and whose satellites come from element sets (TEME).
/// @param julian_date_ut1  such as 2451544.5 for 2000-01-01 00:00:00.
/// @see  IAU 1982: Aoki et al., Astron. Astrophys. 105 (1982); in this form Meeus, "Astronomical
///       Algorithms" (1998), eq. 12.4.
[[nodiscard]] inline double gmst_deg(double julian_date_ut1) {
  const double days = julian_date_ut1 - 2451545.0, t = days / 36525;
  const double angle_deg =
      280.46061837 + 360.98564736629 * days + t * t * (0.000387933 - t / 38'710'000);
  return turned_deg(angle_deg);
}

/// Position of a station [km]: x to Greenwich on the equator, z to the north pole, turning with the
/// Earth.
/// @throws invalid_input  a coordinate is outside its range.
[[nodiscard]] inline Eigen::Vector3d earth_fixed_km(const ground_station& station,
                                                    const ellipsoid& figure = wgs84) {
  station.validate();
  const double latitude = deg_to_rad(station.latitude_deg);
  const double longitude = deg_to_rad(station.longitude_deg);
  const double f = 1 / figure.inverse_flattening, e2 = f * (2 - f);
  const double sin_latitude = std::sin(latitude), cos_latitude = std::cos(latitude);
  const double prime_vertical_km =
      figure.equatorial_radius_km / std::sqrt(1 - e2 * sin_latitude * sin_latitude);
  const double height_km = station.elevation_m / 1000;
  const double off_axis_km = (prime_vertical_km + height_km) * cos_latitude;
  return {off_axis_km * std::cos(longitude), off_axis_km * std::sin(longitude),
          (prime_vertical_km * (1 - e2) + height_km) * sin_latitude};
}

/// Vertical of a station, a unit vector upwards in the Earth-fixed frame: the normal of the
/// ellipsoid.
[[nodiscard]] inline Eigen::Vector3d earth_fixed_up(const ground_station& station) {
  const double latitude = deg_to_rad(station.latitude_deg);
  const double longitude = deg_to_rad(station.longitude_deg);
  return {std::cos(latitude) * std::cos(longitude), std::cos(latitude) * std::sin(longitude),
          std::sin(latitude)};
}

/// An Earth-fixed vector in the inertial frame at t_s [s].
[[nodiscard]] inline Eigen::Vector3d to_inertial(const Eigen::Vector3d& earth_fixed,
                                                 const earth_rotation& rotation, double t_s) {
  const double angle = rotation.angle_rad(t_s), c = std::cos(angle), s = std::sin(angle);
  return {c * earth_fixed[0] - s * earth_fixed[1], s * earth_fixed[0] + c * earth_fixed[1],
          earth_fixed[2]};
}

/// Angle of a satellite above the horizon of a station, −90 to 90 [deg]; all vectors in one frame.
/// @param up  unit vector.
[[nodiscard]] inline double elevation_deg(const Eigen::Vector3d& station_km,
                                          const Eigen::Vector3d& up,
                                          const Eigen::Vector3d& satellite_km) {
  const Eigen::Vector3d line = detail::from_to(station_km, satellite_km);
  const Eigen::Vector3d across = detail::cross(up, line);
  return rad_to_deg(std::atan2(detail::dot(up, line), std::sqrt(detail::dot(across, across))));
}

/// Which satellites a ground station can use: both limits hold.
struct ground_access {
  double min_elevation_deg = 25;  ///< −90 to 90 [deg]; −90: no limit
  double max_range_km =
      std::numeric_limits<double>::infinity();  ///< longest ground–satellite link, over 0 [km]
  bool operator==(const ground_access&) const = default;

  /// @throws invalid_input  a limit is outside its range.
  void validate() const {
    detail::require_between("min_elevation_deg", min_elevation_deg, -90.0, 90.0);
    detail::require(max_range_km > 0, "max_range_km", max_range_km, "a number over 0");
  }
};

/// A satellite that a ground station can use, and the delay to it.
struct visible_satellite {
  satellite_id id = 0;
  double delay_s = 0;  ///< one way, distance / c [s]
  bool operator==(const visible_satellite&) const = default;
};

/// Where a station stands, in the Earth-fixed frame, and what it can use; made once, asked often.
class ground_view {
 public:
  /// @throws invalid_input  a coordinate or a limit is outside its range.
  explicit ground_view(const ground_station& station, const ground_access& access = {},
                       const ellipsoid& figure = wgs84)
      : position_km_(earth_fixed_km(station, figure)),
        up_(earth_fixed_up(station)),
        access_(access) {
    access_.validate();
  }

  /// Satellites that the station can use, by rising id. O(satellites).
  /// @param satellites_km  position of each satellite at t_s, inertial frame [km].
  [[nodiscard]] std::vector<visible_satellite> visible(
      std::span<const Eigen::Vector3d> satellites_km, const earth_rotation& rotation,
      double t_s) const {
    const Eigen::Vector3d here_km = to_inertial(position_km_, rotation, t_s);
    const Eigen::Vector3d up = to_inertial(up_, rotation, t_s);
    std::vector<visible_satellite> found;
    for (std::size_t id = 0; id < satellites_km.size(); ++id) {
      const Eigen::Vector3d line = detail::from_to(here_km, satellites_km[id]);
      const double range_km = std::sqrt(detail::dot(line, line));
      if (range_km <= access_.max_range_km && is_high_enough(here_km, up, satellites_km[id]))
        found.push_back({static_cast<satellite_id>(id), range_km / light_speed_km_s});
    }
    return found;
  }

 private:
  [[nodiscard]] bool is_high_enough(const Eigen::Vector3d& here_km, const Eigen::Vector3d& up,
                                    const Eigen::Vector3d& satellite_km) const {
    return access_.min_elevation_deg <= -90 ||
           elevation_deg(here_km, up, satellite_km) >= access_.min_elevation_deg;
  }

  Eigen::Vector3d position_km_, up_;
  ground_access access_;
};

}  // namespace orbitmoe
