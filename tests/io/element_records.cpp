#include <string>
#include <vector>

#include <orbitmoe/io/element_records.hpp>

#include "support/catch.hpp"

namespace io_element_records_test {
namespace {

using namespace orbitmoe;

TEST_CASE("element_records: a bad record is refused or listed, with its place", "[io]") {
  const auto bad = []() -> element_set { throw invalid_input::value("x", "1", "2"); };
  const auto good = [] {
    element_set set;
    set.name = "good";
    return set;
  };
  element_records out;
  detail::add_record(out, bad_records::skip, "line 1", good);
  detail::add_record(out, bad_records::skip, "line 2", bad);
  REQUIRE(out.sets.size() == 1);
  CHECK(out.sets[0].name == "good");
  CHECK(out.skipped == std::vector<skipped_record>{{"line 2", "x: found 1; allowed: 2"}});
  CHECK_INVALID(detail::add_record(out, bad_records::refuse, "line 3", bad), "line 3, x: found 1");
  CHECK(out.sets.size() == 1);
}

}  // namespace
}  // namespace io_element_records_test
