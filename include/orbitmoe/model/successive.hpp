#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>

namespace orbitmoe {

/// K draws without replacement, each with probability proportional to weight among those left.
///
/// Equivalently a race: expert e arrives after a time Exp(w_e), and the K first arrivals are
/// activated. Hence, for S the first j experts of an order and W the weight of the others,
///   P(all K are in S) = ∫ W e^{−W t} P(at least K of S have arrived by t) dt.
/// K = 1 and K = 2 have closed forms, O(E). Otherwise the integral is taken by the trapezoidal rule
/// in x = ln t, where the integrand is analytic and decays at both ends, so that the error falls
/// exponentially with the step; with step 1/8, finer for K > 16, it is below 1e-12 (tested against
/// enumeration and the hypergeometric law). All j share the nodes, about 100 and 8 more for each
/// factor e by which the least weight is below 1: O(E·K·nodes).
///
/// @see  MODEL §8; Efraimidis and Spirakis, Inf. Process. Lett. 97 (2006); Trefethen and Weideman,
///       "The exponentially convergent trapezoidal rule", SIAM Review 56 (2014).
class successive {
 public:
  static constexpr bool sorted_is_best = true;

  /// @throws invalid_input  the profile does not fit the model; K ≥ 3 and the table of L·E·nodes
  ///                        entries would have more than 2^27.
  successive(activation_profile activation, const moe_model& model)
      : activation_(std::move(activation)), top_k_(static_cast<std::size_t>(model.top_k)) {
    activation_.validate(model);
    if (top_k_ == 2) make_odds();
    if (top_k_ >= 3) make_nodes();
  }

  [[nodiscard]] const activation_profile& activation() const noexcept { return activation_; }
  [[nodiscard]] std::size_t top_k() const noexcept { return top_k_; }

  /// @see expert_router.
  void slowest_rank(std::size_t layer, std::span<const std::size_t> order,
                    std::span<double> out) const {
    const std::span<const double> weight = activation_.layer(layer);
    if (top_k_ == 1)
      for (std::size_t j = 0; j < order.size(); ++j) out[j] = weight[order[j]];
    else if (top_k_ == 2)
      slowest_of_two(layer, order, out);
    else
      slowest_by_race(layer, order, out);
  }

  /// @see expert_router. O(L·E·K).
  void draw(random_stream& stream, std::span<std::size_t> out) const {
    std::vector<double> left(activation_.experts());
    for (std::size_t l = 0; l < activation_.layers(); ++l) {
      const auto weight = activation_.layer(l);
      std::copy(weight.begin(), weight.end(), left.begin());
      for (std::size_t& expert : out.subspan(l * top_k_, top_k_)) {
        double total = 0;
        for (const double w : left) total += w;
        double target = stream.uniform_01() * total;
        // Rounding may leave the target past the last weight: then the last expert in use is taken.
        for (std::size_t e = 0; e < left.size(); ++e) {
          if (left[e] <= 0) continue;
          expert = e;
          target -= left[e];
          if (target < 0) break;
        }
        left[expert] = 0;
      }
    }
  }

 private:
  /// P(slowest is j) = w_j Σ_{a<j} c_a + c_j Σ_{a<j} w_a with the odds c_a = w_a/(1 − w_a): drawn a
  /// then j, or j then a.
  void slowest_of_two(std::size_t layer, std::span<const std::size_t> order,
                      std::span<double> out) const {
    const std::span<const double> weight = activation_.layer(layer), odds = row(odds_, layer);
    double weight_before = 0, odds_before = 0;
    for (std::size_t j = 0; j < order.size(); ++j) {
      const double w = weight[order[j]], c = odds[order[j]];
      out[j] = (w * odds_before + c * weight_before) / total_[layer];
      weight_before += w;
      odds_before += c;
    }
  }

  void make_odds() {
    odds_ = make_matrix(activation_.layers(), activation_.experts(), 0);
    for (std::size_t l = 0; l < activation_.layers(); ++l) {
      const std::span<const double> weight = activation_.layer(l);
      total_.push_back(std::accumulate(weight.begin(), weight.end(), 0.0));
      for (std::size_t e = 0; e < weight.size(); ++e) {
        double others = total_[l] - weight[e];
        if (weight[e] > 0.5) {  // the difference would cancel
          others = 0;
          for (std::size_t i = 0; i < weight.size(); ++i)
            if (i != e) others += weight[i];
        }
        row(odds_, l)[e] = weight[e] / others;
      }
    }
  }

