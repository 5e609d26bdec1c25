#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <orbitmoe/error.hpp>

#include "support/catch.hpp"

namespace error_test {
namespace {

using namespace orbitmoe;

// An error cannot be built but by its factory, so that no message lacks one of its three parts.
static_assert(!std::is_constructible_v<invalid_input, const char*>);
static_assert(!std::is_constructible_v<invalid_input, std::string, std::string, std::string>);
static_assert(std::is_base_of_v<std::invalid_argument, invalid_input>);
static_assert(std::is_base_of_v<std::runtime_error, infeasible_error>);
static_assert(!std::is_base_of_v<std::invalid_argument, infeasible_error>);

static_assert(std::is_convertible_v<int, outcome<int>>);
static_assert(std::is_convertible_v<infeasible, outcome<int>>);
static_assert(!std::is_default_constructible_v<outcome<int>>);

TEST_CASE("invalid_input: one line of parameter, found and allowed") {
  const auto error = invalid_input::value("planes", "0", "an integer from 1 to 10000");
  CHECK(std::string(error.what()) == "planes: found 0; allowed: an integer from 1 to 10000");
  CHECK(error.parameter() == "planes");
  CHECK(error.found() == "0");
  CHECK(error.allowed() == "an integer from 1 to 10000");
  CHECK_THROWS_AS(throw error, std::invalid_argument);
}

TEST_CASE("invalid_input: within() puts the container before the parameter") {
  const auto planes = invalid_input::value("planes", "0", "1 or more");
  CHECK(std::string(planes.within("constellation").what()) ==
        "constellation.planes: found 0; allowed: 1 or more");
  CHECK(planes.within("constellation").parameter() == "constellation.planes");
  CHECK(planes.within("constellation").found() == "0");
  CHECK(planes.within("constellation").allowed() == "1 or more");
  CHECK(planes.within("sky.json", ": ").parameter() == "sky.json: planes");
  // The original stays as it was.
  CHECK(planes.parameter() == "planes");

  // An index follows its container without a separator.
  const auto index = invalid_input::value("[3]", "-1", "0 or more");
  CHECK(index.within("links").parameter() == "links[3]");
  CHECK(index.within("rows", ": ").within("activation").parameter() == "activation.rows[3]");
}

TEST_CASE("detail::within: renames invalid_input, passes on results and everything else") {
  CHECK_INVALID(
      detail::within("links", [] { throw invalid_input::value("seam", "true", "false"); }),
      "links.seam: found true; allowed: false");
  CHECK_THROWS_AS(detail::within("links", [] { throw std::out_of_range("elsewhere"); }),
                  std::out_of_range);
  int number = 7;
  CHECK(&detail::within("links", [&]() -> int& { return number; }) == &number);
}

TEST_CASE("detail::to_text: the shortest text that reads back") {
  CHECK(detail::to_text(0.1) == "0.1");
  CHECK(detail::to_text(-2.5) == "-2.5");
  CHECK(detail::to_text(1e300) == "1e+300");
  CHECK(detail::to_text(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(detail::to_text(std::numeric_limits<int>::min()) == "-2147483648");
  CHECK(detail::to_text(~std::size_t{0}) == "18446744073709551615");
  for (const double value : {1.0 / 3, 1e23, -std::numeric_limits<double>::max(),
                             -std::numeric_limits<double>::denorm_min(), 6.62607015e-34})
    CHECK(std::strtod(detail::to_text(value).c_str(), nullptr) == value);
}

TEST_CASE("detail::require: throws only when the condition is false") {
  CHECK_NOTHROW(detail::require(true, "rate", 1.5, "over 0"));
  CHECK_INVALID(detail::require(false, "rate", -1.5, "over 0"),
                "rate: found -1.5; allowed: over 0");
}

TEST_CASE("detail::require_between: both ends are allowed, NaN is not") {
  for (const int value : {1, 5, 9}) CHECK_NOTHROW(detail::require_between("n", value, 1, 9));
  CHECK_INVALID(detail::require_between("n", 0, 1, 9),
                "n: found 0; allowed: an integer from 1 to 9");
  CHECK_INVALID(detail::require_between("n", 10, 1, 9),
                "n: found 10; allowed: an integer from 1 to 9");

  for (const double value : {0.0, 0.5, 1.0})
    CHECK_NOTHROW(detail::require_between("q", value, 0.0, 1.0));
  CHECK_INVALID(detail::require_between("q", -0.25, 0.0, 1.0),
                "q: found -0.25; allowed: a number from 0 to 1");
  CHECK_INVALID(detail::require_between("q", 1.25, 0.0, 1.0), "q: found 1.25;");
  CHECK_INVALID(detail::require_between("q", std::numeric_limits<double>::quiet_NaN(), 0.0, 1.0),
                "q: found nan; allowed: a number from 0 to 1");
}

TEST_CASE("outcome: a value") {
  const outcome<std::string> result = std::string("plan");
  CHECK(result.feasible());
  CHECK(result.reason().empty());
  CHECK(result.value() == "plan");
  const std::string converted = result;
  CHECK(converted == "plan");
}

TEST_CASE("outcome: a reason, which is thrown where the value is taken for granted") {
  const outcome<std::string> result = infeasible{"layer 3 needs 9 satellites and has 8"};
  CHECK_FALSE(result.feasible());
  CHECK(result.reason() == "layer 3 needs 9 satellites and has 8");
  CHECK_THROWS_AS(result.value(), infeasible_error);
  CHECK_THROWS_WITH(result.value(), "layer 3 needs 9 satellites and has 8");
  CHECK_THROWS_WITH(std::string(outcome<std::string>(infeasible{"none left"})), "none left");
  CHECK_THROWS_WITH(outcome<std::string>(infeasible{"none left"}).value(), "none left");
  // An empty reason is still no value.
  CHECK_FALSE(outcome<int>(infeasible{}).feasible());
}

TEST_CASE("outcome: moves its value out of a temporary") {
  using pointer = std::unique_ptr<int>;
  const pointer taken = outcome<pointer>(std::make_unique<int>(4)).value();
  REQUIRE(taken);
  CHECK(*taken == 4);
  const pointer converted = outcome<pointer>(std::make_unique<int>(5));
  REQUIRE(converted);
  CHECK(*converted == 5);
}

TEST_CASE("foreign text in a message is one short printable line") {
  CHECK(detail::printable("plain text") == "plain text");
  CHECK(detail::printable("two\nlines\x1b[31m\xff") == "two?lines?[31m?");
  CHECK(detail::printable(std::string(100, 'x'), 10) == "xxxxxxxxxx...");
  CHECK(detail::shown("a") == "\"a\"");
}

}  // namespace
}  // namespace error_test
