#include <cstddef>
#include <string>

#include <orbitmoe/io/csv.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/trace.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace io_csv_test {
namespace {

using namespace orbitmoe;

TEST_CASE("activation tables with and without a layer column", "[io][csv]") {
  const matrix plain = parse_activation_csv("e0,e1,e2\n1,2,3\n4,5e0,.25\n");
  REQUIRE(plain.rows() == 2);
  REQUIRE(plain.cols() == 3);
  CHECK(plain(1, 1) == 5);
  CHECK(plain(1, 2) == 0.25);
  const matrix labelled =
      parse_activation_csv("\xEF\xBB\xBFlayer, e0 ,e1,e2\r\n7,1,2,3\r\n\r\n8,4,5e0,.25");
  CHECK(labelled == plain);
}

TEST_CASE("bad activation tables are named by line and column", "[io][csv]") {
  const auto bad = [](const std::string& text, const char* message) {
    CHECK_INVALID(parse_activation_csv(text), message);
  };
  bad("", "csv: found no row of numbers; allowed: a header row, then one row or more");
  bad("e0,e1\n", "no row of numbers");
  bad("1,2\n3,4\n", "line 1: found numbers only; allowed: a header row that names the columns");
  bad("e0,e1\n1,2\n3\n", "line 3: found 1 columns; allowed: 2, as in the header");
  bad("e0,e1\n1,2,\n", "line 2: found 3 columns");
  bad("e0,e1\n1,-2\n", "line 2, column 2: found -2; allowed: 0 or more");
  bad("e0,e1\n1,nan\n", "line 2, column 2: found \"nan\"; allowed: a finite number");
  bad("e0,e1\ninf,1\n", "line 2, column 1: found \"inf\"");
  bad("e0,e1\n1e999,1\n", "line 2, column 1: found \"1e999\"");
  bad("e0,e1\n1,\n", "line 2, column 2: found \"\"");
  bad("e0,e1\n1,two\n", "line 2, column 2: found \"two\"");
  bad("layer\n0\n", "line 1: found no expert column");
  bad("layer,e0\n0,1\n2,1\n",
      "line 3, column layer: found 2; allowed: one more than the row before");
  bad(std::string("e0,e1\n1,\0\n", 10), "line 2, column 2: found \"?\"");
  bad("e0\n" + std::string(100'000, '9') + "\n", "line 2, column 1");
}

TEST_CASE("traces name their columns by layer and rank", "[io][csv]") {
  const token_trace trace =
      parse_trace_csv("seq,token,L1K0,L1K1,L2K0,L2K1\n0,0,3,1,0,2\n0,1,2,0,1,3\n");
  CHECK(trace.layers == 2);
  CHECK(trace.top_k == 2);
  REQUIRE(trace.tokens() == 2);
  CHECK(trace.experts == std::vector<std::uint32_t>{3, 1, 0, 2, 2, 0, 1, 3});
  // Columns in another order mean the same.
  CHECK(parse_trace_csv("L2K1,L1K0,L2K0,L1K1\n2,3,0,1\n3,2,1,0\n") == trace);
}

TEST_CASE("bad traces are named by line and column", "[io][csv]") {
  const auto bad = [](const std::string& text, const char* message) {
    CHECK_INVALID(parse_trace_csv(text), message);
  };
  bad("seq,token\n1,2\n", "line 1: found no column L{layer}K{rank}");
  bad("L0K0,L0K1,L1K0\n1,2,3\n", "layers without a gap");
  bad("L0K0,L2K0\n1,2\n", "line 1: found \"L2K0\"");
  bad("L0K0,L0K0\n1,2\n", "line 1: found \"L0K0\"");
  bad("L0K1\n1\n", "line 1: found \"L0K1\"");
  bad("L0K0\n-1\n", "line 2, column L0K0: found -1; allowed: an expert id in 0..65535");
  bad("L0K0\n1.5\n", "line 2, column L0K0: found 1.5");
  bad("L0K0\n65536\n", "line 2, column L0K0: found 65536");
}

TEST_CASE("real router statistics", "[io][csv][data]") {
  const auto counts_of = [](const char* name) {
    return parse_file(test::data(name), parse_activation_csv);
  };
  if (!test::has_data()) return test::skip_without_data();

  const matrix mixtral = counts_of("moe/mixtral-8x7b.counts.csv");
  REQUIRE(mixtral.rows() == 32);
  REQUIRE(mixtral.cols() == 8);
  for (Eigen::Index l = 0; l < 32; ++l) CHECK(mixtral.row(l).sum() == 119'010);
  const matrix gpt = counts_of("moe/gpt-oss-20b.frequency.csv");
  REQUIRE(gpt.rows() == 24);
  REQUIRE(gpt.cols() == 32);
  for (Eigen::Index l = 0; l < 24; ++l) CHECK(gpt.row(l).sum() == test::approx(4, 1e-4));

  const token_trace law =
      parse_file(test::data("moe/deepseek-v2-lite.law.trace.csv"), parse_trace_csv);
  CHECK(law.layers == 26);
  CHECK(law.top_k == 6);
  CHECK(law.tokens() == 2000);
  const moe_model shape{.layers = 26, .experts = 64, .top_k = 6};
  CHECK(trace(law, shape).activation().experts() == 64);
}

}  // namespace
}  // namespace io_csv_test
