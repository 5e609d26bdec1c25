#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>

namespace orbitmoe {

/// P(A) ∝ Π_{e∈A} w_e over the sets A of K experts.
///
/// P(all K are among the first j) = e_K(w_1..w_j) / e_K(w_1..w_E), with e_K the elementary
/// symmetric polynomial. O(E·K), no cancellation.
///
/// @see  MODEL §8; Chen, Dempster and Liu, "Weighted finite population sampling to maximize
///       entropy", Biometrika 81 (1994).
class conditional_poisson {
 public:
  static constexpr bool sorted_is_best = true;

  /// @throws invalid_input  the profile does not fit the model, or a layer's weights are so uneven
  ///                        that the products of K of them underflow.
  conditional_poisson(activation_profile activation, const moe_model& model)
      : activation_(std::move(activation)),
        top_k_(static_cast<std::size_t>(model.top_k)),
        scale_(std::max(1.0, model.top_k / std::numbers::e)) {
    activation_.validate(model);
    const std::size_t experts = activation_.experts();
    for (std::size_t l = 0; l < activation_.layers(); ++l) {
      // suffix(e, k) = e_k(w_e, …, w_{E−1}); drawing walks through it from the front.
      matrix suffix = make_matrix(experts + 1, top_k_ + 1, 0);
      row(suffix, experts)[0] = 1;
      for (std::size_t e = experts; e-- > 0;) {
        const auto after = row(std::as_const(suffix), e + 1);
        const auto here = row(suffix, e);
        here[0] = 1;
        for (std::size_t k = 1; k <= top_k_; ++k) here[k] = after[k] + weight(l, e) * after[k - 1];
      }
      const double total = row(suffix, 0)[top_k_];
      detail::require(std::isnormal(total), "activation[" + std::to_string(l) + "]", total,
                      "weights even enough for the product of top_k of them to be a number");
      suffix_.push_back(std::move(suffix));
    }
  }

  [[nodiscard]] const activation_profile& activation() const noexcept { return activation_; }
  [[nodiscard]] std::size_t top_k() const noexcept { return top_k_; }

  /// @see expert_router. O(E·K).
  void slowest_rank(std::size_t layer, std::span<const std::size_t> order,
                    std::span<double> out) const {
    std::vector<double> polynomial(top_k_, 0);  // e_k of the experts so far, k < K
    polynomial[0] = 1;
    double total = 0;
    for (std::size_t j = 0; j < order.size(); ++j) {
      const double w = weight(layer, order[j]);
      total += out[j] = w * polynomial[top_k_ - 1];
      for (std::size_t k = top_k_ - 1; k > 0; --k) polynomial[k] += w * polynomial[k - 1];
    }
    for (double& p : out.first(order.size())) p /= total;
  }

  /// @see expert_router. O(L·E).
  void draw(random_stream& stream, std::span<std::size_t> out) const {
    for (std::size_t l = 0; l < activation_.layers(); ++l) {
      std::size_t expert = 0;
      for (std::size_t k = top_k_; k > 0; ++expert) {
        // Expert e is in with probability w_e·e_{k−1}(later) / e_k(e and later).
        const double out_weight = row(suffix_[l], expert + 1)[k];
        if (stream.uniform_01() * row(suffix_[l], expert)[k] < out_weight) continue;
        if (activation_.layer(l)[expert] <= 0) continue;
        out[l * top_k_ + top_k_ - k--] = expert;
      }
    }
  }

 private:
  /// The law does not depend on the scale; this one keeps the polynomials near 1.
  [[nodiscard]] double weight(std::size_t layer, std::size_t expert) const {
    return scale_ * activation_.layer(layer)[expert];
  }

  activation_profile activation_;
  std::size_t top_k_;
  double scale_;
  std::vector<matrix> suffix_;
};
static_assert(expert_router<conditional_poisson>);

}  // namespace orbitmoe
