#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/search/mean_delays.hpp>

namespace orbitmoe::detail {

/// Bounds from below what a ring of layers costs in mean delays: the expected path latency of the
/// slowest expert, summed over the layers.
///
/// Two layers that follow each other share a gateway, and no satellite. So beside each gateway, a
/// satellite serves once: one of the two layers as a host, or as the gateway before or after. Each
/// of these rules gets a price: who uses a satellite beside a gateway pays it, and the gateway is
/// paid the prices of all its satellites back (Lagrangian relaxation). At given prices, the
/// cheapest hosts between two gateways follow by dynamic programming over the satellites by rising
/// time, and the cheapest walk of L steps from gateway to gateway by another. Any prices of 0 or
/// more give a bound; ascent along smoothed subgradients finds good ones.
///
/// @see  Held and Karp, "The traveling-salesman problem and minimum spanning trees: Part II",
///       Mathematical Programming 1 (1971); Nesterov, "Smooth minimization of non-smooth
///       functions", Mathematical Programming 103 (2005).
class ring_bound {
 public:
  /// @param laws      kinds of layer: P(the slowest expert is the j-th from the heaviest).
  /// @param layers    kind of each layer.
  /// @param capacity  experts that one satellite may host, 1 or more.
  ring_bound(const mean_delays& delays, std::vector<std::vector<double>> laws,
             std::vector<std::size_t> layers, std::size_t capacity, const run_options& run)
      : delays_(delays),
        laws_(std::move(laws)),
        layers_(std::move(layers)),
        capacity_(std::min(capacity, laws_.front().size())),
        room_(static_cast<double>(std::min(capacity, 2 * laws_.front().size()))),
        hosts_((laws_.front().size() + capacity_ - 1) / capacity_),
        reach_(std::min(6 * hosts_ + 16, delays.size() - 1)),
        choices_(std::min(3 * hosts_, delays.size() - (layers_.size() == 1 ? 1 : 2))),
        threads_{.threads = run.threads},
        pairs_of_(delays.size()),
        paid_back_s_(delays.size(), 0),
        price_s_(delays.size() * (reach_ + 1), 0) {
    std::vector<std::vector<satellite_id>> nearest(delays.size());
    parallel_for(nearest.size(), part_of(run, 0, 0.3), [&](std::size_t id) {
      nearest[id] = delays_.nearest(static_cast<satellite_id>(id), delays_.size());
    });
    choose_pairs(nearest, part_of(run, 0.3, 0.7));
    fill_candidates(nearest, part_of(run, 0.7, 1));
  }

