#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/gateway/central.hpp>
#include <orbitmoe/gateway/concepts.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/path_latency.hpp>

namespace orbitmoe {
namespace detail {

/// What a layer costs for pairs of its gateway and the next, when its experts are placed sorted:
/// the mean time of the slowest expert [s], over the slots in which the layer has its routes;
/// infinity where there is none.
class gateway_pair_costs {
 public:
  gateway_pair_costs(const gateway_context& ctx, const expert_law& law, std::size_t layer)
      : ctx_(ctx),
        law_(law),
        layer_(layer),
        heaviest_(heaviest_first(law.activation().layer(layer))),
        used_(experts_in_use(law.activation().layer(layer))) {}

  /// Gateways × next gateways: no more than their cost, at a fraction of its computation. The
  /// slowest of mean times is not above the mean of the slowest.
  [[nodiscard]] matrix least_s(std::span<const satellite_id> gateways,
                               std::span<const satellite_id> next_gateways) const {
    std::vector<stage> stages = stages_of(gateways);
    for (const stage& each : stages_of(next_gateways)) stages.push_back(each);
    const path_latencies twice_s = ctx_.path_latencies_s(stages);
    matrix least_s =
        make_matrix(gateways.size(), next_gateways.size(), std::numeric_limits<double>::infinity());
    for (std::size_t a = 0; a < gateways.size(); ++a)
      for (std::size_t b = 0; b < next_gateways.size(); ++b)
        if (ctx_.subnets.size() == 1 ? gateways[a] == next_gateways[b]
                                     : gateways[a] != next_gateways[b])
          row(least_s, a)[b] = slowest_of_means_s(twice_s, a, gateways.size() + b, gateways[a]);
    return least_s;
  }

  /// What costs_s needs path latencies of: from g out and back is twice the delay between g and a
  /// host, to the bit.
  [[nodiscard]] std::vector<stage> stages_of(std::span<const satellite_id> gateways) const {
    std::vector<stage> stages;
    for (const satellite_id g : gateways) stages.push_back({g, g, ctx_.subnets[layer_]});
    return stages;
  }

  /// Exact cost.
  /// @param from  the stage of the gateway in twice_s, and `to` that of the next.
  [[nodiscard]] double cost_s(const path_latencies& twice_s, std::size_t from, std::size_t to,
                              satellite_id gateway) const {
    double sum_s = 0;
    std::size_t slots = 0;
    std::vector<double> rank(used_.size());
    std::vector<std::size_t> order(used_.size());
    for_each_slot(twice_s, from, to, gateway, [&](std::span<const double> time_s) {
      const double mean_s = mean_slowest_s(law_, layer_, time_s, used_, order, rank);
      if (mean_s == std::numeric_limits<double>::infinity()) return;
      sum_s += mean_s;
      ++slots;
    });
    return slots > 0 ? sum_s / static_cast<double>(slots) : std::numeric_limits<double>::infinity();
  }

 private:
  /// Calls visit(times of the experts) for each slot.
  template<typename Visit>
  void for_each_slot(const path_latencies& twice_s, std::size_t from, std::size_t to,
                     satellite_id gateway, Visit visit) const {
    const std::vector<std::size_t> place = sorted_places(twice_s, from, to, gateway);
    std::vector<double> time_s(place.size());
    for (std::size_t slot = 0; slot < twice_s.slots(); ++slot) {
      const auto out_s = twice_s.at(from, slot), in_s = twice_s.at(to, slot);
      for (std::size_t e = 0; e < place.size(); ++e)
        time_s[e] = (out_s[place[e]] + in_s[place[e]]) / 2;
      visit(std::span<const double>(time_s));
    }
  }

  [[nodiscard]] double slowest_of_means_s(const path_latencies& twice_s, std::size_t from,
                                          std::size_t to, satellite_id gateway) const {
    std::vector<double> mean_s(heaviest_.size(), 0), rank(used_.size());
    std::vector<std::size_t> order(used_.size());
    double slots = 0;
    for_each_slot(twice_s, from, to, gateway, [&](std::span<const double> time_s) {
      for (const std::size_t e : used_)
        if (time_s[e] == std::numeric_limits<double>::infinity()) return;
      for (const std::size_t e : used_) mean_s[e] += time_s[e];
      ++slots;
    });
    if (slots == 0) return std::numeric_limits<double>::infinity();
    for (double& each_s : mean_s) each_s /= slots;
    return mean_slowest_s(law_, layer_, mean_s, used_, order, rank);
  }

