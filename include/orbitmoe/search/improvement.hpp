#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/evaluate/objective.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/path_latency.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/search/mean_path_latencies.hpp>

namespace orbitmoe {

/// Where improved looks, and when it stops.
struct improve_options {
  std::uint64_t changes = 1'000'000;  ///< of hosts tried, at most
  /// Wall-clock time, over 0 up to 1e6 [s]; empty: changes alone decide.
  std::optional<double> time_limit_s = {};
  std::stop_token stop = {};      ///< asked for, the best placement so far is the result
  int hosts_per_layer = 32;       ///< satellites tried for each layer, beside its own, 0 to 65,536
  int experts_per_satellite = 1;  ///< how many experts may share a satellite, 1 to 65,536
  /// Sampled for objectives over tokens, 1 to 1,000,000. The fewer, the more is a plan tuned to
  /// them: judge it on tokens of another seed.
  int tokens_per_slot = 200;
  std::uint64_t seed = 2;  ///< of the sampled tokens; not the default of evaluate_options
  bool operator==(const improve_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    if (time_limit_s)
      detail::require(*time_limit_s > 0 && *time_limit_s <= 1e6, "time_limit_s", *time_limit_s,
                      "a number over 0 and up to 1e6");
    detail::require_between("hosts_per_layer", hosts_per_layer, 0, 65'536);
    detail::require_between("experts_per_satellite", experts_per_satellite, 1, 65'536);
    detail::require_between("tokens_per_slot", tokens_per_slot, 1, 1'000'000);
  }
};

namespace detail {

/// Hosts of all experts under fixed gateways, with what each layer adds to each outcome: moving an
/// expert costs the computation of its layer alone.
template<expert_router Router, latency_objective Objective>
class outcome_table {
 public:
  /// An expert, and a satellite for it.
  struct change {
    std::size_t layer, expert;
    satellite_id host;
  };

  /// @param satellites  that may host each layer; those of the plan among them.
  /// @param path_s      stage l: over satellites[l], from the gateway of layer l to the next.
  outcome_table(const Router& router, const Objective& objective, placement plan,
                const std::vector<std::vector<satellite_id>>& satellites,
                const path_latencies& path_s, const improve_options& options)
      : router_(router),
        objective_(objective),
        path_s_(path_s),
        tokens_(Objective::over_tokens ? static_cast<std::size_t>(options.tokens_per_slot) : 0),
        plan_(std::move(plan)) {
    for (std::size_t l = 0; l < satellites.size(); ++l) {
      used_.push_back(experts_in_use(router.activation().layer(l)));
      column_.emplace_back();
      for (std::size_t i = 0; i < satellites[l].size(); ++i) column_[l][satellites[l][i]] = i;
    }
    require(path_s.slots() * tokens_ * satellites.size() * router.top_k() <= std::size_t{1} << 27,
            "tokens_per_slot", tokens_, "slots × tokens_per_slot × layers × top_k at most 2^27");
    drawn_.resize(path_s.slots() * tokens_ * satellites.size() * router.top_k());
    const std::size_t per_slot = drawn_.size() / path_s.slots();
    for (std::size_t slot = 0; slot < path_s.slots() && tokens_ > 0; ++slot) {
      random_stream stream(options.seed, "tokens", slot);
      for (std::size_t t = 0; t < tokens_; ++t)
        router.draw(stream, std::span(drawn_).subspan(slot * per_slot + t * per_slot / tokens_,
                                                      per_slot / tokens_));
    }
    for (const std::size_t expert : drawn_)
      require(expert < router.activation().experts(), "router.draw", expert,
              "an expert of the model");
    const std::size_t outcomes = path_s.slots() * std::max<std::size_t>(tokens_, 1);
    layer_s_ = make_matrix(satellites.size(), outcomes, 0);
    for (std::size_t l = 0; l < satellites.size(); ++l) fill(l, plan_.experts[l], row(layer_s_, l));
    add_up();
  }

  [[nodiscard]] const placement& plan() const { return plan_; }
  /// Path latencies alone, without compute time [s].
  [[nodiscard]] double value_s() const { return value_s_; }

  /// Makes changes of one or two layers if the value falls and no more outcomes lack a route.
  bool try_changes(std::span<const change> changes) {
    struct layer_change {
      std::size_t layer;
      std::vector<satellite_id> hosts;
      std::vector<double> outcomes_s;
    };
    std::vector<layer_change> touched;
    for (const auto& [layer, expert, host] : changes) {
      if (!column_[layer].contains(host)) return false;
      if (touched.empty() || touched.back().layer != layer)
        touched.push_back({layer, plan_.experts[layer], std::vector<double>(total_s_.size())});
      touched.back().hosts[expert] = host;
    }
    std::vector<double> total_s = total_s_;
    std::vector<int> missing = missing_;
    for (layer_change& each : touched) {
      fill(each.layer, each.hosts, each.outcomes_s);
      for (std::size_t w = 0; w < total_s.size(); ++w) {
        add(-1, row(layer_s_, each.layer)[w], total_s[w], missing[w]);
        add(1, each.outcomes_s[w], total_s[w], missing[w]);
      }
    }
    const auto [lost, value_s] = judged(total_s, missing);
    if (lost > lost_ || !(value_s_ - value_s > 1e-9 * std::abs(value_s))) return false;
    for (layer_change& each : touched) {
      plan_.experts[each.layer] = std::move(each.hosts);
      std::ranges::copy(each.outcomes_s, row(layer_s_, each.layer).begin());
    }
    add_up();
    return true;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  /// What a layer adds to each outcome [s]; infinity in slots in which it lacks a route.
  void fill(std::size_t layer, const std::vector<satellite_id>& hosts,
            std::span<double> outcomes_s) const {
    const std::vector<std::size_t>& used = used_[layer];
    std::vector<std::size_t> columns, order(used.size());
    for (const satellite_id host : hosts) columns.push_back(column_[layer].at(host));
    std::vector<double> time_s(hosts.size()), rank(used.size());
    const std::size_t top_k = router_.top_k(), layers = column_.size();
    for (std::size_t slot = 0; slot < path_s_.slots(); ++slot) {
      const auto over_s = path_s_.at(layer, slot);
      for (std::size_t e = 0; e < hosts.size(); ++e) time_s[e] = over_s[columns[e]];
      if constexpr (!Objective::over_tokens) {
        outcomes_s[slot] = mean_slowest_s(router_, layer, time_s, used, order, rank);
      } else {
        const bool lacking = std::ranges::any_of(
            used, [&](std::size_t expert) { return time_s[expert] == infinity; });
        for (std::size_t t = slot * tokens_; t < (slot + 1) * tokens_; ++t)
          outcomes_s[t] =
              lacking ? infinity
                      : slowest_s(std::span(drawn_).subspan((t * layers + layer) * top_k, top_k),
                                  time_s);
      }
    }
  }

  /// Adds to a total, or to the number of its terms that are missing.
  static void add(int sign, double term_s, double& total_s, int& missing) {
    if (term_s == infinity)
      missing += sign;
    else
      total_s += sign * term_s;
  }

  void add_up() {
    total_s_.assign(column_count(layer_s_), 0);
    missing_.assign(column_count(layer_s_), 0);
    for (std::size_t l = 0; l < row_count(layer_s_); ++l)
      for (std::size_t w = 0; w < total_s_.size(); ++w)
        add(1, row(layer_s_, l)[w], total_s_[w], missing_[w]);
    std::tie(lost_, value_s_) = judged(total_s_, missing_);
  }

  /// How many outcomes lack a route, and the value of the others [s].
  [[nodiscard]] std::pair<std::size_t, double> judged(const std::vector<double>& total_s,
                                                      const std::vector<int>& missing) const {
    std::vector<double> outcomes_s;
    outcomes_s.reserve(total_s.size());
    for (std::size_t w = 0; w < total_s.size(); ++w)
      if (missing[w] == 0) outcomes_s.push_back(total_s[w]);
    const std::size_t lost = total_s.size() - outcomes_s.size();
    return {lost, outcomes_s.empty() ? infinity : objective_(std::span(outcomes_s))};
  }

  const Router& router_;
  Objective objective_;
  const path_latencies& path_s_;
  std::size_t tokens_;  // sampled in each slot; 0: outcomes are slots
  placement plan_;
  std::vector<std::vector<std::size_t>> used_;                         // experts of each layer
  std::vector<std::unordered_map<satellite_id, std::size_t>> column_;  // in path_s_, of each layer
  std::vector<std::size_t> drawn_;  // experts: slots × tokens × layers × K
  matrix layer_s_;                  // layers × outcomes
  std::vector<double> total_s_;     // of each outcome: the sum over layers that have their routes
  std::vector<int> missing_;        // of each outcome: layers that lack a route
  std::size_t lost_ = 0;
  double value_s_ = 0;
};

/// Satellites that may host each layer: those of the plan, and `count` more on the shortest ways
/// between its gateways, in the mean.
template<delay_router DelayRouter>
std::vector<std::vector<satellite_id>> hosts_nearby(const timeline& net, const moe_model& model,
                                                    const placement& plan, std::size_t count,
                                                    const run_options& run) {
  std::vector<satellite_id> free;
  for (satellite_id id = 0; id < net.size(); ++id)
    if (std::ranges::find(plan.gateways, id) == plan.gateways.end()) free.push_back(id);
  const matrix tau_s = mean_path_latencies_s<DelayRouter>(net, model, plan.gateways, free, run);
  count = std::min(count, free.size());
  std::vector<std::vector<satellite_id>> satellites;
  for (std::size_t l = 0; l < plan.gateways.size(); ++l) {
    std::vector<std::size_t> order(free.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
      const double a_s = row(tau_s, l)[a], b_s = row(tau_s, l)[b];
      return a_s != b_s ? a_s < b_s : a < b;
    });
    std::vector<satellite_id>& of_layer = satellites.emplace_back(plan.experts[l]);
    for (std::size_t i = 0; i < count; ++i) of_layer.push_back(free[order[i]]);
    std::ranges::sort(of_layer);
    const auto repeated = std::ranges::unique(of_layer);
    of_layer.erase(repeated.begin(), repeated.end());
  }
  return satellites;
}

/// Descent over the changes of an outcome_table.
template<typename Table>
class descent {
 public:
  descent(Table& table, const std::vector<std::vector<satellite_id>>& satellites,
          std::size_t network_size, const improve_options& options, const run_options& run)
      : table_(table), satellites_(satellites), options_(options), run_(run), on_(network_size) {
    const placement& plan = table.plan();
    is_gateway_.assign(network_size, false);
    for (const satellite_id id : plan.gateways) is_gateway_[id] = true;
    for (std::size_t l = 0; l < plan.experts.size(); ++l)
      for (std::size_t e = 0; e < plan.experts[l].size(); ++e)
        on_[plan.experts[l][e]].push_back({l, e});
  }

  /// Tries all changes again and again, until none helps.
  void run() {
    const placement& plan = table_.plan();
    for (bool better = true; better && !over();) {
      better = false;
      for (std::size_t l = 0; l < plan.experts.size(); ++l)
        for (std::size_t e = 0; e < plan.experts[l].size(); ++e) {
          for (std::size_t f = e + 1; f < plan.experts[l].size(); ++f)
            better |= exchange({l, e}, {l, f});
          for (const satellite_id to : satellites_[l]) better |= bring({l, e}, to);
          if (over()) return;
        }
    }
  }

 private:
  struct expert {
    std::size_t layer, index;
    bool operator==(const expert&) const = default;
  };

  [[nodiscard]] satellite_id host(expert x) const {
    return table_.plan().experts[x.layer][x.index];
  }

  [[nodiscard]] bool over() const {
    if (tried_ >= options_.changes || options_.stop.stop_requested()) return true;
    if (!options_.time_limit_s) return false;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started_;
    return passed.count() >= *options_.time_limit_s;
  }

  /// Brings an expert to a satellite, or one that is there in its place.
  bool bring(expert x, satellite_id to) {
    if (is_gateway_[to] || host(x) == to) return false;
    if (on_[to].size() < static_cast<std::size_t>(options_.experts_per_satellite)) {
      const satellite_id from = host(x);
      if (attempt({{{x.layer, x.index, to}}})) {
        settle(x, from);
        return true;
      }
    }
    for (const expert other : std::vector(on_[to]))
      if (other.layer != x.layer && exchange(x, other)) return true;
    return false;
  }

  bool exchange(expert x, expert y) {
    const satellite_id x_host = host(x), y_host = host(y);
    if (x_host == y_host || !attempt({{{x.layer, x.index, y_host}, {y.layer, y.index, x_host}}}))
      return false;
    settle(x, x_host);
    settle(y, y_host);
    return true;
  }

  bool attempt(const std::vector<typename Table::change>& changes) {
    if (tried_ >= options_.changes) return false;
    ++tried_;
    if (run_.progress && tried_ % 256 == 0)
      run_.progress(static_cast<double>(tried_) / static_cast<double>(options_.changes));
    return table_.try_changes(changes);
  }

  /// An expert has left a satellite for the one that the plan now says.
  void settle(expert x, satellite_id from) {
    std::erase(on_[from], x);
    on_[host(x)].push_back(x);
  }

  Table& table_;
  const std::vector<std::vector<satellite_id>>& satellites_;
  const improve_options& options_;
  const run_options& run_;
  std::vector<std::vector<expert>> on_;  // experts on each satellite
  std::vector<bool> is_gateway_;
  std::uint64_t tried_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace detail

/// A placement that no change of those tried makes better, found from another by descent.
///
/// Gateways stay. A change exchanges the hosts of two experts, of one layer or of two, or moves an
/// expert to a satellite with room; it is judged exactly, over all slots (or sampled tokens), and
/// made at once if the objective falls and no more slots lack a route. Goes on until no change
/// helps, or the options say stop. Unlike layout_search it sees every single slot, which sorting
/// by means does not: it repairs what a mean of maxima loses, and is tuned to the outages given.
///
/// @param router  model of expert_router; with trace, experts that fire together are kept apart
///                from slow hosts, which no sorting by activation can do.
/// @return  the plan itself where nothing is better.
/// @throws invalid_input  router, plan and network do not fit; an option is outside its range.
/// @complexity  slots · (E log E + slowest_rank) per change, tokens · K more for objectives over
///              tokens; memory L · (E + hosts_per_layer) · slots doubles, and L · slots · tokens ·
///              K. A change that is kept costs L · outcomes more.
template<delay_router DelayRouter = sweep_router, expert_router Router,
         latency_objective Objective = mean_latency>
[[nodiscard]] placement improved(const timeline& net, const moe_model& model, const Router& router,
                                 const placement& plan, const improve_options& options = {},
                                 const Objective& objective = {}, const run_options& run = {}) {
  options.validate();
  detail::require_fit(router, model);
  plan.validate(net.size(), model, options.experts_per_satellite);
  const std::size_t layers = plan.gateways.size();
  const std::vector<std::vector<satellite_id>> satellites = detail::hosts_nearby<DelayRouter>(
      net, model, plan, static_cast<std::size_t>(options.hosts_per_layer),
      {.threads = run.threads});
  std::vector<stage> stages = detail::stages_of(plan);
  for (std::size_t l = 0; l < layers; ++l) stages[l].hosts = satellites[l];
  const path_latencies path_s =
      path_latencies_s<DelayRouter>(net, model.message_bits(), stages, {.threads = run.threads});
  detail::outcome_table table(router, objective, plan, satellites, path_s, options);
  detail::descent(table, satellites, net.size(), options, run).run();
  if (run.progress) run.progress(1);
  return table.plan();
}

}  // namespace orbitmoe
