#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/model/moe_model.hpp>

namespace orbitmoe {

/// Which satellite hosts what: a plan, as a plain value. Anything may make one: a planner, a file,
/// a user's solver.
struct placement {
  std::vector<satellite_id> gateways;              ///< gateway of layer l at index l
  std::vector<std::vector<satellite_id>> experts;  ///< host of expert e of layer l at [l][e]

  bool operator==(const placement&) const = default;

  /// @param satellites             size of the constellation.
  /// @param experts_per_satellite  how many experts one satellite may host, 1 or more.
  /// @throws invalid_input  the shape is not that of the model; an id does not exist; a gateway
  ///                        shares its satellite; a satellite hosts too many experts.
  void validate(std::size_t satellites, const moe_model& model,
                int experts_per_satellite = 1) const {
    model.validate();
    detail::require_between("experts_per_satellite", experts_per_satellite, 1, 65'536);
    const auto layers = static_cast<std::size_t>(model.layers);
    const auto per_layer = static_cast<std::size_t>(model.experts);
    detail::require(gateways.size() == layers, "gateways", gateways.size(),
                    std::to_string(layers) + " ids, one per layer");
    detail::require(experts.size() == layers, "experts", experts.size(),
                    std::to_string(layers) + " rows, one per layer");

    std::vector<int> free(satellites, experts_per_satellite);
    const auto host = [&](satellite_id id, int room, const auto& name) {
      if (id >= satellites)
        throw invalid_input::value(name(), std::to_string(id),
                                   "a satellite in 0.." + std::to_string(satellites - 1));
      if (free[id] < room)
        throw invalid_input::value(
            name(), std::to_string(id),
            "a satellite that hosts nothing else" +
                std::string(experts_per_satellite > 1 ? " or has room" : ""));
      free[id] -= room;
    };
    for (std::size_t l = 0; l < layers; ++l)
      host(gateways[l], experts_per_satellite,
           [&] { return "gateways[" + std::to_string(l) + "]"; });
    for (std::size_t l = 0; l < layers; ++l) {
      const std::string layer = "experts[" + std::to_string(l) + "]";
      detail::require(experts[l].size() == per_layer, layer, experts[l].size(),
                      std::to_string(per_layer) + " ids, one per expert");
      for (std::size_t e = 0; e < per_layer; ++e)
        host(experts[l][e], 1, [&] { return layer + "[" + std::to_string(e) + "]"; });
    }
  }

  /// One line per layer: gateway, then hosts by expert.
  friend std::ostream& operator<<(std::ostream& out, const placement& plan) {
    for (std::size_t l = 0; l < plan.gateways.size(); ++l) {
      out << "layer " << l << ": gateway " << plan.gateways[l] << ", experts";
      if (l < plan.experts.size())
        for (const satellite_id id : plan.experts[l]) out << ' ' << id;
      out << '\n';
    }
    return out;
  }
};

}  // namespace orbitmoe
