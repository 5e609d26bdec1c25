#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// A satellite in a plane.
struct seated_satellite {
  std::size_t set = 0;      ///< index of its element set
  std::uint32_t slot = 0;   ///< along the orbit
  double latitude_deg = 0;  ///< mean argument of latitude, 0 to under 360 [deg]
  bool operator==(const seated_satellite&) const = default;
};

/// Where satellites are missing in a plane.
struct plane_gap {
  std::uint32_t after_slot = 0;  ///< slot of the satellite behind the gap
  double width_deg = 0;          ///< to the next satellite [deg]
  std::size_t missing = 0;       ///< satellites that would fit in at the usual distance
  bool operator==(const plane_gap&) const = default;
};

/// A plane that was found.
struct found_plane {
  std::uint32_t plane = 0;                   ///< number, from 0, which vacant planes count in
  double raan_deg = 0;                       ///< of the plane's middle at the start, 0 to 360 [deg]
  double inclination_deg = 0;                ///< median [deg]
  double altitude_km = 0;                    ///< median, above the mean radius of the Earth [km]
  double spacing_deg = 0;                    ///< usual distance along the orbit [deg]
  std::vector<seated_satellite> satellites;  ///< by rising slot
  std::vector<plane_gap> gaps;               ///< by rising slot
  bool operator==(const found_plane&) const = default;
};

/// Why a satellite has no place in the planes.
enum class left_out_kind {
  no_orbit,        ///< its elements are no orbit at the start
  other_elements,  ///< of a satellite whose elements nearer in time count
  spare,           ///< in a plane, too close to one that keeps the distance
  bunched,         ///< one of a bunch or train, where too few keep their distance to be a plane
  other_shell,     ///< in a plane of another shell
  stray            ///< in no plane
};

/// Names of the kinds for people and files, by their number.
inline constexpr std::array<std::string_view, 6> left_out_names{
    "no orbit", "other elements", "spare", "bunched", "other shell", "stray"};

/// A satellite that has no place in the planes.
struct left_out_satellite {
  std::size_t set = 0;  ///< index of its element set
  left_out_kind kind = left_out_kind::stray;
  std::string reason;  ///< a sentence, with the numbers it rests on
  bool operator==(const left_out_satellite&) const = default;
};

/// The planes of one shell. Every element set is in a plane or left out.
struct found_planes {
  std::vector<found_plane> planes;  ///< by rising number
  std::uint32_t slots = 0;          ///< of every plane: slot s is near 360°·s/slots
  double raan_spacing_deg = 0;      ///< usual distance of neighbours; 0 for one plane [deg]
  bool closed = false;              ///< whether planes go all the way round: Walker delta
  std::vector<std::uint32_t> vacant_planes;  ///< numbers that no plane has
  std::vector<left_out_satellite> left_out;  ///< by rising index
  bool operator==(const found_planes&) const = default;

  /// @throws invalid_input  a satellite is no index of so many element sets.
  void validate(std::size_t sets) const {
    const auto check = [sets](std::size_t set) {
      detail::require(set < sets, "found", set,
                      "indices of the sets, under " + std::to_string(sets));
    };
    for (const found_plane& plane : planes)
      for (const seated_satellite& satellite : plane.satellites) check(satellite.set);
    for (const left_out_satellite& satellite : left_out) check(satellite.set);
  }
  /// Planes, vacant ones counted.
  [[nodiscard]] std::uint32_t plane_count() const noexcept {
    return static_cast<std::uint32_t>(planes.size() + vacant_planes.size());
  }
  /// Satellites that have a place.
  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t count = 0;
    for (const found_plane& plane : planes) count += plane.satellites.size();
    return count;
  }
};

}  // namespace orbitmoe
