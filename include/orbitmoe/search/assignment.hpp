#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/search/mean_path_latencies.hpp>

namespace orbitmoe {
namespace detail {

/// An assignment of the rows so far that is cheapest among all of these rows, and the potentials
/// that prove it: cost − row potential − column potential is 0 where assigned and nowhere below.
class shortest_augmentation {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  explicit shortest_augmentation(const matrix& cost)
      : cost_(cost),
        column_of_(row_count(cost), none),
        row_of_(column_count(cost), none),
        row_potential_(row_count(cost), 0),
        column_potential_(column_count(cost), 0),
        distance_(column_count(cost)),
        came_from_(column_count(cost)),
        open_(column_count(cost)) {}

  /// Takes in one more row along a shortest alternating path; false: there is none.
  bool add(std::size_t start) {
    std::ranges::fill(distance_, std::numeric_limits<double>::infinity());
    std::iota(open_.begin(), open_.end(), std::size_t{0});
    std::size_t open = open_.size(), row = start, free_column = none;
    double reached = 0;
    while (free_column == none) {
      const std::size_t nearest = scan(row, reached, open);
      if (nearest == none) return false;
      const std::size_t column = open_[nearest];
      reached = distance_[column];
      std::swap(open_[nearest], open_[--open]);  // the closed columns gather at the end
      row = row_of_[column];
      if (row == none) free_column = column;
    }
    row_potential_[start] += reached;
    for (std::size_t i = open; i < open_.size(); ++i) {
      const std::size_t column = open_[i];
      if (column == free_column) continue;
      row_potential_[row_of_[column]] += reached - distance_[column];
      column_potential_[column] -= reached - distance_[column];
    }
    for (std::size_t column = free_column; column != none;) {
      row_of_[column] = came_from_[column];
      std::swap(column, column_of_[came_from_[column]]);
    }
    return true;
  }

  [[nodiscard]] const std::vector<std::size_t>& column_of() const noexcept { return column_of_; }

 private:
  /// Relaxes the open columns from a row; the place of the nearest in open_, free ones first.
  std::size_t scan(std::size_t row, double reached, std::size_t open) {
    const double* const costs = cost_.data() + row * row_of_.size();
    std::size_t nearest = none;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < open; ++i) {
      const std::size_t column = open_[i];
      const double way =
          reached + (costs[column] - row_potential_[row] - column_potential_[column]);
      if (way < distance_[column]) {
        distance_[column] = way;
        came_from_[column] = row;
      }
      if (distance_[column] < least ||
          (distance_[column] == least && nearest != none && row_of_[column] == none &&
           row_of_[open_[nearest]] != none)) {
        least = distance_[column];
        nearest = i;
      }
    }
    return nearest;
  }

  const matrix& cost_;
  std::vector<std::size_t> column_of_, row_of_;
  std::vector<double> row_potential_, column_potential_;
  std::vector<double> distance_;        // of each column from the row that is taken in
  std::vector<std::size_t> came_from_;  // row before each column on the way
  std::vector<std::size_t> open_;       // columns without a final distance, then the others
};

}  // namespace detail

/// Rows to distinct columns at the least sum of costs.
///
/// One row after the other is taken in along a shortest augmenting path, with potentials that keep
/// all reduced costs at 0 or more.
///
/// @param cost  rows × columns; finite, or infinity where a row must not have a column.
/// @return      column of each row; nothing where no choice has a finite sum, as with more rows
///              than columns. Among equal sums, the same for equal costs, and no more than that.
/// @throws invalid_input  a cost is not a number, or minus infinity.
/// @complexity  O(rows² · columns), often much less; memory O(rows + columns) beside the costs.
/// @see  Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
///       assignment problems", Computing 38 (1987); Crouse, "On implementing 2D rectangular
///       assignment algorithms", IEEE Trans. Aerosp. Electron. Syst. 52 (2016).
/// @example  min_cost_assignment((matrix(2, 3) << 1, 2, 9, 1, 5, 9).finished())  // {1, 0}
[[nodiscard]] inline std::optional<std::vector<std::size_t>> min_cost_assignment(
    const matrix& cost) {
  for (std::size_t i = 0; i < row_count(cost); ++i)
    for (std::size_t j = 0; j < column_count(cost); ++j)
      if (!(row(cost, i)[j] >= std::numeric_limits<double>::lowest()))
        throw invalid_input::value("cost[" + std::to_string(i) + "][" + std::to_string(j) + "]",
                                   detail::to_text(row(cost, i)[j]), "a number, or infinity");
  if (row_count(cost) > column_count(cost)) return {};
  detail::shortest_augmentation assignment(cost);
  for (std::size_t i = 0; i < row_count(cost); ++i)
    if (!assignment.add(i)) return {};
  return assignment.column_of();
}

