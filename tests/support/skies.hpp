#pragma once

// Small networks, models and plans that tests share.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe::test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// A Walker sky so high that three satellites of a plane see each other past the Earth.
[[nodiscard]] inline walker_constellation high_sky(int planes, int satellites_per_plane) {
  return walker_constellation{{.planes = planes,
                               .satellites_per_plane = satellites_per_plane,
                               .altitude_km = 20'000,
                               .inclination_deg = 60,
                               .phasing = planes > 1 ? 1 : 0}};
}

[[nodiscard]] inline timeline high_net(int planes, int satellites_per_plane,
                                       const timeline_options& options = {
                                           .slots = 1, .survival_probability = 1}) {
  return timeline{high_sky(planes, satellites_per_plane), plus_grid{}, options};
}

/// Satellite 0 in the middle, linked to 1, 2, …; delays_s has a row per slot and a column per ray.
/// It has no planes and slots.
[[nodiscard]] inline timeline star(const matrix& delays_s) {
  std::vector<laser_link> rays;
  for (satellite_id i = 1; i <= column_count(delays_s); ++i) rays.push_back({0, i});
  const std::size_t satellites = rays.size() + 1;
  return timeline{satellites, std::move(rays), delays_s};
}

/// Uniform in {low, …, high}.
[[nodiscard]] inline int random_int(random_stream& random, int low, int high) {
  return low + static_cast<int>(random.uniform_index(static_cast<std::size_t>(high - low + 1)));
}

/// A model of at most `layers` layers of at most `experts` experts.
[[nodiscard]] inline moe_model random_model(random_stream& random, int layers, int experts) {
  moe_model model{.layers = random_int(random, 1, layers),
                  .experts = random_int(random, 1, experts)};
  model.top_k = random_int(random, 1, model.experts);
  return model;
}

/// Gateways and experts on random satellites, never two on one; there must be room.
[[nodiscard]] inline placement random_plan(random_stream& random, std::size_t satellites,
                                           const moe_model& model) {
  std::vector<satellite_id> ids(satellites);
  std::iota(ids.begin(), ids.end(), satellite_id{0});
  random.shuffle(ids);
  auto next = ids.begin();
  placement plan;
  for (int l = 0; l < model.layers; ++l) {
    plan.gateways.push_back(*next++);
    plan.experts.emplace_back(next, next + model.experts);
    next += model.experts;
  }
  return plan;
}

}  // namespace orbitmoe::test
