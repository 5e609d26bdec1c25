#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/sgp4_terms.hpp>
#include <orbitmoe/constellation/wgs72.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// SGP4 for orbits near the Earth: secular and periodic terms of J2, J3 and J4, and drag by bstar.
///
/// Use it in place of secular_j2 where single positions count, or satellites that climb or fall:
/// it is the theory that element sets are fitted with. It takes up to twice as long. Orbits of 225
/// minutes or more need the deep-space part of SGP4, which is left out; within a degree of an
/// inclination of 180° the theory has a singularity.
///
/// Frame: TEME, WGS 72. Positions are those of other implementations of Vallado's version within
/// 1e-7 km (tests/constellation/sgp4.cpp). O(1), thread-safe.
///
/// Where drag has eaten up the orbit, implementations of SGP4 return errors. Here `decayed` is
/// true, and positions go on, finite for at least a century, with the mean axis held at half an
/// Earth radius and the mean eccentricity at 0.9: under the ground, and without any meaning.
///
/// @example  const element_sky<sgp4> sky(sets, latest_epoch(sets));
/// @see  Hoots & Roehrich, Spacetrack Report No. 3 (1980); Vallado, Crawford, Hujsak, Kelso,
///       "Revisiting Spacetrack Report #3", AIAA 2006-6753.
class sgp4 {
 public:
  /// @throws invalid_input  an element is outside its range; the period is 225 minutes or more; the
  ///                        perigee is not above the Earth.
  explicit sgp4(const element_set& elements)
      : inclination_(deg_to_rad(elements.inclination_deg)),
        eccentricity_(elements.eccentricity),
        perigee_rad_(deg_to_rad(elements.argument_of_perigee_deg)),
        anomaly_rad_(deg_to_rad(elements.mean_anomaly_deg)),
        raan_rad_(deg_to_rad(elements.raan_deg)),
        n_rad_s_(detail::brouwer_mean_motion_rad_s(elements.mean_motion_rev_per_day, eccentricity_,
                                                   inclination_.cos)),
        axis_(detail::sgp4_axis(n_rad_s_)),
        rates_(n_rad_s_, axis_, eccentricity_, inclination_.cos) {
    elements.validate();
    detail::require(2 * std::numbers::pi / n_rad_s_ < 225 * 60, "mean_motion_rev_per_day",
                    elements.mean_motion_rev_per_day,
                    "one with a period under 225 minutes: deep space is left out");
    detail::require_perigee_above_earth(axis_, eccentricity_);
    const density air(axis_, eccentricity_);
    set_linear_drag(elements.bstar, air);
    if (air.perigee_km >= full_drag_km) add_full_drag(elements.bstar, air);
  }

  /// Position [km], since_epoch_s [s] after the epoch of the elements, TEME.
  [[nodiscard]] Eigen::Vector3d position_km(double since_epoch_s) const {
    return osculating_at(mean_at(since_epoch_s)).position_km();
  }
  /// Velocity [km/s], since_epoch_s [s] after the epoch of the elements, TEME.
  [[nodiscard]] Eigen::Vector3d velocity_km_s(double since_epoch_s) const {
    return osculating_at(mean_at(since_epoch_s)).velocity_km_s();
  }
  /// Whether SGP4 has no position for this time: the mean eccentricity is outside −0.001 to 0.9,
  /// the mean axis is under half an Earth radius, or the satellite is below the equatorial radius.
  [[nodiscard]] bool decayed(double since_epoch_s) const {
    const mean_state mean = mean_at(since_epoch_s);
    return mean.axis < least_axis || mean.eccentricity < -0.001 ||
           mean.eccentricity > most_eccentricity || osculating_at(mean).radius < 1;
  }

 private:
  using mean_state = detail::sgp4_mean_orbit;
  static constexpr double full_drag_km = 220;  // perigees below have linear terms of drag alone
  static constexpr double least_axis = 0.5, least_eccentricity = 1e-6, most_eccentricity = 0.9;

  /// What drag does, as polynomials of the time since the epoch; lengths in equatorial radii.
  struct drag {
    double axis[4] = {};       ///< root of the mean axis's factor: 1 − Σ axis[k]·t^(k+1)
    double longitude[4] = {};  ///< mean longitude: n·Σ longitude[k]·t^(k+2)
    double eccentricity = 0, eccentricity_sine = 0;
    double raan = 0;                  ///< node: raan·t²
    double perigee = 0, anomaly = 0;  ///< what the anomaly gains, the perigee loses
    double eta = 0, cube_at_epoch = 0, sine_at_epoch = 0;
  };

  static double cube(double x) { return x * x * x; }

  /// Air that thins with the fourth power of the height, between s and q; lower for low perigees.
  struct density {
    double perigee_km, s, xi, eta, eta2, e_eta, psi2, raw, weight;

    density(double a, double e) : perigee_km((a * (1 - e) - 1) * wgs72::radius_km) {
      constexpr double q_km = 120, usual_s_km = 78, lowest_s_km = 20;
      double s_km = usual_s_km;
      if (perigee_km < 156) s_km = perigee_km < 98 ? lowest_s_km : perigee_km - usual_s_km;
      s = 1 + s_km / wgs72::radius_km;
      xi = 1 / (a - s);
      eta = a * e * xi;
      eta2 = eta * eta;
      e_eta = e * eta;
      psi2 = std::abs(1 - eta2);
      raw = std::pow((q_km - s_km) / wgs72::radius_km * xi, 4);
      weight = raw / std::pow(psi2, 3.5);
    }
  };

