#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
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
  explicit sgp4_walker(const sgp4_walker_parameters& parameters = {}) : parameters_(parameters) {
    using detail::require, detail::require_between;
    const auto& [planes, per_plane, mean_motion, inclination, raan_spread, offset, radius] =
        parameters_;
    require_between("planes", planes, 1, 10'000);
    require_between("satellites_per_plane", per_plane, 1, 10'000);
    require(planes * per_plane <= 1'000'000, "satellites_per_plane", per_plane,
            "planes × satellites_per_plane at most 1000000");
    require_between("mean_motion_rev_day", mean_motion, 6.5, 16.5);
    require_between("inclination_deg", inclination, 0.0, 180.0);
    require(raan_spread > 0 && raan_spread <= 360, "raan_spread_deg", raan_spread,
            "a number over 0 and up to 360");
    require_between("odd_plane_offset", offset, -1.0, 1.0);
    require_between("earth_radius_km", radius, 6000.0, 7000.0);
    set_rates();
  }

  [[nodiscard]] const sgp4_walker_parameters& parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::size_t size() const noexcept {
    return static_cast<std::size_t>(parameters_.planes) *
           static_cast<std::size_t>(parameters_.satellites_per_plane);
  }
  /// Nodal period [s]: from one ascending node to the next.
  [[nodiscard]] double period_s() const noexcept {
    return 2 * std::numbers::pi / latitude_rate_rad_s_;
  }
  /// Drift of the ascending nodes [rad/s]; negative: to the west.
  [[nodiscard]] double raan_rate_rad_s() const noexcept { return raan_rate_rad_s_; }

  [[nodiscard]] orbital_slot slot_of(satellite_id id) const noexcept {
    const auto per_plane = static_cast<satellite_id>(parameters_.satellites_per_plane);
    return {id / per_plane, id % per_plane};
  }

  /// Position [km] at t_s [s], TEME.
  [[nodiscard]] Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    const osculating at = osculating_at(id, t_s);
    const double r = at.radius * parameters_.earth_radius_km;
    return {r * at.up[0], r * at.up[1], r * at.up[2]};
  }
  /// Velocity [km/s] at t_s [s], TEME.
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id id, double t_s) const {
    const osculating at = osculating_at(id, t_s);
    Eigen::Vector3d velocity;
    for (int i = 0; i < 3; ++i)
      velocity[i] = parameters_.earth_radius_km *
                    (at.radial_rate * at.up[i] + at.transverse_rate * at.along[i]);
    return velocity;
  }

 private:
  // WGS 72, as SGP4 is defined with it; lengths below are in equatorial radii.

  /// Radius [equatorial radii], rates [equatorial radii/s], unit vectors.
  struct osculating {
    double radius, radial_rate, transverse_rate;
    Eigen::Vector3d up, along;
  };

  /// Mean motion and semi-major axis without Kozai's J2 term; secular rates of J2, J2² and J4.
  void set_rates() {
    const double c = cos_inclination_ = std::cos(deg_to_rad(parameters_.inclination_deg));
    sin_inclination_ = std::sin(deg_to_rad(parameters_.inclination_deg));
    const double c2 = c * c, c4 = c2 * c2;
    const double mu = wgs72::mu_km3_s2 / (wgs72::radius_km * wgs72::radius_km * wgs72::radius_km);
    const double kozai = parameters_.mean_motion_rev_day * (2 * std::numbers::pi / 86400);
    const double a1 = std::cbrt(mu / (kozai * kozai));
    const double d = 0.75 * wgs72::j2 * (3 * c2 - 1), d1 = d / (a1 * a1);
    const double a0 = a1 * (1 - d1 * d1 - d1 * (1.0 / 3 + 134 * d1 * d1 / 81));
    const double n = kozai / (1 + d / (a0 * a0));
    const double a = semi_major_axis_ = std::cbrt(mu / (n * n));
    mean_motion_rad_s_ = n;

    const double p2 = 1 / (a * a);
    const double first = 1.5 * wgs72::j2 * p2 * n, second = 0.5 * first * wgs72::j2 * p2;
    const double fourth = -0.46875 * wgs72::j4 * p2 * p2 * n;
    const double anomaly_rate =
        n + 0.5 * first * (3 * c2 - 1) + 0.0625 * second * (13 - 78 * c2 + 137 * c4);
    const double perigee_rate = -0.5 * first * (1 - 5 * c2) +
                                0.0625 * second * (7 - 114 * c2 + 395 * c4) +
                                fourth * (3 - 36 * c2 + 49 * c4);
    latitude_rate_rad_s_ = anomaly_rate + perigee_rate;
    raan_rate_rad_s_ = c * (-first + 0.5 * second * (4 - 19 * c2) + 2 * fourth * (3 - 7 * c2));
  }

  /// The long-period term of J3, which shifts the eccentricity vector to the north, then the
  /// short-period terms of J2.
  [[nodiscard]] osculating osculating_at(satellite_id id, double t_s) const {
    const double a = semi_major_axis_, n = mean_motion_rad_s_;
    const double c = cos_inclination_, c2 = c * c;
    const double north =
        -0.5 * wgs72::j3 / wgs72::j2 * sin_inclination_ / a;  // of the eccentricity vector
    const double mean_latitude = mean_latitude_rad(id, t_s);

    // Kepler's equation in two steps of Newton: off by 1e-3, 1e-10, 1e-20.
    const auto step = [&](double anomaly, double sin_a, double cos_a) {
      return (mean_latitude - anomaly - north * cos_a) / (1 - north * sin_a);
    };
    const double anomaly =
        mean_latitude + step(mean_latitude, std::sin(mean_latitude), std::cos(mean_latitude));
    const double sin_a = std::sin(anomaly), cos_a = std::cos(anomaly);
    const double last = step(anomaly, sin_a, cos_a);
    const double sin_e = sin_a + cos_a * last, cos_e = cos_a - sin_a * last;
    const double e_cos = north * sin_e, e_sin = -north * cos_e;
    const double beta = std::sqrt(1 - north * north);
    const double r = a * (1 - e_cos);
    const double sin_u = (sin_e - north) * a / r;
    const double cos_u = (cos_e + north * e_sin / (1 + beta)) * a / r;
    const double sin_2u = 2 * sin_u * cos_u, cos_2u = 1 - 2 * sin_u * sin_u;

    const double p = a * (1 - north * north);
    const double k1 = 0.5 * wgs72::j2 / p, k2 = k1 / p;
    const double ahead = -0.25 * k2 * (7 * c2 - 1) * sin_2u;
    const double cos_ahead = std::cos(ahead), sin_ahead = std::sin(ahead);
    const double cos_l = cos_u * cos_ahead - sin_u * sin_ahead;
    const double sin_l = sin_u * cos_ahead + cos_u * sin_ahead;
    const double raan = raan_rad(id, t_s) + 1.5 * k2 * c * sin_2u;
    const double inclination =
        deg_to_rad(parameters_.inclination_deg) + 1.5 * k2 * c * sin_inclination_ * cos_2u;
    osculating at;
    at.radius = r * (1 - 1.5 * k2 * beta * (3 * c2 - 1)) + 0.5 * k1 * (1 - c2) * cos_2u;
    const double sqrt_mu = n * a * std::sqrt(a);
    at.radial_rate = sqrt_mu * std::sqrt(a) * e_sin / r - n * k1 * (1 - c2) * sin_2u;
    at.transverse_rate =
        sqrt_mu * std::sqrt(p) / r + n * k1 * ((1 - c2) * cos_2u + 1.5 * (3 * c2 - 1));

    const double cos_o = std::cos(raan), sin_o = std::sin(raan);
    const double cos_i = std::cos(inclination), sin_i = std::sin(inclination);
    at.up = {cos_o * cos_l - sin_o * cos_i * sin_l, sin_o * cos_l + cos_o * cos_i * sin_l,
             sin_i * sin_l};
    at.along = {-cos_o * sin_l - sin_o * cos_i * cos_l, -sin_o * sin_l + cos_o * cos_i * cos_l,
                sin_i * cos_l};
    return at;
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
  double semi_major_axis_ = 0, mean_motion_rad_s_ = 0;
  double latitude_rate_rad_s_ = 0, raan_rate_rad_s_ = 0;
  double cos_inclination_ = 1, sin_inclination_ = 0;
};
static_assert(planar_constellation<sgp4_walker>);
static_assert(periodic_constellation<sgp4_walker>);

}  // namespace orbitmoe