  /// Where activation_sorted puts each expert, as an index into the subnet.
  [[nodiscard]] std::vector<std::size_t> sorted_places(const path_latencies& twice_s,
                                                       std::size_t from, std::size_t to,
                                                       satellite_id gateway) const {
    const std::span<const satellite_id> hosts = ctx_.subnets[layer_];
    std::vector<double> sum_s(hosts.size(), 0), slots(hosts.size(), 0);
    for (std::size_t slot = 0; slot < twice_s.slots(); ++slot) {
      const auto out_s = twice_s.at(from, slot), in_s = twice_s.at(to, slot);
      for (std::size_t h = 0; h < hosts.size(); ++h) {
        const double latency_s = (out_s[h] + in_s[h]) / 2;
        const bool reached = latency_s < std::numeric_limits<double>::infinity();
        sum_s[h] += reached ? latency_s : 0;
        slots[h] += reached ? 1 : 0;
      }
    }
    std::vector<std::size_t> nearest;
    for (std::size_t h = 0; h < hosts.size(); ++h)
      if (hosts[h] != gateway)
        for (int i = 0; i < std::min(ctx_.experts_per_satellite, ctx_.model.experts); ++i)
          nearest.push_back(h);
    const auto tau_s = [&](std::size_t h) {
      return slots[h] > 0 ? sum_s[h] / slots[h] : std::numeric_limits<double>::infinity();
    };
    std::ranges::stable_sort(nearest,
                             [&](std::size_t a, std::size_t b) { return tau_s(a) < tau_s(b); });
    std::vector<std::size_t> place(heaviest_.size());
    for (std::size_t j = 0; j < place.size(); ++j) place[heaviest_[j]] = nearest[j];
    return place;
  }

  const gateway_context& ctx_;
  const expert_law& law_;
  std::size_t layer_;
  std::vector<std::size_t> heaviest_, used_;
};

/// Cheapest way round a ring of choices: index chosen at each step.
/// @param costs  costs[l] is choices(l) × choices(l + 1), the last leads back to the first.
/// @return       nothing where every way round costs infinity.
/// @complexity   O(choices(0) · Σ choices(l) · choices(l + 1)).
inline std::vector<std::size_t> cheapest_ring(std::span<const matrix> costs) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double best = infinity;
  std::vector<std::size_t> ring;
  for (std::size_t start = 0; start < row_count(costs[0]); ++start) {
    std::vector<double> so_far(row_count(costs[0]), infinity);
    so_far[start] = 0;
    std::vector<std::vector<std::size_t>> came_from;
    for (const matrix& step : costs) {
      std::vector<double> next(column_count(step), infinity);
      std::vector<std::size_t> from(column_count(step), 0);
      for (std::size_t a = 0; a < so_far.size(); ++a)
        for (std::size_t b = 0; b < next.size(); ++b)
          if (so_far[a] + row(step, a)[b] < next[b]) {
            next[b] = so_far[a] + row(step, a)[b];
            from[b] = a;
          }
      so_far = std::move(next);
      came_from.push_back(std::move(from));
    }
    if (!(so_far[start] < best)) continue;
    best = so_far[start];
    ring.assign(costs.size(), start);
    for (std::size_t l = costs.size() - 1; l > 0; --l)
      ring[l] = came_from[l][ring[(l + 1) % costs.size()]];
  }
  return ring;
}

}  // namespace detail

/// The gateways that are best for the sorted placement, all together.
///
/// With fixed subnets and experts placed by activation_sorted, what layer l costs depends on its
/// gateway and the next alone, so the best gateways are a cheapest way round the ring, found by
/// dynamic programming. The cost is the exact mean of the slowest expert over the slots in which
/// the layer has its routes. Exact for that objective among all members where a subnet has at most
/// `candidates` of them; of a larger one the members nearest to the others are tried, and the
/// central gateway.
struct ring_optimal {
  int candidates = 64;  ///< gateways tried per subnet, 1 to 10,000

  bool operator==(const ring_optimal&) const = default;

