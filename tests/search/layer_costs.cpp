#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/search/layer_costs.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace search_layer_costs_test {
namespace {

using namespace orbitmoe;
using test::approx;

TEST_CASE("slowest_of_orders: the router's law for every order of the experts in use") {
  const moe_model model{.layers = 2, .experts = 5, .top_k = 2};
  matrix weights(2, 5);
  weights << 1, 2, 3, 4, 5,  //
      3, 0, 2, 1, 4;
  const successive router(activation_profile(weights), model);
  for (std::size_t l = 0; l < 2; ++l) {
    const detail::slowest_of_orders laws(router, l);
    const std::size_t used = laws.used().size();
    REQUIRE(used == 5 - l);
    std::vector<std::size_t> order(used), experts(used);
    std::vector<double> law(used);
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
      for (std::size_t j = 0; j < used; ++j) experts[j] = laws.used()[order[j]];
      router.slowest_rank(l, experts, law);
      REQUIRE(std::equal(law.begin(), law.end(), laws.at(order)));
    } while (std::ranges::next_permutation(order).found);
  }
}

TEST_CASE("slot_terms: one term stands for all slots unless some may be left out") {
  const detail::slot_terms all(4, 0.2);
  CHECK(all.drop() == 0);
  REQUIRE(all.size() == 1);
  std::vector<double> term_s(1, 0.0);
  for (std::size_t slot = 0; slot < 4; ++slot) all.add(term_s, slot, double(slot));
  CHECK(all.mean_s(term_s) == approx(1.5));
  CHECK(all.least_mean_s(term_s) == approx(1.5));
  all.add(term_s, 0, test::infinity);
  CHECK(all.mean_s(term_s) == test::infinity);
}

TEST_CASE("slot_terms: the mean over the slots with routes, and what it is at least") {
  const detail::slot_terms terms(5, 0.4);
  CHECK(terms.drop() == 2);
  REQUIRE(terms.size() == 5);
  const std::vector<double> none{5, 4, 3, 2, 1};
  CHECK(terms.mean_s(none) == approx(3));
  CHECK(terms.least_mean_s(none) == approx(2));
  const std::vector<double> two{test::infinity, 4, 3, test::infinity, 1};
  CHECK(terms.mean_s(two) == approx(8.0 / 3));
  CHECK(terms.least_mean_s(two) == approx(8.0 / 3));
  const std::vector<double> three{test::infinity, test::infinity, 3, test::infinity, 1};
  CHECK(terms.mean_s(three) == test::infinity);
  CHECK(terms.least_mean_s(three) == test::infinity);
  // One slot is always left; a share that is a whole number of slots counts in full.
  CHECK(detail::slot_terms(5, 1).drop() == 4);
  CHECK(detail::slot_terms(100, 0.29).drop() == 29);
}

}  // namespace
}  // namespace search_layer_costs_test
