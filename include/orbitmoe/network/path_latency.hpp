#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/lanes.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe {

/// One stage of a token's way: out from `from` to some hosts, and on from each of them to `to`.
/// For a layer of the model: its gateway, the satellites in question, the next layer's gateway.
struct stage {
  satellite_id from = 0;
  satellite_id to = 0;
  std::span<const satellite_id> hosts = {};  ///< not owned: must outlive the stage
};

/// Path latencies of some stages [s]: of each host, in every slot.
class path_latencies {
 public:
  /// All zero.
  path_latencies(std::size_t slots, std::span<const stage> stages) : first_{0} {
    for (const stage& each : stages) first_.push_back(first_.back() + each.hosts.size());
    table_s_ = make_matrix(slots, first_.back(), 0);
  }

  /// Number of stages.
  [[nodiscard]] std::size_t size() const noexcept { return first_.size() - 1; }
  /// Number of time slots.
  [[nodiscard]] std::size_t slots() const noexcept { return row_count(table_s_); }
  /// Latency over each host of a stage in a slot [s]; stage in [0, size), slot in [0, slots).
  [[nodiscard]] std::span<const double> at(std::size_t stage, std::size_t slot) const {
    return row(table_s_, slot).subspan(first_[stage], first_[stage + 1] - first_[stage]);
  }
  [[nodiscard]] std::span<double> at(std::size_t stage, std::size_t slot) {
    return row(table_s_, slot).subspan(first_[stage], first_[stage + 1] - first_[stage]);
  }
  /// Latencies of one stage, slots × hosts [s]; stage in [0, size).
  [[nodiscard]] matrix operator[](std::size_t stage) const {
    const auto first = static_cast<Eigen::Index>(first_[stage]);
    return table_s_.middleCols(first, static_cast<Eigen::Index>(first_[stage + 1]) - first);
  }
  bool operator==(const path_latencies&) const = default;

 private:
  std::vector<std::size_t> first_;  // column of each stage, and the end of all
  matrix table_s_;                  // slots × hosts of all stages: a slot is written at once
};

/// Path latency over each host of each stage, in every slot.
///
/// In slot k, host i has d_k(from, hosts[i]) + d_k(hosts[i], to) [s], with d_k the shortest delay
/// of the slot for a message of `message_bits`; infinity where there is no path. Shortest delays
/// are computed once per slot and distinct end, however many stages share it.
///
/// @tparam Router     model of delay_router.
/// @param  stages     ids in [0, satellites); hosts may repeat.
/// @throws invalid_input  a satellite does not exist (the message gives stage, id and range);
///                        message_bits is outside [0, 1e18]; run.threads is outside its range.
/// @complexity  O(slots · (ends · Router + hosts)); memory of the result and, per thread, a few
///              delays per satellite and lane. Same bits for any number of threads.
template<delay_router Router = sweep_router>
[[nodiscard]] path_latencies path_latencies_s(const timeline& net, double message_bits,
                                              std::span<const stage> stages,
                                              const run_options& run = {}) {
  detail::require_between("message_bits", message_bits, 0.0, 1e18);
  std::vector<satellite_id> ends;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const auto check = [&](satellite_id id) {
      if (id >= net.size())
        throw invalid_input::value("stages[" + std::to_string(i) + "]", std::to_string(id),
                                   "a satellite in 0.." + std::to_string(net.size() - 1));
    };
    check(stages[i].from);
    check(stages[i].to);
    for (const satellite_id host : stages[i].hosts) check(host);
    ends.insert(ends.end(), {stages[i].from, stages[i].to});
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  std::vector<std::vector<std::size_t>> stages_of(ends.size());
  for (std::size_t i = 0; i < stages.size(); ++i)
    for (const satellite_id end : {stages[i].from, stages[i].to}) {
      const auto place = std::lower_bound(ends.begin(), ends.end(), end) - ends.begin();
      stages_of[static_cast<std::size_t>(place)].push_back(i);
    }

  path_latencies latencies_s(net.slots(), stages);
  // Links are undirected, so one tree from an end serves the way out and the way in. Each entry is
  // a sum of two terms, and x + y == y + x: the order of the ends leaves no trace in the bits.
  const Router router(net);
  constexpr std::size_t block = detail::lanes;
  const std::size_t width = std::min(block, ends.size());
  const auto add_slot = [&](std::size_t slot, matrix& delays_s) {
    const std::vector<double> hop_delays_s = net.hop_delays_s(slot, message_bits);
    for (std::size_t first = 0; first < ends.size(); first += block) {
      const auto sources = std::span(ends).subspan(first, std::min(block, ends.size() - first));
      router.delays_s(hop_delays_s, sources, {delays_s.data(), net.size() * sources.size()});
      for (std::size_t e = 0; e < sources.size(); ++e)
        for (const std::size_t i : stages_of[first + e]) {
          const std::span<const satellite_id> hosts = stages[i].hosts;
          const double* const from_end_s = delays_s.data() + e;
          double* const out = latencies_s.at(i, slot).data();
          for (std::size_t h = 0; h < hosts.size(); ++h)
            out[h] += from_end_s[hosts[h] * sources.size()];
        }
    }
  };
  detail::parallel_workers(net.slots(), run, [&] {
    return [&, delays_s = make_matrix(net.size(), width, 0)](std::size_t slot) mutable {
      add_slot(slot, delays_s);
    };
  });
  return latencies_s;
}

}  // namespace orbitmoe
