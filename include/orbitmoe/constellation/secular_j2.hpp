#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/sgp4_terms.hpp>
#include <orbitmoe/constellation/wgs72.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

namespace detail {

/// Solves Kepler's equation E − e sin E = M for the eccentric anomaly [rad], 0 ≤ e < 1.
inline double eccentric_anomaly_rad(double mean_anomaly_rad, double eccentricity) {
  const double signed_rad = std::remainder(mean_anomaly_rad, 2 * std::numbers::pi);
  const double mean_rad = std::abs(signed_rad);
  // Newton's method from above a root of a convex function falls towards it, step by step.
  double anomaly_rad = std::min(mean_rad + eccentricity, std::numbers::pi);
  for (;;) {
    const double excess = anomaly_rad - eccentricity * std::sin(anomaly_rad) - mean_rad;
    const double next = anomaly_rad - excess / (1 - eccentricity * std::cos(anomaly_rad));
    if (!(next < anomaly_rad)) return std::copysign(anomaly_rad, signed_rad);
    anomaly_rad = next;
  }
}

}  // namespace detail

/// Keplerian motion whose node, perigee and mean anomaly drift by the Earth's oblateness, J2.
///
/// n'' = n/(1 + δ), the mean motion of Brouwer from that of Kozai as SGP4 recovers it; a from n'';
/// with k = 3/2·J2·(R/p)²·n'' and p = a(1 − e²):
/// RAAN' = −k cos i; ω' = k/2·(5 cos²i − 1); M' = n'' + k/2·sqrt(1 − e²)·(3 cos²i − 1).
/// Left out of SGP4: drag (bstar), periodic terms, J3 and J4, the Moon and the Sun.
///
/// Measured against SGP4 on real sets: median (99th percentile) of the distance from SGP4's
/// position 0, 6 and 24 h after each epoch, and of the error of one-way delays between neighbours
/// moving alike, 0, 6 and 24 h after the latest epoch, with the mean delay at 0 h
/// (tests/independent/sgp4_compare.py):
///
/// | sky          | position [km]             | delay [µs]                 | mean [µs] |
/// |--------------|---------------------------|----------------------------|-----------|
/// | Iridium NEXT | 16 (16), 17 (17), 9 (14)  | 9 (19), 11 (36), 16 (43)   | 11,632    |
/// | OneWeb       | 16 (16), 5 (6), 7 (11)    | 3 (8), 4 (9), 4 (20)       | 3,744     |
/// | Starlink     | 12 (12), 5 (40), 11 (509) | 3 (175), 3 (562), 5 (2815) | 2,428     |
///
/// What is there at the epoch are periodic terms of J2 and J3, which neighbours share; the tail of
/// Starlink, up to 1714 km, are satellites that climb or fall, where drag tells.
///
/// Frame: TEME, as SGP4. Velocity is the exact derivative of position. O(1), thread-safe.
/// @see  Spacetrack Report No. 3; Vallado, Crawford, Hujsak, Kelso, "Revisiting Spacetrack Report
///       #3", AIAA 2006-6753.
class secular_j2 {
 public:
  /// @throws invalid_input  an element is outside its range; the perigee is not above the Earth.
  explicit secular_j2(const element_set& elements)
      : raan_rad_(deg_to_rad(elements.raan_deg)),
        perigee_rad_(deg_to_rad(elements.argument_of_perigee_deg)),
        anomaly_rad_(deg_to_rad(elements.mean_anomaly_deg)),
        eccentricity_(elements.eccentricity),
        sin_inclination_(std::sin(deg_to_rad(elements.inclination_deg))),
        cos_inclination_(std::cos(deg_to_rad(elements.inclination_deg))) {
    elements.validate();
    const double c2 = cos_inclination_ * cos_inclination_;
    const double beta2 = 1 - eccentricity_ * eccentricity_, beta = std::sqrt(beta2);
    const double n_rad_s = detail::brouwer_mean_motion_rad_s(elements.mean_motion_rev_per_day,
                                                             eccentricity_, cos_inclination_);
    const double axis = detail::sgp4_axis(n_rad_s);
    detail::require_perigee_above_earth(axis, eccentricity_);
    semi_major_axis_km_ = axis * wgs72::radius_km;
    const double radius_ratio = 1 / (axis * beta2);
    const double k_rad_s = 1.5 * wgs72::j2 * radius_ratio * radius_ratio * n_rad_s;
    raan_rad_s_ = -k_rad_s * cos_inclination_;
    perigee_rad_s_ = k_rad_s / 2 * (5 * c2 - 1);
    anomaly_rad_s_ = n_rad_s + k_rad_s / 2 * beta * (3 * c2 - 1);
  }

