#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/io/text.hpp>

#include "support/catch.hpp"

namespace io_text_test {
namespace {

using namespace orbitmoe::detail;

using words = std::vector<std::string_view>;

TEST_CASE("text: lines with any ends, without blanks behind", "[io]") {
  std::string_view text = "one \t\r\n\n two\nthree";
  CHECK(take_line(text) == "one");
  CHECK(take_line(text).empty());
  CHECK(take_line(text) == " two");
  CHECK(take_line(text) == "three");
  CHECK(text.empty());
  CHECK(take_line(text).empty());
  CHECK(line_place(7) == "line 7");
  CHECK(column_place("line 7", 0) == "line 7, column 1");
}

TEST_CASE("text: words between blanks and fields between commas", "[io]") {
  CHECK(words_of(" a\t bc  d\r") == words{"a", "bc", "d"});
  CHECK(words_of(" \t").empty());
  CHECK(fields_of(" a b ,\t,,c\r") == words{"a b", "", "", "c"});
  CHECK(fields_of("") == words{""});
  CHECK(fields_of(" ,") == words{"", ""});
}

TEST_CASE("text: lines of CSV keep their numbers", "[io]") {
  std::vector<std::pair<words, std::size_t>> seen;
  for_each_csv_line(
      "\xEF\xBB\xBF"
      "a,b\r\n \t\r\n\n1, 2\n3",
      [&](const words& fields, std::size_t line) { seen.emplace_back(fields, line); });
  REQUIRE(seen.size() == 3);
  CHECK(seen[0] == std::pair{words{"a", "b"}, std::size_t{1}});
  CHECK(seen[1] == std::pair{words{"1", "2"}, std::size_t{4}});
  CHECK(seen[2] == std::pair{words{"3"}, std::size_t{5}});
}

TEST_CASE("text: lines that are not blank keep their numbers, without byte order mark", "[io]") {
  std::vector<std::pair<std::string_view, std::size_t>> seen;
  for_each_line("\xEF\xBB\xBF a\n\n b ", [&](std::string_view line, std::size_t number) {
    seen.emplace_back(line, number);
  });
  CHECK(seen == std::vector<std::pair<std::string_view, std::size_t>>{{" a", 1}, {" b", 3}});
  CHECK(without_byte_order_mark("\xEF\xBB\xBF").empty());
  CHECK(without_byte_order_mark("\xEF\xBB") == "\xEF\xBB");
}

TEST_CASE("text: a number is the whole field or none", "[io]") {
  CHECK(number_in("-1.5e3") == -1500.0);
  CHECK(number_in("inf") == std::numeric_limits<double>::infinity());
  for (const char* const none : {"", " 1", "1 ", "1x", "0x1", "+1", "1e999", "--1"}) {
    CAPTURE(none);
    CHECK(!number_in(none));
  }
  CHECK(finite_in("2", "here") == 2);
  CHECK_INVALID(finite_in("nan", "line 1"), "line 1: found \"nan\"; allowed: a finite number");
}

TEST_CASE("text: numbers with so many decimals", "[io]") {
  CHECK(fixed_text(1.25, 1) == "1.2");  // as it is, a tie goes to the even digit
  CHECK(fixed_text(-0.0, 2) == "0.00");
  CHECK(fixed_text(-7, 0) == "-7");
  CHECK(fixed_text(-std::numeric_limits<double>::max(), 20).size() == 331);
}

TEST_CASE("text: fields of CSV are quoted where they need it", "[io]") {
  CHECK(csv_field("plain text") == "plain text");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"a\"") == "\"say \"\"a\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("text: a form is filled in order", "[io]") {
  CHECK(filled("<a b='$' c='$'>$</a>", 1, 2.25, std::string("$")) == "<a b='1' c='2.2'>$</a>");
  CHECK(filled("$$", 0.05, -7.0) == "0.1-7.0");
  CHECK(filled("none") == "none");
}

}  // namespace
}  // namespace io_text_test
