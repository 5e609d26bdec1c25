#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe::detail {

/// The law of the slowest expert of one layer, for all orders of the experts in use.
class slowest_of_orders {
 public:
  static constexpr std::size_t max_experts = 9;  // in use: there are 9! orders

  template<expert_router Router>
  slowest_of_orders(const Router& router, std::size_t layer)
      : used_(experts_in_use(router.activation().layer(layer))) {
    std::vector<std::size_t> order = used_;
    std::vector<double> law(used_.size());
    do {
      router.slowest_rank(layer, order, law);
      laws_.insert(laws_.end(), law.begin(), law.end());
    } while (std::ranges::next_permutation(order).found);
  }

  /// The experts of positive weight, by rising index.
  [[nodiscard]] const std::vector<std::size_t>& used() const noexcept { return used_; }
  /// @param order  indices into used(), from the quickest to the slowest.
  [[nodiscard]] const double* at(std::span<const std::size_t> order) const {
    std::size_t index = 0;  // of the order among all, in lexicographic order
    for (std::size_t j = 0; j < order.size(); ++j) {
      std::size_t lower_later = 0;
      for (std::size_t i = j + 1; i < order.size(); ++i) lower_later += order[i] < order[j] ? 1 : 0;
      index = index * (order.size() - j) + lower_later;
    }
    return laws_.data() + index * order.size();
  }

 private:
  std::vector<std::size_t> used_;
  std::vector<double> laws_;  // orders × experts in use
};

/// Terms of a mean over slots, of which the dearest may be left out where routes are lacking. While
/// none may be, a single term stands for all slots: their mean.
class slot_terms {
 public:
  slot_terms(std::size_t slots, double unreachable_fraction)
      : slots_(slots),
        drop_(std::min(slots - 1, static_cast<std::size_t>(std::floor(
                                      unreachable_fraction * static_cast<double>(slots) + 1e-6)))) {
  }

  [[nodiscard]] std::size_t slots() const noexcept { return slots_; }
  [[nodiscard]] std::size_t drop() const noexcept { return drop_; }
  /// Number of terms: slots, or 1.
  [[nodiscard]] std::size_t size() const noexcept { return drop_ > 0 ? slots_ : 1; }

  /// Adds one slot's cost to zeroed terms.
  void add(std::span<double> terms_s, std::size_t slot, double cost_s) const {
    terms_s[drop_ > 0 ? slot : 0] += drop_ > 0 ? cost_s : cost_s / static_cast<double>(slots_);
  }

  /// Mean over the slots with all routes; infinity where too many lack one.
  [[nodiscard]] double mean_s(std::span<const double> terms_s) const {
    double sum_s = 0;
    std::size_t reached = 0;
    for (const double term_s : terms_s)
      if (term_s < infinity) {
        sum_s += term_s;
        ++reached;
      }
    return reached + drop_ < terms_s.size() ? infinity : sum_s / static_cast<double>(reached);
  }

  /// No more than the mean over any slots of which at most drop() are left out.
  [[nodiscard]] double least_mean_s(std::span<const double> terms_s) const {
    if (drop_ == 0) return terms_s[0];
    std::vector<double> sorted(terms_s.begin(), terms_s.end());
    const auto kept = static_cast<std::ptrdiff_t>(terms_s.size() - drop_);
    std::ranges::nth_element(sorted, sorted.begin() + kept - 1);
    return std::accumulate(sorted.begin(), sorted.begin() + kept, 0.0) / static_cast<double>(kept);
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  std::size_t slots_, drop_;
};

/// A set of satellites: bit v says that v is in.
using satellite_set = std::uint64_t;
inline satellite_set set_of(satellite_id id) { return satellite_set{1} << id; }

/// Experts of one layer on certain satellites.
struct hosted_layer {
  double least_s = 0;               // no plan with it has a lower term of the layer
  satellite_set hosts = 0;          // of the experts in use
  std::vector<satellite_id> order;  // the same, by expert
  std::vector<double> terms_s;      // slot_terms
};

/// Costs all placements of single layers.
class layer_costs {
 public:
  template<delay_router DelayRouter>
  layer_costs(std::in_place_type_t<DelayRouter>, const timeline& net, double message_bits,
              const slot_terms& terms, const run_options& run)
      : terms_(terms), satellites_(net.size()), delays_s_(net.slots()) {
    const DelayRouter router(net);
    std::vector<satellite_id> all(satellites_);
    std::iota(all.begin(), all.end(), satellite_id{0});
    parallel_for(net.slots(), run, [&](std::size_t slot) {
      delays_s_[slot] = make_matrix(satellites_, satellites_, 0);
      router.delays_s(net.hop_delays_s(slot, message_bits), all,
                      {delays_s_[slot].data(), satellites_ * satellites_});
    });
  }

