#pragma once

// What several tests share: a user's constellation, a user's router, random networks.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/links/feasibility.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe::test {

/// A constellation as a user may write one: satellites that drift in straight lines, with neither
/// planes nor a period.
struct drifting_sky {
  std::vector<state_vector> at_start;

  std::size_t size() const { return at_start.size(); }
  Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    return at_start[id].position_km + t_s * at_start[id].velocity_km_s;
  }
  Eigen::Vector3d velocity_km_s(satellite_id id, double) const {
    return at_start[id].velocity_km_s;
  }
};
static_assert(constellation<drifting_sky>);
static_assert(!planar_constellation<drifting_sky>);
static_assert(!periodic_constellation<drifting_sky>);

/// A router as a user may write one, and the oracle for the others: Bellman–Ford, which relaxes
/// every link until nothing changes.
///
/// Rounded addition is monotone, so any exact method that adds hop by hop, away from the source,
/// ends with the same bits.
class bellman_ford_router {
 public:
  explicit bellman_ford_router(const timeline& net)
      : links_(net.links()), satellites_(net.size()) {}

  void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                std::span<double> out) const {
    std::vector<double> delays(satellites_);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      std::fill(delays.begin(), delays.end(), std::numeric_limits<double>::infinity());
      delays[sources[i]] = 0;
      for (bool changed = true; changed;) {
        changed = false;
        const auto relax = [&](satellite_id from, satellite_id to, double hop_s) {
          if (!(delays[from] + hop_s < delays[to])) return;
          delays[to] = delays[from] + hop_s;
          changed = true;
        };
        for (std::size_t n = 0; n < links_.size(); ++n) {
          relax(links_[n].a, links_[n].b, hop_delays_s[n]);
          relax(links_[n].b, links_[n].a, hop_delays_s[n]);
        }
      }
      for (std::size_t v = 0; v < satellites_; ++v) out[v * sources.size() + i] = delays[v];
    }
  }

 private:
  std::vector<laser_link> links_;
  std::size_t satellites_;
};
static_assert(delay_router<bellman_ford_router>);

/// A small network without any order, one per seed: 1 to 12 satellites, 1 to 3 slots, links between
/// random pairs (the same pair may have two), each up with a probability from 0.3 to 1. It is often
/// in several parts. Half of the networks have few different delays, so that many paths tie.
inline timeline random_network(std::uint64_t seed) {
  random_stream stream(seed, "random network");
  const std::size_t satellites = 1 + stream.uniform_index(12);
  const std::size_t slots = 1 + stream.uniform_index(3);
  const double survival = 0.3 + 0.7 * stream.uniform_01();
  const bool ties = stream.uniform_01() < 0.5;

  std::vector<laser_link> links;
  const std::size_t tries = stream.uniform_index(3 * satellites);
  for (std::size_t n = 0; n < tries; ++n) {
    const auto a = static_cast<satellite_id>(stream.uniform_index(satellites));
    const auto b = static_cast<satellite_id>(stream.uniform_index(satellites));
    if (a != b) links.push_back({a, b});
  }
  matrix propagation_s = make_matrix(slots, links.size(), std::numeric_limits<double>::infinity());
  for (double& delay_s : propagation_s.reshaped())
    if (stream.uniform_01() < survival)
      delay_s = 1e-3 * (ties ? static_cast<double>(1 + stream.uniform_index(3))
                             : 1 + 9 * stream.uniform_01());
  return {satellites, links, propagation_s};
}

}  // namespace orbitmoe::test
