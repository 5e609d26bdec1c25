#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/model/successive.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace model_slowest_test {
namespace {

using namespace orbitmoe;

TEST_CASE("heaviest_first: by falling weight, equals by index, unused last") {
  CHECK(heaviest_first(std::vector{0.2, 0.0, 0.5, 0.2, 0.1}) ==
        std::vector<std::size_t>{2, 0, 3, 4, 1});
  CHECK(heaviest_first(std::vector<double>{}).empty());
  CHECK(experts_in_use(std::vector{0.2, 0.0, 0.5}) == std::vector<std::size_t>{0, 2});
}

TEST_CASE("sort_by_time: few and many experts come in the same order") {
  random_stream random(1, "test");
  for (int repetition = 0; repetition < 300; ++repetition) {
    const std::size_t experts = 1 + random.uniform_index(40);
    std::vector<double> time_s(experts);
    // Few different times, so that many tie; some never come.
    for (double& time : time_s)
      time =
          random.uniform_01() < 0.1 ? test::infinity : static_cast<double>(random.uniform_index(6));
    std::vector<std::size_t> used;
    for (std::size_t e = 0; e < experts; ++e)
      if (random.uniform_01() < 0.8) used.push_back(e);
    std::vector<std::size_t> order(used.size());
    detail::sort_by_time(used, time_s, order);
    for (std::size_t j = 0; j + 1 < order.size(); ++j) {
      const std::size_t a = order[j], b = order[j + 1];
      REQUIRE((time_s[a] < time_s[b] || (time_s[a] == time_s[b] && a < b)));
    }
    REQUIRE(std::ranges::is_permutation(order, used));
  }
}

TEST_CASE("expert_law: says what its router says") {
  const moe_model model{.layers = 2, .experts = 5, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);
  const expert_law law(router);
  CHECK(&law.activation() == &router.activation());
  const std::vector<std::size_t> order{3, 1, 4, 0, 2};
  std::vector<double> ours(5), its(5);
  law.slowest_rank(1, order, ours);
  router.slowest_rank(1, order, its);
  CHECK(ours == its);
}

}  // namespace
}  // namespace model_slowest_test
