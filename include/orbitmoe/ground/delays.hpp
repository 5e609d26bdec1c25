#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/ground/station.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe {

/// Least one-way delay [s] up to one of the satellites that the first station can use, over the
/// links, and down from one that the second can use; infinity where there is no such way. Stations
/// do not relay in between.
///
/// One sweep from all satellites of the station that has fewer.
/// @param hop_delays_s  per link of the network that `router` was made for [s].
/// @param satellites    of that network.
template<delay_router Router>
[[nodiscard]] double ground_delay_s(const Router& router, std::span<const double> hop_delays_s,
                                    std::size_t satellites, std::span<const visible_satellite> from,
                                    std::span<const visible_satellite> to) {
  double least_s = std::numeric_limits<double>::infinity();
  if (from.empty() || to.empty()) return least_s;
  if (from.size() > to.size()) std::swap(from, to);
  std::vector<satellite_id> sources;
  for (const visible_satellite& up : from) sources.push_back(up.id);
  std::vector<double> delays_s(satellites * sources.size());
  router.delays_s(hop_delays_s, sources, delays_s);
  for (const visible_satellite& down : to)
    for (std::size_t i = 0; i < from.size(); ++i)
      least_s = std::min(least_s,
                         from[i].delay_s + delays_s[down.id * sources.size() + i] + down.delay_s);
  return least_s;
}

/// Where the stations of ground_delays_s are, and what they can use.
struct ground_options {
  ground_access access = {};  ///< of both stations
  ellipsoid figure = wgs84;
  earth_rotation rotation = {};
  double message_bits = 0;  ///< what a hop between satellites carries, 0 to 1e15 [bit]
  bool operator==(const ground_options&) const = default;
};

/// One-way delay between two ground stations in every slot of a timeline.
///
/// The satellites in between cost what the timeline says of a hop; the two links to the ground cost
/// distance / c. Both ways are alike, so a round trip takes twice as long.
///
/// @param sky  what the timeline was built from.
/// @return     one delay per slot [s]; infinity where there is no way.
/// @throws invalid_input  the timeline has another number of satellites than the sky; a coordinate
///                        or an option is outside its range; run.threads is outside its range.
/// @complexity O(slots · (satellites + sweep from the visible satellites)) time; memory of one slot
///             per thread. Same bits for any thread count.
template<constellation Constellation>
[[nodiscard]] std::vector<double> ground_delays_s(const Constellation& sky, const timeline& net,
                                                  const ground_station& from,
                                                  const ground_station& to,
                                                  const ground_options& options = {},
                                                  const run_options& run = {}) {
  const std::size_t satellites = sky.size();
  detail::require(satellites == net.size(), "sky", satellites,
                  "as many satellites as the timeline has, " + std::to_string(net.size()));
  detail::require_between("message_bits", options.message_bits, 0.0, 1e15);
  const auto view_of = [&](const char* end, const ground_station& station) {
    return detail::within(end,
                          [&] { return ground_view(station, options.access, options.figure); });
  };
  const ground_view here = view_of("from", from), there = view_of("to", to);
  const sweep_router router(net);

  std::vector<double> delays_s(net.slots());
  detail::parallel_for(net.slots(), run, [&](std::size_t slot) {
    const double t_s = net.time_s(slot);
    std::vector<Eigen::Vector3d> satellites_km(satellites);
    for (satellite_id id = 0; id < satellites; ++id) satellites_km[id] = sky.position_km(id, t_s);
    delays_s[slot] = ground_delay_s(router, net.hop_delays_s(slot, options.message_bits),
                                    satellites, here.visible(satellites_km, options.rotation, t_s),
                                    there.visible(satellites_km, options.rotation, t_s));
  });
  return delays_s;
}

}  // namespace orbitmoe
