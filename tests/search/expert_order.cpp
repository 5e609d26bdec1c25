#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/search/expert_order.hpp>

#include "support/catch.hpp"

namespace search_expert_order_test {
namespace {

using namespace orbitmoe;
using test::approx;

template<typename Router>
double mean_s(const Router& router, const std::vector<std::size_t>& order,
              const std::vector<double>& time_s) {
  std::vector<double> rank(order.size());
  router.slowest_rank(0, order, rank);
  double sum_s = 0;
  for (std::size_t j = 0; j < order.size(); ++j) sum_s += time_s[j] * rank[j];
  return sum_s;
}

std::vector<double> rising_times(random_stream& random, std::size_t count) {
  std::vector<double> time_s(count);
  for (double& each_s : time_s) each_s = random.uniform_01();
  std::ranges::sort(time_s);
  return time_s;
}

TEST_CASE("sorted_is_best: what routers say of themselves") {
  STATIC_REQUIRE(sorted_is_best<successive>);
  STATIC_REQUIRE(sorted_is_best<conditional_poisson>);
  STATIC_REQUIRE_FALSE(sorted_is_best<trace>);
  STATIC_REQUIRE_FALSE(sorted_is_best<activation_profile>);
}

TEST_CASE("improve_order: leaves the sorted order where that is best") {
  random_stream random(1, "test");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const moe_model model{.layers = 1, .experts = 6, .top_k = 1 + static_cast<int>(seed % 4)};
    const successive router(activation_profile::skewed(model, seed), model);
    std::vector<std::size_t> order = heaviest_first(router.activation().layer(0));
    const std::vector<std::size_t> sorted = order;
    detail::improve_order(router, 0, order, rising_times(random, 6), 6);
    CHECK(order == sorted);
  }
}

TEST_CASE("improve_order: experts of a trace that fire together come together") {
  // 0 and 1 always together, and so 2 and 3, and 4 and 5; 0 and 2 are the heaviest.
  const moe_model model{.layers = 1, .experts = 6, .top_k = 2};
  const trace router({.layers = 1, .top_k = 2, .experts = {0, 1, 0, 1, 2, 3, 2, 3, 4, 5}}, model);
  const std::vector<double> time_s{1, 2, 3, 4, 5, 6};
  std::vector<std::size_t> order{0, 2, 4, 1, 3, 5};
  detail::improve_order(router, 0, order, time_s, 6);
  CHECK(mean_s(router, order, time_s) == approx((2 * 2 + 2 * 4 + 6) / 5.0));
}

TEST_CASE("improve_order: no exchange of two lowers the mean any more") {
  random_stream random(2, "test");
  for (int repetition = 0; repetition < 50; ++repetition) {
    const moe_model model{.layers = 1, .experts = 7, .top_k = 3};
    token_trace tokens{.layers = 1, .top_k = 3, .experts = {}};
    for (int t = 0; t < 12; ++t) {
      std::vector<std::uint32_t> experts{0, 1, 2, 3, 4, 5, 6};
      random.shuffle(experts);
      tokens.experts.insert(tokens.experts.end(), experts.begin(), experts.begin() + 3);
    }
    const trace router(tokens, model);
    std::vector<std::size_t> order = heaviest_first(router.activation().layer(0));
    order.resize(experts_in_use(router.activation().layer(0)).size());
    const std::vector<double> time_s = rising_times(random, order.size());
    const double sorted_s = mean_s(router, order, time_s);
    detail::improve_order(router, 0, order, time_s, order.size());
    const double improved_s = mean_s(router, order, time_s);
    CHECK(improved_s <= sorted_s);
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        std::vector<std::size_t> other = order;
        std::swap(other[i], other[j]);
        CHECK(mean_s(router, other, time_s) >= improved_s * (1 - 2e-9));
      }
    std::vector<std::size_t> all = order;
    std::ranges::sort(all);
    CHECK(std::ranges::adjacent_find(all) == all.end());
  }
}

}  // namespace
}  // namespace search_expert_order_test
