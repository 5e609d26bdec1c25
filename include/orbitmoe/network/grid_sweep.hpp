#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/grid.hpp>
#include <orbitmoe/network/lanes.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {
namespace detail {

/// Lowers delays on a grid until no hop lowers any more: Gauss–Seidel sweeps, plane by plane.
///
/// A visit to a plane pulls delays in from the planes beside it and carries them round the plane,
/// both ways. Sweeps up and down the planes visit only planes beside which a delay has fallen since
/// the last visit, and pull only into those segments of the plane: bit i of a mask stands for the
/// 2^segment_bits satellites from slot i·2^segment_bits on.
class grid_sweep {
 public:
  grid_sweep(const plane_grid& grid, std::span<const double> hop_delays_s)
      : grid_(grid),
        along_s_(delays_of(grid.along, hop_delays_s)),
        across_s_(delays_of(grid.across, hop_delays_s)),
        fallen_(grid.planes),
        fallen_below_(grid.planes),
        fallen_above_(grid.planes) {
    while ((per_plane() - 1) >> segment_bits_ >= 64) ++segment_bits_;
  }

  /// @param sources   one per lane.
  /// @param delays_s  satellites × lanes, overwritten.
  void run(std::span<const satellite_id, lanes> sources, double* delays_s) {
    delays_s_ = delays_s;
    started_.assign(grid_.planes, false);
    for (std::size_t i = 0; i < lanes; ++i) {
      start(sources[i] / per_plane());
      delays_s[sources[i] * lanes + i] = 0;
      fallen_[sources[i] / per_plane()] |= segment_of(sources[i] % per_plane());
    }
    for (bool busy = true; busy;) {
      busy = false;
      for (std::size_t p = 0; p < grid_.planes; ++p) busy |= visit(p);
      for (std::size_t p = grid_.planes; p-- > 0;) busy |= visit(p);
    }
    for (std::size_t p = 0; p < grid_.planes; ++p) start(p);
  }

 private:
  using mask = std::uint64_t;

  static std::vector<double> delays_of(std::span<const std::uint32_t> links,
                                       std::span<const double> hop_delays_s) {
    std::vector<double> delays_s(links.size(), std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < links.size(); ++i)
      if (links[i] != plane_grid::no_link) delays_s[i] = hop_delays_s[links[i]];
    return delays_s;
  }

  std::size_t per_plane() const { return grid_.satellites_per_plane; }
  std::size_t above(std::size_t plane) const { return plane + 1 < grid_.planes ? plane + 1 : 0; }
  std::size_t below(std::size_t plane) const { return (plane > 0 ? plane : grid_.planes) - 1; }
  mask segment_of(std::size_t slot) const { return mask{1} << (slot >> segment_bits_); }
  mask every_segment() const { return ~mask{0} >> (63 - ((per_plane() - 1) >> segment_bits_)); }
  double* at(std::size_t plane, std::size_t slot) const {
    return delays_s_ + (plane * per_plane() + slot) * lanes;
  }

  struct slot_range {
    std::size_t first, last;  ///< [first, last)
  };
  /// Takes the lowest run of adjacent segments out of a mask.
  slot_range take_run(mask& segments) const {
    const int first = std::countr_zero(segments);
    const int last = first + std::countr_one(segments >> first);
    segments &= last < 64 ? ~mask{0} << last : 0;
    return {std::size_t(first) << segment_bits_,
            std::min(std::size_t(last) << segment_bits_, per_plane())};
  }

  /// Sets a plane to infinity before its first use: just then, so that it comes to the cache once.
  void start(std::size_t p) {
    if (started_[p]) return;
    std::fill_n(at(p, 0), per_plane() * lanes, std::numeric_limits<double>::infinity());
    started_[p] = true;
  }

  /// Returns whether there was anything to do.
  bool visit(std::size_t p) {
    const mask by_below = std::exchange(fallen_below_[p], 0);
    const mask by_above = std::exchange(fallen_above_[p], 0);
    mask fallen = std::exchange(fallen_[p], 0);
    if ((by_below | by_above | fallen) == 0) return false;
    start(p);
    if (by_below != 0) {
      const std::size_t q = below(p);
      const double* const hop_s = across_s_.data() + q * per_plane();
      fallen |= pull(p, by_below, q, per_plane() - grid_.shift[q],
                     [hop_s](std::size_t, std::size_t from) { return hop_s[from]; });
    }
    if (by_above != 0) {
      const double* const hop_s = across_s_.data() + p * per_plane();
      fallen |= pull(p, by_above, above(p), grid_.shift[p],
                     [hop_s](std::size_t slot, std::size_t) { return hop_s[slot]; });
    }
    if (fallen == 0) return true;
    fallen |= carry(p, fallen);
    if (grid_.joined[p]) fallen_below_[above(p)] |= beyond_joint(p, fallen);
    if (grid_.joined[below(p)]) fallen_above_[below(p)] |= beyond_joint(below(p), fallen);
    return true;
  }

  /// What the segments of one plane touch on the other side of the joint above plane p.
  mask beyond_joint(std::size_t p, mask segments) const {
    return grid_.shift[p] == 0 ? segments : every_segment();
  }

