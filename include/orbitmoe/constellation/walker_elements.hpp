#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/constellation/walker.hpp>

namespace orbitmoe {

/// A Walker constellation as element sets, for tools that read nothing else: satellite id is named
/// `<name> <id>` and has catalogue number id + 1; eccentricity 0, no drag, and a mean motion of one
/// turn per period_s. Who propagates them adds the drift by the Earth's oblateness, alike for all,
/// and reads a mean axis of up to 10 km more or less out of the mean motion.
///
/// @param name   the first word of all names.
/// @param epoch  when the constellation stands as at t = 0.
/// @throws invalid_input  the epoch is outside its range.
/// @complexity  O(P·S).
[[nodiscard]] inline std::vector<element_set> element_sets_of(const walker_constellation& sky,
                                                              const utc_time& epoch = {},
                                                              std::string_view name = "WALKER") {
  epoch.validate();
  const walker_parameters& walker = sky.parameters();
  const double planes = walker.planes, per_plane = walker.satellites_per_plane;
  std::vector<element_set> sets;
  for (satellite_id id = 0; id < sky.size(); ++id) {
    const auto [plane, slot] = sky.slot_of(id);
    const double turns = slot / per_plane + walker.phasing * (plane / (planes * per_plane));
    sets.push_back({.name = std::string(name) + ' ' + std::to_string(id),
                    .catalogue_number = id + 1,
                    .epoch = epoch,
                    .inclination_deg = walker.inclination_deg,
                    .raan_deg = walker.raan_spread_deg * plane / planes,
                    .mean_anomaly_deg = 360 * (turns - std::floor(turns)),
                    .mean_motion_rev_per_day = 86'400 / sky.period_s()});
  }
  return sets;
}

}  // namespace orbitmoe
