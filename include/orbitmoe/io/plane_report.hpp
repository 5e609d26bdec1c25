#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/found_planes.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/text.hpp>

namespace orbitmoe {
namespace detail {

inline std::string gaps_text(const found_plane& plane) {
  std::string text;
  for (const plane_gap& gap : plane.gaps)
    text += (text.empty() ? "" : ", ") + std::to_string(gap.missing) + " after slot " +
            std::to_string(gap.after_slot);
  return text.empty() ? "-" : text;
}

/// How many there are of each kind: "20 spare, 3 stray".
inline std::string kinds_text(const found_planes& found) {
  std::string text;
  for (std::size_t kind = 0; kind < left_out_names.size(); ++kind) {
    const auto count = std::ranges::count(found.left_out, static_cast<left_out_kind>(kind),
                                          &left_out_satellite::kind);
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ';
    text += left_out_names[kind];
  }
  return text;
}

}  // namespace detail

/// What was found in element sets, for people: planes, gaps, vacant planes, and each satellite that
/// was left out with its reason.
/// @param sets  what the planes were found in.
/// @throws invalid_input  `found` has an index that is none of `sets`.
[[nodiscard]] inline std::string plane_report(const found_planes& found,
                                              std::span<const element_set> sets) {
  using detail::rounded;
  found.validate(sets.size());
  std::ostringstream out;
  const auto repeated = static_cast<std::size_t>(
      std::ranges::count(found.left_out, left_out_kind::other_elements, &left_out_satellite::kind));
  if (repeated > 0) out << sets.size() << " element sets of ";
  out << sets.size() - repeated << " satellites: " << found.size() << " in " << found.planes.size()
      << " planes of " << found.slots << " slots, " << found.left_out.size() - repeated
      << " left out\n";
  if (found.planes.size() > 1)
    out << "planes are " << rounded(found.raan_spacing_deg) << " deg of RAAN apart, "
        << (found.closed
                ? "all the way round (Walker delta: links.seam joins the last to the first)\n"
                : "not all the way round (Walker star, or a delta with planes to come)\n");
  if (!found.planes.empty())
    out << "altitudes are semi-major axes less 6371 km\n"
        << "\nplane  RAAN [deg]  inclination [deg]  altitude [km]  satellites  apart [deg]  gaps\n";
  for (const found_plane& plane : found.planes)
    out << std::fixed << std::setw(5) << plane.plane << std::setprecision(2) << std::setw(12)
        << plane.raan_deg << std::setw(19) << plane.inclination_deg << std::setprecision(1)
        << std::setw(15) << plane.altitude_km << std::setw(12) << plane.satellites.size()
        << std::setprecision(2) << std::setw(13) << plane.spacing_deg << "  "
        << detail::gaps_text(plane) << '\n';
  if (!found.vacant_planes.empty()) {
    out << "\nvacant planes:";
    for (const std::uint32_t plane : found.vacant_planes) out << ' ' << plane;
    out << '\n';
  }
  if (!found.left_out.empty()) out << "\nleft out: " << detail::kinds_text(found) << '\n';
  for (const auto& [set, kind, reason] : found.left_out)
    out << "  " << detail::satellite_name(sets[set]) << " (" << sets[set].catalogue_number
        << "): " << reason << '\n';
  return out.str();
}

/// The same for other programs: CSV under the header
/// `catalogue_number,name,id,plane,slot,argument_of_latitude_deg,left_out,reason`, one row per set;
/// id is that in shell_sky, left_out one of left_out_names.
/// @param sets  what the planes were found in.
/// @throws invalid_input  `found` has an index that is none of `sets`.
[[nodiscard]] inline std::string plane_csv(const found_planes& found,
                                           std::span<const element_set> sets) {
  found.validate(sets.size());
  std::vector<std::string> rows(sets.size());
  satellite_id id = 0;
  for (const found_plane& plane : found.planes)
    for (const auto& [set, slot, latitude_deg] : plane.satellites)
      rows[set] = std::to_string(id++) + ',' + std::to_string(plane.plane) + ',' +
                  std::to_string(slot) + ',' + detail::to_text(latitude_deg) + ",,";
  for (const auto& [set, kind, reason] : found.left_out)
    rows[set] = ",,,," + std::string(left_out_names[static_cast<std::size_t>(kind)]) + ',' +
                detail::csv_field(reason);
  std::string out =
      "catalogue_number,name,id,plane,slot,argument_of_latitude_deg,left_out,reason\n";
  for (std::size_t i = 0; i < sets.size(); ++i)
    out += std::to_string(sets[i].catalogue_number) + ',' + detail::csv_field(sets[i].name) + ',' +
           rows[i] + '\n';
  return out;
}

}  // namespace orbitmoe
