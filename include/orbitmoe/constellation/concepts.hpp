#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_set.hpp>

namespace orbitmoe {

/// A satellite: an index in [0, size) of its constellation.
using satellite_id = std::uint32_t;

/// Where a satellite stands in the constellation: orbital plane, and slot along the orbit in it.
struct orbital_slot {
  std::uint32_t plane = 0;
  std::uint32_t slot = 0;
  bool operator==(const orbital_slot&) const = default;
};

/// Answers where satellites are.
///
/// | expression             | returns           | meaning                                        |
/// |------------------------|-------------------|------------------------------------------------|
/// | c.size()               | std::size_t       | number of satellites                           |
/// | c.position_km(id, t_s) | Eigen::Vector3d   | position [km], inertial frame, t_s [s]         |
/// | c.velocity_km_s(id,t_s)| Eigen::Vector3d   | velocity [km/s], the same frame                |
///
/// Semantics (not checkable): pure; position and velocity are finite for 0 ≤ id < size.
/// Models: walker_constellation, sgp4_walker, element_sky, shell_sky; any user type with these
/// members.
template<typename C>
concept constellation = requires(const C c, satellite_id id, double t_s) {
  { c.size() } -> std::convertible_to<std::size_t>;
  { c.position_km(id, t_s) } -> std::convertible_to<Eigen::Vector3d>;
  { c.velocity_km_s(id, t_s) } -> std::convertible_to<Eigen::Vector3d>;
};

/// A constellation that knows the plane and slot of each satellite, as the ring partition and the
/// central gateway need them.
///
/// | expression        | returns        | meaning                                                |
/// |-------------------|----------------|--------------------------------------------------------|
/// | c.slot_of(id)     | orbital_slot   | plane and slot; slots rise along the orbit             |
///
/// Models: walker_constellation, sgp4_walker, shell_sky.
template<typename C>
concept planar_constellation = constellation<C> && requires(const C c, satellite_id id) {
  { c.slot_of(id) } -> std::same_as<orbital_slot>;
};

/// How many planes and slots a constellation has; any of them may be vacant.
struct orbital_grid {
  std::uint32_t planes = 0;  ///< planes and slots of satellites are below these numbers
  std::uint32_t slots = 0;
  /// Where planes go all the way round, slot s of the last plane is beside slot s + seam_shift of
  /// plane 0; empty: they do not, as in a Walker star.
  std::optional<std::uint32_t> seam_shift = {};
  bool operator==(const orbital_grid&) const = default;
};

/// A planar constellation whose neighbours are known, as plus_grid needs them: slot s ± 1 of a
/// plane, and slot s of the planes beside it.
///
/// | expression        | returns        | meaning                                                |
/// |-------------------|----------------|--------------------------------------------------------|
/// | c.grid()          | orbital_grid   | numbers of planes and slots, and the way round         |
///
/// Semantics (not checkable): no two satellites share a plane and a slot.
/// Models: walker_constellation, sgp4_walker, shell_sky.
template<typename C>
concept gridded_constellation = planar_constellation<C> && requires(const C c) {
  { c.grid() } -> std::same_as<orbital_grid>;
};

/// A constellation that repeats itself: `period_s()` [s] is the default time span of a timeline.
template<typename C>
concept periodic_constellation = constellation<C> && requires(const C c) {
  { c.period_s() } -> std::convertible_to<double>;
};

/// Carries the elements of one satellite to other times.
///
/// | expression             | returns         | meaning                                          |
/// |------------------------|-----------------|--------------------------------------------------|
/// | P(elements)            | P               | from an element_set that passes validate()       |
/// | p.position_km(t_s)     | Eigen::Vector3d | position [km], t_s [s] after the epoch, inertial |
/// | p.velocity_km_s(t_s)   | Eigen::Vector3d | velocity [km/s], the same frame                  |
///
/// Semantics (not checkable): pure; finite for any t_s that the caller asks for; all satellites in
/// one frame, such as TEME, that of SGP4.
/// Models: secular_j2 (default), sgp4; examples/own_propagator.cpp has one of the user's own.
/// Which one when: secular_j2 for delays of a constellation, within about a day of the epochs; sgp4
/// where single positions matter, or satellites that climb or fall; a propagator of the user's
/// own, wrapped in these three expressions, for more, such as SGP4 with deep space.
template<typename P>
concept propagator = std::copyable<P> && std::constructible_from<P, const element_set&> &&
    requires(const P p, double since_epoch_s) {
  { p.position_km(since_epoch_s) } -> std::convertible_to<Eigen::Vector3d>;
  { p.velocity_km_s(since_epoch_s) } -> std::convertible_to<Eigen::Vector3d>;
};

}  // namespace orbitmoe
