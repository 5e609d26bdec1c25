#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/dijkstra.hpp>
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

/// Path latency over each host of each stage, in every slot.
///
/// Entry (k, i) of the result for a stage is d_k(from, hosts[i]) + d_k(hosts[i], to) [s], with d_k
/// the shortest delay of slot k for a message of `message_bits`; infinity where there is no path.
/// Shortest delays are computed once per slot and distinct end, however many stages share it.
///
/// @tparam Router     model of delay_router.
/// @param  stages     ids in [0, satellites); hosts may repeat.
/// @return            per stage, slots × hosts one-way latencies [s].
/// @throws invalid_input  a satellite does not exist (the message gives stage, id and range);
///                        message_bits is outside [0, 1e18]; run.threads is outside its range.
/// @complexity  O(slots · (ends · Router + hosts)); memory of the result and, per thread,
///              32 rows of satellites. Same bits for any number of threads.
template<delay_router Router = dijkstra_router>
[[nodiscard]] std::vector<matrix> path_latencies_s(const timeline& net, double message_bits,
                                                   std::span<const stage> stages,
                                                   const run_options& run = {}) {
  detail::require_between("message_bits", message_bits, 0.0, 1e18);
  std::vector<satellite_id> ends;
  std::vector<matrix> latencies_s;
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
    latencies_s.push_back(make_matrix(net.slots(), stages[i].hosts.size(), 0.0));
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  std::vector<std::vector<std::size_t>> stages_of(ends.size());
  for (std::size_t i = 0; i < stages.size(); ++i)
    for (const satellite_id end : {stages[i].from, stages[i].to}) {
      const auto place = std::lower_bound(ends.begin(), ends.end(), end) - ends.begin();
      stages_of[static_cast<std::size_t>(place)].push_back(i);
    }

  // Links are undirected, so one tree from an end serves the way out and the way in. Each entry is
  // a sum of two terms, and x + y == y + x: the order of the ends leaves no trace in the bits.
  const Router router(net);
  constexpr std::size_t block = 32;
  detail::parallel_for(net.slots(), run, [&](std::size_t slot) {
    const std::vector<double> hop_delays_s = net.hop_delays_s(slot, message_bits);
    matrix delays_s = make_matrix(std::min(block, ends.size()), net.size(), 0.0);
    for (std::size_t first = 0; first < ends.size(); first += block) {
      const auto sources = std::span(ends).subspan(first, std::min(block, ends.size() - first));
      router.delays_s(hop_delays_s, sources, {delays_s.data(), sources.size() * net.size()});
      for (std::size_t e = 0; e < sources.size(); ++e)
        for (const std::size_t i : stages_of[first + e]) {
          const std::span<const double> from_end = row(std::as_const(delays_s), e);
          const std::span<double> out = row(latencies_s[i], slot);
          for (std::size_t h = 0; h < out.size(); ++h) out[h] += from_end[stages[i].hosts[h]];
        }
    }
  });
  return latencies_s;
}

}  // namespace orbitmoe
