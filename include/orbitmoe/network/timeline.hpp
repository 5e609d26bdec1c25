#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/links/feasibility.hpp>
#include <orbitmoe/links/outages.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe {

/// How a timeline samples time and what its links suffer. The defaults are the published
/// experiment.
struct timeline_options {
  int slots = 200;  ///< T, 1 to 1,000,000; T × links at most 2^29
  std::optional<double> span_s =
      {};  ///< time covered, over 0 up to 1e9 [s]; empty: one orbital period
  double survival_probability = 0.95;  ///< of each link in each slot, 0 to 1 [-]
  std::uint64_t seed = 1;              ///< of the outages
  link_feasibility feasibility = {};
  double rate_gbps = 100;                          ///< link rate, 1e-9 to 1e9 [Gbit/s]
  double hop_processing_s = 0;                     ///< added to every hop, 0 to 3600 [s]
  std::vector<satellite_id> dead_satellites = {};  ///< none of their links is ever up
  bool operator==(const timeline_options&) const = default;

  /// @throws invalid_input  an option is outside its range, for any sky.
  void validate() const {
    using detail::require, detail::require_between;
    require_between("slots", slots, 1, 1'000'000);
    if (span_s)
      require(*span_s > 0 && *span_s <= 1e9, "span_s", *span_s, "a number over 0 and up to 1e9");
    require_between("survival_probability", survival_probability, 0.0, 1.0);
    feasibility.validate();
    require_between("rate_gbps", rate_gbps, 1e-9, 1e9);
    require_between("hop_processing_s", hop_processing_s, 0.0, 3600.0);
  }
};

/// The time-slotted network: which links are up in each slot, and their propagation delays.
///
/// Slot k freezes the topology at t_k = k·span/T. Built once, then read by any number of threads.
/// It keeps no pointer to the constellation. Memory: slots × links doubles, twice where links fail.
///
/// @see  MODEL §2, §3.
class timeline {
 public:
  /// @throws invalid_input  an option is outside its range; the topology rejects the sky or names a
  ///                        satellite that does not exist or a link to itself;
  ///                        span_s is empty and the constellation has no period; run.threads is
  ///                        outside its range.
  /// @complexity  O(slots · (satellites + links)).
  template<constellation Constellation, link_topology<Constellation> Topology>
  timeline(const Constellation& sky, const Topology& topology, const timeline_options& options = {},
           const run_options& run = {})
      : timeline(sky.size(), topology.links(sky), options) {
    for (std::size_t i = 0; i < options.dead_satellites.size(); ++i)
      detail::require(options.dead_satellites[i] < size(),
                      "dead_satellites[" + std::to_string(i) + "]", options.dead_satellites[i],
                      "a satellite in 0.." + std::to_string(size() - 1));
    span_s_ = span_of(sky, options);
    if constexpr (planar_constellation<Constellation>)
      for (satellite_id id = 0; id < size(); ++id) orbital_slots_.push_back(sky.slot_of(id));

    std::vector<bool> alive(size(), true);
    for (const satellite_id id : options.dead_satellites) alive[id] = false;
    detail::parallel_for(slots(), run, [&](std::size_t slot) {
      std::vector<state_vector> motions(size());
      for (satellite_id id = 0; id < size(); ++id)
        motions[id] = {sky.position_km(id, time_s(slot)), sky.velocity_km_s(id, time_s(slot))};
      const std::span<double> delays_s = row(propagation_s_, slot);
      for (std::size_t i = 0; i < links_.size(); ++i)
        if (const auto [a, b] = links_[i]; alive[a] && alive[b])
          delays_s[i] = orbitmoe::propagation_s(motions[a], motions[b], options.feasibility);
    });
    if (options.survival_probability < 1) {
      survival_probability_ = options.survival_probability;
      without_outages_s_ = propagation_s_;
      draw_outages(options.seed);
    }
  }

  /// A network given as numbers, for skies that something else has computed. A hop costs these
  /// delays and nothing else, whatever the message; satellites have no planes and slots; slot k is
  /// at k seconds.
  /// @param propagation_s  slots × links one-way delays [s], over 0; infinity: the link is down.
  /// @throws invalid_input  the table does not fit the links, is not over 0, or has no row; a link
  ///                        names a satellite that does not exist or joins one to itself.
  timeline(std::size_t satellites, std::vector<laser_link> links, const matrix& propagation_s)
      : timeline(
            satellites, std::move(links),
            {.slots = static_cast<int>(std::min<Eigen::Index>(propagation_s.rows(), 1 << 30))}) {
    rate_bps_ = std::numeric_limits<double>::infinity();
    detail::require(column_count(propagation_s) == links_.size(), "propagation_s",
                    column_count(propagation_s),
                    "one column per link, " + std::to_string(links_.size()));
    for (std::size_t slot = 0; slot < slots(); ++slot)
      for (std::size_t i = 0; i < links_.size(); ++i)
        if (const double delay_s = row(propagation_s, slot)[i]; !(delay_s > 0))
          throw invalid_input::value(
              "propagation_s[" + std::to_string(slot) + "][" + std::to_string(i) + "]",
              detail::to_text(delay_s), "a number over 0, or infinity");
    propagation_s_ = propagation_s;
    span_s_ = static_cast<double>(slots());
  }

