#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/satellite_duties.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// What is known of a satellite; the rest is empty.
struct graph_node {
  std::optional<std::string> name = {};                ///< of a real satellite, UTF-8
  std::optional<std::uint32_t> catalogue_number = {};  ///< the same
  std::optional<orbital_slot> place = {};
  std::optional<std::array<double, 3>> position_km = {};  ///< inertial frame [km]
  std::optional<satellite_role> role = {};
  std::optional<std::size_t> layer = {};   ///< of the gateway, or of the first expert hosted
  std::optional<std::size_t> expert = {};  ///< the first hosted: least layer, then least expert
  std::optional<std::size_t> hosted = {};  ///< number of experts hosted
  std::optional<double> activation = {};   ///< sum of the weights of all experts hosted [-]
  bool operator==(const graph_node&) const = default;
};

/// A link that is up.
struct graph_edge {
  satellite_id a = 0, b = 0;
  std::size_t link = 0;  ///< its place in timeline::links
  double delay_s = 0;    ///< propagation, one way, over 0 [s]
  bool operator==(const graph_edge&) const = default;

  [[nodiscard]] double length_km() const noexcept { return delay_s * light_speed_km_s; }
};

/// The network in one time slot as a graph with attributes: a plain value between a timeline and
/// the files that graph tools read.
///
/// @example  const auto graph = graph_of(net, 0).with_positions(sky).with_plan(router, plan);
///           write_file("slot0.graphml", graphml(graph));
///           write_file("slot0.json", to_node_link(graph).dump());
struct slot_graph {
  std::size_t slot = 0;
  double time_s = 0;              ///< when the slot is frozen [s]
  std::vector<graph_node> nodes;  ///< satellite i at index i
  std::vector<graph_edge> edges;
  bool operator==(const slot_graph&) const = default;

  /// Whether a pair of satellites has two links or more. O(edges · log edges).
  [[nodiscard]] bool is_multigraph() const {
    std::set<std::pair<satellite_id, satellite_id>> pairs;
    return !std::ranges::all_of(edges, [&](const graph_edge& edge) {
      return pairs.insert(std::minmax(edge.a, edge.b)).second;
    });
  }

  /// The same graph with the position of each satellite at time_s.
  /// @throws invalid_input  the sky is of another size, or a position is not finite.
  template<constellation Constellation>
  [[nodiscard]] slot_graph with_positions(const Constellation& sky) const {
    detail::require_size(sky, nodes.size());
    slot_graph out = *this;
    for (satellite_id id = 0; id < nodes.size(); ++id)
      out.nodes[id].position_km = detail::finite_position_km(sky, id, time_s);
    return out;
  }

  /// The same graph with the name and catalogue number of each satellite.
  /// @param elements  by id, as `elements()` of shell_sky and element_sky.
  /// @throws invalid_input  there are more or fewer of them than nodes.
  [[nodiscard]] slot_graph with_names(std::span<const element_set> elements) const {
    detail::require(elements.size() == nodes.size(), "elements", elements.size(),
                    std::to_string(nodes.size()) + ", one for each node");
    slot_graph out = *this;
    for (std::size_t id = 0; id < nodes.size(); ++id) {
      if (!elements[id].name.empty()) out.nodes[id].name = elements[id].name;
      out.nodes[id].catalogue_number = elements[id].catalogue_number;
    }
    return out;
  }

  /// The same graph with what each satellite hosts.
  /// @param activation  L × E.
  /// @param plan        L layers of E experts; any number of experts may share a satellite.
  /// @throws invalid_input  the plan does not fit: as placement::validate.
  [[nodiscard]] slot_graph with_plan(const activation_profile& activation,
                                     const placement& plan) const {
    const auto duties = detail::duties_of(nodes.size(), activation, plan);
    slot_graph out = *this;
    for (std::size_t id = 0; id < nodes.size(); ++id) {
      graph_node& node = out.nodes[id];
      node.role = duties[id].role();
      node.layer = duties[id].gateway_of;
      node.expert = node.hosted = std::nullopt;
      node.activation = std::nullopt;
      if (duties[id].experts.empty()) continue;
      node.layer = duties[id].experts.front().layer;
      node.expert = duties[id].experts.front().expert;
      node.hosted = duties[id].experts.size();
      node.activation = duties[id].activation();
    }
    return out;
  }
};

/// Satellites and the links that are up in a slot.
/// @throws invalid_input  there is no such slot.
[[nodiscard]] inline slot_graph graph_of(const timeline& net, std::size_t slot) {
  detail::require_between("slot", slot, std::size_t{0}, net.slots() - 1);
  slot_graph graph{.slot = slot,
                   .time_s = net.time_s(slot),
                   .nodes = std::vector<graph_node>(net.size()),
                   .edges = {}};
  for (std::size_t id = 0; id < net.orbital_slots().size(); ++id)
    graph.nodes[id].place = net.orbital_slots()[id];
  for (std::size_t i = 0; i < net.links().size(); ++i)
    if (const double delay_s = net.propagation_s(slot)[i]; std::isfinite(delay_s))
      graph.edges.push_back({net.links()[i].a, net.links()[i].b, i, delay_s});
  return graph;
}

/// The graph as a network of one slot, whose links are the edges in their order. As with every
/// network given as numbers, hops cost the delays and nothing else, and there are no planes.
/// @throws invalid_input  there is no node; an edge names a satellite that does not exist, joins
///                        one to itself or has a delay that is not over 0.
[[nodiscard]] inline timeline timeline_of(const slot_graph& graph) {
  std::vector<laser_link> links;
  matrix delays_s = make_matrix(1, graph.edges.size(), 0);
  for (const graph_edge& edge : graph.edges) {
    row(delays_s, 0)[links.size()] = edge.delay_s;
    links.push_back({edge.a, edge.b});
  }
  return {graph.nodes.size(), std::move(links), delays_s};
}

}  // namespace orbitmoe
