#pragma once

#include <vector>

#include <orbitmoe/links/concepts.hpp>

namespace orbitmoe {

/// Links as a plain list, for skies that are no grid: from a file, an operator's plan, a search.
/// The timeline checks that they name satellites that exist.
struct link_list {
  std::vector<laser_link> pairs;
  bool operator==(const link_list&) const = default;

  template<constellation Constellation>
  [[nodiscard]] std::vector<laser_link> links(const Constellation&) const {
    return pairs;
  }
};

}  // namespace orbitmoe
