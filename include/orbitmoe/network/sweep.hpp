#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/network/graph_sweep.hpp>
#include <orbitmoe/network/grid.hpp>
#include <orbitmoe/network/grid_sweep.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// Shortest delays on any network, the fastest way: grid_sweep_router where the links form a grid;
/// elsewhere graph_sweep_router, or dijkstra_router for few sources. The default of everything that
/// needs delays.
class sweep_router {
 public:
  /// O(satellites + links log links).
  explicit sweep_router(const timeline& net) : router_(fastest_for(net)) {}

  /// @see delay_router.
  void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                std::span<double> out) const {
    std::visit([&](const auto& router) { router.delays_s(hop_delays_s, sources, out); }, router_);
  }

 private:
  struct graph_router {
    graph_sweep_router sweep;
    dijkstra_router dijkstra;

    void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                  std::span<double> out) const {
      constexpr std::size_t worth_a_sweep = 6;  // benchmarks/README.md
      if (sources.size() < worth_a_sweep)
        dijkstra.delays_s(hop_delays_s, sources, out);
      else
        sweep.delays_s(hop_delays_s, sources, out);
    }
  };
  using any_router = std::variant<grid_sweep_router, graph_router>;

  static any_router fastest_for(const timeline& net) {
    if (std::optional<plane_grid> grid = plane_grid_of(net))
      return grid_sweep_router(std::move(*grid));
    return graph_router{graph_sweep_router(net), dijkstra_router(net)};
  }

  any_router router_;
};
static_assert(delay_router<sweep_router>);

}  // namespace orbitmoe
