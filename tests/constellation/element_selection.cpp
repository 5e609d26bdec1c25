#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/constellation/element_selection.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"

namespace constellation_element_selection_test {
namespace {

using namespace orbitmoe;

constexpr double infinity = std::numeric_limits<double>::infinity();

bool matches_by_hand(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*')
    return matches_by_hand(text, pattern.substr(1)) ||
           (!text.empty() && matches_by_hand(text.substr(1), pattern));
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         matches_by_hand(text.substr(1), pattern.substr(1));
}

/// All texts of up to `length` of these letters.
std::vector<std::string> texts(std::string_view letters, std::size_t length) {
  std::vector<std::string> all{""};
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].size() < length)
      for (const char c : letters) all.push_back(all[i] + c);
  return all;
}

element_set satellite(const std::string& name, double altitude_km, double inclination_deg) {
  element_set set = test::elements_of({altitude_km, inclination_deg, 0, 0});
  set.name = name;
  return set;
}

std::vector<std::string> names(const std::vector<element_set>& sets) {
  std::vector<std::string> out;
  for (const element_set& set : sets) out.push_back(set.name);
  return out;
}
using words = std::vector<std::string>;

TEST_CASE("element_selection: every short pattern on every short text") {
  const std::vector<std::string> all = texts("ab", 5);
  for (const std::string& pattern : texts("ab*?", 4))
    for (const std::string& text : all) {
      CAPTURE(text, pattern);
      REQUIRE(detail::matches(text, pattern) == matches_by_hand(text, pattern));
    }
}

TEST_CASE("element_selection: names as catalogues have them") {
  CHECK(detail::matches("ONEWEB-0012", "oneweb-*"));
  CHECK(detail::matches("oneweb-0012", "ONEWEB-00??"));
  CHECK_FALSE(detail::matches("ONEWEB-0012", "oneweb"));
  CHECK(detail::matches("STARLINK-1257 [+]", "*[+]"));
  CHECK(detail::matches("a*b", "a?b"));
  CHECK(detail::matches("\xc3\xa9", "??"));
  // No pattern takes exponential time.
  CHECK_FALSE(detail::matches(std::string(10'000, 'a'), "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}

TEST_CASE("element_selection: all given conditions must hold") {
  const std::vector<element_set> sets = {satellite("A-1", 550, 53), satellite("A-2", 550, 97),
                                         satellite("B-1", 1200, 53), satellite("b-2", 345, 53)};
  CHECK(names(selected(sets, {})) == words{"A-1", "A-2", "B-1", "b-2"});
  CHECK(names(selected(sets, {.name = "B*"})) == words{"B-1", "b-2"});
  CHECK(names(selected(sets, {.altitude_km = value_range{500, 600}})) == words{"A-1", "A-2"});
  CHECK(names(selected(sets, {.inclination_deg = value_range{50, 60}})) ==
        words{"A-1", "B-1", "b-2"});
  CHECK(names(selected(sets, {.altitude_km = value_range{500, 2000},
                              .inclination_deg = value_range{0, 90},
                              .name = "?-1"})) == words{"A-1", "B-1"});
}

TEST_CASE("element_selection: bounds are included") {
  const element_set set = satellite("A", 550, 53);
  const double altitude_km = *detail::mean_altitude_km(set);
  CHECK(altitude_km == test::approx(550).margin(0.01));
  CHECK(is_selected(set, {.altitude_km = value_range{altitude_km, altitude_km}}));
  CHECK(is_selected(set, {.inclination_deg = value_range{53, 53}}));
  CHECK_FALSE(is_selected(set, {.inclination_deg = value_range{53.0001, 54}}));
  CHECK_FALSE(is_selected(set, {.inclination_deg = value_range{52, 52.9999}}));
  CHECK_FALSE(is_selected(set, {.altitude_km = value_range{551, 560}}));
  CHECK_FALSE(is_selected(set, {.altitude_km = value_range{540, 549}}));
}

TEST_CASE("element_selection: what has no orbit has no altitude") {
  element_set fallen = satellite("A", 550, 53);
  fallen.eccentricity = 0.2;
  CHECK_FALSE(detail::mean_altitude_km(fallen));
  CHECK(is_selected(fallen, {}));
  CHECK(is_selected(fallen, {.inclination_deg = value_range{50, 60}, .name = "a"}));
  CHECK_FALSE(is_selected(fallen, {.altitude_km = value_range{0, 1e6}}));
  fallen.inclination_deg = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(is_selected(fallen, {.inclination_deg = value_range{0, 180}}));
}

TEST_CASE("element_selection: what it refuses") {
  const std::vector<element_set> sets = {satellite("A-1", 550, 53)};
  CHECK_INVALID(selected(sets, {.altitude_km = value_range{600, 500}}),
                "altitude_km: found [600, 500]; allowed: two finite numbers, low first");
  CHECK_INVALID(selected(sets, {.altitude_km = value_range{0, infinity}}),
                "altitude_km: found [0, inf];");
  CHECK_INVALID(selected(sets, {.inclination_deg = value_range{NAN, 1}}),
                "inclination_deg: found [nan, 1];");
  CHECK_INVALID(selected(sets, {.name = std::string(101, '*')}),
                "name: found 101; allowed: at most 100 characters");
  CHECK_NOTHROW(selected(sets, {.name = std::string(100, '*')}));
  CHECK_INVALID(selected(sets, {.name = "B*"}),
                "select: found none of 1 satellites; allowed: a selection that leaves one or more");
  CHECK_INVALID(selected({}, {}), "select: found none of 0 satellites;");
}

}  // namespace
}  // namespace constellation_element_selection_test
