#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <orbitmoe/io/run_scenario.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/satellite_catalogue.hpp"
#include "support/scenario.hpp"

namespace io_run_scenario_test {
namespace {

using namespace orbitmoe;
using json = ordered_json;

/// A sky small enough for tests: 6 planes × 8 satellites, 4 layers × 5 experts.
scenario small() {
  scenario given;
  given.constellation = walker_parameters{.planes = 6, .satellites_per_plane = 8, .phasing = 3};
  given.network.feasibility.min_grazing_altitude_km = 0;
  test::walker_of(given).altitude_km = 2000;
  given.network.slots = 6;
  given.network.survival_probability = 0.97;
  given.model = {.layers = 4, .experts = 5, .top_k = 2};
  given.model_preset.reset();
  given.options.repetitions = 3;
  given.options.evaluate.tokens_per_slot = 10;
  return given;
}

scenario parse(const test::satellite_catalogue& sats, const std::string& text) {
  return test::parse_scenario(text, sats.folder());
}

constexpr const char* small_keys =
    R"("time": {"slots": 5}, "model": {"layers": 3, "experts": 4}, "repetitions": 2)";

TEST_CASE("a report has the keys of the contract", "[io][report]") {
  const report result = run(small());
  const json out = to_json(result);
  REQUIRE(out["schemes"].size() == 4);
  for (const json& scheme : out["schemes"]) {
    CHECK(scheme.size() == 5);
    CHECK(scheme["token_latency_s"].size() == 5);
    CHECK(scheme["layer_latency_s"].size() == 4);
    double sum = 0;
    for (const json& layer : scheme["layer_latency_s"]) sum += layer.get<double>();
    CHECK(sum == test::approx(scheme["token_latency_s"]["mean"].get<double>()));
    CHECK(scheme["token_latency_s"]["p50"] <= scheme["token_latency_s"]["p95"]);
    CHECK(scheme["token_latency_s"]["p95"] <= scheme["token_latency_s"]["p99"]);
    CHECK(scheme["placement"]["gateways"].size() == 4);
    CHECK(scheme["placement"]["experts"].size() == 4);
    CHECK(scheme["placement"]["experts"][3].size() == 5);
  }
  CHECK(out["scenario"]["time"]["span_s"].is_number());
  CHECK(out["scenario"]["activation"]["matrix"].size() == 4);
}

TEST_CASE("a report is what the library gives by hand", "[io][report]") {
  const scenario given = small();
  const report result = run(given);
  const timeline net(walker_constellation(test::walker_of(given)), plus_grid{}, given.network);
  const auto router = activation_profile::skewed(given.model, 1);
  const placement plan = space_xnet{}.plan(net, given.model, router);
  CHECK(result.schemes[0].name == "space-xnet");
  CHECK(result.schemes[0].plan == plan);
  CHECK(result.schemes[0].mean_s == evaluate(net, given.model, router, plan).mean_s);
  CHECK(result.schemes[0].stderr_s == 0);
}

TEST_CASE("reports go out and come in again", "[io][report]") {
  const report result = run(small());
  const report again = report_from_json(parse_json(to_json(result).dump()));
  CHECK(again.schemes == result.schemes);
  CHECK(to_json(again) == to_json(result));
  // The scenario of a report is the experiment: it gives the same report.
  CHECK(to_json(run(again.scenario).value()) == to_json(result));

  scenario quiet = small();
  quiet.options.evaluate.tokens_per_slot = 0;
  const report none = run(quiet);
  CHECK(to_json(none)["schemes"][0]["token_latency_s"]["p99"].is_null());
  CHECK(std::isinf(report_from_json(to_json(none)).schemes[0].p99_s));
}

TEST_CASE("threads leave no trace in a report", "[io][report]") {
  const std::string one = to_json(run(small()).value()).dump();
  double last = 0;
  bool rising = true;
  const auto watch = [&](double fraction) {
    rising = rising && fraction >= last && fraction <= 1;
    last = fraction;
  };
  CHECK(to_json(run(small(), {.threads = 2, .progress = watch}).value()).dump() == one);
  CHECK(to_json(run(small(), {.threads = 0}).value()).dump() == one);
  CHECK(rising);
  CHECK(last == 1);
}

TEST_CASE("each way of drawing experts has its report", "[io][report]") {
  scenario given = small();
  const double successive_s = run(given).value().schemes[0].mean_s;
  given.activation.sampling = "conditional_poisson";
  CHECK(run(given).value().schemes[0].mean_s != successive_s);
  given.activation.sampling = "trace";
  given.activation.trace = "given";
  given.activation.tokens = {.layers = 4, .top_k = 2, .experts = {0, 1, 1, 2, 2, 3, 3, 4}};
  CHECK(run(given).feasible());
}

TEST_CASE("an infeasible scenario says which scheme and why", "[io][report]") {
  scenario crowded = small();
  crowded.model.experts = 40;
  CHECK(run(crowded).reason() ==
        "space-xnet: layer 0 needs 41 satellites (1 gateway and 40 for 40 experts), and its subnet "
        "has 12: experts_per_satellite must be 4 or more");
  scenario dark = small();
  dark.network.survival_probability = 0;
  CHECK(run(dark).reason() == "space-xnet: no slot of 6 has every route that the model uses");
  scenario endless = small();
  endless.network.slots = 1'000'000;
  endless.constellation =
      walker_parameters{.planes = 100, .satellites_per_plane = 100, .phasing = 0};
  CHECK_INVALID(run(endless), "time.slots: found 1000000; allowed: slots × links at most 2^29");
}

TEST_CASE("the published experiment on real router statistics", "[io][report][data]") {
  if (!test::has_data()) return test::skip_without_data();
  scenario given;
  given.network.slots = 40;
  given.options.repetitions = 8;
  given.options.evaluate.tokens_per_slot = 0;
  given.activation.use_file(test::data("moe/mixtral-8x7b.counts.csv"));
  const report result = run(given, {.threads = 0});
  // An independent program, at 200 slots and other draws: 1.054, 3.23, 3.86, 5.51 s.
  CHECK(result.schemes[0].mean_s == test::approx(1.054, 0.01));
  CHECK(result.schemes[1].mean_s == test::approx(3.23, 0.04));
  CHECK(result.schemes[2].mean_s == test::approx(3.86, 0.04));
  CHECK(result.schemes[3].mean_s == test::approx(5.51, 0.04));
}

TEST_CASE("the trends of the paper", "[io][report]") {
  const auto means_s = [](const std::function<void(scenario&)>& change) {
    scenario given;
    given.network.slots = 8;
    given.options.repetitions = 4;
    given.options.evaluate.tokens_per_slot = 0;
    change(given);
    std::vector<double> means;
    for (const scheme_report& scheme : run(given, {.threads = 0}).value().schemes)
      means.push_back(scheme.mean_s);
    return means;
  };
  const auto published = means_s([](scenario&) {});
  CHECK(std::is_sorted(published.begin(), published.end()));
  CHECK(published[1] / published[0] >= 2.9);

  const auto low = means_s([](scenario& s) { test::walker_of(s).altitude_km = 400; });
  const auto high = means_s([](scenario& s) { test::walker_of(s).altitude_km = 1200; });
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(low[i] < published[i]);
    CHECK(published[i] < high[i]);
    if (i > 0) CHECK(high[0] - low[0] < high[i] - low[i]);
  }
  const auto with_planes = [&](int planes) {
    return means_s([&](scenario& s) {
      test::walker_of(s).planes = planes;
      test::walker_of(s).phasing = (planes + 1) / 2;
    });
  };
  const auto few = with_planes(17), many = with_planes(49);
  CHECK(few[0] > published[0]);
  CHECK(published[0] > many[0]);
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(few[i] < published[i]);
    CHECK(published[i] < many[i]);
  }
  const auto bad_links = means_s([](scenario& s) { s.network.survival_probability = 0.8; });
  const auto good_links = means_s([](scenario& s) { s.network.survival_probability = 1; });
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(good_links[i] < published[i]);
    CHECK(published[i] < bad_links[i]);
  }
}

