#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/planner.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/search/mean_delays.hpp>

namespace orbitmoe {

/// When layout_search stops, and what it tells on the way.
struct layout_options {
  static constexpr std::uint64_t max_moves = 1'000'000'000'000'000;
  std::uint64_t moves = 20'000'000;  ///< tried, at most; 0 to max_moves
  /// Wall-clock time of the search, over 0 up to 1e6 [s]; empty: moves alone decide, and the same
  /// seed gives the same bits.
  std::optional<double> time_limit_s = {};
  std::stop_token stop = {};  ///< asked for, the best layout so far is the result
  bool operator==(const layout_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("moves", moves, std::uint64_t{0}, max_moves);
    if (time_limit_s)
      detail::require(*time_limit_s > 0 && *time_limit_s <= 1e6, "time_limit_s", *time_limit_s,
                      "a number over 0 and up to 1e6");
  }
};

namespace detail {

/// Gateways and hosts of a ring of layers, judged by mean delays: the expected path latency of the
/// slowest expert, summed over the layers. Hosts of a layer are a set; its experts are on them in
/// the sorted order, which is best.
class ring_layout {
 public:
  /// @param slowest  slowest_by_weight of each layer; like delays, it must outlive the layout.
  ring_layout(const mean_delays& delays, std::span<const std::vector<double>> slowest,
              const placement& start)
      : delays_(&delays),
        slowest_(slowest),
        layers_(start.gateways.size()),
        width_(slowest_.front().size() + 1),
        satellite_(layers_ * width_),
        post_(delays.size(), nobody),
        cost_s_(layers_),
        times_s_(width_ - 1) {
    for (std::size_t l = 0; l < layers_; ++l) {
      take(l * width_, start.gateways[l]);
      for (std::size_t e = 0; e + 1 < width_; ++e) take(l * width_ + 1 + e, start.experts[l][e]);
    }
    for (std::size_t l = 0; l < layers_; ++l) cost_s_[l] = cost_s(l);
  }

  /// A place in the layout: of layer post / posts_per_layer(), its gateway (0) or a host.
  using post = std::uint32_t;
  static constexpr post nobody = 0xffffffff;

  std::size_t posts() const { return satellite_.size(); }
  std::size_t posts_per_layer() const { return width_; }
  satellite_id satellite(post p) const { return satellite_[p]; }
  satellite_id gateway(std::size_t layer) const { return satellite_[layer % layers_ * width_]; }
  double total_s() const { return std::accumulate(cost_s_.begin(), cost_s_.end(), 0.0); }

  /// Puts a post on another satellite, and who is there in its stead; keeps it if accept(change of
  /// the total [s]). Returns the change that was kept.
  template<typename Accept>
  double move(post p, satellite_id to, Accept&& accept) {
    const satellite_id from = satellite_[p];
    const post other = post_[to];
    if (from == to ||
        (other != nobody && is_host(p) && is_host(other) && p / width_ == other / width_))
      return 0;
    std::size_t touched[4];
    double before_s[4];
    std::size_t count = 0;
    const auto touch = [&](std::size_t layer) {
      if (std::find(touched, touched + count, layer) == touched + count) touched[count++] = layer;
    };
    for (const post each : {p, other})
      if (each != nobody) {
        touch(each / width_);
        if (!is_host(each)) touch((each / width_ + layers_ - 1) % layers_);
      }
    swap(p, from, other, to);
    double change_s = 0;
    for (std::size_t i = 0; i < count; ++i) {
      before_s[i] = cost_s_[touched[i]];
      cost_s_[touched[i]] = cost_s(touched[i]);
      change_s += cost_s_[touched[i]] - before_s[i];
    }
    if (accept(change_s)) return change_s;
    swap(p, to, other, from);
    for (std::size_t i = 0; i < count; ++i) cost_s_[touched[i]] = before_s[i];
    return 0;
  }

  /// @param heaviest  experts of each layer by falling weight.
  placement plan(const std::vector<std::vector<std::size_t>>& heaviest) const {
    placement plan;
    for (std::size_t l = 0; l < layers_; ++l) {
      const auto here_s = delays_->from(gateway(l)), next_s = delays_->from(gateway(l + 1));
      std::vector<satellite_id> hosts(satellite_.begin() + offset(l * width_ + 1),
                                      satellite_.begin() + offset((l + 1) * width_));
      std::sort(hosts.begin(), hosts.end(), [&](satellite_id a, satellite_id b) {
        const float a_s = here_s[a] + next_s[a], b_s = here_s[b] + next_s[b];
        return a_s != b_s ? a_s < b_s : a < b;
      });
      plan.gateways.push_back(gateway(l));
      plan.experts.emplace_back(hosts.size());
      for (std::size_t j = 0; j < hosts.size(); ++j) plan.experts.back()[heaviest[l][j]] = hosts[j];
    }
    return plan;
  }

