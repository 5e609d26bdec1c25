#pragma once

// Which experts a token activates, by plain enumeration: the oracle for routers and evaluation.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe::test {

/// A set of experts: bit e says that expert e is in.
using expert_set = std::uint32_t;

[[nodiscard]] inline bool has(expert_set set, std::size_t expert) { return (set >> expert) & 1u; }

/// Probability of each set of experts, the set being the index: 2^E numbers, for small E.
using set_law = std::vector<double>;

/// Follows K successive draws through all 2^E sets of experts drawn so far.
[[nodiscard]] inline set_law successive_law(std::span<const double> weight, int top_k) {
  set_law reached(std::size_t{1} << weight.size(), 0.0);
  reached[0] = 1;
  for (expert_set drawn = 0; drawn < reached.size(); ++drawn) {
    if (std::popcount(drawn) == top_k) continue;
    double left = 0;
    for (std::size_t e = 0; e < weight.size(); ++e) left += has(drawn, e) ? 0 : weight[e];
    for (std::size_t e = 0; e < weight.size(); ++e)
      if (!has(drawn, e) && weight[e] > 0)
        reached[drawn | expert_set{1} << e] += reached[drawn] * weight[e] / left;
    reached[drawn] = 0;
  }
  return reached;
}

/// The product of the weights of each set of K experts, divided by the sum of all of them.
[[nodiscard]] inline set_law conditional_poisson_law(std::span<const double> weight, int top_k) {
  set_law law(std::size_t{1} << weight.size(), 0.0);
  double total = 0;
  for (expert_set set = 0; set < law.size(); ++set) {
    if (std::popcount(set) != top_k) continue;
    law[set] = 1;
    for (std::size_t e = 0; e < weight.size(); ++e) law[set] *= has(set, e) ? weight[e] : 1;
    total += law[set];
  }
  for (double& p : law) p /= total;
  return law;
}

/// The set of the experts of one token of a trace in one layer.
[[nodiscard]] inline expert_set set_of(const token_trace& tokens, std::size_t token,
                                       std::size_t layer) {
  expert_set set = 0;
  for (const std::uint32_t expert : tokens.at(token, layer)) set |= expert_set{1} << expert;
  return set;
}

/// How often each set occurs among the tokens of a trace.
[[nodiscard]] inline set_law trace_law(const token_trace& tokens, std::size_t layer,
                                       std::size_t experts) {
  set_law law(std::size_t{1} << experts, 0.0);
  for (std::size_t t = 0; t < tokens.tokens(); ++t)
    law[set_of(tokens, t, layer)] += 1 / static_cast<double>(tokens.tokens());
  return law;
}

/// One way that a token may go: the experts of each layer.
struct token_outcome {
  double probability = 1;
  std::vector<expert_set> experts = {};
};

/// Every way of positive probability when each layer draws by its own law.
[[nodiscard]] inline std::vector<token_outcome> independent_outcomes(
    const std::vector<set_law>& laws) {
  std::vector<token_outcome> outcomes(1);
  for (const set_law& law : laws) {
    std::vector<token_outcome> longer;
    for (const token_outcome& so_far : outcomes)
      for (expert_set set = 0; set < law.size(); ++set)
        if (law[set] > 0) {
          longer.push_back({so_far.probability * law[set], so_far.experts});
          longer.back().experts.push_back(set);
        }
    outcomes = std::move(longer);
  }
  return outcomes;
}

/// Every token of a trace, as likely as any other.
[[nodiscard]] inline std::vector<token_outcome> trace_outcomes(const token_trace& tokens) {
  std::vector<token_outcome> outcomes(tokens.tokens(),
                                      {1 / static_cast<double>(tokens.tokens()), {}});
  for (std::size_t t = 0; t < tokens.tokens(); ++t)
    for (std::size_t l = 0; l < tokens.layers; ++l)
      outcomes[t].experts.push_back(set_of(tokens, t, l));
  return outcomes;
}

/// A trace of random tokens: `top_k` different experts in each layer, the first ones more often.
[[nodiscard]] inline token_trace random_trace(random_stream& random, std::size_t tokens,
                                              const moe_model& model) {
  token_trace trace{
      static_cast<std::size_t>(model.layers), static_cast<std::size_t>(model.top_k), {}};
  std::vector<std::uint32_t> experts(static_cast<std::size_t>(model.experts));
  for (std::size_t row = 0; row < tokens * trace.layers; ++row) {
    std::iota(experts.begin(), experts.end(), 0u);
    for (std::size_t i = 0; i < trace.top_k; ++i) {
      const double u = random.uniform_01();
      const auto ahead = static_cast<double>(experts.size() - i);
      std::swap(experts[i], experts[i + static_cast<std::size_t>(u * u * ahead)]);
      trace.experts.push_back(experts[i]);
    }
  }
  return trace;
}

/// A profile of one layer.
[[nodiscard]] inline activation_profile one_layer(std::span<const double> weight) {
  return activation_profile(
      Eigen::Map<const matrix>(weight.data(), 1, static_cast<Eigen::Index>(weight.size())));
}

/// Two layers of five experts, used unevenly, one of them never.
[[nodiscard]] inline activation_profile uneven_profile() {
  return activation_profile(matrix{{4, 0, 3, 2, 1}, {1, 1, 5, 1, 1}});
}

