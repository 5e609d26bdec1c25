#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
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
/// enumeration and the hypergeometric law). All j share the nodes, about 100
/// and 8 more for each factor e by which the least weight is below 1: O(E·K·nodes).
///
/// @see  MODEL §8; Efraimidis and Spirakis, Inf. Process. Lett. 97 (2006); Trefethen and Weideman,
///       "The exponentially convergent trapezoidal rule", SIAM Review 56 (2014).
class successive {
 public:
  /// @throws invalid_input  the profile does not fit the model; K ≥ 3 and the table of L·E·nodes
  ///                        entries would have more than 2^27.
  successive(activation_profile activation, const moe_model& model)
      : activation_(std::move(activation)), top_k_(static_cast<std::size_t>(model.top_k)) {
    activation_.validate(model);
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
      slowest_of_two(weight, order, out);
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
  /// P(slowest is j) = w_j Σ_{a<j} c_a + c_j Σ_{a<j} w_a with c_a = w_a/(1 − w_a): drawn a then j,
  /// or j then a.
  static void slowest_of_two(std::span<const double> weight, std::span<const std::size_t> order,
                             std::span<double> out) {
    double total = 0;
    for (const std::size_t e : order) total += weight[e];
    double others_before = 0, sum_c = 0;
    for (std::size_t j = 0; j < order.size(); ++j) {
      const double w = weight[order[j]];
      double others = others_before;  // 1 − w without cancellation when w is nearly everything
      for (std::size_t i = j + 1; w > 0.5 * total && i < order.size(); ++i)
        others += weight[order[i]];
      const double c = w / (w > 0.5 * total ? others : total - w);
      out[j] = (w * sum_c + c * others_before) / total;
      others_before += w;
      sum_c += c;
    }
  }

  void slowest_by_race(std::size_t layer, std::span<const std::size_t> order,
                       std::span<double> out) const {
    const std::size_t nodes = nodes_.size(), used = order.size();
    if (used == 0) return;
    const std::span<const double> weight = activation_.layer(layer);
    const auto not_arrived = [&](std::size_t expert) {
      return row(not_arrived_, layer * activation_.experts() + expert);
    };
    // none_later(j, q): probability that no expert after the j-th has arrived by node q.
    matrix none_later = make_matrix(used, nodes, 1);
    std::vector<double> weight_later(used, 0);
    for (std::size_t j = used - 1; j-- > 0;) {
      const auto later = row(std::as_const(none_later), j + 1);
      const auto arrival = not_arrived(order[j + 1]);
      const auto product = row(none_later, j);
      for (std::size_t q = 0; q < nodes; ++q) product[q] = later[q] * arrival[q];
      weight_later[j] = weight_later[j + 1] + weight[order[j + 1]];
    }
    // arrived(m, q), m < K: probability that exactly m experts so far have arrived by node q.
    matrix arrived = make_matrix(top_k_, nodes, 0);
    std::fill_n(arrived.data(), nodes, 1.0);
    std::vector<double> enough(nodes);
    double within_before = 0;
    for (std::size_t j = 0; j < used; ++j) {
      const auto waits = not_arrived(order[j]);
      for (std::size_t m = top_k_; m-- > 1;) {
        const auto here = row(arrived, m);
        const auto fewer = row(std::as_const(arrived), m - 1);
        for (std::size_t q = 0; q < nodes; ++q)
          here[q] = here[q] * waits[q] + fewer[q] * (1 - waits[q]);
      }
      for (std::size_t q = 0; q < nodes; ++q) arrived.data()[q] *= waits[q];

      double within = j + 1 < top_k_ ? 0 : 1;  // P(all K are among the first j + 1)
      if (j + 1 >= top_k_ && j + 1 < used) {
        std::fill(enough.begin(), enough.end(), 1.0);
        for (std::size_t m = 0; m < top_k_; ++m) {
          const auto exactly = row(std::as_const(arrived), m);
          for (std::size_t q = 0; q < nodes; ++q) enough[q] -= exactly[q];
        }
        const auto none = row(std::as_const(none_later), j);
        double integral = 0;
        for (std::size_t q = 0; q < nodes; ++q) integral += nodes_[q] * none[q] * enough[q];
        within = integral * step_ * weight_later[j];
      }
      out[j] = std::max(0.0, within - within_before);
      within_before = within;
    }
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

  activation_profile activation_;
  std::size_t top_k_;
  double step_ = 0.125;        // of x = ln t between nodes
  std::vector<double> nodes_;  // race times t, in units of 1 / total weight
  matrix not_arrived_;         // (layer · E + expert) × nodes
};
static_assert(expert_router<successive>);

}  // namespace orbitmoe
