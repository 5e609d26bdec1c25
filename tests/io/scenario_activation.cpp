#include <string>
#include <variant>
#include <vector>

#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/scenario.hpp>
#include <orbitmoe/io/scenario_activation.hpp>

#include "support/catch.hpp"
#include "support/npy.hpp"
#include "support/scenario.hpp"
#include "support/temporary_folder.hpp"

namespace io_scenario_activation_test {
namespace {

using namespace orbitmoe;
using json = ordered_json;
using namespace std::string_literals;
using test::parse_scenario;

TEST_CASE("activation comes from one source", "[io][scenario]") {
  const test::temporary_folder folder;
  write_file(folder / "counts.csv", "e0,e1\n1,3\n2,2\n");
  write_file(folder / "trace.csv", "L0K0,L1K0\n0,1\n1,1\n0,0\n");
  const std::string model = R"("model": {"layers": 2, "experts": 2, "top_k": 1}, )";

  const scenario counts = resolved(
      parse_scenario("{" + model + R"("activation": {"file": "counts.csv"}})", folder.path()));
  CHECK((*counts.activation.counts)(0, 1) == 0.75);
  // The report's matrix makes the file unnecessary.
  CHECK(to_json(scenario_from_json(to_json(counts), "nowhere")) == to_json(counts));

  const scenario traced = resolved(
      parse_scenario("{" + model + R"("activation": {"trace": "trace.csv"}})", folder.path()));
  CHECK(traced.activation.sampling == "trace");
  CHECK((*traced.activation.counts)(0, 0) == test::approx(2.0 / 3));
  CHECK(std::holds_alternative<trace>(make_router(traced)));
  CHECK(to_json(resolved(scenario_from_json(to_json(traced), folder.path()))) == to_json(traced));
  const scenario marginals = resolved(parse_scenario(
      "{" + model + R"("activation": {"trace": "trace.csv", "sampling": "successive"}})",
      folder.path()));
  CHECK(std::holds_alternative<successive>(make_router(marginals)));

  const scenario given =
      resolved(parse_scenario("{" + model + R"("activation": {"matrix": [[1, 3], [2, 2]]}})"));
  CHECK(given.activation.counts == counts.activation.counts);
  CHECK_INVALID(
      resolved(parse_scenario(
          "{" + model + R"("activation": {"trace": "trace.csv", "matrix": [[1, 3], [2, 2]]}})",
          folder.path())),
      "activation.matrix: found other weights; allowed: those of the preset, zipf or trace");

  scenario replaced = parse_scenario(
      "{" + model + R"("activation": {"zipf": 1, "sampling": "conditional_poisson"}})");
  replaced.activation.use_file(folder / "counts.csv");
  CHECK_FALSE(replaced.activation.zipf.has_value());
  CHECK(replaced.activation.sampling == "conditional_poisson");
  CHECK(resolved(replaced).activation.counts == counts.activation.counts);
  scenario of_trace = parse_scenario(
      "{" + model + R"("activation": {"trace": "trace.csv", "sampling": "trace"}})", folder.path());
  CHECK_INVALID(of_trace.activation.use_file(folder / "counts.csv"),
                "activation.sampling: found \"trace\" with a file");
}

TEST_CASE("a file of counts that nobody has read is no activation", "[io][scenario]") {
  scenario given;
  given.activation.file = "counts.csv";
  CHECK_INVALID(resolved(given),
                "activation.file: found \"counts.csv\", not read; allowed: a file");
}

TEST_CASE("activation from files of serving stacks", "[io][scenario]") {
  const test::temporary_folder folder;
  const auto of = [&](const std::string& activation, int layers = 2) {
    return parse_scenario(R"({"model": {"layers": )" + std::to_string(layers) +
                              R"(, "experts": 3, "top_k": 2}, "activation": )" + activation + "}",
                          folder.path());
  };
  // Two samples of three layers, of which the first is dense.
  write_file(folder / "counts.npy",
             test::npy_file("|u1", false, "(2, 3, 3)", "\0\0\0\1\2\1\0\1\3\0\0\0\1\2\1\4\0\0"s));
  write_file(folder / "counts.json",
             R"({"rank": 0, "logical_count": [[0, 0, 0], [2, 4, 2], [4, 1, 3]]})");
  write_file(folder / "counts.csv", "e0,e1,e2\n0,0,0\n2,4,2\n4,1,3\n");
  write_file(folder / "trace.npy",
             test::npy_file("|u1", false, "(2, 3, 2)", "\0\0\1\0\2\1\0\0\2\1\0\1"s));

  for (const std::string name : {"counts.npy", "counts.json", "counts.csv"}) {
    const scenario full = resolved(of("{\"file\": \"" + name + "\"}"));
    CHECK(full.activation.dense_layers == std::vector<std::size_t>{0});
    REQUIRE(full.activation.counts->rows() == 2);
    CHECK((*full.activation.counts)(0, 1) == 0.5);
    CHECK((*full.activation.counts)(1, 0) == 0.5);
    // The report's scenario says which layers were left out, and stays so without the file.
    CHECK(to_json(full)["activation"]["dense_layers"] == json{0});
    CHECK(to_json(scenario_from_json(to_json(full), "nowhere")) == to_json(full));
    CHECK_INVALID(resolved(of("{\"file\": \"" + name + "\"}", 3)),
                  "activation: found 2 layers × 3 experts (dense layers of the file, all 0, left "
                  "out: 0); allowed: 3 layers × 3 experts, by model.layers and model.experts");
  }
  const scenario traced = resolved(of(R"({"trace": "trace.npy"})"));
  CHECK(traced.activation.dense_layers == std::vector<std::size_t>{0});
  CHECK(traced.activation.tokens == token_trace{2, 2, {1, 0, 2, 1, 2, 1, 0, 1}});
  CHECK(std::holds_alternative<trace>(make_router(traced)));
  CHECK(resolved(scenario_from_json(to_json(traced), folder.path())) == traced);
  CHECK_INVALID(resolved(of(R"({"trace": "trace.npy"})", 3)),
                "trace.layers: found 2 (dense layers of the file, all 0, left out: 0); allowed: 3");

  // Whoever states the dense layers is held to it.
  CHECK_NOTHROW(of(R"({"file": "counts.npy", "dense_layers": [0]})"));
  CHECK_INVALID(of(R"({"file": "counts.npy", "dense_layers": []})"),
                "activation.dense_layers: found none; allowed: 0, where the file holds nothing");
  CHECK_INVALID(of(R"({"trace": "trace.npy", "dense_layers": [1, 2]})"),
                "activation.dense_layers: found 1, 2; allowed: 0, where");
  CHECK_INVALID(of(R"({"zipf": 1, "dense_layers": [0]})"),
                "activation.dense_layers: found an array of 1; allowed: this only beside file");
  CHECK_INVALID(of(R"({"file": "counts.npy", "dense_layers": [-1]})"),
                "activation.dense_layers[0]: found -1; allowed: an integer from 0");

  scenario replaced = of(R"({"zipf": 1})");
  replaced.activation.use_file(folder / "counts.npy");
  CHECK(replaced.activation.dense_layers == std::vector<std::size_t>{0});

  CHECK_INVALID(of(R"({"file": "trace.pt"})"), "activation.file: ");
  CHECK_INVALID(of(R"({"file": "trace.pt"})"),
                "trace.pt: found the ending \".pt\"; allowed: .csv, .npy, .json");
  write_file(folder / "zero.json", "[[0, 0, 0]]");
  CHECK_INVALID(resolved(of(R"({"file": "zero.json"})")),
                "activation.file: found 0 (dense layers of the file, all 0, left out: 0); allowed: "
                "one weight or more");
}

TEST_CASE("a report's weights must be those of the source and seed beside them", "[io][scenario]") {
  const scenario full = resolved(scenario{});
  CHECK(resolved(scenario_from_json(to_json(full))) == full);
  scenario reseeded = scenario_from_json(to_json(full));
  reseeded.options.seed = 2;
  CHECK_INVALID(resolved(reseeded),
                "activation.matrix: found other weights; allowed: those of the");
  // Shapes that differ are compared, too.
  const test::temporary_folder folder;
  write_file(folder / "trace.csv", "L0K0,L1K0\n0,1\n1,1\n0,0\n");
  CHECK_INVALID(resolved(parse_scenario(R"({"model": {"layers": 2, "experts": 2, "top_k": 1},
                                   "activation": {"trace": "trace.csv", "matrix": [[1, 2, 3]]}})",
                                        folder.path())),
                "activation.matrix: found other weights");
  // Counts are as good as weights.
  CHECK_NOTHROW(resolved(parse_scenario(R"({"model": {"layers": 2, "experts": 2, "top_k": 1},
                                   "activation": {"trace": "trace.csv", "matrix": [[2, 1], [1, 2]]}})",
                                        folder.path())));
}

}  // namespace
}  // namespace io_scenario_activation_test
