#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>

namespace orbitmoe {

/// The experts that real tokens activated: tokens × layers × K ids.
struct token_trace {
  std::size_t layers = 0;
  std::size_t top_k = 0;
  std::vector<std::uint32_t> experts;  ///< token-major, then layer, then rank

  [[nodiscard]] std::size_t tokens() const noexcept {
    return layers * top_k > 0 ? experts.size() / (layers * top_k) : 0;
  }
  /// The K experts of one token in one layer.
  [[nodiscard]] std::span<const std::uint32_t> at(std::size_t token, std::size_t layer) const {
    return std::span(experts).subspan((token * layers + layer) * top_k, top_k);
  }
  bool operator==(const token_trace&) const = default;
};

/// The empirical law of a trace: every token in it is equally likely.
///
/// Keeps what marginals lose: experts that fire together, within a layer (exactly) and across
/// layers (in drawn tokens, whose way through all layers is that of one token of the trace).
///
/// @see  MODEL §8.
class trace {
 public:
  /// @throws invalid_input  the trace has no token, does not fit the model's layers and top_k, or
  ///                        names an expert that the model does not have, or one twice for a token.
  trace(token_trace tokens, const moe_model& model)
      : tokens_(std::move(tokens)), activation_(count(tokens_, model)), sets_(tokens_.layers) {
    for (std::size_t l = 0; l < tokens_.layers; ++l) {
      std::map<std::vector<std::uint32_t>, double> distinct;
      for (std::size_t t = 0; t < tokens_.tokens(); ++t) {
        std::vector<std::uint32_t> chosen(tokens_.at(t, l).begin(), tokens_.at(t, l).end());
        std::sort(chosen.begin(), chosen.end());
        distinct[chosen] += 1;
      }
      for (auto& [chosen, times] : distinct) {
        sets_[l].experts.insert(sets_[l].experts.end(), chosen.begin(), chosen.end());
        sets_[l].times.push_back(times);
      }
    }
  }

  [[nodiscard]] const token_trace& tokens() const noexcept { return tokens_; }
  [[nodiscard]] const activation_profile& activation() const noexcept { return activation_; }
  [[nodiscard]] std::size_t top_k() const noexcept { return tokens_.top_k; }

  /// @see expert_router. O(K · distinct sets of the layer).
  void slowest_rank(std::size_t layer, std::span<const std::size_t> order,
                    std::span<double> out) const {
    std::vector<std::size_t> rank(activation_.experts(), 0);
    for (std::size_t j = 0; j < order.size(); ++j) rank[order[j]] = j;
    std::fill(out.begin(), out.end(), 0.0);
    const auto& [experts, times] = sets_[layer];
    for (std::size_t s = 0; s < times.size(); ++s) {
      std::size_t slowest = 0;
      for (std::size_t i = 0; i < top_k(); ++i)
        slowest = std::max(slowest, rank[experts[s * top_k() + i]]);
      out[slowest] += times[s];
    }
    for (double& p : out) p /= static_cast<double>(tokens_.tokens());
  }

  /// @see expert_router. O(L·K).
  void draw(random_stream& stream, std::span<std::size_t> out) const {
    const std::size_t width = tokens_.layers * top_k();
    const auto token =
        std::span(tokens_.experts).subspan(stream.uniform_index(tokens_.tokens()) * width, width);
    std::copy(token.begin(), token.end(), out.begin());
  }

 private:
  /// The distinct sets of one layer and how often each occurs.
  struct weighted_sets {
    std::vector<std::uint32_t> experts;  // set-major
    std::vector<double> times;
  };

  static activation_profile count(const token_trace& trace, const moe_model& model) {
    model.validate();
    const auto layers = static_cast<std::size_t>(model.layers);
    const auto experts = static_cast<std::size_t>(model.experts);
    using detail::require;
    require(trace.layers == layers, "trace.layers", trace.layers,
            std::to_string(layers) + ", by model.layers");
    require(trace.top_k == static_cast<std::size_t>(model.top_k), "trace.top_k", trace.top_k,
            std::to_string(model.top_k) + ", by model.top_k");
    require(trace.tokens() > 0 && trace.tokens() * layers * trace.top_k == trace.experts.size(),
            "trace.experts", trace.experts.size(),
            "tokens × layers × top_k ids, one token or more");
    matrix counts = make_matrix(layers, experts, 0);
    for (std::size_t t = 0; t < trace.tokens(); ++t)
      for (std::size_t l = 0; l < layers; ++l) {
        const auto chosen = trace.at(t, l);
        for (auto expert = chosen.begin(); expert != chosen.end(); ++expert) {
          const bool known = *expert < experts;
          if (!known || std::find(chosen.begin(), expert, *expert) != expert)
            throw invalid_input::value(
                "trace[" + std::to_string(t) + "][" + std::to_string(l) + "]",
                std::to_string(*expert) + (known ? " twice" : ""),
                "different experts in 0.." + std::to_string(experts - 1));
          row(counts, l)[*expert] += 1;
        }
      }
    return activation_profile(counts);
  }

  token_trace tokens_;
  activation_profile activation_;
  std::vector<weighted_sets> sets_;
};
static_assert(expert_router<trace>);

}  // namespace orbitmoe
