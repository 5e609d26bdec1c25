#pragma once

#include <cstddef>
#include <cstdint>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe::detail {

/// P planes of S satellites each, no place vacant: plane p, slot s has id p·S + s.
class full_planes {
 public:
  /// @throws invalid_input  planes or satellites_per_plane is not in 1 to 10,000, or their product
  ///                        over 1,000,000.
  full_planes(int planes, int satellites_per_plane)
      : planes_(static_cast<std::uint32_t>(planes)),
        per_plane_(static_cast<std::uint32_t>(satellites_per_plane)) {
    require_between("planes", planes, 1, 10'000);
    require_between("satellites_per_plane", satellites_per_plane, 1, 10'000);
    require(size() <= 1'000'000, "satellites_per_plane", satellites_per_plane,
            "planes × satellites_per_plane at most 1000000");
  }

  [[nodiscard]] std::size_t size() const noexcept { return std::size_t{planes_} * per_plane_; }
  [[nodiscard]] orbital_slot slot_of(satellite_id id) const noexcept {
    return {id / per_plane_, id % per_plane_};
  }
  /// Planes and slots; planes do not close.
  [[nodiscard]] orbital_grid grid() const noexcept { return {planes_, per_plane_}; }

 private:
  std::uint32_t planes_, per_plane_;
};

}  // namespace orbitmoe::detail
