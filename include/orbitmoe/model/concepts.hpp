#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <orbitmoe/error.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/random.hpp>

namespace orbitmoe {

/// Says which experts a token activates together.
///
/// | expression                          | meaning                                               |
/// |-------------------------------------|-------------------------------------------------------|
/// | r.activation()                      | const activation_profile&: weight of each expert;     |
/// |                                     | experts of weight 0 are never activated               |
/// | r.top_k()                           | std::size_t: K, experts per token and layer           |
/// | r.slowest_rank(layer, order, out)   | out[j] = P(the slowest of the K activated experts is  |
/// |                                     | order[j]), for experts listed from fast to slow       |
/// | r.draw(stream, out)                 | one token: out[l·K + i] is the i-th expert of layer l |
///
/// `order` lists every expert of positive weight once. Then the mean time of the slowest expert is
/// Σ_j time(order[j])·out[j], exactly (MODEL §6).
///
/// Semantics (not checkable): pure; const calls are thread-safe; out sums to 1 up to rounding.
///
/// A router for which heavier experts are always better nearer has `static constexpr bool
/// sorted_is_best = true`: lower_bound_s asks for it, and searches need not try other orders.
///
/// Which one when:
/// - successive           the default: K draws without replacement, as a softmax router with noise
/// - conditional_poisson  the law of maximum entropy for its inclusion frequencies; quick for many
///                        experts
/// - trace                real tokens, with the correlations between experts and layers they have
template<typename R>
concept expert_router = requires(const R r, std::size_t layer, std::span<const std::size_t> order,
                                 std::span<double> out, random_stream& stream,
                                 std::span<std::size_t> experts) {
  { r.activation() } -> std::convertible_to<const activation_profile&>;
  { r.top_k() } -> std::convertible_to<std::size_t>;
  r.slowest_rank(layer, order, out);
  r.draw(stream, experts);
};

/// Whether the heaviest experts on the quickest satellites are the best that can be, for any times:
/// true for a router that says so by `static constexpr bool sorted_is_best = true`.
template<typename Router>
inline constexpr bool sorted_is_best = false;
template<typename Router>
requires requires {
  { Router::sorted_is_best } -> std::convertible_to<bool>;
}
inline constexpr bool sorted_is_best<Router> = Router::sorted_is_best;

/// The activation of a profile (itself) or of a router.
[[nodiscard]] inline const activation_profile& activation_of(const activation_profile& profile) {
  return profile;
}
template<expert_router Router>
[[nodiscard]] const activation_profile& activation_of(const Router& router) {
  return router.activation();
}

namespace detail {

/// @throws invalid_input  the router is not for models of this shape.
template<expert_router Router>
void require_fit(const Router& router, const moe_model& model) {
  router.activation().validate(model);
  require(router.top_k() == static_cast<std::size_t>(model.top_k), "router.top_k", router.top_k(),
          std::to_string(model.top_k) + ", by model.top_k");
}

}  // namespace detail
}  // namespace orbitmoe