/// Weights of E experts of every kind that a router may meet: uniform, random, falling by 1e-6
/// from expert to expert (three levels), one expert with nearly everything, every third unused.
[[nodiscard]] inline std::vector<std::vector<double>> weight_families(random_stream& random,
                                                                      std::size_t experts) {
  std::vector<std::vector<double>> families(5, std::vector<double>(experts, 1));
  for (std::size_t e = 0; e < experts; ++e) {
    families[1][e] = 0.01 + random.uniform_01();
    families[2][e] = std::pow(1e-6, e % 3);
    families[3][e] = e == experts / 2 ? 1 : 1e-12 * (1 + random.uniform_01());
    families[4][e] = e % 3 == 1 ? 0 : 0.1 + random.uniform_01();
  }
  return families;
}

/// The experts of positive weight, ascending.
[[nodiscard]] inline std::vector<std::size_t> used_experts(std::span<const double> weight) {
  std::vector<std::size_t> used;
  for (std::size_t e = 0; e < weight.size(); ++e)
    if (weight[e] > 0) used.push_back(e);
  return used;
}

/// Experts 0, 1, …, E − 1.
[[nodiscard]] inline std::vector<std::size_t> in_turn(int experts) {
  std::vector<std::size_t> order(static_cast<std::size_t>(experts));
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// K of E alike: P(all are among the first j) = C(j, K)/C(E, K), so that
/// P(the slowest is the j-th) = K/j · C(j, K)/C(E, K); j counted from 1.
[[nodiscard]] inline std::vector<double> hypergeometric_rank(int experts, int top_k) {
  std::vector<double> rank(static_cast<std::size_t>(experts), 0.0);
  double all_within = 1;
  for (int j = experts; j >= top_k; --j) {
    rank[static_cast<std::size_t>(j - 1)] = all_within * top_k / j;
    all_within *= static_cast<double>(j - top_k) / j;
  }
  return rank;
}

/// P(the slowest activated expert is order[j]), from the law of all sets.
[[nodiscard]] inline std::vector<double> slowest_rank_of(const set_law& law,
                                                         std::span<const std::size_t> order) {
  std::vector<double> rank(order.size(), 0.0);
  for (expert_set set = 0; set < law.size(); ++set) {
    if (law[set] <= 0) continue;
    std::size_t slowest = order.size() - 1;
    while (!has(set, order[slowest])) --slowest;
    rank[slowest] += law[set];
  }
  return rank;
}

/// What a router says of an order of its experts.
template<expert_router Router>
[[nodiscard]] std::vector<double> slowest_rank(const Router& router, std::size_t layer,
                                               std::span<const std::size_t> order) {
  std::vector<double> out(order.size(), std::numeric_limits<double>::quiet_NaN());
  router.slowest_rank(layer, order, out);
  return out;
}

/// Largest absolute difference of two lists; infinity where one has a NaN or another length.
[[nodiscard]] inline double largest_difference(std::span<const double> a,
                                               std::span<const double> b) {
  double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const double difference = std::abs(a[i] - b[i]);
    largest = difference <= largest    ? largest
              : std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                       : difference;
  }
  return largest;
}

/// Largest error of a router's slowest_rank against a law, over a few random orders.
template<expert_router Router>
[[nodiscard]] double slowest_rank_error(const Router& router, std::size_t layer, const set_law& law,
                                        random_stream& random) {
  std::vector<std::size_t> order = used_experts(router.activation().layer(layer));
  double largest = 0;
  for (int i = 0; i < 4; ++i) {
    random.shuffle(order);
    largest = std::max(largest, largest_difference(slowest_rank(router, layer, order),
                                                   slowest_rank_of(law, order)));
  }
  return largest;
}

/// How well drawn tokens fit the outcomes that they should have.
struct goodness_of_fit {
  double chi_square = 0;       ///< Pearson's statistic over the outcomes
  double bound = 0;            ///< its mean plus 5 standard deviations, if the law is right
  std::size_t impossible = 0;  ///< tokens that are none of the outcomes
};

template<expert_router Router>
[[nodiscard]] goodness_of_fit fit_of_draws(const Router& router,
                                           std::span<const token_outcome> outcomes,
                                           std::size_t draws, std::uint64_t seed) {
  std::map<std::vector<expert_set>, double> expected, seen;
  for (const token_outcome& outcome : outcomes)
    expected[outcome.experts] += outcome.probability * static_cast<double>(draws);

  random_stream stream(seed, "draws");
  const std::size_t layers = router.activation().layers(), top_k = router.top_k();
  std::vector<std::size_t> drawn(layers * top_k);
  goodness_of_fit fit;
  for (std::size_t i = 0; i < draws; ++i) {
    router.draw(stream, drawn);
    std::vector<expert_set> sets(layers, 0);  // an expert drawn twice makes too small a set
    for (std::size_t at = 0; at < drawn.size(); ++at)
      sets[at / top_k] |= expert_set{1} << drawn[at];
    if (expected.contains(sets))
      seen[sets] += 1;
    else
      ++fit.impossible;
  }
  for (const auto& [sets, times] : expected)
    fit.chi_square += (seen[sets] - times) * (seen[sets] - times) / times;
  const auto freedom = static_cast<double>(expected.size() - 1);
  fit.bound = freedom + 5 * std::sqrt(2 * freedom);
  return fit;
}

}  // namespace orbitmoe::test