 private:
  static std::ptrdiff_t offset(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }
  bool is_host(post p) const { return p % width_ != 0; }

  void take(std::size_t p, satellite_id id) {
    satellite_[p] = id;
    post_[id] = static_cast<post>(p);
  }

  /// Puts `p` from a to b, and `other` from b to a.
  void swap(post p, satellite_id a, post other, satellite_id b) {
    satellite_[p] = b;
    post_[b] = p;
    if (other != nobody) satellite_[other] = a;
    post_[a] = other;
  }

  /// Expected time of the slowest expert of a layer on the way [s].
  double cost_s(std::size_t layer) {
    const auto here_s = delays_->from(gateway(layer)), next_s = delays_->from(gateway(layer + 1));
    const satellite_id* const hosts = satellite_.data() + layer * width_ + 1;
    // Never reached counts as very far, not as infinity: so that a layout can get better.
    for (std::size_t e = 0; e + 1 < width_; ++e)
      times_s_[e] = std::min(here_s[hosts[e]] + next_s[hosts[e]], 1e3f);
    std::sort(times_s_.begin(), times_s_.end());
    double mean_s = 0;
    for (std::size_t j = 0; j < times_s_.size(); ++j) mean_s += times_s_[j] * slowest_[layer][j];
    return mean_s;
  }

  const mean_delays* delays_;
  std::span<const std::vector<double>> slowest_;
  std::size_t layers_, width_;
  std::vector<satellite_id> satellite_;  // of each post
  std::vector<post> post_;               // of each satellite
  std::vector<double> cost_s_;           // of each layer
  std::vector<float> times_s_;           // of the hosts of one layer, while its cost is computed
};

/// The satellites nearest to each, by mean delay, without itself; `count` of them, or all.
inline std::vector<satellite_id> nearest_of_each(const mean_delays& delays, std::size_t count) {
  std::vector<satellite_id> nearest, others(delays.size());
  std::iota(others.begin(), others.end(), satellite_id{0});
  for (satellite_id id = 0; id < delays.size(); ++id) {
    const auto from_s = delays.from(id);
    std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count + 1),
                      others.end(), [&](satellite_id a, satellite_id b) {
                        if ((a == id) != (b == id)) return a == id;
                        return from_s[a] != from_s[b] ? from_s[a] < from_s[b] : a < b;
                      });
    nearest.insert(nearest.end(), others.begin() + 1,
                   others.begin() + 1 + static_cast<std::ptrdiff_t>(count));
  }
  return nearest;
}

}  // namespace detail

/// Searches for a better layout of the whole ring: gateways and experts anywhere, no subnets.
///
/// Starts from Space-XNet's plan (from a random one where the sky has no planes) and anneals: moves
/// one gateway or host at a time to a satellite nearby, changing places with who is there, judged
/// by mean delays over the slots. Mean delays know little of a single outage, so a layout is hardly
/// tuned to those it was planned on. The result is the better of the start and the best layout in
/// the exact mean token latency of `evaluate`; a layout that lacks routes in over 5 % of the slots
/// more than the start does not count as better.
///
/// @see  Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220 (1983).
template<delay_router DelayRouter = sweep_router>
struct layout_search {
  layout_options options = {};

  /// Not drawn repeatedly: one seed, one layout.
  static constexpr bool is_random = false;

  /// @param plan_options  its seed is that of the search; one expert per satellite, whatever the
  ///                      capacity.
  /// @return  a placement, or the reason why there is no room for one.
  /// @throws invalid_input  as planner::plan and mean_delays; an option is outside its range.
  /// @complexity  O(slots · satellites) shortest-delay trees, then moves · E log E; memory
  ///              satellites² floats.
  template<typename Router>
  requires requires(const Router& router) { activation_of(router); }
  [[nodiscard]] outcome<placement> plan(const timeline& net, const moe_model& model,
                                        const Router& router, const plan_options& plan_options = {},
                                        const run_options& run = {}) const {
    options.validate();
    if constexpr (expert_router<Router>)
      return search(net, model, router, plan_options, run);
    else
      return search(net, model, successive(router, model), plan_options, run);
  }