TEST_CASE("one repetition of a random scheme tells nothing of its error", "[io][report]") {
  scenario given = small();
  given.options.repetitions = 1;
  const report result = run(given);
  CHECK(result.schemes[0].stderr_s == 0);
  CHECK(std::isinf(result.schemes[1].stderr_s));
  CHECK(to_json(result)["schemes"][1]["token_latency_s"]["stderr"].is_null());
  CHECK(report_from_json(to_json(result)) == result);
  CHECK_INVALID(run(given, {.threads = -1}), "threads: found -1");
}

TEST_CASE("a report judges single plans on other outages where that is asked for", "[io][report]") {
  scenario given = small();
  given.held_out = 3;
  given.network.survival_probability = 0.9;
  given.schemes = {"space-xnet", "rand-place"};
  const report result = run(given).value();
  CHECK_FALSE(result.schemes[1].held_out_mean_s.has_value());
  const scenario& full = result.scenario;
  double sum_s = 0;
  for (std::uint64_t draw = 0; draw < 3; ++draw) {
    timeline_options network = full.network;
    network.seed = random_stream::derive_seed(full.options.seed, "held out", draw);
    const timeline unseen = network_of(full.constellation, full.topology, network);
    sum_s += std::visit(
        [&](const auto& router) {
          return evaluate(unseen, full.model, router, result.schemes[0].plan).mean_s;
        },
        make_router(full));
  }
  CHECK(*result.schemes[0].held_out_mean_s == test::approx(sum_s / 3));
  CHECK(*result.schemes[0].held_out_mean_s != result.schemes[0].mean_s);
  const json out = to_json(result);
  CHECK(out["schemes"][0].contains("held_out_mean_s"));
  CHECK_FALSE(out["schemes"][1].contains("held_out_mean_s"));
  CHECK(report_from_json(out) == result);
}