  void set_linear_drag(double bstar, const density& air) {
    const double a = axis_, e = eccentricity_, beta2 = 1 - e * e;
    const double cos2 = inclination_.cos * inclination_.cos, three_cos2 = 3 * cos2 - 1;
    const double eta = air.eta, eta2 = air.eta2, e_eta = air.e_eta;
    const double c2 =
        air.weight * n_rad_s_ *
        (a * (1 + 1.5 * eta2 + e_eta * (4 + eta2)) +
         0.375 * wgs72::j2 * air.xi / air.psi2 * three_cos2 * (8 + 3 * eta2 * (8 + eta2)));
    const double by_j2 =
        -3 * three_cos2 * (1 - 2 * e_eta + eta2 * (1.5 - 0.5 * e_eta)) +
        0.75 * (1 - cos2) * (2 * eta2 - e_eta * (1 + eta2)) * std::cos(2 * perigee_rad_);
    const double c4 = 2 * n_rad_s_ * air.weight * a * beta2 *
                      (eta * (2 + 0.5 * eta2) + e * (0.5 + 2 * eta2) -
                       wgs72::j2 * air.xi / (a * air.psi2) * by_j2);
    drag_.axis[0] = bstar * c2;
    drag_.longitude[0] = 1.5 * drag_.axis[0];
    drag_.eccentricity = bstar * c4;
    drag_.raan = 3.5 * beta2 * rates_.raan_j2 * drag_.axis[0];
  }

  void add_full_drag(double bstar, const density& air) {
    constexpr double circular = 1e-4;  // below, terms over the eccentricity are left out
    const double a = axis_, e = eccentricity_, xi = air.xi;
    const double c5 = 2 * air.weight * a * (1 - e * e) *
                      (1 + 2.75 * (air.eta2 + air.e_eta) + air.e_eta * air.eta2);
    drag_.eccentricity_sine = bstar * c5;
    drag_.eta = air.eta;
    drag_.cube_at_epoch = cube(1 + air.eta * std::cos(anomaly_rad_));
    drag_.sine_at_epoch = std::sin(anomaly_rad_);
    if (e > circular) {
      const double c3 = -2 * air.raw * xi * wgs72::j3 / wgs72::j2 * n_rad_s_ * inclination_.sin / e;
      drag_.perigee = bstar * c3 * std::cos(perigee_rad_);
      drag_.anomaly = -2.0 / 3 * air.raw * bstar / air.e_eta;
    }
    const double c1 = drag_.axis[0], c1_2 = c1 * c1, d2 = 4 * a * xi * c1_2;
    const double d3 = (17 * a + air.s) * d2 * xi * c1 / 3;
    const double d4 = (221 * a + 31 * air.s) * d2 * a * xi * xi * c1_2 / 6;
    drag_.axis[1] = d2;
    drag_.axis[2] = d3;
    drag_.axis[3] = d4;
    drag_.longitude[1] = d2 + 2 * c1_2;
    drag_.longitude[2] = 0.25 * (3 * d3 + c1 * (12 * d2 + 10 * c1_2));
    drag_.longitude[3] = 0.2 * (3 * d4 + 12 * c1 * d3 + 6 * d2 * d2 + 15 * c1_2 * (2 * d2 + c1_2));
  }

  static double polynomial(const double (&k)[4], double t) {
    return k[0] + t * (k[1] + t * (k[2] + t * k[3]));
  }

  /// Mean elements t [s] after the epoch, by secular rates and drag, before anything is held.
  [[nodiscard]] mean_state mean_at(double t) const {
    const double anomaly_by_rate = anomaly_rad_ + rates_.anomaly * t;
    const double gain =
        drag_.perigee * t +
        drag_.anomaly * (cube(1 + drag_.eta * std::cos(anomaly_by_rate)) - drag_.cube_at_epoch);
    const double anomaly = anomaly_by_rate + gain;
    // Without this limit the square below would let a satellite that has come down rise again.
    const double root = std::max(0.0, 1 - t * polynomial(drag_.axis, t));
    return {.axis = axis_ * root * root,
            .eccentricity = eccentricity_ - drag_.eccentricity * t -
                            drag_.eccentricity_sine * (std::sin(anomaly) - drag_.sine_at_epoch),
            .perigee_rad = perigee_rad_ + rates_.perigee * t - gain,
            .anomaly_rad = anomaly + n_rad_s_ * t * t * polynomial(drag_.longitude, t),
            .raan_rad = raan_rad_ + (rates_.raan + drag_.raan * t) * t};
  }

  [[nodiscard]] detail::sgp4_osculating osculating_at(mean_state mean) const {
    mean.axis = std::max(mean.axis, least_axis);
    mean.eccentricity = std::clamp(mean.eccentricity, least_eccentricity, most_eccentricity);
    return detail::sgp4_osculating_at(inclination_, mean);
  }

  detail::sgp4_inclination inclination_;
  double eccentricity_, perigee_rad_, anomaly_rad_, raan_rad_, n_rad_s_, axis_;
  detail::sgp4_rates rates_;
  drag drag_;
};
static_assert(propagator<sgp4>);

}  // namespace orbitmoe
