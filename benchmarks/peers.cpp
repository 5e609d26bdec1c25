// LEMON 1.3 needs C++17, so this file does without the library.

#include "peers.hpp"

#include <lemon/dijkstra.h>
#include <lemon/static_graph.h>
#include <limits>
#include <utility>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths_no_color_map.hpp>

namespace peers {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class boost_peer final : public shortest_delays {
 public:
  boost_peer(std::size_t satellites, const std::vector<arc>& arcs) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ends;
    for (const arc& each : arcs) {
      ends.emplace_back(each.from, each.to);
      delays_s_.push_back(each.delay_s);
    }
    graph_ = graph(boost::edges_are_sorted, ends.begin(), ends.end(),
                   static_cast<std::uint32_t>(satellites));
  }

  void delays_s(const std::vector<std::uint32_t>& sources, double* out) const override {
    for (const std::uint32_t source : sources) {
      boost::dijkstra_shortest_paths_no_color_map(
          graph_, source,
          boost::distance_map(
              boost::make_iterator_property_map(out, get(boost::vertex_index, graph_)))
              .weight_map(boost::make_iterator_property_map(delays_s_.begin(),
                                                            get(boost::edge_index, graph_)))
              .distance_inf(infinity));
      out += num_vertices(graph_);
    }
  }

 private:
  using graph =
      boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                         boost::no_property, std::uint32_t, std::uint32_t>;
  graph graph_;
  std::vector<double> delays_s_;
};

class lemon_peer final : public shortest_delays {
 public:
  lemon_peer(std::size_t satellites, const std::vector<arc>& arcs) : delays_s_(graph_) {
    std::vector<std::pair<int, int>> ends;
    for (const arc& each : arcs) ends.emplace_back(each.from, each.to);
    graph_.build(static_cast<int>(satellites), ends.begin(), ends.end());
    for (std::size_t i = 0; i < arcs.size(); ++i)
      delays_s_[graph_.arc(static_cast<int>(i))] = arcs[i].delay_s;
  }

  void delays_s(const std::vector<std::uint32_t>& sources, double* out) const override {
    lemon::Dijkstra<graph, graph::ArcMap<double>> dijkstra(graph_, delays_s_);
    for (const std::uint32_t source : sources) {
      dijkstra.run(graph_.node(static_cast<int>(source)));
      for (int v = 0; v < graph_.nodeNum(); ++v)
        *out++ = dijkstra.reached(graph_.node(v)) ? dijkstra.dist(graph_.node(v)) : infinity;
    }
  }

 private:
  using graph = lemon::StaticDigraph;
  graph graph_;
  graph::ArcMap<double> delays_s_;
};

}  // namespace

std::unique_ptr<const shortest_delays> boost_dijkstra(std::size_t satellites,
                                                      const std::vector<arc>& arcs) {
  return std::make_unique<boost_peer>(satellites, arcs);
}
std::unique_ptr<const shortest_delays> lemon_dijkstra(std::size_t satellites,
                                                      const std::vector<arc>& arcs) {
  return std::make_unique<lemon_peer>(satellites, arcs);
}

}  // namespace peers
