#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/search/mean_delays.hpp>

namespace orbitmoe::detail {

/// Gateways and hosts of a ring of layers, judged by mean delays: the expected path latency of the
/// slowest expert, summed over the layers. The hosts of a layer are a set: they are kept by rising
/// latency, and the heaviest experts are on the first of them, which is best.
class ring_layout {
 public:
  /// A place in the layout: of layer post / width(), its gateway (0) or its n-th nearest host.
  using post = std::uint32_t;

  /// @param slowest  of each layer, P(the slowest expert is on the n-th host); like delays, it must
  ///                 outlive the layout.
  /// @param start    satellite of each post; hosts in any order.
  ring_layout(const mean_delays& delays, std::span<const std::vector<double>> slowest,
              std::vector<satellite_id> start)
      : delays_(&delays),
        slowest_(slowest),
        hosts_(slowest.front().size()),
        satellite_(std::move(start)),
        post_(delays.size(), nobody),
        time_s_(satellite_.size()),
        cost_s_(slowest.size()) {
    for (std::size_t l = 0; l < layers(); ++l) {
      cost_s_[l] = refresh(l, scratch_[0]);
      keep(l, scratch_[0]);
    }
  }

  [[nodiscard]] std::size_t layers() const { return slowest_.size(); }
  [[nodiscard]] std::size_t posts() const { return satellite_.size(); }
  /// Posts of each layer: the gateway and the hosts.
  [[nodiscard]] std::size_t width() const { return hosts_ + 1; }
  [[nodiscard]] const std::vector<satellite_id>& satellites() const { return satellite_; }
  [[nodiscard]] satellite_id gateway(std::size_t layer) const {
    return satellite_[layer % layers() * width()];
  }
  [[nodiscard]] double total_s() const {
    return std::accumulate(cost_s_.begin(), cost_s_.end(), 0.0);
  }

  /// Puts a post on another satellite, and who is there in its stead; keeps it if accept(change of
  /// the total [s]). Returns the change that was kept. O(ranks that a host moves by), or
  /// O(hosts log hosts) where a gateway moves.
  template<typename Accept>
  double move(post p, satellite_id to, Accept&& accept) {
    const post other = post_[to];
    if (other == p) return 0;
    if (is_gateway(p) || (other != nobody && is_gateway(other)))
      return move_gateway(p, other, to, accept);
    const std::size_t layer = p / width();
    if (other != nobody && other / width() == layer) return 0;
    const satellite_id from = satellite_[p];
    const shift here = shifted(p, to);
    if (other == nobody) {
      if (!accept(here.change_s)) return 0;
      apply(p, to, here);
      post_[from] = nobody;
      return here.change_s;
    }
    const shift there = shifted(other, from);
    const double change_s = here.change_s + there.change_s;
    if (!accept(change_s)) return 0;
    apply(p, to, here);
    apply(other, from, there);
    return change_s;
  }

 private:
  static constexpr post nobody = 0xffffffff;
  /// Hosts of one layer with their times, while its cost is computed.
  using timed_hosts = std::vector<std::pair<float, satellite_id>>;
  /// Where a host goes among those of its layer when it gets another satellite.
  struct shift {
    post to;
    float time_s;
    double change_s;
  };

  [[nodiscard]] bool is_gateway(post p) const { return p % width() == 0; }

  /// On the way from the gateway of a layer over a satellite to the next [s]. Never reached counts
  /// as very far, not as infinity: so that a layout can get better.
  [[nodiscard]] float over_s(std::size_t layer, satellite_id host) const {
    return std::min(delays_->from(gateway(layer))[host] + delays_->from(gateway(layer + 1))[host],
                    1e3f);
  }