 private:
  /// Share of slots in which the layout may lack a route where the start has all.
  static constexpr double slots_to_lose = 0.05;

  template<expert_router Router>
  outcome<placement> search(const timeline& net, const moe_model& model, const Router& router,
                            const plan_options& plan_options, const run_options& run) const {
    const orbitmoe::plan_options single{.seed = plan_options.seed};
    outcome<placement> start =
        planner<ring_partition, central_gateway, activation_sorted, DelayRouter>{}.plan(
            net, model, router, single, detail::part_of(run, 0, 0.05));
    if (!start.feasible())
      start = planner<whole_constellation, random_gateway, random_experts, DelayRouter>{}.plan(
          net, model, router, single);
    if (!start.feasible()) return start;
    const mean_delays delays =
        mean_delays::over<DelayRouter>(net, model.message_bits(), detail::part_of(run, 0.05, 0.2));
    std::vector<std::vector<std::size_t>> heaviest;
    for (std::size_t l = 0; l < router.activation().layers(); ++l)
      heaviest.push_back(heaviest_first(router.activation().layer(l)));
    const placement found = anneal(delays, router, heaviest, start.value(), plan_options.seed,
                                   detail::part_of(run, 0.2, 0.95));

    const std::vector<placement> plans{std::move(start).value(), found};
    const std::vector<latency_report> reports =
        evaluate<DelayRouter>(net, model, router, std::span(plans), {.tokens_per_slot = 0},
                              detail::part_of(run, 0.95, 1));
    const bool lower = reports[1].mean_s < reports[0].mean_s;
    // A mean over few slots is no achievement.
    const bool reachable =
        reports[1].unreachable_fraction <= reports[0].unreachable_fraction + slots_to_lose;
    return lower && reachable ? plans[1] : plans[0];
  }

  template<typename Router>
  placement anneal(const mean_delays& delays, const Router& router,
                   const std::vector<std::vector<std::size_t>>& heaviest, const placement& start,
                   std::uint64_t seed, const run_options& run) const {
    std::vector<std::vector<double>> slowest;
    for (std::size_t l = 0; l < heaviest.size(); ++l)
      slowest.push_back(slowest_by_weight(router, l));
    detail::ring_layout layout(delays, slowest, start);
    const std::size_t reach = std::min<std::size_t>(16, delays.size() - 1);
    const std::vector<satellite_id> nearest = detail::nearest_of_each(delays, reach);
    random_stream random(seed, "layout");
    const double layer_s = layout.total_s() / static_cast<double>(start.gateways.size());
    const double hot_s = 0.15 * layer_s, cold_s = 0.005 * layer_s;

    detail::ring_layout best = layout;
    double total_s = layout.total_s(), best_s = total_s, warmth_s = hot_s;
    const auto started = std::chrono::steady_clock::now();
    for (std::uint64_t n = 0; n < options.moves; ++n) {
      if (n % 4096 == 0) {
        const double done = fraction_done(n, started);
        if (run.progress && done > 0) run.progress(std::min(done, 1.0));
        if (done >= 1 || options.stop.stop_requested()) break;
        warmth_s = hot_s * std::pow(cold_s / hot_s, done);
      }
      // Somebody, and a satellite near to them or to one of the gateways of their layer.
      const auto post =
          static_cast<detail::ring_layout::post>(random.uniform_index(layout.posts()));
      const std::size_t layer = post / layout.posts_per_layer();
      const std::size_t around = random.uniform_index(3);
      const satellite_id centre =
          around == 0 ? layout.satellite(post) : layout.gateway(layer + around - 1);
      const satellite_id to = nearest[centre * reach + random.uniform_index(reach)];
      total_s += layout.move(post, to, [&](double change_s) {
        return change_s <= 0 || random.uniform_01() < std::exp(-change_s / warmth_s);
      });
      if (total_s < best_s * (1 - 1e-9)) {
        best_s = total_s;
        best = layout;
      }
    }
    return best.plan(heaviest);
  }

  double fraction_done(std::uint64_t moves, std::chrono::steady_clock::time_point started) const {
    double done = static_cast<double>(moves) / static_cast<double>(options.moves);
    if (options.time_limit_s) {
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
      done = std::max(done, passed.count() / *options.time_limit_s);
    }
    return done;
  }
};

}  // namespace orbitmoe