  // The loops below keep what they need in local variables: for all that the compiler knows, a
  // delay that is stored could be a member.

  /// Lowers plane p by what comes from plane q: into each slot from the slot `turn` further on.
  /// Returns the segments in which a delay fell.
  template<typename HopDelay>
  mask pull(std::size_t p, mask segments, std::size_t q, std::size_t turn, HopDelay hop_delay_s) {
    double* const to = at(p, 0);
    const double* const from = at(q, 0);
    const std::size_t n = per_plane();
    mask fallen = 0;
    while (segments != 0) {
      const mask segment = segments & -segments;
      segments ^= segment;
      const std::size_t first = std::size_t(std::countr_zero(segment)) << segment_bits_;
      const std::size_t last = std::min(first + (std::size_t{1} << segment_bits_), n);
      pack_bits changed{};
      std::size_t source = (first + turn) % n;
      for (std::size_t slot = first; slot < last; ++slot) {
        lane_delays delays(from + source * lanes);
        delays.advance(hop_delay_s(slot, source));
        delays.meet(to + slot * lanes, changed);
        source = source + 1 < n ? source + 1 : 0;
      }
      if (any(changed)) fallen |= segment;
    }
    return fallen;
  }

  /// Carries delays along plane p, both ways: through the given segments, and on round the ring for
  /// as long as a delay falls. Returns the segments reached so.
  ///
  /// Ways along a ring that turn back gain nothing, so the two directions need not wait for each
  /// other: they run side by side, which hides the latency of either.
  mask carry(std::size_t p, mask segments) {
    double* const ring = at(p, 0);
    const double* const hop_s = along_s_.data() + p * per_plane();
    const std::size_t n = per_plane();
    mask fallen = 0;
    while (segments != 0) {
      const auto [first, last] = take_run(segments);
      lane_delays forward(ring + first * lanes), back(ring + (last - 1) * lanes);
      for (std::size_t up = first + 1, down = last - 1; up < last; ++up) {
        forward.advance(hop_s[up - 1]);
        forward.meet(ring + up * lanes);
        --down;
        back.advance(hop_s[down]);
        back.meet(ring + down * lanes);
      }
      for (std::size_t slot = last - 1;;) {
        forward.advance(hop_s[slot]);
        slot = slot + 1 < n ? slot + 1 : 0;
        pack_bits changed{};
        forward.meet(ring + slot * lanes, changed);
        if (!any(changed)) break;
        fallen |= segment_of(slot);
      }
      for (std::size_t slot = first;;) {
        slot = (slot > 0 ? slot : n) - 1;
        back.advance(hop_s[slot]);
        pack_bits changed{};
        back.meet(ring + slot * lanes, changed);
        if (!any(changed)) break;
        fallen |= segment_of(slot);
      }
    }
    return fallen;
  }

  const plane_grid& grid_;
  std::vector<double> along_s_, across_s_;  // of the slot, as the grid has the links
  double* delays_s_ = nullptr;
  int segment_bits_ = 4;
  std::vector<bool> started_;       // per plane
  std::vector<mask> fallen_;        // per plane: in it, before the first visit
  std::vector<mask> fallen_below_;  // per plane: in the plane below, since the last visit
  std::vector<mask> fallen_above_;  // per plane: in the plane above
};

}  // namespace detail

/// Shortest delays on a regular sky with holes: sweeps over the planes for many sources at once.
///
/// Delays start at infinity and each hop may lower them, until none does. Every sum runs from the
/// source outward, as in Dijkstra's algorithm, and rounded addition is monotone; so the results are
/// those of Dijkstra's algorithm, bit for bit. A visit to a plane settles every way that stays in
/// it, and a sweep every way across the planes that neither turns back nor crosses a seam; what is
/// left are detours, most of them round links that are down. O(satellites) per source and sweep,
/// commonly 2 to 5 sweeps, at most one per satellite; memory of one delay per satellite and lane.
class grid_sweep_router {
 public:
  /// @throws invalid_input  the links of the timeline form no plane_grid.
  explicit grid_sweep_router(const timeline& net) : grid_sweep_router(grid_of(net)) {}
  /// @param grid  as plane_grid_of gives it: not checked.
  explicit grid_sweep_router(plane_grid grid) : grid_(std::move(grid)) {}

  /// @see delay_router.
  void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                std::span<double> out) const {
    detail::grid_sweep sweep(grid_, hop_delays_s);
    detail::in_lanes(sources, out, [&](auto lane_sources, double* delays_s) {
      sweep.run(lane_sources, delays_s);
    });
  }

 private:
  static plane_grid grid_of(const timeline& net) {
    if (std::optional<plane_grid> grid = plane_grid_of(net)) return std::move(*grid);
    throw invalid_input::value("links", "a network of another form",
                               "rings along planes and links across to the next plane, as of "
                               "plus_grid (sweep_router takes any network)");
  }

  plane_grid grid_;
};
static_assert(delay_router<grid_sweep_router>);

}  // namespace orbitmoe