  /// Calls visit(hosted_layer) for every way to place the experts in use of a layer between two
  /// gateways, one set of hosts after the other, without those that lack too many routes.
  template<typename Visit>
  void for_each(const slowest_of_orders& law, satellite_id gateway, satellite_id next,
                satellite_set taken, Visit&& visit) const {
    const std::size_t used = law.used().size();
    const std::vector<satellite_id> candidates = reachable(gateway, next, taken);
    if (candidates.size() < used) return;
    std::vector<bool> chosen(candidates.size(), false);
    std::fill_n(chosen.begin(), used, true);
    do {
      std::vector<satellite_id> hosts;
      for (std::size_t i = 0; i < chosen.size(); ++i)
        if (chosen[i]) hosts.push_back(candidates[i]);
      visit_orders(law, gateway, next, hosts, visit);
    } while (std::prev_permutation(chosen.begin(), chosen.end()));
  }

 private:
  /// Way over a host [s], as path_latencies_s adds it up.
  [[nodiscard]] double way_s(std::size_t slot, satellite_id gateway, satellite_id host,
                             satellite_id next) const {
    const auto from_s = row(delays_s_[slot], host);
    return from_s[gateway] + from_s[next];
  }

  [[nodiscard]] std::vector<satellite_id> reachable(satellite_id gateway, satellite_id next,
                                                    satellite_set taken) const {
    std::vector<satellite_id> ids;
    for (satellite_id id = 0; id < satellites_; ++id) {
      if (id == gateway || id == next || (taken & set_of(id)) != 0) continue;
      std::size_t lacking = 0;
      for (std::size_t slot = 0; slot < delays_s_.size(); ++slot)
        lacking += way_s(slot, gateway, id, next) == infinity ? 1 : 0;
      if (lacking <= terms_.drop()) ids.push_back(id);
    }
    return ids;
  }

  /// All ways to place the experts on a set of hosts. Sorting the hosts in each slot serves all.
  template<typename Visit>
  void visit_orders(const slowest_of_orders& law, satellite_id gateway, satellite_id next,
                    const std::vector<satellite_id>& hosts, Visit&& visit) const {
    const std::size_t used = hosts.size(), slots = delays_s_.size();
    std::vector<double> times_s(slots * used), unsorted_s(used);
    std::vector<std::size_t> places(slots * used), all(used);  // of the hosts by rising time
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (std::size_t slot = 0; slot < slots; ++slot) {
      for (std::size_t i = 0; i < used; ++i) unsorted_s[i] = way_s(slot, gateway, hosts[i], next);
      const auto of_slot = std::span(places).subspan(slot * used, used);
      sort_by_time(all, unsorted_s, of_slot);
      for (std::size_t i = 0; i < used; ++i) times_s[slot * used + i] = unsorted_s[of_slot[i]];
    }
    std::vector<std::size_t> experts = all, order(used);  // expert on each host
    hosted_layer placed;
    for (const satellite_id id : hosts) placed.hosts |= set_of(id);
    placed.order.resize(used);
    do {
      placed.terms_s.assign(terms_.size(), 0.0);
      for (std::size_t slot = 0; slot < slots; ++slot) {
        for (std::size_t j = 0; j < used; ++j) order[j] = experts[places[slot * used + j]];
        terms_.add(placed.terms_s, slot,
                   weighted_s(std::span(times_s).subspan(slot * used, used), law.at(order)));
      }
      placed.least_s = terms_.least_mean_s(placed.terms_s);
      for (std::size_t i = 0; i < used; ++i) placed.order[experts[i]] = hosts[i];
      if (placed.least_s < infinity) visit(std::as_const(placed));
    } while (std::ranges::next_permutation(experts).found);
  }

  static double weighted_s(std::span<const double> sorted_s, const double* law) {
    if (sorted_s.back() == infinity) return infinity;
    double mean_s = 0;
    for (std::size_t j = 0; j < sorted_s.size(); ++j) mean_s += sorted_s[j] * law[j];
    return mean_s;
  }

  static constexpr double infinity = std::numeric_limits<double>::infinity();
  slot_terms terms_;
  std::size_t satellites_;
  std::vector<matrix> delays_s_;  // of each slot, all pairs
};

}  // namespace orbitmoe::detail
