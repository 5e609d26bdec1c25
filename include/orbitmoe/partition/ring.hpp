#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <orbitmoe/partition/concepts.hpp>

namespace orbitmoe {

/// Layers on subnets that form a ring along the orbit, because decoding goes round once per token.
///
/// With P planes, S slots per plane and L ≤ S layers, layer l has all planes of the slots s with
/// floor(s·L/S) = l. For L > S the planes are cut into B bands of (almost) equal width, B the
/// smallest even number with B·S ≥ L, and the ring visits the B·S cells (band, slot) on a closed
/// way of neighbours: out along slots 1 … S−1 of one band, back along the next, and home over slot
/// 0 of all bands; layer l has the cells c with floor(c·L/(B·S)) = l. For B = 2 that is out along
/// one band and back along the other. Where planes have one slot only (S = 1) the bands lie in a
/// line, and with four or more of them the way home is long.
///
/// Where places are vacant, as among real satellites, or where a cell of one satellite would be a
/// layer, the same way is cut by count: each of the L layers has floor(N/L) satellites or one more,
/// and a cell in the middle of a cut goes to two layers by planes.
///
/// @see  MODEL §4.
struct ring_partition {
  bool operator==(const ring_partition&) const = default;

  /// O(satellites log satellites). Infeasible where the constellation has no planes and slots, or
  /// fewer planes than bands.
  /// @throws invalid_input  the model is not valid.
  [[nodiscard]] outcome<std::vector<subnet>> subnets(const timeline& net,
                                                     const moe_model& model) const {
    model.validate();
    if (net.orbital_slots().empty())
      return infeasible{
          "the ring partition needs the plane and slot of each satellite, and the constellation "
          "has none"};
    std::size_t planes = 0, slots = 0;
    for (const auto [plane, slot] : net.orbital_slots()) {
      planes = std::max(planes, std::size_t{plane} + 1);
      slots = std::max(slots, std::size_t{slot} + 1);
    }
    const auto layers = static_cast<std::size_t>(model.layers);
    std::size_t bands = 1;
    if (layers > slots) bands = 2 * ((layers + 2 * slots - 1) / (2 * slots));
    if (bands > planes)
      return infeasible{"the ring partition needs " + std::to_string(bands) +
                        " bands of planes for " + std::to_string(layers) + " layers over " +
                        std::to_string(slots) + " slots, and there are " + std::to_string(planes) +
                        " planes"};

    const auto place = [&](satellite_id id) {
      const auto [plane, slot] = net.orbital_slots()[id];
      return place_on_ring(plane * bands / planes, slot, bands, slots);
    };
    std::vector<subnet> subnets(layers);
    if (net.size() == planes * slots) {
      for (satellite_id id = 0; id < net.size(); ++id)
        subnets[place(id) * layers / (bands * slots)].push_back(id);
      const auto holds_a_layer = [](const subnet& members) { return members.size() > 1; };
      if (net.size() < 2 * layers || std::ranges::all_of(subnets, holds_a_layer)) return subnets;
      subnets.assign(layers, {});
    }
    std::vector<satellite_id> way(net.size());
    std::iota(way.begin(), way.end(), satellite_id{0});
    std::ranges::sort(way, {}, [&](satellite_id id) {
      return std::tuple(place(id), net.orbital_slots()[id].plane, id);
    });
    for (std::size_t k = 0; k < way.size(); ++k) subnets[k * layers / way.size()].push_back(way[k]);
    for (subnet& members : subnets) std::ranges::sort(members);
    return subnets;
  }

 private:
  /// Index of a cell on the closed way through all bands and slots.
  static std::size_t place_on_ring(std::size_t band, std::size_t slot, std::size_t bands,
                                   std::size_t slots) {
    if (bands == 1) return slot;
    if (slot == 0) return band == 0 ? 0 : bands * slots - band;
    return 1 + band * (slots - 1) + (band % 2 == 0 ? slot - 1 : slots - 1 - slot);
  }
};
static_assert(partition_policy<ring_partition>);

}  // namespace orbitmoe
