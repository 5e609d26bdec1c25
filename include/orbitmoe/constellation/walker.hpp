#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/full_planes.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// A Walker constellation in circular orbits. The defaults are the published experiment.
struct walker_parameters {
  int planes = 33;                ///< P, 1 to 10,000
  int satellites_per_plane = 32;  ///< S, 1 to 10,000; P·S at most 1,000,000
  double altitude_km = 550;       ///< above the mean radius of the Earth, 100 to 100,000 [km]
  double inclination_deg = 87;    ///< 0 to 180 [deg]
  double raan_spread_deg = 360;   ///< over 0 up to 360 [deg]: 360 Walker delta, 180 Walker star
  int phasing = 17;  ///< F, 0 to P − 1; neighbouring planes differ by F/(P·S) of a turn
  bool operator==(const walker_parameters&) const = default;
};

/// Satellites of a Walker constellation: (plane p, slot s) has id p·S + s.
///
/// RAAN_p = Ω·p/P; argument of latitude u = 2π·s/S + 2π·F·p/(P·S) + n·t; n = sqrt(μ/a³),
/// a = R_E + altitude. All functions are O(1) and thread-safe.
///
/// @see  MODEL §1; Walker, "Satellite constellations", J. Brit. Interplanetary Soc. 37 (1984).
class walker_constellation {
 public:
  /// @throws invalid_input  a parameter is outside its range.
  explicit walker_constellation(const walker_parameters& parameters = {})
      : parameters_(parameters), places_(parameters.planes, parameters.satellites_per_plane) {
    using detail::require, detail::require_between;
    const auto& [planes, per_plane, altitude, inclination, raan_spread, phasing] = parameters_;
    require_between("altitude_km", altitude, 100.0, 100'000.0);
    require_between("inclination_deg", inclination, 0.0, 180.0);
    require(raan_spread > 0 && raan_spread <= 360, "raan_spread_deg", raan_spread,
            "a number over 0 and up to 360");
    require_between("phasing", phasing, 0, planes - 1);
    radius_km_ = earth_radius_km + altitude;
    mean_motion_rad_s_ = std::sqrt(earth_mu_km3_s2 / (radius_km_ * radius_km_ * radius_km_));
    cos_inclination_ = std::cos(deg_to_rad(inclination));
    sin_inclination_ = std::sin(deg_to_rad(inclination));
  }

  [[nodiscard]] const walker_parameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// Orbital period [s].
  [[nodiscard]] double period_s() const noexcept {
    return 2 * std::numbers::pi / mean_motion_rad_s_;
  }

  [[nodiscard]] orbital_slot slot_of(satellite_id id) const noexcept { return places_.slot_of(id); }

  /// Planes close where they span 360°, with a shift that keeps the Walker phase.
  [[nodiscard]] orbital_grid grid() const noexcept {
    orbital_grid grid = places_.grid();
    if (parameters_.raan_spread_deg == 360)
      grid.seam_shift = static_cast<std::uint32_t>(parameters_.phasing);
    return grid;
  }

  /// Position [km] at t_s [s], inertial frame.
  [[nodiscard]] Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    const double u = argument_of_latitude_rad(id, t_s);
    return in_plane(id, radius_km_ * std::cos(u), radius_km_ * std::sin(u));
  }
  /// Velocity [km/s] at t_s [s], inertial frame.
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id id, double t_s) const {
    const double u = argument_of_latitude_rad(id, t_s);
    const double speed_km_s = radius_km_ * mean_motion_rad_s_;
    return in_plane(id, -speed_km_s * std::sin(u), speed_km_s * std::cos(u));
  }

 private:
  [[nodiscard]] double argument_of_latitude_rad(satellite_id id, double t_s) const {
    const auto [plane, slot] = slot_of(id);
    const double planes = parameters_.planes, per_plane = parameters_.satellites_per_plane;
    return 2 * std::numbers::pi *
               (slot / per_plane + parameters_.phasing * (plane / (planes * per_plane))) +
           mean_motion_rad_s_ * t_s;
  }

  /// The vector with coordinates (x, y) in the orbital plane of a satellite, x to the ascending
  /// node.
  [[nodiscard]] Eigen::Vector3d in_plane(satellite_id id, double x, double y) const {
    const double raan =
        deg_to_rad(parameters_.raan_spread_deg) * slot_of(id).plane / parameters_.planes;
    const double c = std::cos(raan), s = std::sin(raan);
    return {c * x - s * y * cos_inclination_, s * x + c * y * cos_inclination_,
            y * sin_inclination_};
  }

  walker_parameters parameters_;
  detail::full_planes places_;
  double radius_km_ = 0, mean_motion_rad_s_ = 0, cos_inclination_ = 1, sin_inclination_ = 0;
};
static_assert(gridded_constellation<walker_constellation>);
static_assert(periodic_constellation<walker_constellation>);

}  // namespace orbitmoe
