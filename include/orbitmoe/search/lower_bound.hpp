#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/lanes.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe {

/// What a plan must obey to be bounded.
struct lower_bound_options {
  double flops_per_s = 7.28e9;  ///< of one satellite, 1 to 1e24 [FLOP/s]
  bool count_gateway = false;   ///< whether attention and router take time
  /// Share of slots in which the plan may lack a route, 0 to 0.05: its mean is over the others.
  double unreachable_fraction = 0;
  bool operator==(const lower_bound_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("flops_per_s", flops_per_s, 1.0, 1e24);
    detail::require_between("unreachable_fraction", unreachable_fraction, 0.0, 0.05);
  }
};

namespace detail {

/// Means of series that grow by one number each per slot, over all slots but the `drop` with the
/// largest numbers. A series with more than `drop` infinite numbers has an infinite mean.
class least_means {
 public:
  least_means(std::size_t series, std::size_t drop)
      : drop_(drop), kept_(series * (drop + 1), 0.0) {}

  void add(std::size_t series, double value) {
    double* const kept = kept_.data() + series * (drop_ + 1);  // a sum, and what is left out of it
    for (std::size_t i = 1; i <= drop_; ++i)
      if (value > kept[i]) std::swap(value, kept[i]);
    kept[0] += value;
  }
  [[nodiscard]] double mean(std::size_t series, std::size_t slots) const {
    return kept_[series * (drop_ + 1)] / static_cast<double>(slots - drop_);
  }

 private:
  std::size_t drop_;
  std::vector<double> kept_;
};

/// Bounds a single layer from below, whatever the others do.
template<delay_router Router>
class single_layer_bound {
 public:
  /// Most satellites: tables of all pairs are kept.
  static constexpr std::size_t max_satellites = 4'096;

  /// @param laws  P(the slowest activated expert is the j-th from the heaviest), for each law.
  single_layer_bound(const timeline& net, double message_bits, bool same_gateway,
                     std::vector<std::vector<double>> laws, std::size_t drop,
                     const run_options& run)
      : net_(net),
        router_(net),
        message_bits_(message_bits),
        laws_(std::move(laws)),
        drop_(drop),
        threads_{.threads = run.threads},
        delays_s_(make_matrix(net.size(), net.size(), 0)) {
    if (same_gateway)
      for (satellite_id g = 0; g < net.size(); ++g) pairs_.push_back({g, g});
    else
      find_pairs(part_of(run, 0, 0.3));
    least_s_ = least_over_pairs(part_of(run, 0.3, 1));
  }

  /// Least mean of the slowest expert's time on the way [s], for each law.
  [[nodiscard]] const std::vector<double>& least_s() const noexcept { return least_s_; }

 private:
  struct pair {
    satellite_id gateway, next;
  };

  /// All pairs of one slot.
  void fill_delays(std::size_t slot) {
    const std::vector<double> hop_delays_s = net_.hop_delays_s(slot, message_bits_);
    const std::size_t n = net_.size();
    parallel_for((n + lanes - 1) / lanes, threads_, [&](std::size_t block) {
      const std::size_t first = block * lanes, width = std::min(lanes, n - first);
      std::vector<satellite_id> sources(width);
      std::iota(sources.begin(), sources.end(), static_cast<satellite_id>(first));
      matrix columns_s = make_matrix(n, width, 0);
      router_.delays_s(hop_delays_s, sources, {columns_s.data(), n * width});
      for (std::size_t v = 0; v < n; ++v)
        for (std::size_t i = 0; i < width; ++i)
          row(delays_s_, first + i)[v] = columns_s.data()[v * width + i];
    });
  }

  /// Pairs of gateways that may be best. Every way over a host is at least as long as that between
  /// the gateways, so pairs that are further apart than what one good pair costs are out.
  void find_pairs(const run_options& run) {
    const std::size_t n = net_.size();
    least_means apart(n * n, drop_);
    for (std::size_t slot = 0; slot < net_.slots(); ++slot) {
      fill_delays(slot);
      parallel_for(n, threads_, [&](std::size_t g) {
        for (std::size_t v = g + 1; v < n; ++v) apart.add(g * n + v, row(delays_s_, g)[v]);
      });
      report(run, slot);
    }
    const auto apart_s = [&](pair p) { return apart.mean(p.gateway * n + p.next, net_.slots()); };
    pair closest{0, 1};
    std::vector<pair> all;
    for (satellite_id g = 0; g < n; ++g)
      for (satellite_id v = g + 1; v < n; ++v) {
        all.push_back({g, v});
        if (apart_s({g, v}) < apart_s(closest)) closest = {g, v};
      }
    pairs_ = {closest};
    const std::vector<double> reached_s = least_over_pairs({});
    const double enough_s = *std::ranges::max_element(reached_s);
    std::erase_if(all, [&](pair p) { return apart_s(p) > enough_s; });
    pairs_ = std::move(all);
  }

