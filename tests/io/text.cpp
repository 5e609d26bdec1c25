#include <string>

#include <orbitmoe/io/text.hpp>

#include "support/catch.hpp"

using namespace orbitmoe;

TEST_CASE("foreign text in a message is one short printable line", "[io][text]") {
  CHECK(detail::printable("plain text", 60) == "plain text");
  CHECK(detail::printable("two\nlines\x1b[31m\xff", 60) == "two?lines?[31m?");
  CHECK(detail::printable(std::string(100, 'x'), 10) == "xxxxxxxxxx...");
  CHECK(detail::shown("a") == "\"a\"");
}