  /// Takes the nodes of the quadrature in blocks, so that what it works on stays in the cache.
  void slowest_by_race(std::size_t layer, std::span<const std::size_t> order,
                       std::span<double> out) const {
    const std::size_t used = order.size();
    if (used == 0) return;
    std::fill(out.begin(), out.end(), 0.0);  // of ∫ P(none later, at least K so far)
    std::vector<node_block> none_later(used), arrived(top_k_);
    for (std::size_t first = 0; first < nodes_.size(); first += block) {
      const auto waits = [&](std::size_t j) {
        return row(not_arrived_, layer * activation_.experts() + order[j]).data() + first;
      };
      // none_later[j]: probability that no expert after the j-th has arrived.
      none_later.back().fill(1);
      for (std::size_t j = used - 1; j-- > 0;)
        for (std::size_t q = 0; q < block; ++q)
          none_later[j][q] = none_later[j + 1][q] * waits(j + 1)[q];
      // arrived[m], m < K: probability that exactly m experts so far have arrived.
      for (node_block& exactly : arrived) exactly.fill(0);
      arrived[0].fill(1);
      for (std::size_t j = 0; j + 1 < used; ++j) {
        const double* const wait = waits(j);
        for (std::size_t m = top_k_; m-- > 1;)
          for (std::size_t q = 0; q < block; ++q)
            arrived[m][q] = arrived[m][q] * wait[q] + arrived[m - 1][q] * (1 - wait[q]);
        for (std::size_t q = 0; q < block; ++q) arrived[0][q] *= wait[q];
        if (j + 1 < top_k_) continue;
        node_block enough;
        enough.fill(1);
        for (const node_block& exactly : arrived)
          for (std::size_t q = 0; q < block; ++q) enough[q] -= exactly[q];
        for (std::size_t q = 0; q < block; ++q)
          out[j] += nodes_[first + q] * none_later[j][q] * enough[q];
      }
    }
    // From the integrals to P(all K are among the first j + 1), and on to its steps.
    double weight_later = 0;
    for (std::size_t j = used; j-- > 0;) {
      out[j] = j + 1 == used ? 1 : out[j] * step_ * weight_later;
      weight_later += activation_.layer(layer)[order[j]];
    }
    for (std::size_t j = used; j-- > 1;) out[j] = std::max(0.0, out[j] - out[j - 1]);
  }

  /// Nodes t = e^x that serve every layer, and e^{−w t} for each weight.
  void make_nodes() {
    double least = 1;
    for (std::size_t l = 0; l < activation_.layers(); ++l)
      for (const double w : activation_.layer(l))
        if (w > 0) least = std::min(least, w);
    const auto k = static_cast<double>(top_k_);
    // The K-th arrival is sharper in ln t the larger K is: its width falls as 1/sqrt(K).
    step_ = 0.125 * std::min(1.0, 4 / std::sqrt(k));
    // Below, the integrand is at most t^{K+1}/K! < 1e-18; above, at most t·e^{−w t} with w·t > 45.
    double log_factorial = 0;  // std::lgamma would write a global
    for (std::size_t m = 2; m <= top_k_; ++m) log_factorial += std::log(static_cast<double>(m));
    const double low = (std::log(1e-18) + log_factorial) / (k + 1);
    const double high = std::log(45.0) - std::log(least);
    for (double x = low; x <= high; x += step_) nodes_.push_back(std::exp(x));
    while (nodes_.size() % block != 0) nodes_.push_back(0);
    detail::require(activation_.layers() * activation_.experts() <= (1u << 27) / nodes_.size(),
                    "top_k", top_k_,
                    "fewer, or weights less uneven: the table of its quadrature has "
                    "layers × experts × " +
                        std::to_string(nodes_.size()) + " entries, at most 2^27");
    not_arrived_ = make_matrix(activation_.layers() * activation_.experts(), nodes_.size(), 1);
    for (std::size_t l = 0; l < activation_.layers(); ++l)
      for (std::size_t e = 0; e < activation_.experts(); ++e) {
        const auto out = row(not_arrived_, l * activation_.experts() + e);
        for (std::size_t q = 0; q < out.size(); ++q)
          out[q] = std::exp(-activation_.layer(l)[e] * nodes_[q]);
      }
  }

  static constexpr std::size_t block = 32;
  using node_block = std::array<double, block>;

  activation_profile activation_;
  std::size_t top_k_;
  matrix odds_;                // layers × experts, if K = 2
  std::vector<double> total_;  // weight of each layer, 1 up to rounding, if K = 2
  double step_ = 0.125;        // of x = ln t between nodes
  std::vector<double> nodes_;  // race times t, in units of 1 / total weight; 0 to fill a block
  matrix not_arrived_;         // (layer · E + expert) × nodes
};
static_assert(expert_router<successive>);

}  // namespace orbitmoe
