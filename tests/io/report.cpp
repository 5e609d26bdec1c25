#include <limits>

#include <orbitmoe/io/report.hpp>

#include "support/catch.hpp"

namespace io_report_test {
namespace {

using namespace orbitmoe;
using json = ordered_json;

report made_up() {
  scheme_report scheme{.name = "space-xnet",
                       .mean_s = 1.5,
                       .stderr_s = 0.25,
                       .p50_s = 1.25,
                       .p95_s = 2,
                       .p99_s = std::numeric_limits<double>::infinity(),
                       .layer_mean_s = {0.5, 1},
                       .unreachable_fraction = 0.125,
                       .plan = {{7, 9}, {{1, 2, 3}, {4, 5, 6}}}};
  report made{.scenario = {}, .schemes = {scheme, scheme}};
  made.schemes[1].held_out_mean_s = 1.75;
  made.schemes[1].lower_bound_s = 0.75;
  return made;
}

TEST_CASE("a report goes out and comes in again", "[io][report]") {
  const json out = to_json(made_up());
  CHECK(out["schemes"][0]["token_latency_s"]["p99"].is_null());
  CHECK(out["schemes"][1]["gap"] == 0.5);
  CHECK(report_from_json(parse_json(out.dump())) == made_up());
}

TEST_CASE("bad reports are named by the path of the key", "[io][report]") {
  const json good = to_json(made_up());
  const auto bad = [&](const char* pointer, const json& value, const char* message) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    CHECK_INVALID(report_from_json(changed), message);
  };
  bad("/schema", "orbitmoe/report/2", "schema: found \"orbitmoe/report/2\"");
  bad("/extra", 1, "extra: found an unknown key");
  bad("/schemes", 1, "schemes: found 1; allowed: an array");
  bad("/schemes/1/token_latency_s/mean", "x", "schemes[1].token_latency_s.mean: found \"x\"");
  bad("/schemes/1/placement/gateways/2", -1, "schemes[1].placement.gateways[2]: found -1");
  bad("/schemes/1/name", 1, "schemes[1].name: found 1; allowed: a string");
  bad("/scenario/constellation/planes", 0, "scenario.constellation.planes: found 0");
  json without = good;
  without.erase("scenario");
  CHECK_INVALID(report_from_json(without), "scenario: found nothing");
}

}  // namespace
}  // namespace io_report_test
