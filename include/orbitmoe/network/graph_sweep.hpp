#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/lanes.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {
namespace detail {

struct neighbour {
  satellite_id to = 0;
  std::uint32_t link = 0;
};

/// Satellites breadth first from one end of each part of the network, so that neighbours stand
/// close together, as in Cuthill and McKee's ordering. O(satellites + links).
inline std::vector<satellite_id> order_by_breadth(
    const std::vector<std::vector<neighbour>>& neighbours) {
  const auto visit_part = [&](satellite_id start, std::vector<bool>& seen,
                              std::vector<satellite_id>& order) {
    std::size_t next = order.size();
    seen[start] = true;
    order.push_back(start);
    for (; next < order.size(); ++next)
      for (const auto [to, link] : neighbours[order[next]])
        if (!seen[to]) {
          seen[to] = true;
          order.push_back(to);
        }
  };
  std::vector<bool> seen(neighbours.size()), placed(neighbours.size());
  std::vector<satellite_id> search, order;
  for (satellite_id id = 0; id < neighbours.size(); ++id)
    if (!seen[id]) {
      visit_part(id, seen, search);  // ends far from where it starts
      visit_part(search.back(), placed, order);
    }
  return order;
}

/// The way to a neighbour over a link that is up.
struct sweep_arc {
  std::uint32_t to = 0;  ///< place of the neighbour in the order of the sweep
  double hop_delay_s = 0;
};

/// Lowers delays on any graph until no hop lowers any more: sweeps forward and back through places
/// that stand for satellites, past those whose delays have not fallen since they were last seen.
class graph_sweep {
 public:
  /// @param first  where the arcs of each place begin, and the end of all.
  graph_sweep(std::vector<sweep_arc> arcs, std::vector<std::size_t> first)
      : arcs_(std::move(arcs)), first_(std::move(first)), fallen_((first_.size() + 62) / 64) {}

  /// @param places    of the sources, one per lane.
  /// @param delays_s  places × lanes, overwritten.
  void run(std::span<const std::uint32_t, lanes> places, double* delays_s) {
    std::fill_n(delays_s, (first_.size() - 1) * lanes, std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < lanes; ++i) {
      delays_s[places[i] * lanes + i] = 0;
      fallen_[places[i] / 64] |= bit_of(places[i]);
    }
    for (bool busy = true; busy;) {
      busy = false;
      for (std::size_t w = 0; w < fallen_.size(); ++w)
        for (word left = fallen_[w]; left != 0;) {
          const int bit = std::countr_zero(left);
          pass_on(w * 64 + static_cast<std::size_t>(bit), delays_s);
          left = fallen_[w] & ~word{1} << bit;
          busy = true;
        }
      for (std::size_t w = fallen_.size(); w-- > 0;)
        for (word left = fallen_[w]; left != 0;) {
          const int bit = 63 - std::countl_zero(left);
          pass_on(w * 64 + static_cast<std::size_t>(bit), delays_s);
          left = fallen_[w] & ((word{1} << bit) - 1);
          busy = true;
        }
    }
  }

 private:
  using word = std::uint64_t;

  static word bit_of(std::size_t place) { return word{1} << place % 64; }

  /// Lowers the delays of a place's neighbours by way of it.
  void pass_on(std::size_t place, double* delays_s) {
    word* const fallen = fallen_.data();
    const sweep_arc* const end = arcs_.data() + first_[place + 1];
    fallen[place / 64] &= ~bit_of(place);
    const lane_delays here(delays_s + place * lanes);
    for (const sweep_arc* arc = arcs_.data() + first_[place]; arc != end; ++arc) {
      lane_delays there = here;
      there.advance(arc->hop_delay_s);
      pack_bits changed{};
      there.meet(delays_s + arc->to * lanes, changed);
      if (any(changed)) fallen[arc->to / 64] |= bit_of(arc->to);
    }
  }

  std::vector<sweep_arc> arcs_;
  std::vector<std::size_t> first_;
  std::vector<word> fallen_;  // one bit per place: since it last passed its delays on
};

}  // namespace detail

/// Shortest delays on any network: sweeps over the satellites for many sources at once.
///
/// As grid_sweep_router, for graphs without a grid: satellites are visited in an order in which
/// neighbours are close together, forward and back in turn, until no hop lowers any delay. The same
/// bits as Dijkstra's algorithm. O(links) per source and sweep, commonly about ten sweeps, at most
/// one per satellite; memory of one delay per satellite and lane.
///
/// @see  Yen, "An algorithm for finding shortest routes from all source nodes to a given
///       destination in general networks", Quart. Appl. Math. 27 (1970); Cuthill and McKee,
///       "Reducing the bandwidth of sparse symmetric matrices", Proc. 24th Nat. Conf. ACM (1969).
class graph_sweep_router {
 public:
  /// O(satellites + links).
  explicit graph_sweep_router(const timeline& net) : neighbours_(net.size()), place_(net.size()) {
    for (std::uint32_t i = 0; i < net.links().size(); ++i) {
      const auto [a, b] = net.links()[i];
      neighbours_[a].push_back({b, i});
      neighbours_[b].push_back({a, i});
    }
    order_ = detail::order_by_breadth(neighbours_);
    for (std::uint32_t i = 0; i < order_.size(); ++i) place_[order_[i]] = i;
  }

  /// @see delay_router.
  void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                std::span<double> out) const {
    std::vector<detail::sweep_arc> arcs;
    arcs.reserve(2 * hop_delays_s.size());
    std::vector<std::size_t> first{0};
    for (const satellite_id id : order_) {
      for (const auto [to, link] : neighbours_[id])
        if (hop_delays_s[link] < std::numeric_limits<double>::infinity())
          arcs.push_back({place_[to], hop_delays_s[link]});
      first.push_back(arcs.size());
    }
    detail::graph_sweep sweep(std::move(arcs), std::move(first));
    matrix by_place_s = make_matrix(order_.size(), detail::lanes, 0);
    detail::in_lanes(sources, out, [&](auto lane_sources, double* delays_s) {
      std::array<std::uint32_t, detail::lanes> places;
      for (std::size_t i = 0; i < places.size(); ++i) places[i] = place_[lane_sources[i]];
      sweep.run(places, by_place_s.data());
      for (std::size_t i = 0; i < order_.size(); ++i)
        std::ranges::copy(row(by_place_s, i), delays_s + order_[i] * detail::lanes);
    });
  }

 private:
  std::vector<std::vector<detail::neighbour>> neighbours_;
  std::vector<satellite_id> order_;
  std::vector<std::uint32_t> place_;  // of each satellite in the order
};
static_assert(delay_router<graph_sweep_router>);

}  // namespace orbitmoe