  std::vector<double> least_over_pairs(const run_options& run) {
    least_means costs(pairs_.size() * laws_.size(), drop_);
    for (std::size_t slot = 0; slot < net_.slots(); ++slot) {
      fill_delays(slot);
      parallel_for(pairs_.size(), threads_, [&](std::size_t p) { add_costs(p, costs); });
      report(run, slot);
    }
    std::vector<double> least_s(laws_.size(), std::numeric_limits<double>::infinity());
    for (std::size_t p = 0; p < pairs_.size(); ++p)
      for (std::size_t k = 0; k < laws_.size(); ++k)
        least_s[k] = std::min(least_s[k], costs.mean(p * laws_.size() + k, net_.slots()));
    return least_s;
  }

  /// What a pair costs in the slot at hand if the heaviest experts are on the satellites that are
  /// best in just this slot.
  void add_costs(std::size_t p, least_means& costs) const {
    const auto [gateway, next] = pairs_[p];
    const auto here_s = row(delays_s_, gateway), next_s = row(delays_s_, next);
    std::vector<double> nearest_s(laws_.front().size(), std::numeric_limits<double>::infinity());
    for (std::size_t v = 0; v < here_s.size(); ++v) {
      const double way_s = here_s[v] + next_s[v];
      if (!(way_s < nearest_s.back()) || v == gateway || v == next) continue;
      std::size_t place = nearest_s.size() - 1;
      for (; place > 0 && nearest_s[place - 1] > way_s; --place)
        nearest_s[place] = nearest_s[place - 1];
      nearest_s[place] = way_s;
    }
    for (std::size_t k = 0; k < laws_.size(); ++k) {
      double cost_s = 0;
      for (std::size_t j = 0; j < nearest_s.size(); ++j)
        if (laws_[k][j] > 0) cost_s += nearest_s[j] * laws_[k][j];
      costs.add(p * laws_.size() + k, cost_s);
    }
  }

  void report(const run_options& run, std::size_t slot) const {
    if (run.progress)
      run.progress(static_cast<double>(slot + 1) / static_cast<double>(net_.slots()));
  }

  const timeline& net_;
  Router router_;
  double message_bits_;
  std::vector<std::vector<double>> laws_;
  std::size_t drop_;
  run_options threads_;
  matrix delays_s_;  // all pairs of the slot at hand
  std::vector<pair> pairs_;
  std::vector<double> least_s_;
};

}  // namespace detail

/// No plan under the same rules has a lower mean token latency than this [s].
///
/// The rules: one expert per satellite, none on a gateway, gateways of consecutive layers differ;
/// routes lacking in at most `unreachable_fraction` of the slots. What is relaxed: (1) each layer
/// has the sky to itself, with the pair of gateways that is best for it; (2) the hosts of its
/// experts may change from slot to slot, where sorting is best; (3) the slots left out are chosen
/// for each layer. All three can only lower the mean.
///
/// @param router  model of expert_router for which heavier experts are better nearer: successive,
///                conditional_poisson. For others (trace) this is no bound.
/// @throws invalid_input  router and model do not fit; an option is outside its range; more than
///                        4,096 satellites, or too few for one layer; run.threads out of range.
/// @complexity  O(slots · satellites) shortest-delay trees, and slots · satellites for each pair of
///              gateways close enough to matter; memory satellites² doubles, a few times.
template<delay_router DelayRouter = sweep_router, expert_router Router>
[[nodiscard]] double lower_bound_s(const timeline& net, const moe_model& model,
                                   const Router& router, const lower_bound_options& options = {},
                                   const run_options& run = {}) {
  options.validate();
  router.activation().validate(model);
  using bound = detail::single_layer_bound<DelayRouter>;
  const std::size_t needed = static_cast<std::size_t>(model.experts) + (model.layers > 1 ? 2 : 1);
  detail::require_between("satellites", net.size(), needed, bound::max_satellites);

  // Layers whose experts, sorted by weight, have one law share their bound.
  std::vector<std::vector<double>> laws;
  std::vector<std::size_t> law_of;
  for (std::size_t l = 0; l < router.activation().layers(); ++l) {
    std::vector<double> law = slowest_by_weight(router, l);
    const auto found = std::find(laws.begin(), laws.end(), law);
    law_of.push_back(static_cast<std::size_t>(found - laws.begin()));
    if (found == laws.end()) laws.push_back(std::move(law));
  }
  // Rounded up but for rounding errors: leaving out more slots only lowers the bound.
  const auto drop = static_cast<std::size_t>(
      std::ceil(options.unreachable_fraction * static_cast<double>(net.slots()) - 1e-6));
  const bound layer(net, model.message_bits(), model.layers == 1, std::move(laws), drop, run);
  const double compute_s =
      (model.expert_flops + (options.count_gateway ? model.gateway_flops : 0)) /
      options.flops_per_s;
  double sum_s = 0;
  for (const std::size_t law : law_of) sum_s += compute_s + layer.least_s()[law];
  return sum_s;
}

}  // namespace orbitmoe