  /// The bound [s] at the best prices that so many rounds of ascent find, best for a layer of mean
  /// law; infinity: no plan has all its routes.
  double least_s(int rounds, const run_options& run) {
    if (pairs_.empty() && anywhere_s_ == infinity) return infinity;
    if (layers_.size() == 1) rounds = 0;  // no other layer to make room for
    const std::vector<double> law = mean_law();
    std::vector<std::uint16_t> chosen(candidates_.size());
    std::vector<double> best_price_s = price_s_, best_paid_back_s = paid_back_s_;
    const double unpriced_s = bound_at_prices_s(chosen);
    double best_s = 0;
    for (int round = 0; round < rounds; ++round) {
      const std::vector<double> costs_s = pair_costs_s(law, chosen);
      std::vector<double> walk_s(delays_.size(), 0);
      for (std::size_t l = 0; l < layers_.size(); ++l) walk_s = one_layer_on(walk_s, costs_s);
      if (const double bound_s = *std::ranges::min_element(walk_s); bound_s > best_s) {
        best_s = bound_s;
        best_price_s = price_s_;
        best_paid_back_s = paid_back_s_;
      }
      change_prices(costs_s, chosen, round);
      if (run.progress)
        run.progress(static_cast<double>(round + 1) / static_cast<double>(rounds + 1));
    }
    price_s_ = std::move(best_price_s);
    paid_back_s_ = std::move(best_paid_back_s);
    const double bound_s = std::max(unpriced_s, bound_at_prices_s(chosen));
    if (run.progress) run.progress(1);
    if (bound_s > 1e20) return infinity;
    return bound_s;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  /// Most candidates of all pairs together: 1 GiB.
  static constexpr std::size_t max_candidates = std::size_t{1} << 27;

  /// The gateways of a layer and of the next, in any order: delays are symmetric.
  struct gateway_pair {
    satellite_id a, b;
    std::size_t a_near_b = 0, b_near_a = 0;  ///< the prices that they pay for each other
  };
  /// A satellite that may host experts between a pair.
  struct candidate {
    float time_s;                  ///< from a over it to b
    std::uint16_t near_a, near_b;  ///< its prices, among those of a and of b
  };
  using timed_satellite = std::pair<float, satellite_id>;

  /// Law of an average layer.
  [[nodiscard]] std::vector<double> mean_law() const {
    std::vector<double> mean(laws_.front().size(), 0);
    for (const std::size_t kind : layers_)
      for (std::size_t j = 0; j < mean.size(); ++j)
        mean[j] += laws_[kind][j] / static_cast<double>(layers_.size());
    return mean;
  }

  /// A law under which, for any times, no layer is slower than it is: its probability of an expert
  /// at or after the j-th is the least of all laws.
  [[nodiscard]] std::vector<double> quickest_law() const {
    std::vector<double> least(laws_.front().size() + 1, 0);
    for (std::size_t kind = 0; kind < laws_.size(); ++kind) {
      double after = 0;
      for (std::size_t j = laws_[kind].size(); j-- > 0;) {
        after += laws_[kind][j];
        least[j] = kind == 0 ? after : std::min(least[j], after);
      }
    }
    for (std::size_t j = 0; j + 1 < least.size(); ++j) least[j] -= least[j + 1];
    least.pop_back();
    return least;
  }

  /// The satellites that are nearest on the way from a to b, at most `count`, by rising time.
  [[nodiscard]] std::vector<timed_satellite> on_the_way(
      satellite_id a, satellite_id b, std::size_t count,
      const std::vector<satellite_id>& nearest_to_a) const {
    const auto from_a = delays_.from(a), from_b = delays_.from(b);
    std::vector<timed_satellite> found;
    for (const satellite_id v : nearest_to_a) {
      if (found.size() == count) {
        if (from_a[v] > found.back().first) break;  // no way over v is shorter than that to it
        if (v != b && timed_satellite{from_a[v] + from_b[v], v} < found.back()) found.pop_back();
      }
      if (v == b || found.size() == count) continue;
      const timed_satellite next{from_a[v] + from_b[v], v};
      found.insert(std::ranges::upper_bound(found, next), next);
    }
    return found;
  }

  /// What a layer costs if it has the sky to itself [s].
  [[nodiscard]] double alone_s(const std::vector<double>& law, satellite_id a, satellite_id b,
                               const std::vector<satellite_id>& nearest_to_a) const {
    const std::vector<timed_satellite> found = on_the_way(a, b, hosts_, nearest_to_a);
    if (found.size() < hosts_) return infinity;
    double cost_s = 0;
    for (std::size_t j = 0; j < law.size(); ++j)
      if (law[j] > 0) cost_s += law[j] * static_cast<double>(found[j / capacity_].first);
    return cost_s;
  }

  /// Pairs of gateways that are not much worse than the best; all others count as a way to
  /// anywhere, at the cost of the best of them.
  void choose_pairs(const std::vector<std::vector<satellite_id>>& nearest, const run_options& run) {
    const std::size_t n = delays_.size();
    const bool one_layer = layers_.size() == 1;
    const std::vector<double> law = quickest_law();
    std::vector<double> beside_s(n);
    parallel_for(n, threads_, [&](std::size_t i) {
      const auto a = static_cast<satellite_id>(i);
      beside_s[i] = alone_s(law, a, one_layer ? a : nearest[i].front(), nearest[i]);
    });
    scale_s_ = *std::ranges::min_element(beside_s);
    const double within_s = one_layer ? infinity : 1.9 * scale_s_;

    std::vector<std::vector<std::pair<double, satellite_id>>> costs_s(n);  // and the other gateway
    parallel_for(n, run, [&](std::size_t i) {
      const auto a = static_cast<satellite_id>(i);
      if (one_layer) costs_s[i].emplace_back(beside_s[i], a);
      for (const satellite_id b : nearest[i]) {
        // A layer takes at least the way between its gateways.
        if (one_layer || delays_.from(a)[b] > within_s) break;
        if (a < b) costs_s[i].emplace_back(alone_s(law, a, b, nearest[i]), b);
      }
    });
    std::vector<double> sorted_s;
    for (const auto& row : costs_s)
      for (const auto& [cost_s, b] : row) sorted_s.push_back(cost_s);
    std::ranges::sort(sorted_s);
    if (!sorted_s.empty()) scale_s_ = sorted_s.front();
    const std::size_t most = max_candidates / (choices_ + 1);
    anywhere_s_ = std::min(within_s, sorted_s.size() > most ? sorted_s[most] : infinity);
    for (std::size_t i = 0; i < n; ++i)
      for (const auto& [cost_s, b] : costs_s[i])
        if (cost_s < anywhere_s_) pairs_.push_back({static_cast<satellite_id>(i), b});
  }

  void fill_candidates(const std::vector<std::vector<satellite_id>>& nearest,
                       const run_options& run) {
    std::vector<std::vector<std::pair<satellite_id, std::uint16_t>>> prices(delays_.size());
    for (std::size_t i = 0; i < prices.size(); ++i) {
      for (std::size_t r = 0; r < reach_; ++r)
        prices[i].emplace_back(nearest[i][r], static_cast<std::uint16_t>(r));
      std::ranges::sort(prices[i]);
    }
    const auto price_of = [&](satellite_id v, satellite_id beside) {
      const auto found = std::ranges::lower_bound(prices[beside], std::pair{v, std::uint16_t{0}});
      return found != prices[beside].end() && found->first == v
                 ? found->second
                 : static_cast<std::uint16_t>(reach_);  // which stays 0
    };
    candidates_.resize(pairs_.size() * choices_);
    beyond_s_.resize(pairs_.size());
    parallel_for(pairs_.size(), run, [&](std::size_t p) {
      const auto [a, b, a_near_b, b_near_a] = pairs_[p];
      const auto found = on_the_way(a, b, choices_ + 1, nearest[a]);
      for (std::size_t i = 0; i < choices_; ++i)
        candidates_[p * choices_ + i] = {found[i].first, price_of(found[i].second, a),
                                         price_of(found[i].second, b)};
      beyond_s_[p] = found.size() > choices_
                         ? std::min(static_cast<double>(found[choices_].first), 1e30)
                         : 1e30;
      pairs_[p].a_near_b = b * (reach_ + 1) + price_of(a, b);
      pairs_[p].b_near_a = a * (reach_ + 1) + price_of(b, a);
    });
    for (std::size_t p = 0; p < pairs_.size(); ++p)
      for (const satellite_id end : {pairs_[p].a, pairs_[p].b}) pairs_of_[end].push_back(p);
  }

  /// Least cost of the hosts between a pair at the prices [s].
  /// @param least_s  room for (choices · capacity + 1) · (experts + 1) numbers.
  /// @param chosen   how many experts each candidate then hosts.
  [[nodiscard]] double cheapest_hosts_s(std::size_t p, const std::vector<double>& law,
                                        std::span<double> least_s,
                                        std::span<std::uint16_t> chosen) const {
    // Row i, entry j: the least that j experts on the first i berths cost.
    const std::size_t width = law.size() + 1;
    std::fill_n(least_s.begin(), width, infinity);
    least_s[0] = 0;
    const double* const price_a = price_s_.data() + pairs_[p].a * (reach_ + 1);
    const double* const price_b = price_s_.data() + pairs_[p].b * (reach_ + 1);
    const candidate* const candidates = candidates_.data() + p * choices_;
    double* row = least_s.data();
    for (std::size_t i = 0; i < choices_; ++i) {
      const double time_s = std::min(static_cast<double>(candidates[i].time_s), 1e30);
      const double price_s =
          (price_a[candidates[i].near_a] + price_b[candidates[i].near_b]) / room_;
      for (std::size_t berth = 0; berth < capacity_; ++berth, row += width) {
        row[width] = row[0];
        for (std::size_t j = 1; j < width; ++j)
          row[width + j] = std::min(row[j], row[j - 1] + (law[j - 1] * time_s + price_s));
      }
    }
    // Those further away are free, and take at least as long as the nearest of them.
    std::size_t hosted = law.size();
    double cost_s = row[hosted], beyond_s = 0;
    for (std::size_t j = law.size(); j-- > 0;) {
      beyond_s += law[j] * beyond_s_[p];
      if (row[j] + beyond_s < cost_s) {
        cost_s = row[j] + beyond_s;
        hosted = j;
      }
    }
    std::ranges::fill(chosen, std::uint16_t{0});
    for (std::size_t i = choices_ * capacity_; i-- > 0 && hosted > 0;) {
      row -= width;
      if (row[width + hosted] == row[hosted]) continue;
      ++chosen[i / capacity_];
      --hosted;
    }
    return cost_s;
  }

  /// What each pair costs at the prices [s], and the candidates that it then takes.
  [[nodiscard]] std::vector<double> pair_costs_s(const std::vector<double>& law,
                                                 std::vector<std::uint16_t>& chosen) const {
    std::vector<double> costs_s(pairs_.size());
    constexpr std::size_t block = 64;
    parallel_workers((pairs_.size() + block - 1) / block, threads_, [&] {
      return [&, least_s = std::vector<double>((choices_ * capacity_ + 1) * (law.size() + 1))](
                 std::size_t b) mutable {
        for (std::size_t p = b * block; p < std::min((b + 1) * block, pairs_.size()); ++p) {
          const gateway_pair& pair = pairs_[p];
          costs_s[p] =
              cheapest_hosts_s(p, law, least_s, std::span(chosen).subspan(p * choices_, choices_)) -
              (paid_back_s_[pair.a] + paid_back_s_[pair.b]) / 2;
          if (gateways_differ()) costs_s[p] += price_s_[pair.a_near_b] + price_s_[pair.b_near_a];
        }
      };
    });
    return costs_s;
  }

  /// Whether the gateways before and after a gateway are two.
  [[nodiscard]] bool gateways_differ() const { return layers_.size() > 2; }

  /// From the least cost of ways that end at each gateway to that of ways with one layer more.
  [[nodiscard]] std::vector<double> one_layer_on(const std::vector<double>& walk_s,
                                                 const std::vector<double>& costs_s) const {
    double anywhere_s = infinity;
    for (std::size_t g = 0; g < walk_s.size(); ++g)
      anywhere_s = std::min(anywhere_s, walk_s[g] - paid_back_s_[g] / 2);
    std::vector<double> next_s(walk_s.size());
    for (std::size_t g = 0; g < walk_s.size(); ++g)
      next_s[g] = anywhere_s + anywhere_s_ - paid_back_s_[g] / 2;
    for (std::size_t p = 0; p < pairs_.size(); ++p) {
      const auto [a, b, a_near_b, b_near_a] = pairs_[p];
      next_s[b] = std::min(next_s[b], walk_s[a] + costs_s[p]);
      next_s[a] = std::min(next_s[a], walk_s[b] + costs_s[p]);
    }
    return next_s;
  }

  /// The bound, with the law of each layer [s].
  [[nodiscard]] double bound_at_prices_s(std::vector<std::uint16_t>& chosen) const {
    std::vector<double> walk_s(delays_.size(), 0), costs_s;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      if (l == 0 || layers_[l] != layers_[l - 1]) costs_s = pair_costs_s(laws_[layers_[l]], chosen);
      walk_s = one_layer_on(walk_s, costs_s);
    }
    return *std::ranges::min_element(walk_s);
  }

