#pragma once

// The same task by the libraries that a user would pick instead, in two things favoured: a graph of
// the links that are up is built beforehand, and delays come in rows, as these libraries give them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace peers {

struct arc {
  std::uint32_t from, to;
  double delay_s;
};

class shortest_delays {
 public:
  virtual ~shortest_delays() = default;
  /// @param out  sources × satellites delays [s].
  virtual void delays_s(const std::vector<std::uint32_t>& sources, double* out) const = 0;
};

/// @param arcs  both directions of each link that is up, by rising `from`.
using make_peer = std::unique_ptr<const shortest_delays>(std::size_t satellites,
                                                         const std::vector<arc>& arcs);
make_peer boost_dijkstra;  ///< Boost.Graph on compressed sparse rows
make_peer lemon_dijkstra;  ///< LEMON with its default heap on a static digraph

}  // namespace peers