  /// Semi-major axis of the mean orbit [km].
  [[nodiscard]] double semi_major_axis_km() const noexcept { return semi_major_axis_km_; }
  /// Right ascension of the ascending node, not reduced to a turn [rad].
  [[nodiscard]] double raan_rad(double since_epoch_s) const noexcept {
    return raan_rad_ + raan_rad_s_ * since_epoch_s;
  }
  /// Mean argument of latitude, ω + M, not reduced to a turn [rad].
  [[nodiscard]] double argument_of_latitude_rad(double since_epoch_s) const noexcept {
    return perigee_rad_ + anomaly_rad_ + (perigee_rad_s_ + anomaly_rad_s_) * since_epoch_s;
  }
  /// Time from node to node [s].
  [[nodiscard]] double nodal_period_s() const noexcept {
    return 2 * std::numbers::pi / (anomaly_rad_s_ + perigee_rad_s_);
  }

  /// Position [km], since_epoch_s [s] after the epoch of the elements, TEME.
  [[nodiscard]] Eigen::Vector3d position_km(double since_epoch_s) const {
    return to_inertial(at(since_epoch_s).position_km, since_epoch_s);
  }
  /// Velocity [km/s], since_epoch_s [s] after the epoch of the elements, TEME.
  [[nodiscard]] Eigen::Vector3d velocity_km_s(double since_epoch_s) const {
    const auto [r, v] = at(since_epoch_s);
    const Eigen::Vector3d position = to_inertial(r, since_epoch_s);
    const Eigen::Vector3d along =
        to_inertial({v.x - perigee_rad_s_ * r.y, v.y + perigee_rad_s_ * r.x}, since_epoch_s);
    return {along[0] - raan_rad_s_ * position[1], along[1] + raan_rad_s_ * position[0], along[2]};
  }

 private:
  /// A vector in the orbital plane, x to the perigee.
  struct in_plane {
    double x, y;
  };
  struct state {
    in_plane position_km, velocity_km_s;
  };

  [[nodiscard]] state at(double since_epoch_s) const {
    const double anomaly_rad =
        detail::eccentric_anomaly_rad(anomaly_rad_ + anomaly_rad_s_ * since_epoch_s, eccentricity_);
    const double c = std::cos(anomaly_rad), s = std::sin(anomaly_rad);
    const double beta = std::sqrt(1 - eccentricity_ * eccentricity_), a = semi_major_axis_km_;
    const double rate_rad_s = anomaly_rad_s_ / (1 - eccentricity_ * c);
    return {{a * (c - eccentricity_), a * beta * s},
            {-a * rate_rad_s * s, a * rate_rad_s * beta * c}};
  }

  [[nodiscard]] Eigen::Vector3d to_inertial(in_plane v, double since_epoch_s) const {
    const double perigee = perigee_rad_ + perigee_rad_s_ * since_epoch_s;
    const double raan = raan_rad(since_epoch_s);
    const double cw = std::cos(perigee), sw = std::sin(perigee);
    const double x = cw * v.x - sw * v.y, y = sw * v.x + cw * v.y;
    const double c = std::cos(raan), s = std::sin(raan);
    return {c * x - s * y * cos_inclination_, s * x + c * y * cos_inclination_,
            y * sin_inclination_};
  }

  double raan_rad_, perigee_rad_, anomaly_rad_, eccentricity_, sin_inclination_, cos_inclination_;
  double semi_major_axis_km_ = 0, raan_rad_s_ = 0, perigee_rad_s_ = 0, anomaly_rad_s_ = 0;
};
static_assert(propagator<secular_j2>);

}  // namespace orbitmoe
