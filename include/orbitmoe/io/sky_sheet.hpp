#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe::detail {

/// The sky as a sheet of planes × slots whose opposite edges belong together: slots always, planes
/// where links join the last to the first.
struct sky_sheet {
  struct place {
    int plane = 0, slot = 0;
    place operator+(const place& other) const { return {plane + other.plane, slot + other.slot}; }
  };
  std::vector<place> places;             // of each satellite
  int planes = 0, slots = 0;             // size
  std::vector<place> copies = {{0, 0}};  // where the sheet lies again, from itself on

  /// @throws invalid_input  satellites have no planes and slots, or numbers as high as satellites.
  explicit sky_sheet(const timeline& net) {
    if (net.orbital_slots().empty())
      throw invalid_input::value("sky", "no plane and slot of the satellites",
                                 "a constellation with slot_of(id)");
    for (const auto [plane, slot] : net.orbital_slots()) {
      if (plane >= net.size() || slot >= net.size())
        throw invalid_input::value(
            "sky", "plane " + std::to_string(plane) + ", slot " + std::to_string(slot),
            "planes and slots counted from 0");
      places.push_back({static_cast<int>(plane), static_cast<int>(slot)});
      planes = std::max(planes, places.back().plane + 1);
      slots = std::max(slots, places.back().slot + 1);
    }
    // Slot s of the last plane is beside slot s + shift of plane 0.
    int seams = 0, shift = 0;
    for (const auto [a, b] : net.links()) {
      const bool rising = places[a].plane < places[b].plane;
      const place first = places[rising ? a : b], last = places[rising ? b : a];
      if (planes < 3 || first.plane > 0 || last.plane < planes - 1) continue;
      seams = 1;
      shift = first.slot - last.slot;
      break;
    }
    for (int m = -seams; m <= seams; ++m)
      for (int n = -3; n <= 3; ++n)
        if (m != 0 || n != 0) copies.push_back({m * planes, n * slots - m * shift});
  }

  /// Calls visit(from, to) with the shortest way from a to b, or the pieces of it on this sheet.
  template<typename Visit>
  void for_each_piece(place a, place b, Visit visit) const {
    const place copy = *std::ranges::min_element(copies, {}, [&](const place& c) {
      return std::abs(b.plane + c.plane - a.plane) + std::abs(b.slot + c.slot - a.slot);
    });
    const auto apart = [](int x, int y, int size) {
      return std::max(x, y) < 0 || std::min(x, y) >= size;
    };
    for (const place& c : copies) {
      const place from = a + c, to = b + copy + c;
      if (!apart(from.plane, to.plane, planes) && !apart(from.slot, to.slot, slots))
        visit(from, to);
    }
  }
};

}  // namespace orbitmoe::detail
