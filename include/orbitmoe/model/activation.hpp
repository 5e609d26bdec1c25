#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe {

/// Weight of each expert of each layer: layers × experts, each layer summing to 1. The router draws
/// in proportion to it; an expert of weight 0 is never activated. Which experts are activated
/// together is a router's affair (see model/concepts.hpp).
class activation_profile {
 public:
  /// Counts, frequencies, or inclusion frequencies; each row is normalised to sum 1.
  /// @param counts  L × E, finite, 0 or more; each row has a positive sum.
  /// @throws invalid_input  there is no entry; an entry is negative or not finite, or positive and
  ///                        below 1e-300 of the largest of its row; a row is all 0.
  explicit activation_profile(matrix counts) : weights_(std::move(counts)) {
    detail::require(weights_.size() > 0, "activation", weights_.size(), "one weight or more");
    for (std::size_t layer = 0; layer < row_count(weights_); ++layer) normalise(layer);
  }

  /// The same from any Eigen expression, of integers for instance.
  template<typename Derived>
  explicit activation_profile(const Eigen::MatrixBase<Derived>& counts)
      : activation_profile(matrix(counts.template cast<double>())) {}

  /// The mean sorted share of a real top-2-of-8 router, permuted per layer by the seed; for other
  /// numbers of experts, Zipf with exponent 0.6, permuted likewise. Stream: "activation", layer.
  /// @throws invalid_input  the model is not valid.
  [[nodiscard]] static activation_profile skewed(const moe_model& model, std::uint64_t seed) {
    static constexpr std::array<double, 8> share{.197, .176, .138, .118, .109, .100, .089, .074};
    if (model.experts != 8) return zipf(model, 0.6, seed);
    return permuted(model, {share.begin(), share.end()}, seed);
  }

  /// The r-th most used expert has weight ∝ r^−exponent; permuted per layer by the seed.
  /// @param exponent  0 (uniform) to 10.
  /// @throws invalid_input  the model is not valid or the exponent outside its range.
  [[nodiscard]] static activation_profile zipf(const moe_model& model, double exponent,
                                               std::uint64_t seed) {
    model.validate();
    detail::require_between("zipf", exponent, 0.0, 10.0);
    std::vector<double> share;
    for (int r = 1; r <= model.experts; ++r) share.push_back(std::pow(r, -exponent));
    return permuted(model, share, seed);
  }

  /// Every expert is used alike.
  [[nodiscard]] static activation_profile uniform(const moe_model& model) {
    return zipf(model, 0, 0);
  }

  [[nodiscard]] std::size_t layers() const noexcept { return row_count(weights_); }
  [[nodiscard]] std::size_t experts() const noexcept { return column_count(weights_); }
  /// L × E weights, each row summing to 1.
  [[nodiscard]] const matrix& weights() const noexcept { return weights_; }
  /// Weights of the experts of one layer.
  [[nodiscard]] std::span<const double> layer(std::size_t l) const { return row(weights_, l); }

  /// @throws invalid_input  the shape is not that of the model, or a layer has fewer than top_k
  ///                        experts that are ever used.
  void validate(const moe_model& model) const {
    model.validate();
    const auto text = [](auto rows, auto columns) {
      return std::to_string(rows) + " layers × " + std::to_string(columns) + " experts";
    };
    if (layers() != static_cast<std::size_t>(model.layers) ||
        experts() != static_cast<std::size_t>(model.experts))
      throw invalid_input::value(
          "activation", text(layers(), experts()),
          text(model.layers, model.experts) + ", by model.layers and model.experts");
    for (std::size_t l = 0; l < layers(); ++l) {
      const auto used =
          std::count_if(layer(l).begin(), layer(l).end(), [](double weight) { return weight > 0; });
      detail::require(used >= model.top_k, "activation[" + std::to_string(l) + "]", used,
                      "top_k = " + std::to_string(model.top_k) + " or more experts in use");
    }
  }

  friend bool operator==(const activation_profile& a, const activation_profile& b) {
    return a.layers() == b.layers() && a.experts() == b.experts() &&
           std::equal(a.weights_.data(), a.weights_.data() + a.weights_.size(), b.weights_.data(),
                      b.weights_.data() + b.weights_.size());
  }

 private:
  static activation_profile permuted(const moe_model& model, const std::vector<double>& share,
                                     std::uint64_t seed) {
    model.validate();
    matrix weights = make_matrix(static_cast<std::size_t>(model.layers), share.size(), 0);
    for (std::size_t l = 0; l < row_count(weights); ++l) {
      std::vector<double> shuffled = share;
      random_stream(seed, "activation", l).shuffle(shuffled);
      std::copy(shuffled.begin(), shuffled.end(), row(weights, l).begin());
    }
    return activation_profile(weights);
  }

  void normalise(std::size_t l) {
    const std::span<double> weights = row(weights_, l);
    const auto fail = [&](std::size_t e, double found, const char* allowed) {
      const std::string place = e < weights.size() ? "[" + std::to_string(e) + "]" : "";
      throw invalid_input::value("activation[" + std::to_string(l) + "]" + place,
                                 detail::to_text(found), allowed);
    };
    double largest = 0, sum = 0, plain_sum = 0;
    for (std::size_t e = 0; e < weights.size(); ++e) {
      if (!std::isfinite(weights[e]) || weights[e] < 0)
        fail(e, weights[e], "a finite number, 0 or more");
      largest = std::max(largest, weights[e]);
      plain_sum += weights[e];
    }
    if (largest <= 0) fail(weights.size(), 0, "one weight or more over 0");
    for (std::size_t e = 0; e < weights.size(); ++e)
      if (weights[e] > 0 && weights[e] / largest < 1e-300)
        fail(e, weights[e], "0, or at least 1e-300 of the layer's largest");
    // A normalised row stays as it is, bit for bit, so that reports can be read in again.
    const double rounding = static_cast<double>(weights.size()) * 2.3e-16;
    if (std::abs(plain_sum - 1) <= rounding) return;
    // Scaling by the largest keeps the sum of huge weights finite.
    for (double& weight : weights) sum += weight /= largest;
    for (double& weight : weights) weight /= sum;
  }

  matrix weights_;
};

/// Experts by falling weight, equals by index. O(E log E).
[[nodiscard]] inline std::vector<std::size_t> heaviest_first(std::span<const double> weight) {
  std::vector<std::size_t> experts(weight.size());
  std::iota(experts.begin(), experts.end(), std::size_t{0});
  std::ranges::stable_sort(experts,
                           [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
  return experts;
}

/// Experts that are ever activated, by index. O(E).
[[nodiscard]] inline std::vector<std::size_t> experts_in_use(std::span<const double> weight) {
  std::vector<std::size_t> used;
  for (std::size_t e = 0; e < weight.size(); ++e)
    if (weight[e] > 0) used.push_back(e);
  return used;
}

}  // namespace orbitmoe
