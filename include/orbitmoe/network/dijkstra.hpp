#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths_no_color_map.hpp>
#include <boost/property_map/function_property_map.hpp>

#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// Shortest delays on any network: Dijkstra's algorithm of Boost.Graph on compressed sparse rows.
///
/// The topology is laid out once per timeline; a slot only supplies other delays. O(m log n) time
/// per source, O(n) scratch; n satellites, m links.
///
/// @see  Dijkstra, "A note on two problems in connexion with graphs", Numer. Math. 1 (1959).
class dijkstra_router {
 public:
  explicit dijkstra_router(const timeline& net) {
    struct arc {
      satellite_id from, to;
      std::uint32_t link;
    };
    std::vector<arc> arcs;
    for (std::uint32_t i = 0; i < net.links().size(); ++i) {
      const auto [a, b] = net.links()[i];
      arcs.push_back({a, b, i});
      arcs.push_back({b, a, i});
    }
    std::stable_sort(arcs.begin(), arcs.end(),
                     [](const arc& x, const arc& y) { return x.from < y.from; });
    std::vector<std::pair<satellite_id, satellite_id>> ends;
    for (const arc& each : arcs) {
      ends.emplace_back(each.from, each.to);
      link_of_arc_.push_back(each.link);
    }
    graph_ = graph(boost::edges_are_sorted, ends.begin(), ends.end(),
                   static_cast<satellite_id>(net.size()));
  }

  /// @see delay_router.
  void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                std::span<double> out) const {
    std::vector<double> from_source_s(num_vertices(graph_));
    for (std::size_t i = 0; i < sources.size(); ++i) {
      delays_s(hop_delays_s, sources[i], from_source_s);
      for (std::size_t v = 0; v < from_source_s.size(); ++v)
        out[v * sources.size() + i] = from_source_s[v];
    }
  }

 private:
  using graph =
      boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                         boost::no_property, satellite_id, std::uint32_t>;

  void delays_s(std::span<const double> hop_delays_s, satellite_id source,
                std::span<double> out) const {
    const auto index = get(boost::vertex_index, graph_);
    const auto arc_delay_s = [&, this](const auto& arc) {
      return hop_delays_s[link_of_arc_[get(boost::edge_index, graph_, arc)]];
    };
    boost::dijkstra_shortest_paths_no_color_map(
        graph_, source,
        boost::distance_map(boost::make_iterator_property_map(out.begin(), index))
            .weight_map(boost::make_function_property_map<graph::edge_descriptor>(arc_delay_s))
            .distance_inf(std::numeric_limits<double>::infinity()));
  }

  graph graph_;
  std::vector<std::uint32_t> link_of_arc_;
};
static_assert(delay_router<dijkstra_router>);

}  // namespace orbitmoe
