#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <orbitmoe/constellation/sgp4_walker.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/ground/delays.hpp>
#include <orbitmoe/ground/station.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// What the simulator Hypatia takes for granted, as plain parameters, so that its round-trip times
/// can be reproduced.
///
/// - Sky: sgp4_walker from element sets of 2000-01-01 00:00:00, odd planes half a slot ahead.
/// - Links: rings along planes; across planes between equal slots, from the last to the first too.
/// - Longest link between satellites: the chord that clears the Earth by 80 km.
/// - Longest link to the ground: a cone below the satellite, of the nominal altitude over flat
///   ground; elevation itself is not asked for.
/// - Stations relay only at both ends; delays are distance / c.
/// - Figure and angle of the Earth, and the radius by which SGP4's lengths become kilometres, are
///   those of PyEphem, which Hypatia takes positions from: a 1964 ellipsoid; sidereal time by
///   Newcomb's expression of 1900, 1.1″ behind gmst_deg; 6378.16 km, 25 m more than WGS 72.
///
/// @see  Kassing et al., "Exploring the 'Internet from space' with Hypatia", IMC 2020.
struct hypatia_network {
  sgp4_walker_parameters sky = {.earth_radius_km = 6378.16};
  double altitude_km = 630;           ///< nominal, above the equatorial radius of WGS 72 [km]
  double max_ground_range_km = 1260;  ///< [km]
  bool operator==(const hypatia_network&) const = default;

  /// Links of the sky: (p, s)–(p, s + 1 mod S) and (p, s)–(p + 1 mod P, s). O(P·S log(P·S)).
  [[nodiscard]] link_list links() const {
    return {plus_grid{.seam = true}.links(sgp4_walker(sky))};
  }

  /// Longest link between satellites [km]: it clears the Earth by 80 km.
  [[nodiscard]] double max_link_km() const {
    const double orbit = wgs72::radius_km + altitude_km;
    const double grazing = wgs72::radius_km + 80;
    return 2 * std::sqrt(orbit * orbit - grazing * grazing);
  }

  /// Options of a timeline: slots over a span, links that last, limited by their length alone.
  [[nodiscard]] timeline_options network(int slots, double span_s) const {
    constexpr double unlimited = std::numeric_limits<double>::infinity();
    return {.slots = slots,
            .span_s = span_s,
            .survival_probability = 1,
            .feasibility = {.max_angular_rate_rad_s = unlimited,
                            .min_grazing_altitude_km = 0,
                            .max_range_km = max_link_km()}};
  }

  /// Options of ground_delays_s for a timeline that starts at start_s [s] after the epoch.
  [[nodiscard]] ground_options ground(double start_s = 0) const {
    // 6.6460656 h + 2400.051262 h·T + 0.00002581 h·T², T Julian centuries since 1900-01-00.5
    constexpr double angle_at_epoch_deg = 99.96747747163;
    ground_options options{
        .access = {.min_elevation_deg = -90, .max_range_km = max_ground_range_km},
        .figure = {.equatorial_radius_km = 6378.16, .inverse_flattening = 298.25},
        .rotation = {.angle_at_start_deg = angle_at_epoch_deg}};
    options.rotation.angle_at_start_deg += options.rotation.rate_deg_day * (start_s / 86400);
    return options;
  }
};

/// A network of Hypatia under the name that users look it up by.
struct named_hypatia_network {
  std::string_view name;
  hypatia_network network;
};

/// The networks of Hypatia's paper. Ranges to the ground: 630 km / sin 30°; a cone of radius
/// 940.7 km; 1,015 km / sin 10°.
inline constexpr std::array<named_hypatia_network, 3> hypatia_networks{{
    {"kuiper-630",
     {.sky = {.planes = 34,
              .satellites_per_plane = 34,
              .mean_motion_rev_day = 14.80,
              .inclination_deg = 51.9,
              .earth_radius_km = 6378.16},
      .altitude_km = 630,
      .max_ground_range_km = 1260}},
    {"starlink-550",
     {.sky = {.planes = 72,
              .satellites_per_plane = 22,
              .mean_motion_rev_day = 15.19,
              .inclination_deg = 53,
              .earth_radius_km = 6378.16},
      .altitude_km = 550,
      .max_ground_range_km = 1089.6864181956}},
    {"telesat-1015",
     {.sky = {.planes = 27,
              .satellites_per_plane = 13,
              .mean_motion_rev_day = 13.66,
              .inclination_deg = 98.98,
              .earth_radius_km = 6378.16},
      .altitude_km = 1015,
      .max_ground_range_km = 5845.1520403908}},
}};

/// A network of Hypatia's paper by name.
/// @throws invalid_input  there is none of that name; the message lists those that there are.
[[nodiscard]] inline hypatia_network hypatia_preset(std::string_view name) {
  std::string allowed;
  for (const named_hypatia_network& each : hypatia_networks) {
    if (each.name == name) return each.network;
    allowed += (allowed.empty() ? "" : ", ") + std::string(each.name);
  }
  throw invalid_input::value("preset", detail::shown(name), allowed);
}

}  // namespace orbitmoe
