#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/mean_orbit.hpp>
#include <orbitmoe/constellation/plane_clusters.hpp>
#include <orbitmoe/constellation/plane_slots.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// How find_planes tells planes, shells and spares apart.
struct plane_options {
  double max_tilt_deg = 1;             ///< of an orbit against its plane, 0.001 to 30 [deg]
  double max_drift_deg_per_day = 2.5;  ///< of a satellite along its plane, over 0 to 3600 [deg/d]
  int min_satellites = 3;              ///< of a plane, 1 to 10,000
  double max_altitude_step_km = 5;     ///< from plane to plane of one shell, 0 to 10,000 [km]
  double max_inclination_step_deg = 0.15;  ///< the same, 0 to 180 [deg]
  /// Who is nearer to another of its plane than this share of their usual distance is a spare, 0
  /// to 0.95 [-]; 0: nobody.
  double min_spacing = 0.6;
  bool operator==(const plane_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    using detail::require, detail::require_between;
    require_between("max_tilt_deg", max_tilt_deg, 0.001, 30.0);
    require(max_drift_deg_per_day > 0 && max_drift_deg_per_day <= 3600, "max_drift_deg_per_day",
            max_drift_deg_per_day, "a number over 0 and up to 3600");
    require_between("min_satellites", min_satellites, 1, 10'000);
    require_between("max_altitude_step_km", max_altitude_step_km, 0.0, 10'000.0);
    require_between("max_inclination_step_deg", max_inclination_step_deg, 0.0, 180.0);
    require_between("min_spacing", min_spacing, 0.0, 0.95);
  }
};

/// A satellite in a plane.
struct seated_satellite {
  std::size_t set = 0;      ///< index of its element set
  std::uint32_t slot = 0;   ///< along the orbit
  double latitude_deg = 0;  ///< mean argument of latitude, 0 to under 360 [deg]
  bool operator==(const seated_satellite&) const = default;
};

/// Where satellites are missing in a plane.
struct plane_gap {
  std::uint32_t after_slot = 0;  ///< slot of the satellite behind the gap
  double width_deg = 0;          ///< to the next satellite [deg]
  std::size_t missing = 0;       ///< satellites that would fit in at the usual distance
  bool operator==(const plane_gap&) const = default;
};

/// A plane that was found.
struct found_plane {
  std::uint32_t plane = 0;                   ///< number, from 0, which vacant planes count in
  double raan_deg = 0;                       ///< of the plane's middle at the start, 0 to 360 [deg]
  double inclination_deg = 0;                ///< median [deg]
  double altitude_km = 0;                    ///< median, above the mean radius of the Earth [km]
  double spacing_deg = 0;                    ///< usual distance along the orbit [deg]
  std::vector<seated_satellite> satellites;  ///< by rising slot
  std::vector<plane_gap> gaps;               ///< by rising slot
  bool operator==(const found_plane&) const = default;
};

/// A satellite that has no place in the planes.
struct left_out_satellite {
  std::size_t set = 0;  ///< index of its element set
  std::string reason;   ///< a sentence, with the numbers it rests on
  bool operator==(const left_out_satellite&) const = default;
};

/// The planes of one shell. Every element set is in a plane or left out.
struct found_planes {
  std::vector<found_plane> planes;  ///< by rising number
  std::uint32_t slots = 0;          ///< of every plane: slot s is near 360°·s/slots
  double raan_spacing_deg = 0;      ///< usual distance of neighbours; 0 for one plane [deg]
  bool closed = false;              ///< whether planes go all the way round: Walker delta
  std::vector<std::uint32_t> vacant_planes;  ///< numbers that no plane has
  std::vector<left_out_satellite> left_out;  ///< by rising index
  bool operator==(const found_planes&) const = default;

  /// Planes, vacant ones counted.
  [[nodiscard]] std::uint32_t plane_count() const noexcept {
    return static_cast<std::uint32_t>(planes.size() + vacant_planes.size());
  }
  /// Satellites that have a place.
  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t count = 0;
    for (const found_plane& plane : planes) count += plane.satellites.size();
    return count;
  }
};

namespace detail {

/// A number with few digits, for people.
inline std::string rounded(double value, int decimals = 1) {
  const double scale = std::pow(10, decimals);
  return to_text(std::round(value * scale) / scale + 0.0);
}

/// The name, or the catalogue number where there is none.
inline std::string satellite_name(const element_set& set) {
  return set.name.empty() ? std::to_string(set.catalogue_number) : printable(set.name, 60);
}

/// Builds the planes of one shell from clusters of orbits.
class shell_builder {
 public:
  shell_builder(std::span<const element_set> sets, const plane_options& options)
      : sets_(sets), options_(options) {}

