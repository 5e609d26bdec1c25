#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/mean_orbit.hpp>
#include <orbitmoe/units.hpp>
#include <orbitmoe/vector3.hpp>

namespace orbitmoe::detail {

/// The value that would stand behind `below` others, were they sorted.
inline double value_over(std::vector<double> values, std::size_t below) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The middle value; of an even number the upper of the two in the middle. Not empty.
inline double median(std::vector<double> values) {
  const std::size_t below = values.size() / 2;
  return value_over(std::move(values), below);
}

/// The middle value; of an even number the lower of the two in the middle. Not empty.
inline double lower_median(std::vector<double> values) {
  const std::size_t below = (values.size() - 1) / 2;
  return value_over(std::move(values), below);
}

/// The node and the direction ahead of it, axes of a plane; x where the plane has no node.
struct plane_axes {
  Eigen::Vector3d x, y;
  explicit plane_axes(const Eigen::Vector3d& normal) {
    const double sine = std::hypot(normal[0], normal[1]);
    const bool flat = sine < 1e-3;
    x = flat ? Eigen::Vector3d{1, 0, 0} : Eigen::Vector3d{-normal[1] / sine, normal[0] / sine, 0};
    y = cross(normal, x);
  }
  [[nodiscard]] double angle_deg(const Eigen::Vector3d& direction) const {
    return turned_deg(rad_to_deg(std::atan2(dot(direction, y), dot(direction, x))));
  }
  [[nodiscard]] double raan_deg() const { return turned_deg(rad_to_deg(std::atan2(x[1], x[0]))); }
};

/// Satellites that go round in one plane at one pace.
struct plane_cluster {
  Eigen::Vector3d normal;
  double inclination_deg = 0, altitude_km = 0, motion_deg_per_day = 0;  // medians
  std::vector<std::size_t> members;                                     // indices of orbits
};

/// Finds planes: first where orbits are densest, each a ball about its own middle, so that planes
/// do not grow together over strays between them.
class plane_finder {
 public:
  /// @param orbits  kept by reference.
  plane_finder(std::span<const mean_orbit> orbits, double max_tilt_deg, double max_drift,
               std::size_t min_members)
      : orbits_(orbits),
        cos_tilt_(std::cos(deg_to_rad(max_tilt_deg))),
        max_drift_(max_drift),
        min_members_(min_members),
        by_motion_(orbits.size()),
        free_(orbits.size(), true) {
    std::iota(by_motion_.begin(), by_motion_.end(), std::size_t{0});
    std::ranges::stable_sort(by_motion_, {}, [&](std::size_t i) { return motion(i); });
  }

