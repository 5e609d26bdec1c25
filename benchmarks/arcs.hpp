#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <orbitmoe/links/concepts.hpp>

#include "peers.hpp"

namespace peers {

/// The graph of the links that are up, as peers take it.
inline std::vector<arc> arcs_of(const std::vector<orbitmoe::laser_link>& links,
                                std::span<const double> hop_delays_s) {
  std::vector<arc> arcs;
  for (std::size_t i = 0; i < links.size(); ++i)
    if (hop_delays_s[i] < std::numeric_limits<double>::infinity()) {
      arcs.push_back({links[i].a, links[i].b, hop_delays_s[i]});
      arcs.push_back({links[i].b, links[i].a, hop_delays_s[i]});
    }
  std::ranges::stable_sort(arcs, {}, &arc::from);
  return arcs;
}

}  // namespace peers
