#pragma once

#include <cstddef>
#include <numbers>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/full_planes.hpp>
#include <orbitmoe/constellation/sgp4_terms.hpp>
#include <orbitmoe/constellation/wgs72.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// A constellation as simulators write it into element sets: one mean motion and inclination,
/// planes spread evenly, every second plane turned by a part of a slot. The defaults are Kuiper's
/// K1.
struct sgp4_walker_parameters {
  int planes = 34;                    ///< P, 1 to 10,000
  int satellites_per_plane = 34;      ///< S, 1 to 10,000; P·S at most 1,000,000
  double mean_motion_rev_day = 14.8;  ///< as in an element set (Kozai), 6.5 to 16.5 [1/day]
  double inclination_deg = 51.9;      ///< 0 to 180 [deg]
  double raan_spread_deg = 360;       ///< over 0 up to 360 [deg]
  double odd_plane_offset = 0.5;      ///< how far odd planes are ahead, −1 to 1 [slots]
  double earth_radius_km =
      wgs72::radius_km;  ///< SGP4's unit of length, of WGS 72; 6,000 to 7,000 [km]
  bool operator==(const sgp4_walker_parameters&) const = default;
};

/// Satellites on nearly circular orbits that move by SGP4: the Earth's J2, J3 and J4, no drag.
/// Satellite (plane p, slot s) has id p·S + s, and at t = 0 the mean elements RAAN Ω·p/P and mean
/// argument of latitude 2π·s/S, odd planes ahead of it. Frame: TEME, WGS 72 constants.
///
/// This is SGP4 where it is simplest: eccentricity 0, no drag, below 225 minutes. J3 alone moves a
/// satellite by 6 km up and 12 km along, which is seconds in the instants at which it comes into
/// range of a ground station. All functions are O(1) and thread-safe.
///
/// @see  Hoots & Roehrich, Spacetrack Report No. 3 (1980); Vallado et al., "Revisiting Spacetrack
///       Report #3", AIAA 2006-6753.
class sgp4_walker {
 public:
  /// @throws invalid_input  a parameter is outside its range.
  explicit sgp4_walker(const sgp4_walker_parameters& parameters = {})
      : parameters_(parameters),
        places_(parameters.planes, parameters.satellites_per_plane),
        inclination_(deg_to_rad(parameters.inclination_deg)) {
    using detail::require, detail::require_between;
    const auto& [planes, per_plane, mean_motion, inclination, raan_spread, offset, radius] =
        parameters_;
    require_between("mean_motion_rev_day", mean_motion, 6.5, 16.5);
    require_between("inclination_deg", inclination, 0.0, 180.0);
    require(raan_spread > 0 && raan_spread <= 360, "raan_spread_deg", raan_spread,
            "a number over 0 and up to 360");
    require_between("odd_plane_offset", offset, -1.0, 1.0);
    require_between("earth_radius_km", radius, 6000.0, 7000.0);
    const double n_rad_s = detail::brouwer_mean_motion_rad_s(mean_motion, 0, inclination_.cos);
    axis_ = detail::sgp4_axis(n_rad_s);
    const detail::sgp4_rates rates(n_rad_s, axis_, 0, inclination_.cos);
    latitude_rate_rad_s_ = rates.anomaly + rates.perigee;
    raan_rate_rad_s_ = rates.raan;
  }

  [[nodiscard]] const sgp4_walker_parameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// Nodal period [s]: from one ascending node to the next.
  [[nodiscard]] double period_s() const noexcept {
    return 2 * std::numbers::pi / latitude_rate_rad_s_;
  }
  /// Drift of the ascending nodes [rad/s]; negative: to the west.
  [[nodiscard]] double raan_rate_rad_s() const noexcept { return raan_rate_rad_s_; }

  [[nodiscard]] orbital_slot slot_of(satellite_id id) const noexcept { return places_.slot_of(id); }

  /// Planes that span 360° close without a shift, as simulators have it.
  [[nodiscard]] orbital_grid grid() const noexcept {
    orbital_grid grid = places_.grid();
    if (parameters_.raan_spread_deg == 360) grid.seam_shift = 0;
    return grid;
  }

  /// Position [km] at t_s [s], TEME.
  [[nodiscard]] Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    return osculating_at(id, t_s).position_km(parameters_.earth_radius_km);
  }
  /// Velocity [km/s] at t_s [s], TEME.
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id id, double t_s) const {
    return osculating_at(id, t_s).velocity_km_s(parameters_.earth_radius_km);
  }

 private:
  [[nodiscard]] detail::sgp4_osculating osculating_at(satellite_id id, double t_s) const {
    return detail::sgp4_osculating_at(inclination_, {.axis = axis_,
                                                     .eccentricity = 0,
                                                     .perigee_rad = 0,
                                                     .anomaly_rad = mean_latitude_rad(id, t_s),
                                                     .raan_rad = raan_rad(id, t_s)});
  }

  [[nodiscard]] double mean_latitude_rad(satellite_id id, double t_s) const {
    const auto [plane, slot] = slot_of(id);
    const double ahead = plane % 2 == 1 ? parameters_.odd_plane_offset : 0;
    return 2 * std::numbers::pi * (slot + ahead) / parameters_.satellites_per_plane +
           latitude_rate_rad_s_ * t_s;
  }
  [[nodiscard]] double raan_rad(satellite_id id, double t_s) const {
    return deg_to_rad(parameters_.raan_spread_deg) * slot_of(id).plane / parameters_.planes +
           raan_rate_rad_s_ * t_s;
  }

  sgp4_walker_parameters parameters_;
  detail::full_planes places_;
  detail::sgp4_inclination inclination_;
  double axis_ = 0;  // [equatorial radii]
  double latitude_rate_rad_s_ = 0, raan_rate_rad_s_ = 0;
};
static_assert(gridded_constellation<sgp4_walker>);
static_assert(periodic_constellation<sgp4_walker>);

}  // namespace orbitmoe
