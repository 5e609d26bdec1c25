#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <boost/math/quadrature/tanh_sinh.hpp>

#include <orbitmoe/model/successive.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace model_successive_test {
namespace {

using namespace orbitmoe;

/// P(at least K of the first `size` experts of the order have arrived by time t), all counts kept.
double enough_arrived(std::span<const double> weight, std::span<const std::size_t> order,
                      std::size_t size, std::size_t top_k, double t) {
  std::vector<double> arrived(size + 1, 0.0);
  arrived[0] = 1;
  for (std::size_t i = 0; i < size; ++i) {
    const double waits = std::exp(-weight[order[i]] * t);
    for (std::size_t m = i + 1; m > 0; --m)
      arrived[m] = arrived[m] * waits + arrived[m - 1] * -std::expm1(-weight[order[i]] * t);
    arrived[0] *= waits;
  }
  return std::accumulate(arrived.begin() + static_cast<std::ptrdiff_t>(top_k), arrived.end(), 0.0);
}

/// The race of successive.hpp by another rule in another variable: tanh–sinh in u = e^{−W t}.
std::vector<double> race_by_tanh_sinh(std::span<const double> weight,
                                      std::span<const std::size_t> order, std::size_t top_k) {
  boost::math::quadrature::tanh_sinh<double> rule;
  std::vector<double> rank(order.size(), 0.0);
  double within_before = 0;
  for (std::size_t size = top_k; size <= order.size(); ++size) {
    double others = 0;
    for (std::size_t i = size; i < order.size(); ++i) others += weight[order[i]];
    const double within =
        size == order.size()
            ? 1
            : rule.integrate(
                  [&](double u) {
                    return enough_arrived(weight, order, size, top_k, -std::log(u) / others);
                  },
                  0.0, 1.0, 1e-13);
    rank[size - 1] = within - within_before;
    within_before = within;
  }
  return rank;
}

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST_CASE("successive: two of three by hand") {
  // Weights 1/2, 1/3, 1/6: {0,1} 1/2·2/3 + 1/3·3/4 = 7/12; {0,2} 4/15; {1,2} 3/20.
  const moe_model model{.layers = 1, .experts = 3, .top_k = 2};
  const successive router(test::one_layer(std::vector<double>{3, 2, 1}), model);
  CHECK(router.top_k() == 2);
  const auto check = [&](std::vector<std::size_t> order, std::vector<double> expected) {
    CHECK(test::largest_difference(test::slowest_rank(router, 0, order), expected) < 1e-14);
  };
  check({0, 1, 2}, {0, 7. / 12, 5. / 12});
  check({0, 2, 1}, {0, 4. / 15, 11. / 15});
  check({2, 1, 0}, {0, 3. / 20, 17. / 20});
}

TEST_CASE("successive: ranks equal full enumeration") {
  random_stream random(1, "successive");
  for (int experts = 1; experts <= 9; ++experts)
    for (const auto& weight : test::weight_families(random, static_cast<std::size_t>(experts)))
      for (int top_k = 1; top_k <= static_cast<int>(test::used_experts(weight).size()); ++top_k) {
        INFO("E = " << experts << ", K = " << top_k);
        const moe_model model{.layers = 1, .experts = experts, .top_k = top_k};
        const successive router(test::one_layer(weight), model);
        const auto law = test::successive_law(router.activation().layer(0), top_k);
        // The stated error of the quadrature, K ≥ 3; the closed forms of K ≤ 2 are better still.
        CHECK(test::slowest_rank_error(router, 0, law, random) < (top_k > 2 ? 1e-12 : 1e-14));
      }
}

TEST_CASE("successive: K of E alike is the hypergeometric law") {
  for (const auto& [experts, top_k] : {std::pair{256, 8},
                                       {64, 6},
                                       {64, 1},
                                       {64, 2},
                                       {64, 3},
                                       {64, 63},
                                       {64, 64},
                                       {512, 10},
                                       {512, 64},
                                       {256, 128},
                                       {256, 200}}) {
    INFO("E = " << experts << ", K = " << top_k);
    const moe_model model{.layers = 1, .experts = experts, .top_k = top_k};
    const successive router(activation_profile::uniform(model), model);
    const auto rank = test::slowest_rank(router, 0, test::in_turn(experts));
    CHECK(test::largest_difference(rank, test::hypergeometric_rank(experts, top_k)) < 1e-12);
    CHECK(std::abs(sum(rank) - 1) < 1e-12);
  }
}

TEST_CASE("successive: skewed large races equal another quadrature") {
  const moe_model model{.layers = 1, .experts = 64, .top_k = 6};
  random_stream random(1, "orders");
  matrix extreme = make_matrix(1, 64, 0);
  for (double& weight : extreme.reshaped()) weight = std::pow(10.0, -12 * random.uniform_01());
  for (const activation_profile& profile :
       {activation_profile::zipf(model, 0.6, 1), activation_profile::zipf(model, 2, 1),
        activation_profile(extreme)}) {
    const successive router(profile, model);
    std::vector<std::size_t> order = test::in_turn(64);
    random.shuffle(order);
    const auto rank = test::slowest_rank(router, 0, order);
    CHECK(test::largest_difference(rank, race_by_tanh_sinh(profile.layer(0), order, 6)) < 1e-12);
    CHECK(std::abs(sum(rank) - 1) < 1e-12);
  }
}

TEST_CASE("successive: layers of very different skew do not disturb each other") {
  const moe_model model{.layers = 3, .experts = 6, .top_k = 3};
  const activation_profile profile(
      matrix{{1, 1, 1, 1, 1, 1}, {1, 1e-6, 1e-12, 1, 1e-6, 1e-12}, {0, 1, 1e-9, 2, 0, 3}});
  const successive router(profile, model);
  random_stream random(1, "orders");
  for (std::size_t l = 0; l < 3; ++l) {
    const auto law = test::successive_law(profile.layer(l), 3);
    CHECK(test::slowest_rank_error(router, l, law, random) < 1e-12);
  }
}

TEST_CASE("successive: draws follow the law") {
  const activation_profile profile = test::uneven_profile();
  for (int top_k = 1; top_k <= 4; ++top_k) {
    const moe_model model{.layers = 2, .experts = 5, .top_k = top_k};
    const successive router(profile, model);
    const auto outcomes =
        test::independent_outcomes({test::successive_law(profile.layer(0), top_k),
                                    test::successive_law(profile.layer(1), top_k)});
    const auto fit = test::fit_of_draws(router, outcomes, 40'000, 1);
    CHECK(fit.impossible == 0);
    CHECK(fit.chi_square < fit.bound);
  }
}

TEST_CASE("successive: draws come in the order in which they are made") {
  const moe_model model{.layers = 1, .experts = 3, .top_k = 2};
  const successive router(test::one_layer(std::vector<double>{3, 2, 1}), model);
  random_stream stream(1, "draws");
  std::vector<std::size_t> drawn(2);
  std::vector<double> first(3, 0.0);
  for (int i = 0; i < 30'000; ++i) {
    router.draw(stream, drawn);
    first[drawn[0]] += 1.0 / 30'000;
  }
  CHECK(test::largest_difference(first, router.activation().layer(0)) < 0.015);  // 5 deviations
}

TEST_CASE("successive: draws survive extreme weights and repeat with their seed") {
  const moe_model model{.layers = 1, .experts = 5, .top_k = 4};
  const successive router(test::one_layer(std::vector<double>{1, 1e-300, 0, 1e-18, 1e-200}), model);
  random_stream stream(3, "draws"), again(3, "draws");
  std::vector<std::size_t> drawn(4), redrawn(4);
  for (int i = 0; i < 1000; ++i) {
    router.draw(stream, drawn);
    router.draw(again, redrawn);
    CHECK(drawn == redrawn);
    std::sort(drawn.begin(), drawn.end());
    CHECK(drawn == std::vector<std::size_t>{0, 1, 3, 4});
  }
}

TEST_CASE("successive: a profile that does not fit the model is named") {
  const moe_model model{.layers = 1, .experts = 4, .top_k = 3};
  CHECK_INVALID(successive(test::one_layer(std::vector<double>{1, 1, 1}), model),
                "activation: found 1 layers × 3 experts; allowed: 1 layers × 4 experts");
  CHECK_INVALID(successive(test::one_layer(std::vector<double>{1, 1, 0, 0}), model),
                "activation[0]: found 2; allowed: top_k = 3 or more experts in use");
  CHECK_INVALID(successive(activation_profile::uniform(model), {.layers = 0}), "layers: found 0");
}

}  // namespace
}  // namespace model_successive_test