  [[nodiscard]] shift shifted(post p, satellite_id to) const {
    const std::size_t layer = p / width(), first = layer * width() + 1;
    const double* const law = slowest_[layer].data();
    const auto time_s = [&](std::size_t n) { return static_cast<double>(time_s_[first + n]); };
    const double new_s = over_s(layer, to);
    std::size_t n = p - first;
    double change_s = 0;
    if (new_s > time_s(n))
      for (; n + 1 < hosts_ && time_s(n + 1) < new_s; ++n)
        change_s += law[n] * (time_s(n + 1) - time_s(n));
    else
      for (; n > 0 && time_s(n - 1) > new_s; --n) change_s += law[n] * (time_s(n - 1) - time_s(n));
    change_s += law[n] * (new_s - time_s(n));
    return {static_cast<post>(first + n), static_cast<float>(new_s), change_s};
  }

  void apply(post p, satellite_id to, const shift& change) {
    const auto put = [&](post at, satellite_id id, float time_s) {
      satellite_[at] = id;
      time_s_[at] = time_s;
      post_[id] = at;
    };
    cost_s_[p / width()] += change.change_s;
    for (; p < change.to; ++p) put(p, satellite_[p + 1], time_s_[p + 1]);
    for (; p > change.to; --p) put(p, satellite_[p - 1], time_s_[p - 1]);
    put(p, to, change.time_s);
  }

  template<typename Accept>
  double move_gateway(post p, post other, satellite_id to, Accept&& accept) {
    const satellite_id from = satellite_[p];
    std::array<std::size_t, 4> touched;
    std::array<double, 4> cost_s;
    std::size_t count = 0;
    const auto touch = [&](std::size_t layer) {
      const auto known = std::span(touched).first(count);
      if (std::ranges::find(known, layer) == known.end()) touched[count++] = layer;
    };
    for (const post each : {p, other})
      if (each != nobody) {
        touch(each / width());
        if (is_gateway(each)) touch((each / width() + layers() - 1) % layers());
      }
    satellite_[p] = to;
    if (other != nobody) satellite_[other] = from;
    double change_s = 0;
    for (std::size_t i = 0; i < count; ++i) {
      cost_s[i] = refresh(touched[i], scratch_[i]);
      change_s += cost_s[i] - cost_s_[touched[i]];
    }
    if (!accept(change_s)) {
      satellite_[p] = from;
      if (other != nobody) satellite_[other] = to;
      return 0;
    }
    post_[from] = nobody;
    for (std::size_t i = 0; i < count; ++i) {
      cost_s_[touched[i]] = cost_s[i];
      keep(touched[i], scratch_[i]);
    }
    return change_s;
  }

  /// Expected time of the slowest expert of a layer [s], and its hosts by rising time.
  double refresh(std::size_t layer, timed_hosts& hosts) const {
    hosts.clear();
    for (std::size_t n = 1; n < width(); ++n) {
      const satellite_id id = satellite_[layer * width() + n];
      hosts.emplace_back(over_s(layer, id), id);
    }
    std::sort(hosts.begin(), hosts.end());
    double cost_s = 0;
    for (std::size_t n = 0; n < hosts_; ++n) cost_s += hosts[n].first * slowest_[layer][n];
    return cost_s;
  }

  void keep(std::size_t layer, const timed_hosts& hosts) {
    const std::size_t first = layer * width();
    post_[satellite_[first]] = static_cast<post>(first);
    for (std::size_t n = 0; n < hosts_; ++n) {
      time_s_[first + 1 + n] = hosts[n].first;
      satellite_[first + 1 + n] = hosts[n].second;
      post_[hosts[n].second] = static_cast<post>(first + 1 + n);
    }
  }

  const mean_delays* delays_;
  std::span<const std::vector<double>> slowest_;
  std::size_t hosts_;                    // of each layer
  std::vector<satellite_id> satellite_;  // of each post
  std::vector<post> post_;               // of each satellite
  std::vector<float> time_s_;            // of each post; a gateway's means nothing
  std::vector<double> cost_s_;           // of each layer
  std::array<timed_hosts, 4> scratch_;
};

}  // namespace orbitmoe::detail
