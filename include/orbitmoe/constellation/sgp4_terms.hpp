#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Core>

#include <orbitmoe/constellation/wgs72.hpp>
#include <orbitmoe/error.hpp>

/// The parts of SGP4 that propagators share: everything but drag. Lengths are in equatorial radii
/// of WGS 72 unless a name says otherwise, times in seconds.
/// @see  Hoots & Roehrich, Spacetrack Report No. 3 (1980); Vallado, Crawford, Hujsak, Kelso,
///       "Revisiting Spacetrack Report #3", AIAA 2006-6753.
namespace orbitmoe::detail {

/// Gravitational parameter [equatorial radii³/s²].
inline constexpr double sgp4_mu =
    wgs72::mu_km3_s2 / (wgs72::radius_km * wgs72::radius_km * wgs72::radius_km);

inline double sgp4_axis(double mean_motion_rad_s) {
  return std::cbrt(sgp4_mu / (mean_motion_rad_s * mean_motion_rad_s));
}

/// Mean motion after Brouwer from that after Kozai, which element sets hold [rad/s].
inline double brouwer_mean_motion_rad_s(double kozai_rev_per_day, double eccentricity,
                                        double cos_inclination) {
  const double kozai_rad_s = kozai_rev_per_day * (2 * std::numbers::pi / 86'400);
  const double beta2 = 1 - eccentricity * eccentricity;
  const double d =
      0.75 * wgs72::j2 * (3 * cos_inclination * cos_inclination - 1) / (beta2 * std::sqrt(beta2));
  const double axis = sgp4_axis(kozai_rad_s), d1 = d / (axis * axis);
  const double axis0 = axis * (1 - d1 * (1.0 / 3 + d1 * (1 + 134.0 / 81 * d1)));
  return kozai_rad_s / (1 + d / (axis0 * axis0));
}

/// @throws invalid_input  the perigee is not above the equatorial radius.
inline void require_perigee_above_earth(double axis, double eccentricity) {
  require(axis * (1 - eccentricity) > 1, "eccentricity", eccentricity,
          "one whose perigee is above the surface of the Earth");
}

/// An inclination with what is asked of it again and again.
struct sgp4_inclination {
  double rad, sin, cos;
  explicit sgp4_inclination(double angle_rad)
      : rad(angle_rad), sin(std::sin(angle_rad)), cos(std::cos(angle_rad)) {}
};

/// Secular rates by J2, J2² and J4 [rad/s].
struct sgp4_rates {
  double anomaly, perigee, raan;
  double raan_j2;  ///< of the node, by J2 alone

  /// @param n  mean motion after Brouwer [rad/s], of which `axis` follows.
  sgp4_rates(double n, double axis, double eccentricity, double cos_inclination) {
    const double c = cos_inclination, c2 = c * c, c4 = c2 * c2;
    const double beta2 = 1 - eccentricity * eccentricity, beta = std::sqrt(beta2);
    const double p2 = 1 / (axis * axis * beta2 * beta2);
    const double first = 1.5 * wgs72::j2 * p2 * n, second = 0.5 * first * wgs72::j2 * p2;
    const double fourth = -0.46875 * wgs72::j4 * p2 * p2 * n;
    anomaly =
        n + 0.5 * first * beta * (3 * c2 - 1) + 0.0625 * second * beta * (13 - 78 * c2 + 137 * c4);
    perigee = -0.5 * first * (1 - 5 * c2) + 0.0625 * second * (7 - 114 * c2 + 395 * c4) +
              fourth * (3 - 36 * c2 + 49 * c4);
    raan_j2 = -first * c;
    raan = raan_j2 + c * (0.5 * second * (4 - 19 * c2) + 2 * fourth * (3 - 7 * c2));
  }
};

/// Mean elements at one instant; the eccentricity is 0 to 0.9, the axis at least 0.5.
struct sgp4_mean_orbit {
  double axis, eccentricity, perigee_rad, anomaly_rad, raan_rad;
};

/// Where a satellite is: unit vectors away from the Earth's centre and along the path.
struct sgp4_osculating {
  double radius, radial_rate, transverse_rate;  ///< rates [equatorial radii/s]
  Eigen::Vector3d up, along;

  [[nodiscard]] Eigen::Vector3d position_km(double unit_km = wgs72::radius_km) const {
    const double r = radius * unit_km;
    return {r * up[0], r * up[1], r * up[2]};
  }
  [[nodiscard]] Eigen::Vector3d velocity_km_s(double unit_km = wgs72::radius_km) const {
    Eigen::Vector3d velocity;
    for (int i = 0; i < 3; ++i)
      velocity[i] = unit_km * (radial_rate * up[i] + transverse_rate * along[i]);
    return velocity;
  }
};

struct sine_cosine {
  double sin, cos;
};

/// Kepler's equation u = E + north·cos E − node·sin E for the eccentric argument of latitude E,
/// with the eccentricity vector's components to the node and to the north of it.
inline sine_cosine sgp4_eccentric_latitude(double u_rad, double node, double north) {
  constexpr double small = 1e-8;    // a last step of Newton's whose square does not count
  constexpr double longest = 0.95;  // SGP4's limit of a step
  double latitude = u_rad, s = 0, c = 1, step = 0;
  for (int i = 0; i < 10; ++i) {
    s = std::sin(latitude);
    c = std::cos(latitude);
    step = (u_rad - latitude - north * c + node * s) / (1 - node * c - north * s);
    if (std::abs(step) < small) break;
    if (std::abs(step) > longest) step = std::copysign(longest, step);
    latitude += step;
  }
  return {s + c * step, c - s * step};
}

/// Adds to mean elements the long-period terms of J3, then the short-period terms of J2.
inline sgp4_osculating sgp4_osculating_at(const sgp4_inclination& inclination,
                                          const sgp4_mean_orbit& mean) {
  constexpr double j3_to_j2 = wgs72::j3 / wgs72::j2;
  constexpr double least = 1.5e-12;  // SGP4's least 1 + cos i
  const double a = mean.axis, e = mean.eccentricity, c = inclination.cos, c2 = c * c;
  const double n = std::sqrt(sgp4_mu / (a * a * a)), mean_p = a * (1 - e * e);

  // The eccentricity vector and the argument of latitude with the terms of J3.
  const double node = e * std::cos(mean.perigee_rad);
  const double north = e * std::sin(mean.perigee_rad) - 0.5 * j3_to_j2 * inclination.sin / mean_p;
  const double ahead_j3 =
      -0.25 * j3_to_j2 * inclination.sin * (3 + 5 * c) / std::max(1 + c, least) * node / mean_p;
  const auto [sin_e, cos_e] =
      sgp4_eccentric_latitude(mean.perigee_rad + mean.anomaly_rad + ahead_j3, node, north);

  const double e2 = node * node + north * north, beta = std::sqrt(1 - e2), p = a * (1 - e2);
  const double e_cos = node * cos_e + north * sin_e, e_sin = node * sin_e - north * cos_e;
  const double r = a * (1 - e_cos);
  const double sin_u = (sin_e - north - node * e_sin / (1 + beta)) * a / r;
  const double cos_u = (cos_e - node + north * e_sin / (1 + beta)) * a / r;
  const double sin_2u = 2 * sin_u * cos_u, cos_2u = 1 - 2 * sin_u * sin_u;

  // The terms of J2, of twice the argument of latitude.
  const double k1 = 0.5 * wgs72::j2 / p, k2 = k1 / p;
  const double ahead = -0.25 * k2 * (7 * c2 - 1) * sin_2u;
  const double cos_ahead = std::cos(ahead), sin_ahead = std::sin(ahead);
  const double cos_l = cos_u * cos_ahead - sin_u * sin_ahead;
  const double sin_l = sin_u * cos_ahead + cos_u * sin_ahead;
  const double raan = mean.raan_rad + 1.5 * k2 * c * sin_2u;
  const double tilt = inclination.rad + 1.5 * k2 * c * inclination.sin * cos_2u;
  const double sqrt_mu = n * a * std::sqrt(a);
  const double cos_o = std::cos(raan), sin_o = std::sin(raan);
  const double cos_i = std::cos(tilt), sin_i = std::sin(tilt);
  return {.radius = r * (1 - 1.5 * k2 * beta * (3 * c2 - 1)) + 0.5 * k1 * (1 - c2) * cos_2u,
          .radial_rate = sqrt_mu * std::sqrt(a) * e_sin / r - n * k1 * (1 - c2) * sin_2u,
          .transverse_rate =
              sqrt_mu * std::sqrt(p) / r + n * k1 * ((1 - c2) * cos_2u + 1.5 * (3 * c2 - 1)),
          .up = {cos_o * cos_l - sin_o * cos_i * sin_l, sin_o * cos_l + cos_o * cos_i * sin_l,
                 sin_i * sin_l},
          .along = {-cos_o * sin_l - sin_o * cos_i * cos_l, -sin_o * sin_l + cos_o * cos_i * cos_l,
                    sin_i * cos_l}};
}

}  // namespace orbitmoe::detail
