#pragma once

// Synthetic catalogues of element sets, with what was put into them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/wgs72.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe::test {

inline constexpr utc_time catalogue_start{9'000, 43'200};

[[nodiscard]] inline double turned_deg(double angle_deg) {
  const double turned = std::fmod(angle_deg, 360);
  return turned < 0 ? turned + 360 : turned;
}

/// From one angle to the other, −180 to 180 [deg].
[[nodiscard]] inline double step_deg(double from_deg, double to_deg) {
  return std::remainder(to_deg - from_deg, 360);
}

/// A circular orbit at the start of the catalogue; the mean argument of latitude is u.
struct start_orbit {
  double altitude_km = 550, inclination_deg = 53, raan_deg = 0, u_deg = 0;
};

/// Rates of a circular orbit by hand: J2 to first order, as SGP4 understands mean motion.
struct circular_rates {
  double motion_rad_s, kozai_rad_s, node_rad_s, latitude_rad_s;

  circular_rates(double altitude_km, double inclination_deg) {
    const double a = earth_radius_km + altitude_km, c = std::cos(deg_to_rad(inclination_deg));
    const double ratio = wgs72::radius_km / a, per_square = 1.5 * wgs72::j2 * ratio * ratio;
    motion_rad_s = std::sqrt(wgs72::mu_km3_s2 / (a * a * a));
    kozai_rad_s = motion_rad_s * (1 + per_square / 2 * (3 * c * c - 1));
    node_rad_s = -per_square * motion_rad_s * c;
    latitude_rad_s = motion_rad_s * (1 + per_square * (4 * c * c - 1));
  }
  [[nodiscard]] double kozai_deg_per_day() const { return rad_to_deg(kozai_rad_s) * 86'400; }
};

/// The elements of an orbit with another epoch, `later_s` after the start.
[[nodiscard]] inline element_set elements_of(const start_orbit& orbit, double later_s = 0) {
  const circular_rates rates(orbit.altitude_km, orbit.inclination_deg);
  element_set set;
  const double second = catalogue_start.second_of_day + later_s;
  const double days = std::floor(second / 86'400);
  set.epoch = {catalogue_start.days + static_cast<int>(days), second - days * 86'400};
  set.inclination_deg = orbit.inclination_deg;
  set.raan_deg = turned_deg(orbit.raan_deg + rad_to_deg(rates.node_rad_s) * later_s);
  set.eccentricity = 1e-4;
  set.argument_of_perigee_deg = 77;
  set.mean_anomaly_deg = turned_deg(orbit.u_deg + rad_to_deg(rates.latitude_rad_s) * later_s - 77);
  set.mean_motion_rev_per_day = rates.kozai_deg_per_day() / 360;
  return set;
}

/// A Walker sky as catalogues show it.
struct walker_plan {
  int planes = 6, slots = 11;
  double phasing = 0, raan_spread_deg = 360;
  double inclination_deg = 53, altitude_km = 550, first_raan_deg = 10, first_u_deg = 5;
  double jitter = 1;            // times what real constellations show
  double epoch_spread_s = 2e5;  // before and after the start

  [[nodiscard]] start_orbit at(int plane, double slot) const {
    return {altitude_km, inclination_deg,
            turned_deg(first_raan_deg + raan_spread_deg * plane / planes),
            turned_deg(first_u_deg + 360 * (slot + phasing * plane / planes) / slots)};
  }
};

enum class origin { regular, spare, stray, string, other_shell, no_orbit };

/// Where an element set comes from. Plane and slot are those of the plan; of a spare, of the
/// regular satellite that it stands beside.
struct put_in {
  origin from = origin::regular;
  int plane = 0, slot = 0;
  start_orbit orbit = {};
};

class catalogue_maker {
 public:
  std::vector<element_set> sets;
  std::vector<put_in> truth;

  explicit catalogue_maker(std::uint64_t seed = 1) : random_(seed, "catalogue") {}

  void add(const put_in& what, double epoch_spread_s = 0) {
    sets.push_back(elements_of(what.orbit, around(0, epoch_spread_s)));
    sets.back().catalogue_number = static_cast<std::uint32_t>(sets.size());
    sets.back().name = "SAT-" + std::to_string(sets.size());
    truth.push_back(what);
  }
  /// A satellite of the plan, jittered.
  void add(const walker_plan& plan, const put_in& what) {
    put_in jittered = what;
    start_orbit& orbit = jittered.orbit;
    orbit.raan_deg = turned_deg(around(orbit.raan_deg, 0.1 * plan.jitter));
    orbit.inclination_deg = around(orbit.inclination_deg, 0.02 * plan.jitter);
    orbit.altitude_km = around(orbit.altitude_km, 0.1 * plan.jitter);
    orbit.u_deg = turned_deg(around(orbit.u_deg, 0.2 * plan.jitter));
    add(jittered, plan.epoch_spread_s);
  }
  /// All satellites of the plan but those in `without`, pairs of plane and slot.
  void add(const walker_plan& plan, const std::vector<std::pair<int, int>>& without = {}) {
    for (int p = 0; p < plan.planes; ++p)
      for (int s = 0; s < plan.slots; ++s)
        if (std::ranges::find(without, std::pair{p, s}) == without.end())
          add(plan, {origin::regular, p, s, plan.at(p, s)});
  }
  void shuffle() {
    std::vector<std::size_t> order(sets.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    random_.shuffle(order);
    const auto old_sets = std::exchange(sets, {});
    const auto old_truth = std::exchange(truth, {});
    for (const std::size_t i : order) {
      sets.push_back(old_sets[i]);
      truth.push_back(old_truth[i]);
    }
  }
  [[nodiscard]] double around(double value, double spread) {
    return value + spread * (2 * random_.uniform_01() - 1);
  }
  [[nodiscard]] random_stream& random() { return random_; }

 private:
  random_stream random_;
};

}  // namespace orbitmoe::test
