#pragma once

#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/secular_j2.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// From low to high, both included.
struct value_range {
  double low = 0, high = 0;
  bool operator==(const value_range&) const = default;

  /// @throws invalid_input  a bound is no finite number, or low is over high.
  void validate(std::string_view parameter) const {
    const bool ok = std::isfinite(low) && std::isfinite(high) && low <= high;
    if (!ok)
      throw invalid_input::value(parameter,
                                 '[' + detail::to_text(low) + ", " + detail::to_text(high) + ']',
                                 "two finite numbers, low first");
  }
};

/// Which satellites of a catalogue are meant: those that all given conditions hold for.
struct element_selection {
  std::optional<value_range> altitude_km = {};  ///< semi-major axis above the mean radius of the
                                                ///< Earth [km]
  std::optional<value_range> inclination_deg = {};  ///< [deg]
  /// Pattern of the whole name: `*` stands for any characters, `?` for one, letters for small and
  /// capital ones alike. Empty: any name.
  std::string name = {};
  bool operator==(const element_selection&) const = default;

  /// @throws invalid_input  a range is not from low to high; the pattern is over 100 characters.
  void validate() const {
    if (altitude_km) altitude_km->validate("altitude_km");
    if (inclination_deg) inclination_deg->validate("inclination_deg");
    detail::require(name.size() <= 100, "name", name.size(), "at most 100 characters");
  }
};

namespace detail {

/// Whether a text is of the form of a pattern with `*` and `?`. O(text · pattern).
inline bool matches(std::string_view text, std::string_view pattern) {
  const auto same = [](char a, char b) {
    const auto small = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return a == '?' || small(a) == small(b);
  };
  std::size_t t = 0, p = 0, resume_t = 0, star = std::string_view::npos;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume_t = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;  // the last star takes one character more
      t = ++resume_t;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// Semi-major axis above the mean radius of the Earth [km]; nothing for no orbit.
inline std::optional<double> mean_altitude_km(const element_set& set) {
  try {
    return secular_j2(set).semi_major_axis_km() - earth_radius_km;
  } catch (const invalid_input&) {
    return {};
  }
}

}  // namespace detail

/// Whether a satellite is meant. O(name · pattern).
[[nodiscard]] inline bool is_selected(const element_set& set, const element_selection& selection) {
  const auto inside = [](const std::optional<value_range>& range, double value) {
    return !range || (value >= range->low && value <= range->high);
  };
  if (!inside(selection.inclination_deg, set.inclination_deg)) return false;
  if (!selection.name.empty() && !detail::matches(set.name, selection.name)) return false;
  if (!selection.altitude_km) return true;
  const std::optional<double> altitude_km = detail::mean_altitude_km(set);
  return altitude_km && inside(selection.altitude_km, *altitude_km);
}

/// The element sets that are meant, in their order.
/// @throws invalid_input  the selection is not valid, or leaves nothing.
[[nodiscard]] inline std::vector<element_set> selected(std::span<const element_set> sets,
                                                       const element_selection& selection) {
  selection.validate();
  std::vector<element_set> out;
  for (const element_set& set : sets)
    if (is_selected(set, selection)) out.push_back(set);
  if (out.empty())
    throw invalid_input::value("select", "none of " + std::to_string(sets.size()) + " satellites",
                               "a selection that leaves one or more");
  return out;
}

/// Of several element sets with one catalogue number, 0 apart, the one whose epoch is nearest to an
/// instant, of two as near the later; all others stay. Indices of those that stay, ascending.
/// @param candidates  indices of the sets that count, ascending.
/// @complexity  O(n log n).
[[nodiscard]] inline std::vector<std::size_t> nearest_in_time(
    std::span<const element_set> sets, std::span<const std::size_t> candidates,
    const utc_time& instant) {
  const auto preference = [&](std::size_t i) {
    const double ahead_s = seconds_between(instant, sets[i].epoch);
    return std::pair(std::abs(ahead_s), -ahead_s);
  };
  std::map<std::uint32_t, std::size_t> best;
  for (const std::size_t i : candidates) {
    std::size_t& own = best.try_emplace(sets[i].catalogue_number, i).first->second;
    if (preference(i) < preference(own)) own = i;
  }
  std::vector<std::size_t> kept;
  for (const std::size_t i : candidates)
    if (const std::uint32_t number = sets[i].catalogue_number; number == 0 || best.at(number) == i)
      kept.push_back(i);
  return kept;
}

}  // namespace orbitmoe
