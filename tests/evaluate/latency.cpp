#include <limits>
#include <sstream>
#include <vector>

#include <orbitmoe/evaluate/latency.hpp>

#include "support/catch.hpp"

namespace evaluate_latency_test {
namespace {

using namespace orbitmoe;

TEST_CASE("quantile: linear between order statistics, as NumPy") {
  const std::vector<double> four{1, 2, 4, 8};
  CHECK(quantile(four, 0) == 1);
  CHECK(quantile(four, 1. / 3) == test::approx(2));
  CHECK(quantile(four, 0.5) == test::approx(3));
  CHECK(quantile(four, 0.95) == test::approx(7.4));
  CHECK(quantile(four, 1) == 8);
  const std::vector<double> one{7};
  CHECK(quantile(one, 0.3) == 7);
  CHECK(quantile({}, 0.5) == std::numeric_limits<double>::infinity());
}

TEST_CASE("quantile: a fraction outside [0, 1] is named") {
  CHECK_INVALID(quantile({}, -0.1), "q: found -0.1; allowed: a number from 0 to 1");
  CHECK_INVALID(quantile({}, 1.5), "q: found 1.5");
  CHECK_INVALID(quantile({}, std::numeric_limits<double>::quiet_NaN()), "q: found nan");
}

TEST_CASE("latency_report: a plain value, which prints as a sentence") {
  latency_report report;
  CHECK(report.mean_s == std::numeric_limits<double>::infinity());
  CHECK(report.unreachable_fraction == 1);
  report.mean_s = 1.25;
  report.unreachable_fraction = 0.5;
  CHECK_FALSE(report == latency_report{});
  std::ostringstream text;
  text << report;
  CHECK(text.str() == "1.25 s per token, 50 % of slots unreachable");
}

TEST_CASE("quantile: infinite samples are no NaN") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(quantile(std::vector{1.0, infinity}, 0) == 1);
  CHECK(quantile(std::vector{1.0, infinity}, 1) == infinity);
  CHECK(quantile(std::vector{infinity, infinity}, 0.5) == infinity);
}

}  // namespace
}  // namespace evaluate_latency_test