  /// Infeasible where subnets overlap, or where no gateways have all routes in any slot.
  /// @throws invalid_input  candidates is outside its range.
  /// @complexity  with C candidates: per layer C² · slots · |subnet| for lower bounds of all pairs;
  ///              then exact costs, slots · (E log E + slowest_rank) each, of the pairs on the way
  ///              that is cheapest by what is known, and L · C³ for that way, until it is exact.
  ///              Memory of a layer at a time, 2·C · |subnet| · slots doubles.
  [[nodiscard]] outcome<std::vector<satellite_id>> gateways(const gateway_context& ctx) const {
    detail::require_between("candidates", candidates, 1, 10'000);
    std::vector<bool> taken(ctx.net.size(), false);
    for (const subnet& members : ctx.subnets)
      for (const satellite_id id : members) {
        if (taken[id])
          return infeasible{"ring_optimal gateways need subnets without overlap, and satellite " +
                            std::to_string(id) + " is in two"};
        taken[id] = true;
      }
    std::vector<std::vector<satellite_id>> tried;
    for (const subnet& members : ctx.subnets) tried.push_back(central_members(ctx, members));
    if (const auto central = central_gateway{}.gateways(ctx); central.feasible())
      for (std::size_t l = 0; l < tried.size(); ++l)
        if (const satellite_id id = central.value()[l]; std::ranges::count(tried[l], id) == 0)
          tried[l].push_back(id);
    const std::vector<std::size_t> ring = cheapest(ctx, tried);
    if (ring.empty())
      return infeasible{"no gateways have, for every layer, a slot with all the routes it uses"};
    std::vector<satellite_id> gateways;
    for (std::size_t l = 0; l < ring.size(); ++l) gateways.push_back(tried[l][ring[l]]);
    return gateways;
  }

 private:
  /// Which of the satellites tried for each layer; nothing where there is no way round. Pairs get
  /// their exact cost when the way that seems cheapest leads over them, until all of it is exact:
  /// by then no other way is cheaper.
  [[nodiscard]] static std::vector<std::size_t> cheapest(
      const gateway_context& ctx, const std::vector<std::vector<satellite_id>>& tried) {
    const std::size_t layers = tried.size();
    const expert_law law = ctx.law();
    std::vector<detail::gateway_pair_costs> layer;
    std::vector<matrix> costs_s;  // exact, or not above
    std::vector<std::vector<bool>> exact;
    for (std::size_t l = 0; l < layers; ++l) {
      layer.emplace_back(ctx, law, l);
      costs_s.push_back(layer[l].least_s(tried[l], tried[(l + 1) % layers]));
      exact.emplace_back(static_cast<std::size_t>(costs_s[l].size()), false);
    }
    for (;;) {
      std::vector<std::size_t> ring = detail::cheapest_ring(costs_s);
      const auto next = [&](std::size_t l) { return ring[(l + 1) % layers]; };
      std::vector<std::size_t> doubtful;  // layers
      std::vector<stage> stages;
      for (std::size_t l = 0; l < ring.size(); ++l) {
        auto known = exact[l][ring[l] * column_count(costs_s[l]) + next(l)];
        if (known) continue;
        known = true;
        doubtful.push_back(l);
        for (const stage& each :
             layer[l].stages_of(std::array{tried[l][ring[l]], tried[(l + 1) % layers][next(l)]}))
          stages.push_back(each);
      }
      if (doubtful.empty()) return ring;
      const path_latencies twice_s = ctx.path_latencies_s(stages);
      for (std::size_t i = 0; i < doubtful.size(); ++i) {
        const std::size_t l = doubtful[i];
        row(costs_s[l], ring[l])[next(l)] =
            layer[l].cost_s(twice_s, 2 * i, 2 * i + 1, tried[l][ring[l]]);
      }
    }
  }

  /// All members, or those with the least delays to the others, by id.
  [[nodiscard]] std::vector<satellite_id> central_members(const gateway_context& ctx,
                                                          const subnet& members) const {
    if (members.size() <= static_cast<std::size_t>(candidates)) return members;
    std::vector<stage> stages;
    for (const satellite_id id : members) stages.push_back({id, id, members});
    const path_latencies twice_s = ctx.path_latencies_s(stages);
    std::vector<double> far_s(members.size(), 0);
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t slot = 0; slot < twice_s.slots(); ++slot)
        for (const double delay_s : twice_s.at(i, slot))
          far_s[i] += std::min(delay_s, 1e3);  // where there is no way, very far
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return far_s[a] < far_s[b]; });
    std::vector<satellite_id> central;
    for (int i = 0; i < candidates; ++i)
      central.push_back(members[order[static_cast<std::size_t>(i)]]);
    std::ranges::sort(central);
    return central;
  }
};
static_assert(gateway_policy<ring_optimal>);

}  // namespace orbitmoe
