#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/links/concepts.hpp>

namespace orbitmoe {

/// +Grid: each satellite links to its two neighbours in the plane and to the same slot of the next
/// plane; four terminals per satellite.
///
/// `seam` also links the last plane to the first, shifted by orbital_grid::seam_shift: in a Walker
/// constellation F slots, so that the phase is kept: (P−1, s)–(0, (s + F) mod S). It exists only
/// where the planes go all the way round; in a Walker star the seam planes counter-rotate.
///
/// `bridge_gaps` says what becomes of vacant places: links over them, to the next satellite of the
/// plane and to the next plane that has any, or none. Links that are too long for it are down all
/// the same: feasibility has the last word.
///
/// @see  MODEL §2.
struct plus_grid {
  bool seam = false;
  bool bridge_gaps = true;
  bool operator==(const plus_grid&) const = default;

  /// @throws invalid_input  seam is true and the planes do not close.
  void validate(const orbital_grid& grid) const {
    if (seam && !grid.seam_shift)
      throw invalid_input::value("seam", "true with planes that do not close",
                                 "true only where planes go all the way round, "
                                 "raan_spread_deg 360");
  }

  /// Candidate links, sorted, each once; at most 2·P·S. O(P·S log(P·S)).
  /// @throws invalid_input  as validate; a satellite is outside the grid or shares its place; P·S
  ///                        is over 2^27.
  template<gridded_constellation Constellation>
  [[nodiscard]] std::vector<laser_link> links(const Constellation& sky) const {
    const orbital_grid grid = sky.grid();
    validate(grid);
    const sheet places(sky);
    std::vector<laser_link> links;
    const auto connect = [&](satellite_id a, satellite_id b) {
      if (a != vacant && b != vacant && a != b) links.push_back({std::min(a, b), std::max(a, b)});
    };
    for (std::uint32_t p = 0; p < grid.planes; ++p) {
      if (!places.inhabited[p]) continue;
      const neighbour next = next_plane(places, p);
      for (std::uint32_t s = 0; s < grid.slots; ++s) {
        connect(places.at(p, s), next_in_plane(places, p, s));
        if (next.exists) connect(places.at(p, s), places.at(next.plane, s + next.shift));
      }
    }
    // Rings of two satellites or planes name the same pair twice.
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    return links;
  }

 private:
  static constexpr satellite_id vacant = 0xffffffff;

  /// Which satellite stands where.
  struct sheet {
    orbital_grid grid;
    std::vector<satellite_id> ids;
    std::vector<bool> inhabited;  // per plane

    template<typename Constellation>
    explicit sheet(const Constellation& sky) : grid(sky.grid()) {
      const std::size_t size = std::size_t{grid.planes} * std::max(grid.slots, 1u);
      detail::require(size <= std::size_t{1} << 27, "slots", grid.slots,
                      "planes × slots at most 2^27");
      ids.assign(size, vacant);
      inhabited.assign(grid.planes, false);
      for (satellite_id id = 0; id < sky.size(); ++id) {
        const auto [plane, slot] = sky.slot_of(id);
        const bool inside = plane < grid.planes && slot < grid.slots;
        if (!inside || at(plane, slot) != vacant)
          throw invalid_input::value(
              "satellite " + std::to_string(id),
              "plane " + std::to_string(plane) + ", slot " + std::to_string(slot),
              "a place of its own in " + std::to_string(grid.planes) + " planes of " +
                  std::to_string(grid.slots) + " slots");
        ids[std::size_t{plane} * grid.slots + slot] = id;
        inhabited[plane] = true;
      }
    }
    [[nodiscard]] satellite_id at(std::uint32_t plane, std::uint32_t slot) const {
      return ids[std::size_t{plane} * grid.slots + slot % grid.slots];
    }
  };

  [[nodiscard]] satellite_id next_in_plane(const sheet& places, std::uint32_t plane,
                                           std::uint32_t slot) const {
    if (places.at(plane, slot) == vacant) return vacant;
    const std::uint32_t furthest = bridge_gaps ? places.grid.slots : 1;
    for (std::uint32_t step = 1; step <= furthest; ++step)
      if (const satellite_id id = places.at(plane, slot + step); id != vacant) return id;
    return vacant;
  }

  struct neighbour {
    bool exists;
    std::uint32_t plane, shift;
  };
  [[nodiscard]] neighbour next_plane(const sheet& places, std::uint32_t plane) const {
    const std::uint32_t planes = places.grid.planes;
    const std::uint32_t last = seam ? planes + plane : planes;
    for (std::uint32_t q = plane + 1; q < last; ++q) {
      if (places.inhabited[q % planes])
        return {true, q % planes, q < planes ? 0 : *places.grid.seam_shift % places.grid.slots};
      if (!bridge_gaps) break;
    }
    return {false, 0, 0};
  }
};

}  // namespace orbitmoe
