#include "support/scenario.hpp"

#include <string>
#include <variant>

#include <orbitmoe/io/scenario.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace io_scenario_test {
namespace {

using namespace orbitmoe;
using json = ordered_json;
using test::parse_scenario;

TEST_CASE("a scenario may name its constellation", "[io][scenario]") {
  const scenario kuiper = parse_scenario(R"({"constellation": {"preset": "kuiper-630"}})");
  CHECK(test::walker_of(kuiper) == walker_preset("kuiper-630"));
  const scenario higher =
      parse_scenario(R"({"constellation": {"altitude_km": 700, "preset": "kuiper-630"}})");
  CHECK(test::walker_of(higher).altitude_km == 700);
  CHECK(test::walker_of(higher).planes == 34);
  CHECK_INVALID(parse_scenario(R"({"constellation": {"preset": "kuiper"}})"),
                "constellation.preset: found \"kuiper\"; allowed: space-xnet, starlink-550");
  // A report says it in numbers.
  CHECK(to_json(kuiper)["constellation"]["planes"] == 34);
  CHECK(scenario_from_json(to_json(kuiper)) == kuiper);
}

TEST_CASE("an empty scenario is the published experiment", "[io][scenario]") {
  const scenario published = parse_scenario("{}");
  CHECK(to_json(published) == to_json(scenario{}));
  const walker_parameters& sky = test::walker_of(published);
  CHECK(sky.planes == 33);
  CHECK(sky.satellites_per_plane == 32);
  CHECK(sky.altitude_km == 550);
  CHECK(sky.inclination_deg == 87);
  CHECK(sky.raan_spread_deg == 360);
  CHECK(sky.phasing == 17);
  CHECK(published.topology == link_settings(plus_grid{}));
  CHECK(published.network.feasibility.max_angular_rate_rad_s == 0.12);
  CHECK(published.network.feasibility.min_grazing_altitude_km == 80);
  CHECK(published.network.survival_probability == 0.95);
  CHECK(published.network.rate_gbps == 100);
  CHECK(published.network.hop_processing_s == 0);
  CHECK(published.network.slots == 200);
  CHECK(published.model == presets::llama_moe_3_5b());
  CHECK(published.options.evaluate.flops_per_s == 7.28e9);
  CHECK_FALSE(published.options.evaluate.count_gateway);
  CHECK(published.schemes.size() == 4);
  CHECK(published.options.repetitions == 20);
  CHECK(published.options.evaluate.tokens_per_slot == 50);
  CHECK(published.options.seed == 1);
}

TEST_CASE("every key of a scenario is read", "[io][scenario]") {
  const scenario given = parse_scenario(R"({
    "schema": "orbitmoe/scenario/1",
    "constellation": {"type": "walker", "planes": 5, "satellites_per_plane": 6, "altitude_km": 1200,
                      "inclination_deg": 53, "raan_spread_deg": 360, "phasing": 2},
    "links": {"topology": "plus_grid", "seam": true, "max_angular_rate_rad_s": 0.5,
              "min_grazing_altitude_km": 90, "max_range_km": 6000, "survival_probability": 0.9,
              "rate_gbps": 10, "hop_processing_s": 0.001},
    "time": {"slots": 7, "span_s": 100},
    "model": {"layers": 3, "experts": 4, "top_k": 1, "hidden_size": 16, "expert_flops": 1e6,
              "gateway_flops": 2e6, "token_bytes": 32},
    "activation": {"zipf": 1.5, "sampling": "conditional_poisson"},
    "compute": {"flops_per_s": 1e9, "count_gateway": true},
    "search": {"moves": 1000, "time_limit_s": 2.5},
    "schemes": ["rand-place"], "lower_bound": true, "repetitions": 3, "tokens_per_slot": 4, "seed": 99})");
  CHECK(test::walker_of(given) == walker_parameters{5, 6, 1200, 53, 360, 2});
  CHECK(given.topology == link_settings(plus_grid{.seam = true}));
  CHECK(given.network.feasibility == link_feasibility{0.5, 90, 6000});
  CHECK(given.network.survival_probability == 0.9);
  CHECK(given.network.rate_gbps == 10);
  CHECK(given.network.hop_processing_s == 0.001);
  CHECK(given.network.slots == 7);
  CHECK(given.network.span_s == 100);
  CHECK(given.model == moe_model{3, 4, 1, 16, 1e6, 2e6, 32});
  CHECK_FALSE(given.model_preset.has_value());
  CHECK(given.activation.zipf == 1.5);
  CHECK(given.options.evaluate.flops_per_s == 1e9);
  CHECK(given.options.evaluate.count_gateway);
  CHECK(given.schemes == std::vector<std::string>{"rand-place"});
  CHECK(given.options.search == layout_options{.moves = 1000, .time_limit_s = 2.5});
  CHECK(given.lower_bound);
  CHECK(given.options.repetitions == 3);
  CHECK(given.options.evaluate.tokens_per_slot == 4);
  CHECK(given.options.seed == 99);

