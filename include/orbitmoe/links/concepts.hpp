#pragma once

#include <concepts>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>

namespace orbitmoe {

/// An undirected inter-satellite link (ISL), a ≠ b.
struct laser_link {
  satellite_id a = 0;
  satellite_id b = 0;
  auto operator<=>(const laser_link&) const = default;
};

/// Says which pairs of satellites point terminals at each other; whether a link is up in a time
/// slot is decided later, by feasibility and outages.
///
/// | expression     | returns                   | meaning                                         |
/// |----------------|---------------------------|-------------------------------------------------|
/// | t.links(sky)   | std::vector<laser_link>   | candidate links; a pair listed twice is two     |
/// |                |                           | links, each with its own outages                |
///
/// Which one when:
/// - plus_grid           planes and slots, of a formula or found in real satellites; any vacant
/// - nearest_neighbours  any sky; no planes needed
/// - link_list           links that something else has chosen
template<typename T, typename Constellation>
concept link_topology = constellation<Constellation> &&
    requires(const T t, const Constellation& sky) {
  { t.links(sky) } -> std::same_as<std::vector<laser_link>>;
};

}  // namespace orbitmoe