  /// Clusters of min_members or more, the densest first. O(n²) for n orbits of one pace.
  [[nodiscard]] std::vector<plane_cluster> clusters() && {
    std::vector<std::size_t> neighbours(orbits_.size()), order(orbits_.size());
    for (std::size_t i = 0; i < orbits_.size(); ++i)
      neighbours[i] = free_near(orbits_[i].normal, motion(i)).size();
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Ties are broken by the orbits, so that the order of the satellites does not matter.
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) {
      const Eigen::Vector3d &n = orbits_[i].normal, &d = orbits_[i].direction;
      return std::tuple(neighbours[i], motion(i), n[0], n[1], n[2], d[0], d[1], d[2]);
    });
    std::vector<plane_cluster> found;
    for (const std::size_t seed : order)
      if (free_[seed] && neighbours[seed] >= min_members_) {
        plane_cluster cluster = cluster_about(seed);
        if (cluster.members.size() < min_members_) continue;
        for (const std::size_t i : cluster.members) free_[i] = false;
        found.push_back(std::move(cluster));
      }
    return found;
  }

 private:
  [[nodiscard]] double motion(std::size_t i) const { return orbits_[i].motion_deg_per_day; }

  [[nodiscard]] std::vector<std::size_t> free_near(const Eigen::Vector3d& normal,
                                                   double motion_deg_per_day) const {
    const auto at_pace = [&](std::size_t i) { return motion(i); };
    const auto first =
        std::ranges::lower_bound(by_motion_, motion_deg_per_day - max_drift_, {}, at_pace);
    std::vector<std::size_t> near;
    for (auto it = first; it != by_motion_.end(); ++it) {
      if (motion(*it) > motion_deg_per_day + max_drift_) break;
      if (free_[*it] && dot(orbits_[*it].normal, normal) >= cos_tilt_) near.push_back(*it);
    }
    return near;
  }

  [[nodiscard]] plane_cluster cluster_about(std::size_t seed) const {
    plane_cluster cluster{orbits_[seed].normal, 0, 0, motion(seed), {}};
    // The middle of a ball about a member that is not in the middle moves there in a step or two.
    // The last step moves no more: members are who is in the ball, and nobody else is.
    for (int step = 0; step < 4; ++step) {
      std::vector<std::size_t> near = free_near(cluster.normal, cluster.motion_deg_per_day);
      std::ranges::sort(near);
      if (near == cluster.members || near.empty()) break;
      cluster.members = std::move(near);
      if (step == 3) break;
      cluster.normal = middle_normal(cluster.members);
      cluster.motion_deg_per_day = median_of(cluster.members, &mean_orbit::motion_deg_per_day);
    }
    cluster.inclination_deg = median_of(cluster.members, &mean_orbit::inclination_deg);
    cluster.altitude_km = median_of(cluster.members, &mean_orbit::altitude_km);
    return cluster;
  }

  [[nodiscard]] Eigen::Vector3d middle_normal(const std::vector<std::size_t>& members) const {
    double sum[3] = {0, 0, 0};
    for (const std::size_t i : members)
      for (int k = 0; k < 3; ++k) sum[k] += orbits_[i].normal[k];
    const double length = std::sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
    return {sum[0] / length, sum[1] / length, sum[2] / length};
  }

  [[nodiscard]] double median_of(const std::vector<std::size_t>& members,
                                 double mean_orbit::*value) const {
    std::vector<double> values;
    for (const std::size_t i : members) values.push_back(orbits_[i].*value);
    return median(std::move(values));
  }

  std::span<const mean_orbit> orbits_;
  double cos_tilt_, max_drift_;
  std::size_t min_members_;
  std::vector<std::size_t> by_motion_;
  std::vector<bool> free_;
};

/// Shell of each plane: planes are in one shell where steps of altitude and inclination lead from
/// one to the other. Shells count from 0, the one with the most satellites first. O(planes²).
inline std::vector<std::size_t> shells_of(std::span<const plane_cluster> planes,
                                          double max_altitude_step_km,
                                          double max_inclination_step_deg) {
  std::vector<std::size_t> shell(planes.size(), planes.size()), satellites;
  for (std::size_t start = 0; start < planes.size(); ++start) {
    if (shell[start] < planes.size()) continue;
    const std::size_t number = satellites.size();
    satellites.push_back(0);
    std::vector<std::size_t> to_visit{start};
    shell[start] = number;
    while (!to_visit.empty()) {
      const plane_cluster& here = planes[to_visit.back()];
      to_visit.pop_back();
      satellites[number] += here.members.size();
      for (std::size_t p = 0; p < planes.size(); ++p)
        if (shell[p] == planes.size() &&
            std::abs(planes[p].altitude_km - here.altitude_km) <= max_altitude_step_km &&
            std::abs(planes[p].inclination_deg - here.inclination_deg) <=
                max_inclination_step_deg) {
          shell[p] = number;
          to_visit.push_back(p);
        }
    }
  }
  std::vector<std::size_t> order(satellites.size()), rank(satellites.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t s) { return satellites[s]; });
  for (std::size_t r = 0; r < order.size(); ++r) rank[order[r]] = r;
  for (std::size_t& s : shell) s = rank[s];
  return shell;
}

}  // namespace orbitmoe::detail
