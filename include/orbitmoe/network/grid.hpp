#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// The links of a regular sky: rings along the planes, and links across from each plane to the
/// next. Satellite (p, s) has id p·S + s. Any link may be missing.
struct plane_grid {
  static constexpr std::uint32_t no_link = 0xffffffff;

  std::size_t planes = 0;                ///< P
  std::size_t satellites_per_plane = 0;  ///< S
  /// P·S links along the planes: entry p·S + s joins (p, s) and (p, s + 1 mod S).
  std::vector<std::uint32_t> along;
  /// P·S links across: entry p·S + s joins (p, s) and (p + 1 mod P, s + shift[p] mod S).
  std::vector<std::uint32_t> across;
  std::vector<std::size_t> shift;  ///< per plane, 0 to S − 1; other than 0 at a seam, as a rule
  std::vector<bool> joined;        ///< per plane: whether any link leads to the next

  bool operator==(const plane_grid&) const = default;
};

namespace detail {

/// Finds the place of each link in a grid.
class grid_builder {
 public:
  grid_builder(std::size_t planes, std::size_t satellites_per_plane) {
    const std::size_t satellites = planes * satellites_per_plane;
    grid_ = {.planes = planes,
             .satellites_per_plane = satellites_per_plane,
             .along = std::vector(satellites, plane_grid::no_link),
             .across = std::vector(satellites, plane_grid::no_link),
             .shift = std::vector<std::size_t>(planes),
             .joined = std::vector<bool>(planes)};
  }

  /// Whether the link has a place in the grid that no other link has taken.
  bool take(laser_link ends, std::uint32_t link) {
    // Two planes have two joints: the first is for links up from the first plane.
    const auto [a, b] = std::minmax(ends.a, ends.b);
    return take_along(a, b, link) || take_along(b, a, link) || take_across(a, b, link) ||
           take_across(b, a, link);
  }

  plane_grid result() && { return std::move(grid_); }

 private:
  bool take_along(std::size_t from, std::size_t to, std::uint32_t link) {
    const std::size_t n = grid_.satellites_per_plane;
    if (from / n != to / n || (from + 1) % n != to % n) return false;
    return take(grid_.along[from], link);
  }

  bool take_across(std::size_t from, std::size_t to, std::uint32_t link) {
    const std::size_t n = grid_.satellites_per_plane, plane = from / n;
    if (plane == to / n || (plane + 1) % grid_.planes != to / n) return false;
    const std::size_t shift = (to % n + n - from % n) % n;
    if (grid_.joined[plane] && grid_.shift[plane] != shift) return false;
    grid_.joined[plane] = true;
    grid_.shift[plane] = shift;
    return take(grid_.across[from], link);
  }

  static bool take(std::uint32_t& place, std::uint32_t link) {
    if (place != plane_grid::no_link) return false;
    place = link;
    return true;
  }

  plane_grid grid_;
};

}  // namespace detail

/// The grid that the links of a timeline form: planes of equal size with ids in the order of plane
/// and slot; every link along a plane, or across to the next at one shift per pair of planes (the
/// last plane may join the first). Nothing if there is any other link.
///
/// plus_grid always gives a grid. O(satellites + links).
[[nodiscard]] inline std::optional<plane_grid> plane_grid_of(const timeline& net) {
  const auto places = net.orbital_slots();
  if (places.empty()) return {};
  std::size_t per_plane = 1;
  while (per_plane < places.size() && places[per_plane].plane == places[0].plane) ++per_plane;
  if (places.size() % per_plane != 0) return {};
  for (std::size_t id = 0; id < places.size(); ++id)
    if (places[id].plane != id / per_plane || places[id].slot != id % per_plane) return {};

  detail::grid_builder grid(places.size() / per_plane, per_plane);
  for (std::uint32_t link = 0; link < net.links().size(); ++link)
    if (!grid.take(net.links()[link], link)) return {};
  return std::move(grid).result();
}

}  // namespace orbitmoe
