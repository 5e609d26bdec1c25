#include <cstddef>
#include <utility>
#include <vector>

#include <orbitmoe/model/conditional_poisson.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace model_conditional_poisson_test {
namespace {

using namespace orbitmoe;

TEST_CASE("conditional_poisson: two of three by hand") {
  // Weights 1, 2, 3: the products are 2, 3 and 6, of 11.
  const moe_model model{.layers = 1, .experts = 3, .top_k = 2};
  const conditional_poisson router(test::one_layer(std::vector<double>{1, 2, 3}), model);
  CHECK(router.top_k() == 2);
  const auto check = [&](std::vector<std::size_t> order, std::vector<double> expected) {
    CHECK(test::largest_difference(test::slowest_rank(router, 0, order), expected) < 1e-14);
  };
  check({0, 1, 2}, {0, 2. / 11, 9. / 11});
  check({2, 1, 0}, {0, 6. / 11, 5. / 11});
  check({2, 0, 1}, {0, 3. / 11, 8. / 11});
}

TEST_CASE("conditional_poisson: ranks equal full enumeration") {
  random_stream random(1, "conditional_poisson");
  for (int experts = 1; experts <= 9; ++experts)
    for (const auto& weight : test::weight_families(random, static_cast<std::size_t>(experts)))
      for (int top_k = 1; top_k <= static_cast<int>(test::used_experts(weight).size()); ++top_k) {
        INFO("E = " << experts << ", K = " << top_k);
        const moe_model model{.layers = 1, .experts = experts, .top_k = top_k};
        const conditional_poisson router(test::one_layer(weight), model);
        const auto law = test::conditional_poisson_law(router.activation().layer(0), top_k);
        CHECK(test::slowest_rank_error(router, 0, law, random) < 1e-14);
      }
}

TEST_CASE("conditional_poisson: K of E alike is the hypergeometric law") {
  for (const auto& [experts, top_k] : {std::pair{256, 8}, {64, 6}, {64, 64}}) {
    const moe_model model{.layers = 1, .experts = experts, .top_k = top_k};
    const conditional_poisson router(activation_profile::uniform(model), model);
    const auto rank = test::slowest_rank(router, 0, test::in_turn(experts));
    CHECK(test::largest_difference(rank, test::hypergeometric_rank(experts, top_k)) < 1e-13);
  }
}

TEST_CASE("conditional_poisson: draws follow the law") {
  const activation_profile profile = test::uneven_profile();
  for (int top_k = 1; top_k <= 4; ++top_k) {
    const moe_model model{.layers = 2, .experts = 5, .top_k = top_k};
    const conditional_poisson router(profile, model);
    const auto outcomes =
        test::independent_outcomes({test::conditional_poisson_law(profile.layer(0), top_k),
                                    test::conditional_poisson_law(profile.layer(1), top_k)});
    const auto fit = test::fit_of_draws(router, outcomes, 40'000, 1);
    CHECK(fit.impossible == 0);
    CHECK(fit.chi_square < fit.bound);
  }
}

TEST_CASE("conditional_poisson: draws survive extreme weights and repeat with their seed") {
  const moe_model model{.layers = 1, .experts = 5, .top_k = 3};
  const conditional_poisson router(test::one_layer(std::vector<double>{0, 1e-150, 1, 0, 1e-150}),
                                   model);
  random_stream stream(3, "draws"), again(3, "draws");
  std::vector<std::size_t> drawn(3), redrawn(3);
  for (int i = 0; i < 1000; ++i) {
    router.draw(stream, drawn);
    router.draw(again, redrawn);
    CHECK(drawn == redrawn);
    CHECK(drawn == std::vector<std::size_t>{1, 2, 4});
  }
}

TEST_CASE("conditional_poisson: a profile that does not fit is named") {
  const moe_model model{.layers = 1, .experts = 4, .top_k = 3};
  CHECK_INVALID(conditional_poisson(test::one_layer(std::vector<double>{1, 1, 1}), model),
                "activation: found 1 layers × 3 experts; allowed: 1 layers × 4 experts");
  CHECK_INVALID(conditional_poisson(test::one_layer(std::vector<double>{1, 1, 0, 0}), model),
                "activation[0]: found 2; allowed: top_k = 3 or more experts in use");
  CHECK_INVALID(
      conditional_poisson(test::one_layer(std::vector<double>{1, 1e-200, 1e-200, 0}), model),
      "activation[0]: found 0; allowed: weights even enough for the product of top_k of them to be "
      "a number");
}

TEST_CASE("conditional_poisson: many experts alike do not underflow") {
  for (const auto& [experts, top_k] : {std::pair{256, 200}, {512, 256}}) {
    const moe_model model{.layers = 1, .experts = experts, .top_k = top_k};
    const conditional_poisson router(activation_profile::uniform(model), model);
    const auto rank = test::slowest_rank(router, 0, test::in_turn(experts));
    CHECK(test::largest_difference(rank, test::hypergeometric_rank(experts, top_k)) < 1e-12);
  }
}

}  // namespace
}  // namespace model_conditional_poisson_test