  [[nodiscard]] found_planes build(const utc_time& at) && {
    keep_orbits(at);
    clusters_ = plane_finder(orbits_, options_.max_tilt_deg, options_.max_drift_deg_per_day,
                             static_cast<std::size_t>(options_.min_satellites))
                    .clusters();
    const std::vector<std::size_t> shells =
        shells_of(clusters_, options_.max_altitude_step_km, options_.max_inclination_step_deg);
    std::vector<plane_cluster> shell, others;
    for (std::size_t c = 0; c < clusters_.size(); ++c)
      if (shells[c] > 0 || shares_plane(clusters_[c], shell))
        others.push_back(std::move(clusters_[c]));
      else
        shell.push_back(std::move(clusters_[c]));
    seat_planes(shell);
    explain_left_out(shell, others);
    std::ranges::sort(out_.left_out, {}, &left_out_satellite::set);
    return std::move(out_);
  }

 private:
  /// Whether a denser cluster lies in the same plane, at another altitude.
  [[nodiscard]] bool shares_plane(const plane_cluster& cluster,
                                  std::span<const plane_cluster> denser) const {
    return std::ranges::any_of(denser, [&](const plane_cluster& other) {
      return angle_deg(other.normal, cluster.normal) <= options_.max_tilt_deg;
    });
  }

  void leave_out(std::size_t set, std::string reason) {
    out_.left_out.push_back({set, std::move(reason)});
  }

  void keep_orbits(const utc_time& at) {
    for (std::size_t i = 0; i < sets_.size(); ++i) try {
        orbits_.emplace_back(sets_[i], at);
        set_of_.push_back(i);
      } catch (const invalid_input& error) {
        leave_out(i, std::string("no orbit: ") + error.what());
      }
    leave_older_out();
  }

  /// Of several orbits with one catalogue number, 0 apart, the one with the latest epoch stays, of
  /// equal epochs the first.
  void leave_older_out() {
    std::map<std::uint32_t, std::size_t> latest;
    for (const std::size_t i : set_of_) {
      std::size_t& own = latest.try_emplace(sets_[i].catalogue_number, i).first->second;
      if (sets_[own].epoch < sets_[i].epoch) own = i;
    }
    std::vector<mean_orbit> orbits;
    std::vector<std::size_t> sets;
    for (std::size_t k = 0; k < orbits_.size(); ++k) {
      const element_set& set = sets_[set_of_[k]];
      if (set.catalogue_number == 0 || latest.at(set.catalogue_number) == set_of_[k]) {
        orbits.push_back(orbits_[k]);
        sets.push_back(set_of_[k]);
      } else {
        leave_out(set_of_[k], "older elements of " + satellite_name(set));
      }
    }
    orbits_ = std::move(orbits);
    set_of_ = std::move(sets);
  }

