#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/element_selection.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/found_planes.hpp>
#include <orbitmoe/constellation/mean_orbit.hpp>
#include <orbitmoe/constellation/plane_clusters.hpp>
#include <orbitmoe/constellation/plane_slots.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>

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

namespace detail {

/// Builds the planes of one shell from clusters of orbits.
class shell_builder {
 public:
  shell_builder(std::span<const element_set> sets, const plane_options& options)
      : sets_(sets), options_(options) {}

  [[nodiscard]] found_planes build(const utc_time& at) && {
    keep_orbits(at);
    std::vector<plane_cluster> clusters =
        plane_finder(orbits_, options_.max_tilt_deg, options_.max_drift_deg_per_day,
                     static_cast<std::size_t>(options_.min_satellites))
            .clusters();
    const std::vector<std::size_t> shells =
        shells_of(clusters, options_.max_altitude_step_km, options_.max_inclination_step_deg);
    std::vector<plane_cluster> shell, others;
    for (std::size_t c = 0; c < clusters.size(); ++c)
      if (shells[c] > 0 || shares_plane(clusters[c], shell))
        others.push_back(std::move(clusters[c]));
      else
        shell.push_back(std::move(clusters[c]));
    explain_left_out(seat_planes(std::move(shell)), others);
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

  void leave_out(std::size_t set, left_out_kind kind, std::string reason) {
    out_.left_out.push_back({set, kind, std::move(reason)});
  }

  void keep_orbits(const utc_time& at) {
    for (std::size_t i = 0; i < sets_.size(); ++i) try {
        orbits_.emplace_back(sets_[i], at);
        set_of_.push_back(i);
      } catch (const invalid_input& error) {
        leave_out(i, left_out_kind::no_orbit, std::string("no orbit: ") + error.what());
      }
    leave_others_out(at);
  }

  /// Leaves out all but one set of each satellite.
  void leave_others_out(const utc_time& at) {
    const std::vector<std::size_t> kept = nearest_in_time(sets_, set_of_, at);
    if (kept.size() == set_of_.size()) return;
    std::vector<mean_orbit> orbits;
    for (std::size_t k = 0; k < orbits_.size(); ++k)
      if (std::ranges::binary_search(kept, set_of_[k]))
        orbits.push_back(orbits_[k]);
      else
        leave_out(set_of_[k], left_out_kind::other_elements,
                  "other elements of catalogue number " +
                      std::to_string(sets_[set_of_[k]].catalogue_number) +
                      ", no nearer in time to the start");
    orbits_ = std::move(orbits);
    set_of_ = kept;
  }

  /// The members of a cluster along their plane, by rising angle.
  struct row_of_satellites {
    std::vector<std::size_t> orbits;
    std::vector<double> angles_deg;
  };
  [[nodiscard]] row_of_satellites along(const plane_cluster& cluster) const {
    const plane_axes plane(cluster.normal);
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

  /// A plane on its way to slots.
  struct draft {
    plane_cluster cluster;
    row_of_satellites row;
    double own_deg = 0;                  // usual distance in this plane
    comb places = {};                    // where its satellites are meant to be
    std::vector<std::size_t> kept = {};  // of the row, those who are not too near to another
  };

  /// The number that is counted most often, of equal ones the least. Not empty.
  static std::size_t most_common(const std::map<std::size_t, std::size_t>& counts) {
    return std::ranges::max_element(counts, {}, [](const auto& each) { return each.second; })
        ->first;
  }

  /// The planes of a shell with their combs. Planes whose distances are not like the shell's, such
  /// as trains of satellites that climb together, take the comb that most satellites have.
  [[nodiscard]] std::vector<draft> drafts_of(std::vector<plane_cluster> shell) const {
    std::vector<draft> drafts;
    std::vector<double> all_gaps;
    for (plane_cluster& cluster : shell) {
      row_of_satellites row = along(cluster);
      const std::vector<double> gaps = gaps_deg(row.angles_deg);
      all_gaps.insert(all_gaps.end(), gaps.begin(), gaps.end());
      drafts.push_back({std::move(cluster), std::move(row)});
      drafts.back().own_deg = usual_gap_deg(gaps, options_.min_spacing);
    }
    const double usual_deg = usual_gap_deg(std::move(all_gaps), options_.min_spacing);
    std::map<std::size_t, std::size_t> satellites_of_comb;
    const auto is_alike = [&](const draft& plane) {
      return std::abs(plane.own_deg - usual_deg) < 0.2 * usual_deg;
    };
    for (draft& plane : drafts)
      if (is_alike(plane)) {
        plane.places.teeth = counted_teeth(plane.row.angles_deg, plane.own_deg);
        satellites_of_comb[plane.places.teeth] += plane.row.orbits.size();
      }
    const std::size_t teeth = satellites_of_comb.empty()
                                  ? static_cast<std::size_t>(std::lround(360 / usual_deg))
                                  : most_common(satellites_of_comb);
    for (draft& plane : drafts) {
      if (!is_alike(plane)) plane.places.teeth = std::max<std::size_t>(teeth, 1);
      plane.places = fitted_comb(plane.row.angles_deg, plane.places.teeth);
      plane.kept = spaced_out(plane.row.angles_deg, plane.places, options_.min_spacing);
    }
    return drafts;
  }

  /// Leaves out planes in which too few satellites keep their distance: trains, and bunches.
  void leave_bunches_out(std::vector<draft>& drafts) {
    std::erase_if(drafts, [&](const draft& plane) {
      const bool few = plane.kept.size() < static_cast<std::size_t>(options_.min_satellites) &&
                       plane.kept.size() < plane.row.orbits.size();
      for (std::size_t k = 0; few && k < plane.row.orbits.size(); ++k)
        leave_out(set_of_[plane.row.orbits[k]], left_out_kind::bunched,
                  "one of " + std::to_string(plane.row.orbits.size()) + " close together at RAAN " +
                      rounded(plane_axes(plane.cluster.normal).raan_deg()) +
                      " deg, where satellites of a plane are " +
                      rounded(plane.places.spacing_deg()) + " deg apart");
      return few;
    });
  }

  /// Numbers the planes by rising RAAN, from behind the widest gap if planes do not close, and the
  /// vacant places where a plane or more would fit in at the usual distance.
  void number_planes(std::vector<draft>& shell) {
    const auto raan_deg = [](const draft& d) { return plane_axes(d.cluster.normal).raan_deg(); };
    std::ranges::stable_sort(shell, {}, raan_deg);
    std::vector<double> raans;
    for (const draft& plane : shell) raans.push_back(raan_deg(plane));
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
                             .inclination_deg = shell[p].cluster.inclination_deg,
                             .altitude_km = shell[p].cluster.altitude_km,
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

  /// Gives each plane its number, leaves out who is too near to another, and gives the others
  /// slots.
  /// @return  the planes that are left.
  std::vector<plane_cluster> seat_planes(std::vector<plane_cluster> clusters) {
    std::vector<draft> drafts = drafts_of(std::move(clusters));
    leave_bunches_out(drafts);
    if (drafts.empty()) return {};
    number_planes(drafts);
    std::map<std::size_t, std::size_t> seated_by_comb;
    std::size_t fullest = 1;
    for (std::size_t p = 0; p < drafts.size(); ++p) {
      seated_by_comb[drafts[p].places.teeth] += drafts[p].kept.size();
      fullest = std::max(fullest, drafts[p].kept.size());
      out_.planes[p].spacing_deg = drafts[p].places.spacing_deg();
      take_spares_out(drafts[p], out_.planes[p].plane);
    }
    out_.slots = static_cast<std::uint32_t>(std::max(most_common(seated_by_comb), fullest));
    std::vector<plane_cluster> shell;
    for (std::size_t p = 0; p < drafts.size(); ++p) {
      give_slots(drafts[p].row, out_.planes[p]);
      shell.push_back(std::move(drafts[p].cluster));
    }
    return shell;
  }

  void take_spares_out(draft& plane, std::uint32_t number) {
    const row_of_satellites& row = plane.row;
    row_of_satellites seated;
    for (const std::size_t k : plane.kept) {
      seated.orbits.push_back(row.orbits[k]);
      seated.angles_deg.push_back(row.angles_deg[k]);
    }
    for (std::size_t k = 0; k < row.orbits.size(); ++k) {
      if (std::ranges::binary_search(plane.kept, k)) continue;
      const auto distance_deg = [&](std::size_t other) {
        return std::abs(ahead_deg(row.angles_deg[other], row.angles_deg[k]));
      };
      const std::size_t nearest = *std::ranges::min_element(plane.kept, {}, distance_deg);
      const double ahead = ahead_deg(row.angles_deg[nearest], row.angles_deg[k]);
      leave_out(set_of_[row.orbits[k]], left_out_kind::spare,
                "spare of plane " + std::to_string(number) + ": " + rounded(std::abs(ahead)) +
                    " deg " + (ahead < 0 ? "behind " : "ahead of ") +
                    satellite_name(sets_[set_of_[row.orbits[nearest]]]) +
                    ", where satellites are " + rounded(plane.places.spacing_deg()) + " deg apart");
    }
    plane.row = std::move(seated);
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
    std::vector<bool> explained(sets_.size(), false);
    for (const left_out_satellite& left : out_.left_out) explained[left.set] = true;
    for (const plane_cluster& cluster : shell)
      for (const std::size_t i : cluster.members) explained[set_of_[i]] = true;
    for (const plane_cluster& cluster : others)
      for (const std::size_t i : cluster.members) {
        explained[set_of_[i]] = true;
        leave_out(set_of_[i], left_out_kind::other_shell,
                  "in another shell: with " + std::to_string(cluster.members.size() - 1) +
                      " others at " + rounded(cluster.altitude_km) + " km, " +
                      rounded(cluster.inclination_deg, 2) + " deg, RAAN " +
                      rounded(plane_axes(cluster.normal).raan_deg()) + " deg");
      }
    for (std::size_t i = 0; i < orbits_.size(); ++i)
      if (!explained[set_of_[i]])
        leave_out(set_of_[i], left_out_kind::stray, stray_reason(orbits_[i], shell));
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
  found_planes out_;
};

}  // namespace detail

/// Finds the planes of real satellites, and where in them each satellite stands.
///
/// Mean orbits at one instant are gathered into planes (alike in the direction of their normals and
/// in mean motion), planes into shells, and the shell with the most satellites is the answer; who
/// wants another selects the sets first. Planes are numbered by rising RAAN; a step of two, three
/// or more usual distances, to a quarter of one, counts as vacant planes, and a step of 150° or
/// more is no neighbourhood: planes then start behind it (Walker star, or a half-launched delta).
///
/// Slots go along the orbit by mean argument of latitude at the start: all planes have as many, and
/// slot s of any plane is within about half a slot of 360°·s/slots where its neighbours leave that
/// free. Satellites that stand too close in the rhythm of their plane are spares, the one that is
/// further off the rhythm. Of several sets with one catalogue number that nearest in time counts.
///
/// @param sets  at most 1,000,000.
/// @return      no plane where none is found; each set is in a plane or left out with its reason.
/// @throws invalid_input  there are too many sets; `at` or an option is outside its range.
/// @complexity  O(n²) in the satellites of one altitude: 10,000 sets of a real sky take 0.3 s, in
///              one single plane 2 s.
/// @example     const found_planes found = find_planes(sets, latest_epoch(sets));
[[nodiscard]] inline found_planes find_planes(std::span<const element_set> sets, const utc_time& at,
                                              const plane_options& options = {}) {
  detail::require_between<std::size_t>("sets", sets.size(), 0, 1'000'000);
  detail::within("at", [&] { at.validate(); });
  options.validate();
  // In an order that does not hang on that of the sets.
  std::vector<std::size_t> order(sets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return detail::identity_of(sets[i]); });
  std::vector<element_set> ordered;
  for (const std::size_t i : order) ordered.push_back(sets[i]);
  found_planes found = detail::shell_builder(ordered, options).build(at);
  for (found_plane& plane : found.planes)
    for (seated_satellite& satellite : plane.satellites) satellite.set = order[satellite.set];
  for (left_out_satellite& left : found.left_out) left.set = order[left.set];
  std::ranges::sort(found.left_out, {}, &left_out_satellite::set);
  return found;
}

}  // namespace orbitmoe
