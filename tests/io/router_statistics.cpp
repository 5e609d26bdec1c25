#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/io/router_statistics.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/random.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/npy.hpp"
#include "support/temporary_folder.hpp"

namespace io_router_statistics_test {
namespace {

using namespace orbitmoe;
using test::npy_file;
using namespace std::string_literals;

matrix table(std::size_t columns, const std::vector<double>& values) {
  matrix out = make_matrix(values.size() / columns, columns, 0);
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

TEST_CASE("counts from arrays of layers and experts", "[io][router_statistics]") {
  const matrix expected = table(3, {1, 2, 3, 4, 5, 6});
  CHECK(activation_from({{2, 3}, {1, 2, 3, 4, 5, 6}}) == expected);
  CHECK(parse_activation_npy(npy_file("|u1", true, "(2, 3)", "\1\4\2\5\3\6")) == expected);
  // Samples are added up; a ring buffer of a recorder may have empty ones.
  CHECK(activation_from({{3, 2, 3}, {1, 0, 3, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 4, 0, 6}}) ==
        expected);
  CHECK(activation_from({{1, 1, 1}, {0.5}}) == table(1, {0.5}));
}

TEST_CASE("arrays that are no counts are named by place", "[io][router_statistics]") {
  const auto bad = [](const npy_array& array, const char* message) {
    CHECK_INVALID(activation_from(array), message);
  };
  bad({{}, {1}},
      "shape: found a single number; allowed: layers × experts, or samples × layers × experts");
  bad({{2}, {1, 2}}, "shape: found 2; allowed");
  bad({{1, 1, 1, 2}, {1, 2}}, "shape: found 1 × 1 × 1 × 2; allowed");
  bad({{2, 2}, {1, 2, -3, 4}}, "[1][0]: found -3; allowed: a finite number, 0 or more");
  bad({{2, 1, 2}, {0, 1e308, 1, 1e308}},
      "[1][0][1]: found 1e+308; allowed: a number whose sum over the samples is finite");
  bad({{1, 2, 2}, {1, 2, 3, std::numeric_limits<double>::quiet_NaN()}}, "[0][1][1]: found nan");
  bad({{1, 1}, {std::numeric_limits<double>::infinity()}}, "[0][0]: found inf");
}

TEST_CASE("counts from JSON", "[io][router_statistics]") {
  const matrix expected = table(3, {1, 2, 3, 4, 5, 6});
  for (const char* text :
       {"[[1, 2, 3], [4, 5, 6]]", "[[[1, 2, 3], [4, 5, 6]]]",
        "[[[1, 0, 3], [4, 0, 6.0]], [[0, 2, 0], [0, 5, 0]]]",
        R"({"rank": 0, "logical_count": [[1, 2, 3], [4, 5, 6]], "other": null})",
        R"({"logical_count": [[[1, 2, 2.5], [0, 5, 6]], [[0, 0, 5e-1], [4, 0, 0]]]})"})
    CHECK(parse_activation_json(text) == expected);
}

TEST_CASE("JSON that is no counts is named by place", "[io][router_statistics]") {
  const auto bad = [](const char* text, const char* message) {
    CHECK_INVALID(parse_activation_json(text), message);
  };
  bad("", "json: found parse error");
  bad("[[1, 2]", "json: found parse error");
  bad("3", "json: found 3; allowed: nested arrays, or an object with the key logical_count");
  bad("{}", "logical_count: found nothing; allowed: this key");
  bad(R"({"physical_to_logical_map": [[0, 1]]})", "logical_count: found nothing");
  bad(R"({"logical_count": {}})", "logical_count: found an object; allowed: nested arrays");
  bad("[]", "json: found an empty array; allowed: numbers in 2 or 3 nested arrays");
  bad("[[], []]", "json: found an empty array");
  bad("[[[[1]]]]", "json: found arrays nested 4 deep");
  bad("[1, 2]", "json.shape: found 2; allowed: layers × experts");
  bad("[[1, 2], [3]]", "json[1]: found an array of 1; allowed: an array of 2, as the first");
  bad("[[1, 2], 3]", "json[1]: found 3; allowed: an array of 2");
  bad("[[1, 2], [3, [4]]]", "json[1][1]: found an array of 1; allowed: a number");
  bad("[[1, 2], [3, null]]", "json[1][1]: found null; allowed: a number");
  bad("[[1, true]]", "json[0][1]: found true; allowed: a number");
  bad(R"({"logical_count": [[[1, 2], [3, -4]]]})",
      "logical_count[0][1][1]: found -4; allowed: a finite number, 0 or more");
  bad(std::string(100'000, '[').c_str(), "json: found nesting over 64 levels");
}

TEST_CASE("traces from arrays of tokens and layers and ranks", "[io][router_statistics]") {
  const token_trace expected{2, 2, {3, 1, 0, 2, 2, 0, 1, 3}};
  CHECK(trace_from({{2, 2, 2}, {3, 1, 0, 2, 2, 0, 1, 3}}) == expected);
  CHECK(parse_trace_npy(npy_file("|i1", true, "(2, 2, 2)", "\3\2\0\1\1\0\2\3"s)) == expected);
  CHECK(parse_trace_npy(npy_file("<u2", false, "(1, 1, 2)", "\xFF\xFF\0\1"s)).experts ==
        std::vector<std::uint32_t>{65'535, 256});
  const auto bad = [](const npy_array& array, const char* message) {
    CHECK_INVALID(trace_from(array), message);
  };
  bad({{2, 2}, {1, 2, 3, 4}}, "shape: found 2 × 2; allowed: tokens × layers × top_k");
  bad({{1, 1, 2}, {1, -1}}, "[0][0][1]: found -1; allowed: an expert id in 0..65535");
  bad({{2, 1, 1}, {1, 65'536}}, "[1][0][0]: found 65536");
  bad({{1, 1, 1}, {0.5}}, "[0][0][0]: found 0.5");
  bad({{1, 1, 1}, {std::numeric_limits<double>::quiet_NaN()}}, "[0][0][0]: found nan");
}

TEST_CASE("layers of zeros are left out and named", "[io][router_statistics]") {
  const auto [counts, dense] = without_dense_layers(table(2, {0, 0, 1, 2, 0, 0, 0, 4}));
  CHECK(counts == table(2, {1, 2, 0, 4}));
  CHECK(dense == std::vector<std::size_t>{0, 2});
  const matrix full = table(2, {1, 2, 3, 4});
  CHECK(without_dense_layers(full).counts == full);
  CHECK(without_dense_layers(full).dense_layers.empty());
  CHECK(without_dense_layers(table(2, {0, 0})).counts.size() == 0);

  const auto [tokens, dense_of_trace] = without_dense_layers(
      token_trace{3, 2, {0, 0, 3, 1, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 1, 2, 1, 3}});
  CHECK(tokens == token_trace{2, 2, {3, 1, 0, 2, 2, 0, 0, 0, 1, 2, 1, 3}});
  CHECK(dense_of_trace == std::vector<std::size_t>{0});
  // With one expert for each token, zeros are a choice.
  const token_trace single{2, 1, {0, 1, 0, 2}};
  CHECK(without_dense_layers(single).tokens == single);
  CHECK(without_dense_layers(token_trace{}).tokens == token_trace{});
}

TEST_CASE("the reader is chosen by the ending of the name", "[io][router_statistics]") {
  const test::temporary_folder folder;
  const matrix expected = table(2, {1, 2, 3, 4});
  write_file(folder / "counts.csv", "e0,e1\n1,2\n3,4\n");
  write_file(folder / "counts", "e0,e1\n1,2\n3,4\n");
  write_file(folder / "counts.npy", npy_file("|u1", false, "(2, 2)", "\1\2\3\4"));
  write_file(folder / "COUNTS.NPY", to_npy({{1, 2, 2}, {1, 2, 3, 4}}));
  write_file(folder / "counts.json", "[[1, 2], [3, 4]]");
  for (const char* name : {"counts.csv", "counts", "counts.npy", "COUNTS.NPY", "counts.json"})
    CHECK(read_activation(folder / name) == expected);

  const token_trace tokens{2, 2, {3, 1, 0, 2}};
  write_file(folder / "trace.csv", "L0K0,L0K1,L1K0,L1K1\n3,1,0,2\n");
  write_file(folder / "trace.npy", npy_file("|u1", false, "(1, 2, 2)", "\3\1\0\2"s));
  CHECK(read_trace(folder / "trace.csv") == tokens);
  CHECK(read_trace(folder / "trace.npy") == tokens);
}

TEST_CASE("files that are not what their name says are refused", "[io][router_statistics]") {
  const test::temporary_folder folder;
  const auto bad = [&](const char* name, const std::string& content, const char* message) {
    write_file(folder / name, content);
    CHECK_INVALID(read_activation(folder / name), message);
  };
  const std::string array = to_npy({{1, 2}, {1, 2}});
  bad("a.pt", "PK\3\4", "a.pt: found the ending \".pt\"; allowed: .csv, .npy, .json");
  bad("a.csv", array, "a.csv, content: found NumPy's .npy; allowed: what .csv says");
  bad("a.json", array, "a.json, content: found NumPy's .npy");
  bad("b.json", "PK\3\4", "b.json, content: found a zip archive, such as .npz or .pt");
  bad("a.npy", "PK\3\4", "a.npy, npy magic: found \"PK??\"");
  bad("b.npy", "e0,e1\n1,2\n", "b.npy, npy magic");
  bad("b.csv", "[[1, 2], [3, 4]]", "b.csv, csv: found no row of numbers");
  bad("c.json", "e0,e1\n1,2\n", "c.json, json: found parse error");
  bad("c.npy", npy_file("|i1", false, "(1, 2)", "\1\xFF"), "c.npy[0][1]: found -1");
  bad("d.npy", npy_file("|i1", false, "(2,)", "\1\1"), "d.npy, shape: found 2; allowed: layers");
  bad("d.json", "[[1, -1]]", "d.json, json[0][1]: found -1");
  CHECK_INVALID(read_activation(folder / "none.npy"), "none.npy; allowed: a file that exists");
  CHECK_INVALID(read_trace(folder / "c.json"),
                "c.json: found the ending \".json\"; allowed: .csv, .npy");
  CHECK_INVALID(read_trace(folder / "c.npy"), "c.npy, shape: found 1 × 2; allowed: tokens");
  CHECK_INVALID(read_trace(folder / "a.csv"), "a.csv, content: found NumPy's .npy");
}

TEST_CASE("JSON with any bytes changed is read or refused", "[io][router_statistics]") {
  random_stream stream(1, "json");
  const std::string whole =
      R"({"rank": 0, "logical_count": [[[1, 2], [3, 4.5]], [[0, 1e2], [7, 8]]]})";
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_INVALID(parse_activation_json(std::string_view(whole).substr(0, size)), "json: found");
  int read = 0, refused = 0;
  for (int trial = 0; trial < 5000; ++trial) {
    std::string text = whole;
    text[stream.uniform_index(text.size())] ^= static_cast<char>(1U << stream.uniform_index(8));
    try {
      const matrix counts = parse_activation_json(text);
      CHECK(counts.minCoeff() >= 0);
      ++read;
    } catch (const invalid_input&) {
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 100);
}

TEST_CASE("real statistics are the same from every kind of file", "[io][router_statistics][data]") {
  if (!test::has_data()) return test::skip_without_data();
  const test::temporary_folder folder;
  const matrix counts = read_activation(test::data("moe/mixtral-8x7b.counts.csv"));
  npy_array array{{1, 32, 8}, {counts.data(), counts.data() + counts.size()}};
  write_file(folder / "counts.npy", to_npy(array));
  CHECK(read_activation(folder / "counts.npy") == counts);

  // DeepSeek-V2-Lite has a dense layer before its 26 with routers.
  const token_trace tokens = read_trace(test::data("moe/deepseek-v2-lite.law.trace.csv"));
  npy_array recorded{{tokens.tokens(), 27, 6}, {}};
  for (std::size_t t = 0; t < tokens.tokens(); ++t) {
    recorded.values.insert(recorded.values.end(), 6, 0.0);
    for (std::size_t l = 0; l < 26; ++l)
      recorded.values.insert(recorded.values.end(), tokens.at(t, l).begin(), tokens.at(t, l).end());
  }
  write_file(folder / "trace.npy", to_npy(recorded));
  const sparse_trace back = without_dense_layers(read_trace(folder / "trace.npy"));
  CHECK(back.tokens == tokens);
  CHECK(back.dense_layers == std::vector<std::size_t>{0});
}

}  // namespace
}  // namespace io_router_statistics_test
