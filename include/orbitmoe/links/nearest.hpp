#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <boost/pending/disjoint_sets.hpp>
#include <boost/property_map/property_map.hpp>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/links/feasibility.hpp>

namespace orbitmoe {

/// Links between near satellites of any sky, under a limit of terminals per satellite.
///
/// Terminals keep their partners, so a pair counts by the furthest that it gets: pairs that are
/// feasible at all sampled instants are taken from the shortest on while both ends have a terminal
/// free; first those that join parts of the network that are not joined yet, then the others. So
/// the network holds together as far as pairs in this order allow.
struct nearest_neighbours {
  int terminals = 4;                  ///< links per satellite at most, 1 to 64
  link_feasibility feasibility = {};  ///< what pairs must keep to at every instant
  /// Time over which pairs are watched, over 0 up to 1e9 [s]; empty: one orbital period.
  std::optional<double> span_s = {};
  int instants = 16;  ///< samples of that time, 1 to 1,000
  bool operator==(const nearest_neighbours&) const = default;

  /// @throws invalid_input  a member is outside its range.
  void validate() const {
    detail::require_between("terminals", terminals, 1, 64);
    feasibility.validate();
    if (span_s)
      detail::require(*span_s > 0 && *span_s <= 1e9, "span_s", *span_s,
                      "a number over 0 and up to 1e9");
    detail::require_between("instants", instants, 1, 1000);
  }

  /// Candidate links, sorted, each once.
  /// @throws invalid_input  a member is outside its range; span_s is empty and the constellation
  ///                        has no period; more than 20,000 satellites.
  /// @complexity  O(satellites² + feasible pairs · (instants + log pairs)).
  template<constellation Constellation>
  [[nodiscard]] std::vector<laser_link> links(const Constellation& sky) const {
    validate();
    detail::require(sky.size() <= 20'000, "satellites", sky.size(), "at most 20000");
    std::vector<pair> pairs = lasting_pairs(sky);
    std::sort(pairs.begin(), pairs.end(), [](const pair& a, const pair& b) {
      return std::tie(a.furthest_s, a.ends) < std::tie(b.furthest_s, b.ends);
    });

    using per_satellite =
        boost::iterator_property_map<satellite_id*,
                                     boost::typed_identity_property_map<satellite_id>>;
    std::vector<satellite_id> rank(sky.size()), parent(sky.size());
    boost::disjoint_sets<per_satellite, per_satellite> parts{per_satellite(rank.data()),
                                                             per_satellite(parent.data())};
    for (satellite_id id = 0; id < sky.size(); ++id) parts.make_set(id);
    std::vector<int> free(sky.size(), terminals);
    std::vector<laser_link> links;
    const auto take = [&](const laser_link& ends) {
      if (free[ends.a] == 0 || free[ends.b] == 0) return false;
      --free[ends.a];
      --free[ends.b];
      parts.union_set(ends.a, ends.b);
      links.push_back(ends);
      return true;
    };
    std::vector<laser_link> others;
    for (const pair& p : pairs) {
      const bool joins = parts.find_set(p.ends.a) != parts.find_set(p.ends.b);
      if (!joins || !take(p.ends)) others.push_back(p.ends);
    }
    for (const laser_link& ends : others) take(ends);
    std::sort(links.begin(), links.end());
    return links;
  }

 private:
  struct pair {
    double furthest_s;
    laser_link ends;
  };

  template<typename Constellation>
  std::vector<pair> lasting_pairs(const Constellation& sky) const {
    const double step_s = watched_s(sky) / instants;
    std::vector<std::vector<state_vector>> motions(static_cast<std::size_t>(instants));
    for (std::size_t k = 0; k < motions.size(); ++k)
      for (satellite_id id = 0; id < sky.size(); ++id) {
        const double t_s = static_cast<double>(k) * step_s;
        motions[k].push_back({sky.position_km(id, t_s), sky.velocity_km_s(id, t_s)});
      }
    std::vector<pair> pairs;
    for (satellite_id a = 0; a < sky.size(); ++a)
      for (satellite_id b = a + 1; b < sky.size(); ++b) {
        double furthest_s = 0;
        for (std::size_t k = 0; k < motions.size() && std::isfinite(furthest_s); ++k)
          furthest_s =
              std::max(furthest_s, propagation_s(motions[k][a], motions[k][b], feasibility));
        if (std::isfinite(furthest_s)) pairs.push_back({furthest_s, {a, b}});
      }
    return pairs;
  }

  template<typename Constellation>
  double watched_s(const Constellation& sky) const {
    if (span_s) return *span_s;
    if constexpr (periodic_constellation<Constellation>)
      return sky.period_s();
    else
      throw invalid_input::value("span_s", "nothing",
                                 "a time span, because the constellation has no period_s()");
  }
};

}  // namespace orbitmoe