  /// A step up: beside each gateway, what the cheapest pairs with it use more than once gets
  /// dearer, and what they do not use cheaper.
  void change_prices(const std::vector<double>& costs_s, const std::vector<std::uint16_t>& chosen,
                     int round) {
    const double step_s = 0.02 * scale_s_ / (1 + 0.05 * round), smooth_s = 0.005 * scale_s_;
    parallel_for(delays_.size(), threads_, [&](std::size_t gateway) {
      double least_s = infinity, weights = 0;
      for (const std::size_t p : pairs_of_[gateway]) least_s = std::min(least_s, costs_s[p]);
      const auto weight = [&](std::size_t p) {
        return costs_s[p] < least_s + 10 * smooth_s ? std::exp((least_s - costs_s[p]) / smooth_s)
                                                    : 0;
      };
      for (const std::size_t p : pairs_of_[gateway]) weights += weight(p);
      std::vector<double> uses(reach_ + 1, 0);
      for (const std::size_t p : pairs_of_[gateway]) {
        const double layers = 2 * weight(p) / weights;  // the one before and the one after
        if (layers == 0) continue;
        const gateway_pair& pair = pairs_[p];
        const bool is_a = pair.a == gateway;
        for (std::size_t i = p * choices_; i < (p + 1) * choices_; ++i)
          if (chosen[i] > 0)
            uses[is_a ? candidates_[i].near_a : candidates_[i].near_b] +=
                layers * chosen[i] / room_;
        if (gateways_differ())
          uses[(is_a ? pair.b_near_a : pair.a_near_b) - gateway * (reach_ + 1)] += layers;
      }
      double paid_back_s = 0;
      for (std::size_t r = 0; r < reach_; ++r) {
        double& price_s = price_s_[gateway * (reach_ + 1) + r];
        price_s = std::max(0.0, price_s + step_s * (uses[r] - 1));
        paid_back_s += price_s;
      }
      paid_back_s_[gateway] = paid_back_s;
    });
  }

  const mean_delays& delays_;
  std::vector<std::vector<double>> laws_;
  std::vector<std::size_t> layers_;
  std::size_t capacity_;         // experts of one layer that a satellite may host
  double room_;                  // experts of two layers that it may host
  std::size_t hosts_;            // satellites that a layer needs for its experts
  std::size_t reach_, choices_;  // prices beside each gateway; candidates of each pair
  run_options threads_;
  double scale_s_ = 0;     // what a cheap layer costs
  double anywhere_s_ = 0;  // what a pair costs, at least, that is not among the pairs
  std::vector<gateway_pair> pairs_;
  std::vector<candidate> candidates_;  // choices_ of each pair
  std::vector<double> beyond_s_;       // of each pair: the nearest that is no candidate
  std::vector<std::vector<std::size_t>> pairs_of_;  // of each gateway
  std::vector<double> paid_back_s_;                 // to each gateway: the sum of its prices
  std::vector<double> price_s_;                     // reach_ beside each gateway, and a 0
};

}  // namespace orbitmoe::detail
