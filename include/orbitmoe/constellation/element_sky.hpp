#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/secular_j2.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// Real satellites: the satellite with id i has the i-th element set. Epochs may differ; all are
/// carried to the same instants, t_s after one start.
///
/// Such a sky has no common period, so a timeline wants its `span_s`. Positions are O(1) and
/// thread-safe if the propagator is.
///
/// @tparam Propagator  see the concept `propagator`.
/// @example  const std::vector<element_set> sets = read_tle("oneweb.txt").sets;
///           const element_sky<> sky(sets, latest_epoch(sets));
template<propagator Propagator = secular_j2>
class element_sky {
 public:
  /// @param sets   1 to 1,000,000 element sets.
  /// @param start  the instant t = 0.
  /// @throws invalid_input  there is no set or too many; an element or the start is outside its
  ///                        range: the message names the set by index; or what the propagator
  ///                        throws.
  element_sky(std::span<const element_set> sets, const utc_time& start)
      : start_(start), elements_(sets.begin(), sets.end()) {
    detail::require_between<std::size_t>("sets", sets.size(), 1, 1'000'000);
    detail::within("start", [&] { start.validate(); });
    orbits_.reserve(sets.size());
    for (std::size_t i = 0; i < sets.size(); ++i)
      detail::within("sets[" + std::to_string(i) + "]" + shown_name(sets[i]), [&] {
        sets[i].validate();
        orbits_.push_back({Propagator(sets[i]), seconds_between(sets[i].epoch, start)});
      });
  }

  [[nodiscard]] std::size_t size() const noexcept { return orbits_.size(); }
  /// The instant t = 0.
  [[nodiscard]] const utc_time& start() const noexcept { return start_; }
  /// What the sky was made from, by satellite id.
  [[nodiscard]] const std::vector<element_set>& elements() const noexcept { return elements_; }
  /// How old the elements of a satellite are at the start [s]; negative when they are from later.
  [[nodiscard]] double age_s(satellite_id id) const { return orbits_[id].age_s; }

  /// Position [km] at t_s [s] after the start, in the frame of the propagator.
  [[nodiscard]] Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    return orbits_[id].motion.position_km(orbits_[id].age_s + t_s);
  }
  /// Velocity [km/s] at t_s [s] after the start, in the same frame.
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id id, double t_s) const {
    return orbits_[id].motion.velocity_km_s(orbits_[id].age_s + t_s);
  }

 private:
  /// ` (ONEWEB-0012)`, so that a message says which satellite is meant in a longer list.
  static std::string shown_name(const element_set& set) {
    return set.name.empty() ? "" : " (" + detail::printable(set.name, 60) + ")";
  }

  struct orbit {
    Propagator motion;
    double age_s;
  };

  utc_time start_;
  std::vector<element_set> elements_;
  std::vector<orbit> orbits_;
};
static_assert(constellation<element_sky<>>);

}  // namespace orbitmoe