  /// Whether links fail at random.
  [[nodiscard]] bool has_outages() const noexcept { return without_outages_s_.size() > 0; }
  /// The same sky with other outages: those that timeline_options would draw with this seed. A
  /// network given as numbers stays as it is. O(slots · links).
  [[nodiscard]] timeline with_outages(std::uint64_t seed) const {
    timeline other = *this;
    if (has_outages()) {
      other.propagation_s_ = without_outages_s_;
      other.draw_outages(seed);
    }
    return other;
  }

  /// Number of satellites.
  [[nodiscard]] std::size_t size() const noexcept { return satellites_; }
  /// Number of time slots T.
  [[nodiscard]] std::size_t slots() const noexcept { return row_count(propagation_s_); }
  /// Time covered by all slots [s].
  [[nodiscard]] double span_s() const noexcept { return span_s_; }
  /// Instant t_k at which slot k is frozen [s].
  [[nodiscard]] double time_s(std::size_t slot) const noexcept {
    return static_cast<double>(slot) * (span_s_ / static_cast<double>(slots()));
  }
  /// Candidate links, in a fixed order; the index of a link is its place here.
  [[nodiscard]] const std::vector<laser_link>& links() const noexcept { return links_; }
  /// Propagation delay of each link in a slot [s]; infinite where the link is down.
  [[nodiscard]] std::span<const double> propagation_s(std::size_t slot) const {
    return row(propagation_s_, slot);
  }
  /// What every hop costs beside propagation [s]: message_bits / rate + hop processing.
  [[nodiscard]] double hop_overhead_s(double message_bits) const noexcept {
    return message_bits / rate_bps_ + hop_processing_s_;
  }
  /// Delay of one message over each link in a slot [s]; infinite where the link is down.
  [[nodiscard]] std::vector<double> hop_delays_s(std::size_t slot, double message_bits) const {
    const auto propagation = propagation_s(slot);
    std::vector<double> delays(propagation.begin(), propagation.end());
    for (double& delay : delays) delay += hop_overhead_s(message_bits);
    return delays;
  }
  /// Plane and slot of each satellite; empty where the constellation has none.
  [[nodiscard]] std::span<const orbital_slot> orbital_slots() const noexcept {
    return orbital_slots_;
  }

 private:
  timeline(std::size_t satellites, std::vector<laser_link> links, const timeline_options& options)
      : satellites_(satellites),
        links_(std::move(links)),
        rate_bps_(options.rate_gbps * 1e9),
        hop_processing_s_(options.hop_processing_s) {
    options.validate();
    detail::require_between("satellites", satellites_, std::size_t{1}, std::size_t{0xffffffff});
    for (std::size_t i = 0; i < links_.size(); ++i)
      if (const auto [a, b] = links_[i]; a >= satellites_ || b >= satellites_ || a == b)
        throw invalid_input::value(
            "links[" + std::to_string(i) + "]", std::to_string(a) + "-" + std::to_string(b),
            "two different satellites in 0.." + std::to_string(satellites_ - 1));
    const auto slots = static_cast<std::size_t>(options.slots);
    detail::require(links_.size() <= (std::size_t{1} << 29) / slots, "slots", slots,
                    "slots × links at most 2^29, with " + std::to_string(links_.size()) + " links");
    propagation_s_ = make_matrix(slots, links_.size(), std::numeric_limits<double>::infinity());
  }

  void draw_outages(std::uint64_t seed) {
    const bernoulli_outages outages{survival_probability_, seed};
    for (std::size_t slot = 0; slot < slots(); ++slot) {
      const std::vector<bool> survives = outages.survivors(slot, links_.size());
      for (std::size_t i = 0; i < links_.size(); ++i)
        if (!survives[i]) row(propagation_s_, slot)[i] = std::numeric_limits<double>::infinity();
    }
  }

  template<typename Constellation>
  static double span_of(const Constellation& sky, const timeline_options& options) {
    if (options.span_s) return *options.span_s;
    if constexpr (periodic_constellation<Constellation>)
      return sky.period_s();
    else
      throw invalid_input::value("span_s", "nothing",
                                 "a time span, because the constellation has no period_s()");
  }

  std::size_t satellites_;
  std::vector<laser_link> links_;
  double rate_bps_;
  double hop_processing_s_;
  double span_s_ = 0;
  double survival_probability_ = 1;
  matrix propagation_s_;
  matrix without_outages_s_;  // empty where links do not fail
  std::vector<orbital_slot> orbital_slots_;
};

}  // namespace orbitmoe
