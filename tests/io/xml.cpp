#include <string>

#include <orbitmoe/io/xml.hpp>

#include "support/catch.hpp"

namespace io_xml_test {
namespace {

using namespace orbitmoe;
using detail::xml_text;

TEST_CASE("foreign text is what XML may hold", "[io][xml]") {
  CHECK(xml_text("a < b & c > d") == "a &lt; b &amp; c &gt; d");
  const std::string good = "33 × 32 – ± é 軌道 🛰";
  CHECK(xml_text(good) == good);
  CHECK(xml_text(std::string("a\0\n\x1f", 4)) == "a???");
  for (const char* const bad : {"\x80", "\xff", "\xc3", "\xf8"}) CHECK(xml_text(bad) == "?");
  CHECK(xml_text("\xc3<") == "?&lt;");            // a character cut short
  CHECK(xml_text("\xc0\xbc") == "??");            // '<' written too long
  CHECK(xml_text("\xed\xa0\x80") == "???");       // a surrogate
  CHECK(xml_text("\xef\xbf\xbf") == "???");       // no character
  CHECK(xml_text("\xf4\x90\x80\x80") == "????");  // past the last one
}

}  // namespace
}  // namespace io_xml_test
