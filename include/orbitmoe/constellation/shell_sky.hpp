#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/find_planes.hpp>
#include <orbitmoe/constellation/found_planes.hpp>
#include <orbitmoe/constellation/plane_clusters.hpp>
#include <orbitmoe/constellation/secular_j2.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// The satellites of a shell of real satellites, in the planes and slots that were found: ids rise
/// by plane, then by slot. Spares and strays are not in it.
///
/// @tparam Propagator  see the concept `propagator`.
/// @example  const shell_sky<> sky(sets, latest_epoch(sets));
///           const timeline net(sky, plus_grid{.seam = sky.found().closed, .bridge_gaps = true});
template<propagator Propagator = secular_j2>
class shell_sky {
 public:
  /// @param sets   what the planes were found in.
  /// @param start  the instant t = 0; that of find_planes, or slots are not where they say.
  /// @throws invalid_input  no plane was found; `found` names a set that is not there; or as
  ///                        element_sky.
  shell_sky(std::span<const element_set> sets, const utc_time& start, found_planes found)
      : found_(std::move(found)), sky_(seated(sets, found_), start) {
    for (const found_plane& plane : found_.planes)
      for (const seated_satellite& satellite : plane.satellites)
        slots_.push_back({plane.plane, satellite.slot});
    std::vector<double> periods_s;
    for (const element_set& set : sky_.elements())
      periods_s.push_back(secular_j2(set).nodal_period_s());
    period_s_ = detail::median(std::move(periods_s));
  }
  /// The same with the planes that find_planes finds.
  shell_sky(std::span<const element_set> sets, const utc_time& start,
            const plane_options& options = {})
      : shell_sky(sets, start, find_planes(sets, start, options)) {}

  [[nodiscard]] std::size_t size() const noexcept { return sky_.size(); }
  /// What was found, and which sets were left out.
  [[nodiscard]] const found_planes& found() const noexcept { return found_; }
  /// Element sets by satellite id.
  [[nodiscard]] const std::vector<element_set>& elements() const noexcept {
    return sky_.elements();
  }
  /// The instant t = 0.
  [[nodiscard]] const utc_time& start() const noexcept { return sky_.start(); }
  /// Median time from node to node [s].
  [[nodiscard]] double period_s() const noexcept { return period_s_; }

  [[nodiscard]] orbital_slot slot_of(satellite_id id) const { return slots_[id]; }
  [[nodiscard]] orbital_grid grid() const noexcept {
    return {.planes = found_.plane_count(),
            .slots = found_.slots,
            .seam_shift = found_.closed ? std::optional<std::uint32_t>(0) : std::nullopt};
  }

  [[nodiscard]] Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    return sky_.position_km(id, t_s);
  }
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id id, double t_s) const {
    return sky_.velocity_km_s(id, t_s);
  }

 private:
  static std::vector<element_set> seated(std::span<const element_set> sets,
                                         const found_planes& found) {
    if (found.size() == 0)
      throw invalid_input::value("sets", std::to_string(sets.size()) + " without a plane",
                                 "satellites of which some share a plane");
    found.validate(sets.size());
    std::vector<element_set> out;
    for (const found_plane& plane : found.planes)
      for (const seated_satellite& satellite : plane.satellites) out.push_back(sets[satellite.set]);
    return out;
  }

  found_planes found_;
  element_sky<Propagator> sky_;
  std::vector<orbital_slot> slots_;
  double period_s_ = 0;
};
static_assert(gridded_constellation<shell_sky<>>);
static_assert(periodic_constellation<shell_sky<>>);

}  // namespace orbitmoe
