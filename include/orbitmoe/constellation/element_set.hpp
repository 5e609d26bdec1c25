#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// Mean orbital elements of one satellite at one instant, as two-line element sets and orbit mean
/// messages carry them. They are means in the sense of SGP4: other theories misread them.
///
/// @see  Hoots, Roehrich, "Models for propagation of NORAD element sets", Spacetrack Report No. 3
///       (1980); CCSDS 502.0-B-3, "Orbit data messages" (2023), section 4.
struct element_set {
  std::string name = {};               ///< such as "ONEWEB-0012", printable ASCII; may be empty
  std::uint32_t catalogue_number = 0;  ///< of the NORAD catalogue, up to 9 digits
  std::string international_designator = {};  ///< such as "2019-010A"; may be empty
  utc_time epoch = {};                        ///< when the elements hold
  double inclination_deg = 0;                 ///< 0 to 180 [deg]
  double raan_deg = 0;                  ///< right ascension of the ascending node, 0 to 360 [deg]
  double eccentricity = 0;              ///< 0 to under 1 [-]
  double argument_of_perigee_deg = 0;   ///< 0 to 360 [deg]
  double mean_anomaly_deg = 0;          ///< 0 to 360 [deg]
  double mean_motion_rev_per_day = 15;  ///< after Kozai, 0.01 to 18 [rev/d]
  double bstar = 0;                     ///< drag term of SGP4 [1/Earth radii]
  bool operator==(const element_set&) const = default;

  /// @throws invalid_input  an element is outside its range.
  void validate() const {
    using detail::require, detail::require_between;
    require_between<std::uint32_t>("catalogue_number", catalogue_number, 0, 999'999'999);
    detail::within("epoch", [&] { epoch.validate(); });
    require_between("inclination_deg", inclination_deg, 0.0, 180.0);
    require_between("raan_deg", raan_deg, 0.0, 360.0);
    require(eccentricity >= 0 && eccentricity < 1, "eccentricity", eccentricity,
            "a number from 0 to under 1");
    require_between("argument_of_perigee_deg", argument_of_perigee_deg, 0.0, 360.0);
    require_between("mean_anomaly_deg", mean_anomaly_deg, 0.0, 360.0);
    require_between("mean_motion_rev_per_day", mean_motion_rev_per_day, 0.01, 18.0);
    require(std::isfinite(bstar), "bstar", bstar, "a finite number");
  }
};

namespace detail {

/// The name, or the catalogue number where there is none.
inline std::string satellite_name(const element_set& set) {
  return set.name.empty() ? std::to_string(set.catalogue_number) : printable(set.name, 60);
}

/// What tells element sets apart, the catalogue number first; numbers by their bits, as they may be
/// NaN.
inline auto identity_of(const element_set& set) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return std::tuple(set.catalogue_number, set.epoch.days, bits(set.epoch.second_of_day),
                    bits(set.raan_deg), bits(set.inclination_deg), bits(set.mean_anomaly_deg),
                    bits(set.argument_of_perigee_deg), bits(set.eccentricity),
                    bits(set.mean_motion_rev_per_day), std::string_view(set.name));
}

}  // namespace detail

/// The latest epoch of the sets: a start at which no set has to be propagated backwards.
/// @throws invalid_input  there is no set.
[[nodiscard]] inline utc_time latest_epoch(std::span<const element_set> sets) {
  detail::require(!sets.empty(), "sets", sets.size(), "one or more element sets");
  return std::ranges::max_element(sets, {}, &element_set::epoch)->epoch;
}

}  // namespace orbitmoe
