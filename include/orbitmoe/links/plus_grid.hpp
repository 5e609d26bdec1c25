#pragma once

#include <algorithm>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/links/concepts.hpp>

namespace orbitmoe {

/// +Grid: each satellite links to its two neighbours in the plane and to the same slot of the next
/// plane; four terminals per satellite.
///
/// `seam` also links the last plane to the first, shifted by F slots so that the Walker phase is
/// kept: (P−1, s)–(0, (s + F) mod S). It exists only where the planes span 360°; in a Walker star
/// the seam planes counter-rotate.
///
/// @see  MODEL §2.
struct plus_grid {
  bool seam = false;
  bool operator==(const plus_grid&) const = default;

  /// Candidate links, sorted, each once; at most 2·P·S. O(P·S log(P·S)).
  /// @throws invalid_input  seam is true and the planes do not span 360°.
  [[nodiscard]] std::vector<laser_link> links(const walker_constellation& sky) const {
    const auto& walker = sky.parameters();
    if (seam && walker.raan_spread_deg != 360)
      throw invalid_input::value(
          "seam", "true with raan_spread_deg " + detail::to_text(walker.raan_spread_deg),
          "true only with raan_spread_deg 360");
    const auto planes = static_cast<satellite_id>(walker.planes);
    const auto per_plane = static_cast<satellite_id>(walker.satellites_per_plane);
    const auto shift = static_cast<satellite_id>(walker.phasing);

    std::vector<laser_link> links;
    const auto connect = [&](satellite_id a, satellite_id b) {
      if (a != b) links.push_back({std::min(a, b), std::max(a, b)});
    };
    for (satellite_id p = 0; p < planes; ++p)
      for (satellite_id s = 0; s < per_plane; ++s) {
        const satellite_id here = p * per_plane + s;
        connect(here, p * per_plane + (s + 1) % per_plane);
        if (p + 1 < planes)
          connect(here, here + per_plane);
        else if (seam)
          connect(here, (s + shift) % per_plane);
      }
    // Rings of two satellites or planes name the same pair twice.
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    return links;
  }
};
static_assert(link_topology<plus_grid, walker_constellation>);

}  // namespace orbitmoe
