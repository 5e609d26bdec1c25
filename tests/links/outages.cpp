#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <orbitmoe/links/outages.hpp>

#include "support/catch.hpp"

namespace links_outages_test {
namespace {

using namespace orbitmoe;

TEST_CASE("outages: survival 1 keeps every link and 0 none") {
  for (const std::size_t slot : {0u, 1u, 199u}) {
    CHECK(bernoulli_outages{1, 7}.survivors(slot, 1000) == std::vector<bool>(1000, true));
    CHECK(bernoulli_outages{0, 7}.survivors(slot, 1000) == std::vector<bool>(1000, false));
  }
  CHECK(bernoulli_outages{}.survivors(0, 0).empty());
}

TEST_CASE("outages: links survive as often as they should") {
  for (const double q : {0.05, 0.5, 0.95}) {
    CAPTURE(q);
    constexpr int slots = 50, links = 2000;
    const bernoulli_outages outages{q, 3};
    std::vector<int> of_link(links);
    double total = 0;
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const auto up = outages.survivors(slot, links);
      for (std::size_t i = 0; i < links; ++i) of_link[i] += up[i];
      const auto in_slot = static_cast<double>(std::count(up.begin(), up.end(), true));
      CHECK(std::abs(in_slot - links * q) < 5 * std::sqrt(links * q * (1 - q)));
      total += in_slot;
    }
    CHECK(std::abs(total - slots * links * q) < 4 * std::sqrt(slots * links * q * (1 - q)));
    // Independent over slots: the counts of the links scatter as binomial ones do.
    double scatter = 0;
    for (const int count : of_link) scatter += std::pow(count - slots * q, 2);
    CHECK(scatter / (links * slots * q * (1 - q)) == test::approx(1, 0.15));
  }
}

TEST_CASE("outages: the stream is the one that its documentation names") {
  const bernoulli_outages outages{0.7, 42};
  for (std::size_t slot = 0; slot < 5; ++slot) {
    random_stream stream(42, "outages", slot);
    const auto up = outages.survivors(slot, 100);
    for (std::size_t i = 0; i < 100; ++i) CHECK(up[i] == (stream.uniform_01() < 0.7));
  }
}

TEST_CASE("outages: the seed and the slot decide") {
  const bernoulli_outages outages{0.5, 1};
  const auto reference = outages.survivors(3, 200);
  CHECK(outages.survivors(3, 200) == reference);
  CHECK(bernoulli_outages{0.5, 1}.survivors(3, 200) == reference);
  CHECK(bernoulli_outages{0.5, 2}.survivors(3, 200) != reference);
  CHECK(outages.survivors(4, 200) != reference);
  CHECK(outages.survivors(0, 200) != outages.survivors(1, 200));
}

TEST_CASE("outages: a link's draw depends on no link after it") {
  const bernoulli_outages outages{0.5, 1};
  const auto many = outages.survivors(3, 200);
  const auto few = outages.survivors(3, 50);
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
}

TEST_CASE("outages: a link that survives a low probability survives a higher one") {
  const auto low = bernoulli_outages{0.3, 5}.survivors(2, 500);
  const auto high = bernoulli_outages{0.6, 5}.survivors(2, 500);
  for (std::size_t i = 0; i < low.size(); ++i) CHECK((!low[i] || high[i]));
}

TEST_CASE("outages: survival probability out of range") {
  const auto draw = [](double q) { return bernoulli_outages{q, 1}.survivors(0, 1); };
  CHECK_INVALID(draw(-0.1), "survival_probability: found -0.1; allowed: a number from 0 to 1");
  CHECK_INVALID(draw(1.5), "survival_probability: found 1.5; allowed: a number from 0 to 1");
  CHECK_INVALID(draw(std::numeric_limits<double>::quiet_NaN()), "survival_probability: found nan;");
}

}  // namespace
}  // namespace links_outages_test