namespace detail {

/// What a post costs per second of delay, for posts by falling weight: the law of the slowest, with
/// each stretch that rises replaced by its mean. The result falls, so that the heaviest expert has
/// the most to gain; what it says of hosts in sorted order is never more than the law itself.
inline std::vector<double> falling_weights(std::span<const double> law) {
  struct block {
    double sum;
    std::size_t size;
    [[nodiscard]] double mean() const { return sum / static_cast<double>(size); }
  };
  std::vector<block> blocks;
  for (const double p : law) {
    blocks.push_back({p, 1});
    while (blocks.size() > 1 && blocks.back().mean() > blocks[blocks.size() - 2].mean()) {
      const block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().size += last.size;
    }
  }
  std::vector<double> weights;
  for (const block& each : blocks) weights.insert(weights.end(), each.size, each.mean());
  return weights;
}

inline void require_gateways(std::span<const satellite_id> gateways, std::size_t satellites,
                             std::size_t layers) {
  require(gateways.size() == layers, "gateways", gateways.size(),
          std::to_string(layers) + " ids, one per layer");
  std::vector<bool> taken(satellites, false);
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string name = "gateways[" + std::to_string(l) + "]";
    require(gateways[l] < satellites, name, gateways[l],
            "a satellite in 0.." + std::to_string(satellites - 1));
    require(!taken[gateways[l]], name, gateways[l], "a satellite that is no other gateway");
    taken[gateways[l]] = true;
  }
}

}  // namespace detail

/// Hosts for the experts of all layers at once, anywhere on the sky, for given gateways.
///
/// A linear assignment: the j-th heaviest expert of layer l on satellite v costs w_lj · τ_l(v),
/// with τ_l the mean path latency over the slots in which there is a path (MODEL §6), and w_lj =
/// P(the slowest activated expert is the j-th heaviest), stretches of j in which it rises averaged.
/// In each layer the heavier expert then has the lower τ; ties go to the lower id.
///
/// top_k = 1: w_lj is the expert's weight, and the hosts are optimal for these gateways if no route
/// is lacking in any slot. Larger top_k: a relaxation. Where the law of the slowest rises with j,
/// its order binds the hosts of a layer to each other, which no sum over posts can tell; averaged,
/// it costs any set of hosts in sorted order at most what it does in mean delays, and the least
/// such sum is taken. Raw, it would send the heaviest experts, which are never the slowest of K, to
/// any place at no cost.
///
/// @param router    model of expert_router; best where heavier experts are better nearer.
/// @param gateways  one per layer; distinct satellites in [0, satellites).
/// @return  a placement with these gateways, one expert per satellite, none on a gateway; or the
///          reason why there is none: too few satellites, or too many that are never reached.
/// @throws invalid_input  router and model do not fit; gateways are not as above; run.threads is
///                        out of range.
/// @complexity  O(slots · L) shortest-delay trees, then min_cost_assignment of L·E rows and
///              satellites − L columns; memory 15 · slots · satellites doubles or 31, with wide
///              vectors, and L·E · satellites. Same bits for any number of threads.
template<delay_router DelayRouter = sweep_router, expert_router Router>
[[nodiscard]] outcome<placement> assigned_layout(const timeline& net, const moe_model& model,
                                                 const Router& router,
                                                 std::span<const satellite_id> gateways,
                                                 const run_options& run = {}) {
  const activation_profile& activation = router.activation();
  detail::require_fit(router, model);
  const std::size_t layers = activation.layers(), experts = activation.experts();
  detail::require_gateways(gateways, net.size(), layers);
  if (net.size() < layers * (experts + 1))
    return infeasible{std::to_string(layers) + " gateways and " + std::to_string(layers * experts) +
                      " experts need " + std::to_string(layers * (experts + 1)) +
                      " satellites, and there are " + std::to_string(net.size())};
  std::vector<satellite_id> hosts;
  for (satellite_id id = 0; id < net.size(); ++id)
    if (std::ranges::find(gateways, id) == gateways.end()) hosts.push_back(id);
  const matrix tau_s = detail::mean_path_latencies_s<DelayRouter>(net, model, gateways, hosts, run);

  matrix cost_s = make_matrix(layers * experts, hosts.size(), 0);
  for (std::size_t l = 0; l < layers; ++l) {
    const std::vector<double> weights = detail::falling_weights(slowest_by_weight(router, l));
    for (std::size_t j = 0; j < experts; ++j)
      if (weights[j] > 0)  // who is never waited for may be out of reach
        for (std::size_t h = 0; h < hosts.size(); ++h)
          row(cost_s, l * experts + j)[h] = weights[j] * row(tau_s, l)[h];
  }
  auto chosen = min_cost_assignment(cost_s);
  if (!chosen)
    return infeasible{"no choice of hosts gives every expert in use one that its layer's gateway " +
                      std::string("and the next reach in some slot")};

  placement plan{{gateways.begin(), gateways.end()}, {}};
  for (std::size_t l = 0; l < layers; ++l) {
    const auto of_layer = std::span(*chosen).subspan(l * experts, experts);
    std::ranges::sort(of_layer, [&](std::size_t a, std::size_t b) {
      const double a_s = row(tau_s, l)[a], b_s = row(tau_s, l)[b];
      return a_s != b_s ? a_s < b_s : a < b;
    });
    const std::vector<std::size_t> heaviest = heaviest_first(activation.layer(l));
    plan.experts.emplace_back(experts);
    for (std::size_t j = 0; j < experts; ++j) plan.experts[l][heaviest[j]] = hosts[of_layer[j]];
  }
  return plan;
}

}  // namespace orbitmoe
