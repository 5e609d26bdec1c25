#include <cstddef>
#include <vector>

#include <orbitmoe/model/trace.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace model_trace_test {
namespace {

using namespace orbitmoe;

TEST_CASE("trace: three tokens by hand") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 2};
  const token_trace tokens{2, 2, {0, 1, /**/ 2, 3, /* */ 1, 0, /**/ 3, 1, /* */ 3, 1, /**/ 1, 3}};
  CHECK(tokens.tokens() == 3);
  CHECK(tokens.at(1, 0)[0] == 1);
  CHECK(tokens.at(1, 1)[0] == 3);
  CHECK(token_trace{}.tokens() == 0);

  const trace router(tokens, model);
  CHECK(router.tokens() == tokens);
  CHECK(router.top_k() == 2);
  CHECK(router.activation() == activation_profile(matrix{{2, 3, 0, 1}, {0, 2, 1, 3}}));

  const auto check = [&](std::size_t layer, std::vector<std::size_t> order,
                         std::vector<double> expected) {
    CHECK(test::largest_difference(test::slowest_rank(router, layer, order), expected) < 1e-14);
  };
  check(0, {0, 1, 3}, {0, 2. / 3, 1. / 3});
  check(0, {3, 0, 1}, {0, 0, 1});
  check(1, {1, 3, 2}, {0, 2. / 3, 1. / 3});
  check(1, {2, 3, 1}, {0, 1. / 3, 2. / 3});
}

TEST_CASE("trace: ranks equal the count of all tokens") {
  random_stream random(1, "trace");
  for (int experts = 1; experts <= 9; ++experts)
    for (int top_k = 1; top_k <= experts; ++top_k) {
      INFO("E = " << experts << ", K = " << top_k);
      const moe_model model{.layers = 2, .experts = experts, .top_k = top_k};
      const token_trace tokens = test::random_trace(random, 1 + random.uniform_index(50), model);
      const trace router(tokens, model);
      for (std::size_t l = 0; l < 2; ++l) {
        const auto law = test::trace_law(tokens, l, static_cast<std::size_t>(experts));
        CHECK(test::slowest_rank_error(router, l, law, random) < 1e-14);
      }
    }
}

TEST_CASE("trace: draws are whole tokens, layers together") {
  random_stream random(2, "trace");
  const moe_model model{.layers = 3, .experts = 6, .top_k = 2};
  const token_trace tokens = test::random_trace(random, 30, model);
  const auto fit =
      test::fit_of_draws(trace(tokens, model), test::trace_outcomes(tokens), 20'000, 1);
  CHECK(fit.impossible == 0);
  CHECK(fit.chi_square < fit.bound);
}

TEST_CASE("trace: draws repeat with their seed") {
  random_stream random(3, "trace");
  const moe_model model{.layers = 2, .experts = 5, .top_k = 3};
  const trace router(test::random_trace(random, 40, model), model);
  random_stream stream(5, "draws"), again(5, "draws");
  std::vector<std::size_t> drawn(6), redrawn(6);
  for (int i = 0; i < 100; ++i) {
    router.draw(stream, drawn);
    router.draw(again, redrawn);
    CHECK(drawn == redrawn);
  }
}

TEST_CASE("trace: what does not fit the model is named") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 2};
  CHECK_INVALID(trace({2, 2, {0, 1, 2, 3}}, {.layers = 0}), "layers: found 0");
  CHECK_INVALID(trace({1, 2, {0, 1}}, model), "trace.layers: found 1; allowed: 2, by model.layers");
  CHECK_INVALID(trace({2, 1, {0, 1}}, model), "trace.top_k: found 1; allowed: 2, by model.top_k");
  CHECK_INVALID(trace({2, 2, {}}, model),
                "trace.experts: found 0; allowed: tokens × layers × top_k ids, one token or more");
  CHECK_INVALID(trace({2, 2, {0, 1, 2, 3, 0}}, model), "trace.experts: found 5");
  CHECK_INVALID(trace({2, 2, {0, 1, 2, 3, 0, 1, 2, 4}}, model),
                "trace[1][1]: found 4; allowed: different experts in 0..3");
  CHECK_INVALID(trace({2, 2, {0, 1, 2, 2}}, model),
                "trace[0][1]: found 2 twice; allowed: different experts in 0..3");
}

}  // namespace
}  // namespace model_trace_test