  // Out and in again, resolved or not.
  CHECK(to_json(scenario_from_json(to_json(given))) == to_json(given));
  const scenario full = resolved(given);
  CHECK(to_json(scenario_from_json(to_json(full))) == to_json(full));
  CHECK(to_json(resolved(scenario_from_json(to_json(full)))) == to_json(full));
  CHECK(std::holds_alternative<conditional_poisson>(make_router(full)));
}

TEST_CASE("a preset stands behind the other keys of the model", "[io][scenario]") {
  const scenario given = parse_scenario(R"({"model": {"preset": "mixtral-8x7b", "top_k": 3}})");
  CHECK(given.model.top_k == 3);
  CHECK(given.model.expert_flops == presets::mixtral_8x7b().expert_flops);
  CHECK(to_json(given)["model"]["preset"] == "mixtral-8x7b");
}

TEST_CASE("a resolved scenario has nothing left open", "[io][scenario]") {
  const scenario full = resolved(scenario{});
  CHECK(full.network.span_s == walker_constellation().period_s());
  CHECK(full.activation.preset == "skewed");
  CHECK(full.activation.sampling == "successive");
  REQUIRE(full.activation.counts.has_value());
  CHECK(*full.activation.counts == activation_profile::skewed(full.model, 1).weights());
  CHECK(std::get<successive>(make_router(full)).activation().weights() == *full.activation.counts);
}

