#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <orbitmoe/random.hpp>
#include <orbitmoe/search/least_means.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace search_least_means_test {
namespace {

using namespace orbitmoe;
using test::approx;

TEST_CASE("least_means: the mean of all but the largest") {
  random_stream random(1, "test");
  for (int repetition = 0; repetition < 200; ++repetition) {
    const std::size_t drop = random.uniform_index(4), count = drop + 1 + random.uniform_index(9);
    detail::least_means means(3, drop);
    std::vector<double> values(count);
    for (double& value : values) {
      value = random.uniform_01() < 0.2 ? test::infinity : random.uniform_01();
      means.add(1, value);
    }
    std::ranges::sort(values);
    const double sum =
        std::accumulate(values.begin(), values.end() - static_cast<std::ptrdiff_t>(drop), 0.0);
    CHECK(means.mean(1, count) == approx(sum / static_cast<double>(count - drop)));
    CHECK(means.mean(0, count) == 0);
  }
}

}  // namespace
}  // namespace search_least_means_test