  /// The node and the direction ahead of it, axes of a plane; x where the plane has no node.
  struct axes {
    Eigen::Vector3d x, y;
    explicit axes(const Eigen::Vector3d& normal) {
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

  /// The members of a cluster along their plane, by rising angle.
  struct row_of_satellites {
    std::vector<std::size_t> orbits;
    std::vector<double> angles_deg;
  };
  [[nodiscard]] row_of_satellites along(const plane_cluster& cluster) const {
    const axes plane(cluster.normal);
    std::vector<std::pair<double, std::size_t>> places;
    for (const std::size_t i : cluster.members)
      places.emplace_back(plane.angle_deg(orbits_[i].direction), i);
    std::ranges::sort(places);
    row_of_satellites row;
    for (const auto& [angle_deg, i] : places) {
      row.orbits.push_back(i);
      row.angles_deg.push_back(angle_deg);
    }
    return row;
  }

  /// Numbers the planes by rising RAAN, from behind the widest gap if planes do not close, and the
  /// vacant places where a plane or more would fit in at the usual distance.
  void number_planes(std::vector<plane_cluster>& shell) {
    const auto raan_deg = [](const plane_cluster& c) { return axes(c.normal).raan_deg(); };
    std::ranges::stable_sort(shell, {}, raan_deg);
    std::vector<double> raans;
    for (const plane_cluster& cluster : shell) raans.push_back(raan_deg(cluster));
    std::vector<double> gaps = gaps_deg(raans);
    const auto widest = std::ranges::max_element(gaps);
    out_.closed = *widest < 150;
    if (!out_.closed) {
      const auto first = (widest - gaps.begin() + 1) % std::ssize(gaps);
      std::ranges::rotate(shell, shell.begin() + first);
      std::ranges::rotate(gaps, gaps.begin() + first);
    }
    const std::span<const double> between(gaps.data(), gaps.size() - (out_.closed ? 0 : 1));
    if (!between.empty()) out_.raan_spacing_deg = lower_median({between.begin(), between.end()});
    std::uint32_t number = 0;
    for (std::size_t p = 0; p < shell.size(); ++p) {
      out_.planes.push_back({.plane = number++,
                             .raan_deg = raan_deg(shell[p]),
                             .inclination_deg = shell[p].inclination_deg,
                             .altitude_km = shell[p].altitude_km,
                             .satellites = {},
                             .gaps = {}});
      if (p >= between.size()) continue;
      const double planes_on = between[p] / out_.raan_spacing_deg;
      if (!(planes_on < 360)) continue;  // RAANs so near that they say nothing
      if (std::abs(planes_on - std::round(planes_on)) > 0.25) continue;
      for (long vacant = std::lround(planes_on) - 1; vacant > 0; --vacant)
        out_.vacant_planes.push_back(number++);
    }
  }

  /// Gives each plane its comb, leaves out who is too near to another, and gives the others slots.
  void seat_planes(std::vector<plane_cluster>& shell) {
    if (shell.empty()) return;
    number_planes(shell);
    std::vector<row_of_satellites> rows;
    std::vector<double> all_gaps;
    for (const plane_cluster& cluster : shell) {
      rows.push_back(along(cluster));
      const std::vector<double> gaps = gaps_deg(rows.back().angles_deg);
      all_gaps.insert(all_gaps.end(), gaps.begin(), gaps.end());
    }
    const double usual_deg = usual_gap_deg(std::move(all_gaps));
    std::size_t slots = 1;
    for (std::size_t p = 0; p < rows.size(); ++p) {
      const double own_deg = usual_gap_deg(gaps_deg(rows[p].angles_deg));
      const bool alike = std::abs(own_deg - usual_deg) < 0.2 * usual_deg;
      const comb places = fitted_comb(
          rows[p].angles_deg, counted_teeth(rows[p].angles_deg, alike ? own_deg : usual_deg));
      out_.planes[p].spacing_deg = places.spacing_deg();
      take_spares_out(rows[p], places, out_.planes[p].plane);
      slots = std::max({slots, places.teeth, rows[p].orbits.size()});
    }
    out_.slots = static_cast<std::uint32_t>(slots);
    for (std::size_t p = 0; p < rows.size(); ++p) give_slots(rows[p], out_.planes[p]);
  }

  void take_spares_out(row_of_satellites& row, const comb& places, std::uint32_t plane) {
    const std::vector<std::size_t> kept = spaced_out(row.angles_deg, places, options_.min_spacing);
    row_of_satellites seated;
    for (const std::size_t k : kept) {
      seated.orbits.push_back(row.orbits[k]);
      seated.angles_deg.push_back(row.angles_deg[k]);
    }
    for (std::size_t k = 0; k < row.orbits.size(); ++k) {
      if (std::ranges::binary_search(kept, k)) continue;
      const auto distance_deg = [&](std::size_t other) {
        return std::abs(ahead_deg(row.angles_deg[other], row.angles_deg[k]));
      };
      const std::size_t nearest = *std::ranges::min_element(kept, {}, distance_deg);
      const double ahead = ahead_deg(row.angles_deg[nearest], row.angles_deg[k]);
      leave_out(set_of_[row.orbits[k]],
                "spare of plane " + std::to_string(plane) + ": " + rounded(std::abs(ahead)) +
                    " deg " + (ahead < 0 ? "behind " : "ahead of ") +
                    satellite_name(sets_[set_of_[row.orbits[nearest]]]) +
                    ", where satellites are " + rounded(places.spacing_deg()) + " deg apart");
    }
    row = std::move(seated);
  }

  void give_slots(const row_of_satellites& row, found_plane& plane) {
    const std::vector<std::uint32_t> slots = slots_of(row.angles_deg, out_.slots);
    const std::vector<double> gaps = gaps_deg(row.angles_deg);
    for (std::size_t k = 0; k < slots.size(); ++k) {
      plane.satellites.push_back({set_of_[row.orbits[k]], slots[k], row.angles_deg[k]});
      if (const long missing = std::lround(gaps[k] / plane.spacing_deg) - 1; missing > 0)
        plane.gaps.push_back({slots[k], gaps[k], static_cast<std::size_t>(missing)});
    }
    std::ranges::sort(plane.satellites, {}, &seated_satellite::slot);
    std::ranges::sort(plane.gaps, {}, &plane_gap::after_slot);
  }

  void explain_left_out(std::span<const plane_cluster> shell,
                        std::span<const plane_cluster> others) {
    std::vector<bool> explained(orbits_.size(), false);
    for (const plane_cluster& cluster : shell)
      for (const std::size_t i : cluster.members) explained[i] = true;
    for (const plane_cluster& cluster : others)
      for (const std::size_t i : cluster.members) {
        explained[i] = true;
        leave_out(set_of_[i], "in another shell: with " +
                                  std::to_string(cluster.members.size() - 1) + " others at " +
                                  rounded(cluster.altitude_km) + " km, " +
                                  rounded(cluster.inclination_deg, 2) + " deg, RAAN " +
                                  rounded(axes(cluster.normal).raan_deg()) + " deg");
      }
    for (std::size_t i = 0; i < orbits_.size(); ++i)
      if (!explained[i]) leave_out(set_of_[i], stray_reason(orbits_[i], shell));
  }

  [[nodiscard]] std::string stray_reason(const mean_orbit& orbit,
                                         std::span<const plane_cluster> shell) const {
    if (shell.empty())
      return "no plane: fewer than " + std::to_string(options_.min_satellites) +
             " satellites share its orbit";
    const auto nearest = static_cast<std::size_t>(
        std::ranges::min_element(
            shell, {},
            [&](const plane_cluster& plane) { return angle_deg(plane.normal, orbit.normal); }) -
        shell.begin());
    const plane_cluster& plane = shell[nearest];
    const double tilt_deg = angle_deg(plane.normal, orbit.normal);
    const double drift = orbit.motion_deg_per_day - plane.motion_deg_per_day;
    const double higher_km = orbit.altitude_km - plane.altitude_km;
    std::string reason =
        "no plane: the nearest is plane " + std::to_string(out_.planes[nearest].plane) + ", ";
    if (tilt_deg > options_.max_tilt_deg) reason += "tilted by " + rounded(tilt_deg, 2) + " deg, ";
    if (std::abs(drift) > options_.max_drift_deg_per_day)
      reason += rounded(std::abs(higher_km)) + " km " + (higher_km < 0 ? "below" : "above") +
                " it, along which it drifts by " + rounded(drift) + " deg/day, ";
    return reason.substr(0, reason.size() - 2);
  }

  std::span<const element_set> sets_;
  const plane_options& options_;
  std::vector<mean_orbit> orbits_;
  std::vector<std::size_t> set_of_;  // of each orbit
  std::vector<plane_cluster> clusters_;
  found_planes out_;
};

}  // namespace detail

/// Finds the planes of real satellites, and where in them each satellite stands.
///
/// Mean orbits at one instant are gathered into planes (alike in the direction of their normals and
/// in mean motion), planes into shells, and the shell with the most satellites is the answer; who
/// wants another selects the sets first. Planes are numbered by rising RAAN; a step of two or more
/// usual distances counts as vacant planes, and a step of 150° or more is no neighbourhood: planes
/// then start behind it (Walker star, or a half-launched delta).
///
/// Slots go along the orbit by mean argument of latitude at the start: all planes have as many, and
/// slot s of any plane is within about half a slot of 360°·s/slots. Satellites that stand too close
/// in the rhythm of their plane are spares, the one that is further off the rhythm. Of several sets
/// with one catalogue number the latest counts.
///
/// @param sets  at most 1,000,000.
/// @return      no plane where none is found; each set is in a plane or left out with its reason.
/// @throws invalid_input  there are too many sets; `at` or an option is outside its range.
/// @complexity  O(n²) in the satellites of one altitude: 9,000 sets of a real sky take 0.3 s, of
/// one
///              single plane 2 s.
/// @example     const found_planes found = find_planes(sets, latest_epoch(sets));
[[nodiscard]] inline found_planes find_planes(std::span<const element_set> sets, const utc_time& at,
                                              const plane_options& options = {}) {
  detail::require_between<std::size_t>("sets", sets.size(), 0, 1'000'000);
  detail::within("at", [&] { at.validate(); });
  options.validate();
  return detail::shell_builder(sets, options).build(at);
}

}  // namespace orbitmoe
