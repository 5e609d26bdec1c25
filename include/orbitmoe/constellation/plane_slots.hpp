#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/plane_clusters.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe::detail {

/// From one angle to another, in (−180, 180] [deg].
inline double ahead_deg(double from_deg, double to_deg) {
  return 180 - turned_deg(180 - (to_deg - from_deg));
}

/// From each angle to the next, of angles that rise in a turn; the last to the first [deg].
inline std::vector<double> gaps_deg(std::span<const double> rising_deg) {
  std::vector<double> gaps;
  for (std::size_t k = 0; k < rising_deg.size(); ++k)
    gaps.push_back(k + 1 < rising_deg.size() ? rising_deg[k + 1] - rising_deg[k]
                                             : rising_deg[0] + 360 - rising_deg[k]);
  return gaps;
}

/// Equally spaced places round a turn: where satellites of a plane are meant to be.
struct comb {
  std::size_t teeth = 1;
  double first_deg = 0;

  [[nodiscard]] double spacing_deg() const { return 360 / static_cast<double>(teeth); }
  /// From the nearest tooth, 0 to 0.5 [spacings].
  [[nodiscard]] double off(double angle_deg) const {
    const double place = (angle_deg - first_deg) / spacing_deg();
    return std::abs(place - std::round(place));
  }
};

/// The comb through one of the angles that most others are near to. O(n²).
inline comb fitted_comb(std::span<const double> angles_deg, std::size_t teeth) {
  comb best{teeth, 0};
  double least = std::numeric_limits<double>::infinity();
  for (const double candidate_deg : angles_deg) {
    const comb here{teeth, candidate_deg};
    double misfit = 0;
    for (const double angle_deg : angles_deg) misfit += std::min(here.off(angle_deg), 0.25);
    if (misfit < least) {
      least = misfit;
      best = here;
    }
  }
  return best;
}

/// Mean of unit vectors at `teeth` times the angles: of length 1 where all angles are on one comb.
struct beat {
  double x = 0, y = 0;
  beat(std::span<const double> angles_deg, std::size_t teeth) {
    for (const double angle_deg : angles_deg) {
      const double phase = deg_to_rad(angle_deg) * static_cast<double>(teeth);
      x += std::cos(phase) / static_cast<double>(angles_deg.size());
      y += std::sin(phase) / static_cast<double>(angles_deg.size());
    }
  }
  [[nodiscard]] double strength() const { return std::hypot(x, y); }
};

/// What best shifts angles onto whole spacings [spacings, −0.5 to 0.5]; 0 where nothing does.
inline double common_offset(std::span<const double> angles_deg, std::size_t slots) {
  const beat all(angles_deg, slots);
  return all.strength() > 0.3 ? rad_to_deg(std::atan2(all.y, all.x)) / 360 : 0;
}

/// The usual distance of satellites [deg]: the median of the gaps, without those that are small
/// beside the upper quartile: to spares, inside a bunch, or of two element sets of one satellite.
inline double usual_gap_deg(std::vector<double> gaps_deg, double min_spacing) {
  if (gaps_deg.empty()) return 360;
  const double wide_deg = value_over(gaps_deg, gaps_deg.size() * 3 / 4);
  std::erase_if(gaps_deg, [&](double gap) { return gap < std::max(0.05, min_spacing * wide_deg); });
  return gaps_deg.empty() ? 0.05 : median(std::move(gaps_deg));
}

/// How many equal spacings go round a turn, within a tenth of what the usual distance says: the
/// number that the angles agree on best, because single distances are too rough to count many.
inline std::size_t counted_teeth(std::span<const double> angles_deg, double usual_deg) {
  auto best = static_cast<std::size_t>(std::lround(360 / usual_deg));
  const auto least = static_cast<std::size_t>(std::ceil(360 / (1.1 * usual_deg)));
  const auto most = static_cast<std::size_t>(360 / (0.9 * usual_deg));
  double strongest = beat(angles_deg, best).strength();
  for (std::size_t teeth = least; teeth <= most; ++teeth)
    if (const double strength = beat(angles_deg, teeth).strength(); strength > strongest) {
      strongest = strength;
      best = teeth;
    }
  return best;
}

/// Indices of the angles that stay when who is nearer than `min_spacing` spacings to another goes,
/// the one further off the comb first; ascending. O(n²).
inline std::vector<std::size_t> spaced_out(std::span<const double> angles_deg, const comb& places,
                                           double min_spacing) {
  std::vector<std::size_t> order(angles_deg.size()), kept;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return places.off(angles_deg[k]); });
  const double apart_deg = min_spacing * places.spacing_deg();
  for (const std::size_t k : order)
    if (std::ranges::none_of(kept, [&](std::size_t other) {
          return std::abs(ahead_deg(angles_deg[k], angles_deg[other])) < apart_deg;
        }))
      kept.push_back(k);
  std::ranges::sort(kept);
  return kept;
}

/// A slot of its own for each angle, in their order round the turn and as near as that allows to
/// angle·slots/360.
/// @param rising_deg  at most `slots` angles that rise in a turn.
inline std::vector<std::uint32_t> slots_of(std::span<const double> rising_deg, std::size_t slots) {
  const std::size_t count = rising_deg.size();
  std::vector<std::uint32_t> found(count);
  if (count == 0) return found;
  const std::vector<double> gaps = gaps_deg(rising_deg);
  const auto widest = static_cast<std::size_t>(std::ranges::max_element(gaps) - gaps.begin());
  const std::size_t start = (widest + 1) % count;

  const double offset = common_offset(rising_deg, slots);
  const auto wanted = [&](std::size_t k) {  // of the k-th angle after the widest gap
    const double turn_deg = start + k < count ? 0 : 360;
    const double angle_deg = rising_deg[(start + k) % count] + turn_deg;
    return std::lround(angle_deg / 360 * static_cast<double>(slots) - offset);
  };
  std::vector<long> place(count);
  for (std::size_t k = 0; k < count; ++k)
    place[k] = k == 0 ? wanted(0) : std::max(wanted(k), place[k - 1] + 1);
  const auto turn = static_cast<long>(slots);
  for (std::size_t k = 0; k < count; ++k) {
    place[k] = std::min(place[k], place[0] + turn - static_cast<long>(count - k));
    found[(start + k) % count] = static_cast<std::uint32_t>((place[k] % turn + turn) % turn);
  }
  return found;
}

}  // namespace orbitmoe::detail