TEST_CASE("bad scenarios are named by the path of the key", "[io][scenario]") {
  const auto bad = [](const std::string& text, const char* message) {
    CHECK_INVALID(resolved(parse_scenario(text)), message);
  };
  bad("[]", "json: found an array of 0; allowed: an object");
  bad(R"({"schema": "orbitmoe/scenario/2"})",
      "schema: found \"orbitmoe/scenario/2\"; allowed: \"orbitmoe/scenario/1\"");
  bad(R"({"schemas": 1})",
      "schemas: found an unknown key; allowed: activation, compute, constellation");
  bad(R"({"constellation": 5})", "constellation: found 5; allowed: an object");
  bad(R"({"constellation": {"type": "gps"}})",
      "constellation.type: found \"gps\"; allowed: \"walker\", \"tle\" or \"omm\"");
  bad(R"({"constellation": {"planes": "33"}})",
      "constellation.planes: found \"33\"; allowed: an integer");
  bad(R"({"constellation": {"planes": 0}})",
      "constellation.planes: found 0; allowed: an integer from 1 to 10000");
  bad(R"({"constellation": {"planes": 10000, "satellites_per_plane": 10000}})",
      "constellation.satellites_per_plane: found 10000; allowed: planes × satellites_per_plane at "
      "most 1000000");
  bad(R"({"constellation": {"altitude_km": -1}})", "constellation.altitude_km: found -1");
  bad(R"({"constellation": {"inclination_deg": 181}})", "constellation.inclination_deg: found 181");
  bad(R"({"constellation": {"raan_spread_deg": 0}})", "constellation.raan_spread_deg: found 0");
  bad(R"({"constellation": {"phasing": 33}})",
      "constellation.phasing: found 33; allowed: an integer from 0 to 32");
  bad(R"({"constellation": {"plane": 1}})",
      "constellation.plane: found an unknown key; allowed: altitude_km");
  bad(R"({"links": {"topology": "mesh"}})", "links.topology: found \"mesh\"");
  bad(R"({"constellation": {"raan_spread_deg": 180}, "links": {"seam": true}})",
      "links.seam: found true with planes that do not close");
  bad(R"({"links": {"seam": 1}})", "links.seam: found 1; allowed: true or false");
  bad(R"({"links": {"max_angular_rate_rad_s": 0}})", "links.max_angular_rate_rad_s: found 0");
  bad(R"({"links": {"min_grazing_altitude_km": -5}})", "links.min_grazing_altitude_km: found -5");
  bad(R"({"links": {"max_range_km": 0}})", "links.max_range_km: found 0");
  bad(R"({"links": {"survival_probability": 1.5}})",
      "links.survival_probability: found 1.5; allowed: a number from 0 to 1");
  bad(R"({"links": {"rate_gbps": 0}})", "links.rate_gbps: found 0");
  bad(R"({"links": {"hop_processing_s": -1}})", "links.hop_processing_s: found -1");
  bad(R"({"time": {"slots": 0}})", "time.slots: found 0; allowed: an integer from 1 to 1000000");
  bad(R"({"time": {"span_s": 0}})", "time.span_s: found 0");
  bad(R"({"model": {"preset": "gpt"}})", "model.preset: found \"gpt\"");
  bad(R"({"model": {"top_k": 9}})", "model.top_k: found 9; allowed: an integer from 1 to 8");
  bad(R"({"model": {"layers": 0}})", "model.layers: found 0");
  bad(R"({"model": {"experts": 65537}})", "model.experts: found 65537");
  bad(R"({"model": {"layers": 1000, "experts": 65536}})",
      "model.experts: found 65536; allowed: layers × experts at most 2^20");
  bad(R"({"model": {"expert_flops": -1}})", "model.expert_flops: found -1");
  bad(R"({"activation": {"preset": "flat"}})",
      "activation.preset: found \"flat\"; allowed: \"skewed\"");
  bad(R"({"activation": {"preset": "skewed", "zipf": 1}})",
      "activation: found preset and zipf; allowed: one of preset, zipf, file, trace, matrix");
  bad(R"({"activation": {"zipf": 11}})",
      "activation.zipf: found 11; allowed: a number from 0 to 10");
  bad(R"({"activation": {"sampling": "gumbel"}})", "activation.sampling: found \"gumbel\"");
  bad(R"({"activation": {"sampling": "trace"}})",
      "activation.sampling: found \"trace\" without a trace");
  bad(R"({"activation": {"file": "no.csv"}})", "activation.file: file: found ./no.csv");
  bad(R"({"activation": {"matrix": [[1, 2]]}})",
      "activation: found 1 layers × 2 experts; allowed: 32 layers × 8 experts, by model.layers and "
      "model.experts");
  bad(R"({"model": {"layers": 1, "experts": 2}, "activation": {"matrix": [[1, 0]]}})",
      "activation[0]: found 1; allowed: top_k = 2 or more experts in use");
  bad(R"({"activation": {"matrix": [[1, -2]]}})",
      "activation.matrix[0][1]: found -2; allowed: a finite number, 0 or more");
  bad(R"({"activation": {"matrix": [[0, 0]]}})", "activation.matrix[0]: found 0");
  bad(R"({"activation": {"matrix": []}})", "activation");
  bad(R"({"compute": {"flops_per_s": 0}})", "compute.flops_per_s: found 0");
  bad(R"({"schemes": []})", "schemes: found 0; allowed: one name or more");
  bad(R"({"schemes": ["best"]})", "schemes: found \"best\"; allowed: space-xnet, rand-intra-cg");
  bad(R"({"schemes": "space-xnet"})", "schemes: found \"space-xnet\"; allowed: an array");
  bad(R"({"repetitions": 0})", "repetitions: found 0");
  bad(R"({"tokens_per_slot": -1})", "tokens_per_slot: found -1");
  bad(R"({"seed": -1})", "seed: found -1; allowed: an integer from 0 to 18446744073709551615");
}

TEST_CASE("names from a scenario are shown in one line", "[io][scenario]") {
  for (const char* text : {R"({"schemes": ["a\nb"]})", R"({"model": {"preset": "a\nb"}})",
                           R"({"activation": {"file": "a\nb\u001b[31m"}})"}) {
    const std::string message = test::invalid_input_message([&] { parse_scenario(text); });
    CHECK_THAT(message, test::containing("a?b"));
    CHECK(message.find_first_of("\n\x1b") == std::string::npos);
  }
}

TEST_CASE("another hidden size is another token", "[io][scenario]") {
  CHECK(parse_scenario(R"({"model": {"hidden_size": 2048}})").model.token_bytes == 4096);
  CHECK(
      parse_scenario(R"({"model": {"hidden_size": 2048, "token_bytes": 100}})").model.token_bytes ==
      100);
}

}  // namespace
}  // namespace io_scenario_test
