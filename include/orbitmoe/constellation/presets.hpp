#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// A published constellation under the name that users look it up by.
struct named_walker {
  std::string_view name;
  walker_parameters parameters;
  std::string_view source;  ///< filing or paper, and what it leaves open
};

/// Constellations of operators' filings, and that of the published experiment.
///
/// | name          | planes × sats | altitude | inclination | RAAN spread | pattern | F  |
/// |---------------|---------------|----------|-------------|-------------|---------|----|
/// | space-xnet    | 33 × 32       | 550 km   | 87°         | 360°        | delta   | 17 |
/// | starlink-550  | 72 × 22       | 550 km   | 53°         | 360°        | delta   | 36 |
/// | kuiper-630    | 34 × 34       | 630 km   | 51.9°       | 360°        | delta   | 17 |
/// | oneweb-1200   | 12 × 49       | 1,200 km | 87.9°       | 182.4°      | star    | 6  |
/// | iridium-next  | 6 × 11        | 780 km   | 86.4°       | 189.6°      | star    | 3  |
/// | telesat-1015  | 27 × 13       | 1,015 km | 98.98°      | 180°        | star    | 13 |
/// | telesat-1325  | 40 × 33       | 1,325 km | 50.88°      | 360°        | delta   | 20 |
///
/// Altitudes are above the mean radius of the Earth, as everywhere in this library; filings count
/// from the equatorial radius, 7 km more, which makes their periods 0.15 % longer. Filings give no
/// phasing: as far as P is even, planes are half a slot apart, F = P/2.
inline constexpr std::array<named_walker, 7> walker_presets{{
    {"space-xnet",
     {},
     "Space-XNet, arXiv 2605.00515; RAAN spread and phasing inferred from its results"},
    {"starlink-550",
     {.planes = 72,
      .satellites_per_plane = 22,
      .altitude_km = 550,
      .inclination_deg = 53,
      .raan_spread_deg = 360,
      .phasing = 36},
     "SpaceX, FCC SAT-MOD-20190830-00087 (shell 1); phasing chosen"},
    {"kuiper-630",
     {.planes = 34,
      .satellites_per_plane = 34,
      .altitude_km = 630,
      .inclination_deg = 51.9,
      .raan_spread_deg = 360,
      .phasing = 17},
     "Kuiper Systems, FCC SAT-LOA-20190704-00057 (shell K1); phasing of Hypatia (IMC 2020)"},
    {"oneweb-1200",
     {.planes = 12,
      .satellites_per_plane = 49,
      .altitude_km = 1200,
      .inclination_deg = 87.9,
      .raan_spread_deg = 182.4,
      .phasing = 6},
     "OneWeb, FCC SAT-MPL-20200526-00062 (phase 1); planes 15.2 deg apart, as launched; phasing "
     "chosen"},
    {"iridium-next",
     {.planes = 6,
      .satellites_per_plane = 11,
      .altitude_km = 780,
      .inclination_deg = 86.4,
      .raan_spread_deg = 189.6,
      .phasing = 3},
     "Iridium, FCC SAT-MOD-20131227-00148; planes 31.6 deg apart, as launched"},
    {"telesat-1015",
     {.planes = 27,
      .satellites_per_plane = 13,
      .altitude_km = 1015,
      .inclination_deg = 98.98,
      .raan_spread_deg = 180,
      .phasing = 13},
     "Telesat, FCC SAT-MPL-20200526-00053 (polar shell); RAAN spread and phasing chosen"},
    {"telesat-1325",
     {.planes = 40,
      .satellites_per_plane = 33,
      .altitude_km = 1325,
      .inclination_deg = 50.88,
      .raan_spread_deg = 360,
      .phasing = 20},
     "Telesat, FCC SAT-MPL-20200526-00053 (inclined shell); phasing chosen"},
}};

/// Names of the presets, in the order of the table.
[[nodiscard]] inline std::vector<std::string_view> walker_preset_names() {
  std::vector<std::string_view> names;
  for (const named_walker& each : walker_presets) names.push_back(each.name);
  return names;
}

/// Parameters of a preset.
/// @throws invalid_input  no preset has that name; the message lists those that there are.
/// @example  const walker_constellation sky{walker_preset("kuiper-630")};
[[nodiscard]] inline walker_parameters walker_preset(std::string_view name) {
  std::string allowed;
  for (const named_walker& each : walker_presets) {
    if (each.name == name) return each.parameters;
    allowed += (allowed.empty() ? "" : ", ") + std::string(each.name);
  }
  throw invalid_input::value("preset", detail::shown(name), allowed);
}

}  // namespace orbitmoe