TEST_CASE("a report of a small sky: the bound is the optimum, for traces, too", "[io][report]") {
  scenario given;
  given.constellation =
      walker_parameters{.planes = 3, .satellites_per_plane = 4, .altitude_km = 8000, .phasing = 1};
  given.network.slots = 3;
  given.network.survival_probability = 0.98;
  given.model = {.layers = 2, .experts = 2, .top_k = 1};
  given.schemes = {"layout-search"};
  given.options.search.moves = 20'000;
  given.lower_bound = true;
  SECTION("drawn successively") {}
  SECTION("drawn from a trace") {
    given.activation.trace = "tokens.csv";
    given.activation.tokens = {.layers = 2, .top_k = 1, .experts = {0, 1, 1, 0, 0, 0}};
  }
  const scheme_report scheme = run(given).value().schemes.front();
  CHECK(scheme.mean_s >= *scheme.lower_bound_s * (1 - 1e-12));
  CHECK(*scheme.gap() < 1e-9);
}

TEST_CASE("a report bounds schemes of one plan where that is asked for", "[io][report]") {
  scenario given = small();
  given.lower_bound = true;
  given.network.survival_probability = 1;
  given.schemes = {"space-xnet", "rand-place", "layout-search"};
  given.options.search.moves = 5000;
  std::vector<double> fractions;
  const report result =
      run(given, {.progress = [&](double fraction) { fractions.push_back(fraction); }}).value();
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  REQUIRE(result.schemes[0].lower_bound_s.has_value());
  CHECK_FALSE(result.schemes[1].lower_bound_s.has_value());
  CHECK(result.schemes[2].lower_bound_s == result.schemes[0].lower_bound_s);
  CHECK(*result.schemes[2].lower_bound_s <= result.schemes[2].mean_s);
  CHECK(*result.schemes[0].gap() ==
        test::approx(1 - *result.schemes[0].lower_bound_s / result.schemes[0].mean_s));
  const json out = to_json(result);
  CHECK(out["schemes"][0].contains("gap"));
  CHECK_FALSE(out["schemes"][1].contains("gap"));
  CHECK(report_from_json(out) == result);
}

TEST_CASE("a scenario of real satellites: planes are found and all schemes run", "[io]") {
  const test::satellite_catalogue sats(6);
  const scenario given =
      parse(sats, std::string(R"({"constellation": {"type": "omm", "file": "satellites.csv"},)") +
                      small_keys + "}");
  const report result = run(given).value();
  REQUIRE(result.schemes.size() == 4);
  CHECK(result.schemes[0].mean_s < result.schemes[3].mean_s);

  const auto& full = std::get<element_file>(result.scenario.constellation);
  CHECK(to_iso_8601(full.epoch.value()) == "2024-07-16T05:00:00.000000");
  CHECK(result.scenario.network.span_s.value() == test::approx(86400 / 12.6, 0.01));
  visit_sky(given.constellation, [](const auto& sky) { CHECK(sky.size() == 60); });

  CHECK(report_from_json(to_json(result), sats.folder()) == result);
}

TEST_CASE("a scenario names its propagator", "[io]") {
  const test::satellite_catalogue sats(3);
  const auto latency_s = [&](const std::string& propagator) {
    const scenario given = parse(
        sats, R"({"constellation": {"type": "omm", "file": "satellites.csv", "propagator": ")" +
                  propagator + R"("}, "schemes": ["space-xnet"],)" + small_keys + "}");
    return run(given).value().schemes[0].mean_s;
  };
  CHECK(latency_s("sgp4") == test::approx(latency_s("secular_j2"), 0.01));
  CHECK(latency_s("sgp4") != latency_s("secular_j2"));
  CHECK_INVALID(latency_s("kepler"),
                "constellation.propagator: found \"kepler\"; allowed: \"secular_j2\" or \"sgp4\"");
}

TEST_CASE("Space-XNet beats random schemes on three real skies", "[io]") {
  if (!test::has_data()) return test::skip_without_data();
  struct sky {
    const char *file, *keys;
  };
  const std::vector<sky> skies{
      {"tle/iridium-next_2024-07.txt", R"("compute": {"experts_per_satellite": 8})"},
      {"tle/oneweb_2024-07.txt", R"("links": {"seam": false})"},
      {"tle/starlink_2021-07.txt", R"("links": {"seam": true})"}};
  for (const auto& [file, keys] : skies) {
    INFO(file);
    const auto text_of = [](const std::filesystem::path& path) {
      return ordered_json(path).dump();
    };
    const scenario given = scenario_from_json(parse_json(
        R"({"constellation": {"type": "tle", "file": )" + text_of(test::data(file)) + "}, " + keys +
        R"(, "activation": {"file": )" + text_of(test::data("moe/mixtral-8x7b.counts.csv")) +
        R"(}, "time": {"slots": 5}, "repetitions": 3, "search": {"moves": 20000},
            "schemes": ["space-xnet", "layout-search", "rand-intra-cg", "rand-intra", "rand-place"]})"));
    const auto schemes = run(given).value().schemes;
    for (std::size_t k = 2; k < schemes.size(); ++k) {
      CHECK(schemes[0].mean_s < schemes[k].mean_s);
      CHECK(schemes[1].mean_s < schemes[k].mean_s);
    }
  }
}

}  // namespace
}  // namespace io_run_scenario_test
