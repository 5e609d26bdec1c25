#include <string>
#include <vector>

#include <orbitmoe/io/link_list_file.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace io_link_list_file_test {
namespace {

using namespace orbitmoe;

TEST_CASE("link list file: ids between blanks") {
  CHECK(parse_link_list("0 1\n  5\t2 \r\n\n0 1\n4294967295 0").pairs ==
        std::vector<laser_link>{{0, 1}, {5, 2}, {0, 1}, {4294967295, 0}});
  CHECK(parse_link_list("").pairs.empty());
  CHECK(parse_link_list("\n \n").pairs.empty());
}

TEST_CASE("link list file: CSV under a header") {
  CHECK(parse_link_list("\xEF\xBB\xBF"
                        "a,b\r\n0, 1\r\n\r\n7 ,3\r\n")
            .pairs == std::vector<laser_link>{{0, 1}, {7, 3}});
  CHECK(parse_link_list("a,b\n").pairs.empty());
}

TEST_CASE("link list file: errors name line and column") {
  CHECK_INVALID(parse_link_list("0 1\n2\n"), "line 2: found 1 columns; allowed: two satellite ids");
  CHECK_INVALID(parse_link_list("0 1 2\n"), "line 1: found 3 columns;");
  CHECK_INVALID(parse_link_list("0 x\n"),
                "line 1, column 2: found \"x\"; allowed: a whole number from 0 to 4294967295");
  for (const char* id : {"-1", "+1", "1.0", "4294967296", "0x1", "a"}) {
    CAPTURE(id);
    CHECK_INVALID(parse_link_list(std::string(id) + " 3\n"), "line 1, column 1: found \"");
    CHECK_INVALID(parse_link_list("a,b\n3," + std::string(id)), "line 2, column 2: found \"");
  }
  CHECK_INVALID(parse_link_list("\n3 3\n"), "line 2: found 3; allowed: two different satellites");
  CHECK_INVALID(parse_link_list("0,1\n"),
                "line 1: found commas without a header; allowed: two ids");
  CHECK_INVALID(parse_link_list("a,b\n0 1\n"), "line 2: found 1 columns;");
  CHECK_INVALID(parse_link_list("a,b\na,b\n"), "line 2, column 1: found \"a\";");
  CHECK_INVALID(parse_link_list("b,a\n1,2\n"), "line 1: found commas without a header;");
}

TEST_CASE("link list file: errors of a file name the file") {
  const test::temporary_folder folder;
  write_file(folder / "isls.txt", "0 1\n1 x\n");
  CHECK_INVALID(read_link_list(folder / "isls.txt"), "isls.txt, line 2, column 2: found \"x\"");
  write_file(folder / "isls.txt", "0 1\n1 2\n");
  CHECK(read_link_list(folder / "isls.txt").pairs == std::vector<laser_link>{{0, 1}, {1, 2}});
  CHECK_INVALID(read_link_list(folder / "none.txt"), "none.txt");
}

}  // namespace
}  // namespace io_link_list_file_test
