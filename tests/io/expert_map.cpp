#include <string>

#include <orbitmoe/io/expert_map.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace io_expert_map_test {
namespace {

using namespace orbitmoe;

const placement plan{.gateways = {9, 8}, .experts = {{3, 1, 3, 1}, {0, 5, 5, 0}}};

std::string error_of(const std::string& json) {
  return test::invalid_input_message([&] { return placement_from_expert_map(parse_json(json)); });
}
/// The error of a map of one layer.
std::string layer_error(const std::string& layer) {
  return error_of(R"({"moe_layer_count": 1, "layer_list": [)" + layer + "]}");
}

TEST_CASE("an expert map has a device for each satellite of a layer", "[io][expert_map]") {
  CHECK(to_expert_map(plan) == parse_json(R"({"moe_layer_count": 2, "layer_list": [
    {"layer_id": 0, "device_count": 2, "device_list": [
      {"device_id": 0, "device_expert": [1, 3]}, {"device_id": 1, "device_expert": [0, 2]}]},
    {"layer_id": 1, "device_count": 2, "device_list": [
      {"device_id": 0, "device_expert": [0, 3]}, {"device_id": 1, "device_expert": [1, 2]}]}],
    "orbitmoe": {"satellites": [[1, 3], [0, 5]], "gateways": [9, 8]}})"));
}

TEST_CASE("expert maps go out and come in again", "[io][expert_map]") {
  const auto again = [](const placement& p) {
    return placement_from_expert_map(parse_json(to_expert_map(p).dump()));
  };
  CHECK(again(plan) == plan);
  const placement without{.gateways = {}, .experts = plan.experts};
  CHECK(again(without) == without);
  random_stream random(1, "tests", 0);
  for (int round = 0; round < 20; ++round) {
    const placement p = test::random_plan(random, 60, test::random_model(random, 5, 9));
    CHECK(again(p) == p);
  }
}

TEST_CASE("expert maps of other tools", "[io][expert_map]") {
  // Without ids, with uneven devices, one of them empty, and with keys of its own.
  CHECK(placement_from_expert_map(parse_json(R"({"moe_layer_count": 2, "tool": 7, "layer_list": [
          {"device_count": 3, "device_list": [
            {"device_expert": [2, 0]}, {"device_expert": []}, {"device_expert": [1]}]},
          {"layer_id": 4, "device_count": 2, "device_list": [
            {"device_id": 0, "device_expert": [1]}, {"device_id": 1, "device_expert": [0, 2]}]}]})")) ==
        placement{.gateways = {}, .experts = {{0, 2, 0}, {1, 0, 1}}});
}

TEST_CASE("plans that no expert map can hold", "[io][expert_map]") {
  CHECK_INVALID(to_expert_map({}), "experts: found 0; allowed: one layer or more");
  CHECK_INVALID(to_expert_map({.gateways = {1}, .experts = {{1}, {2}}}),
                "gateways: found 1; allowed: 2 ids, one per layer, or none");
  CHECK_INVALID(to_expert_map({.gateways = {}, .experts = {{}}}), "experts[0]: found 0");
  CHECK_INVALID(to_expert_map({.gateways = {}, .experts = {{1}, {2, 3}}}), "experts[1]: found 2");
  CHECK_INVALID(to_expert_map({.gateways = {}, .experts = {{1, 1}, {2, 3}}}),
                "experts[1]: satellites: found 2; allowed: 1, as in the first layer");
  CHECK_INVALID(to_expert_map({.gateways = {}, .experts = {{7, 4, 7}}}),
                "experts[0]: experts on satellite 4: found 1; allowed: the same number");
}

TEST_CASE("what is no expert map", "[io][expert_map]") {
  CHECK_THAT(error_of("[]"), test::containing("json: found an array of 0; allowed: an object"));
  CHECK_THAT(error_of("{}"), test::containing("moe_layer_count: found nothing"));
  CHECK_THAT(error_of(R"({"moe_layer_count": 1})"), test::containing("layer_list: found nothing"));
  CHECK_THAT(error_of(R"({"moe_layer_count": 1, "layer_list": 1})"),
             test::containing("layer_list: found 1; allowed: an array"));
  CHECK_THAT(error_of(R"({"moe_layer_count": -1, "layer_list": []})"),
             test::containing("moe_layer_count: found -1; allowed: an integer"));
  CHECK_THAT(
      error_of(R"({"moe_layer_count": 0, "layer_list": []})"),
      test::containing("moe_layer_count: found 0; allowed: 0, the length of layer_list, and"));
  CHECK_THAT(error_of(R"({"moe_layer_count": 2, "layer_list": [{}]})"),
             test::containing("moe_layer_count: found 2; allowed: 1, the length of layer_list"));
  CHECK_THAT(layer_error("3"), test::containing("layer_list[0]: found 3; allowed: an object"));
  CHECK_THAT(layer_error("{}"), test::containing("layer_list[0].device_list: found nothing"));
  CHECK_THAT(layer_error(R"({"device_list": {}})"),
             test::containing("layer_list[0].device_list: found an object; allowed: an array"));
  CHECK_THAT(layer_error(R"({"device_list": []})"),
             test::containing("layer_list[0].device_count: found nothing"));
  CHECK_THAT(layer_error(R"({"device_count": 1, "device_list": []})"),
             test::containing("layer_list[0].device_count: found 1; allowed: 0, the length"));
  CHECK_THAT(layer_error(R"({"device_count": 0, "device_list": []})"),
             test::containing("layer_list[0].device_list: experts: found 0; allowed: one or more"));
  const auto device_error = [](const std::string& device) {
    return layer_error(R"({"device_count": 1, "device_list": [)" + device + "]}");
  };
  CHECK_THAT(device_error(R"({"device_id": 1})"),
             test::containing("layer_list[0].device_list[0].device_id: found 1; allowed: 0, the"));
  CHECK_THAT(device_error("{}"),
             test::containing("layer_list[0].device_list[0].device_expert: found nothing"));
  CHECK_THAT(device_error(R"({"device_expert": [0, -1]})"),
             test::containing("layer_list[0].device_list[0].device_expert[1]: found -1"));
  CHECK_THAT(device_error(R"({"device_expert": [1, 1]})"),
             test::containing("device_expert[1]: found 1; allowed: each expert in 0..1 once"));
  CHECK_THAT(device_error(R"({"device_expert": [0, 2]})"),
             test::containing("device_expert[1]: found 2; allowed: each expert in 0..1 once"));
}

TEST_CASE("what the key of its own may not say in an expert map", "[io][expert_map]") {
  const auto own_error = [](const std::string& own) {
    return error_of(R"({"moe_layer_count": 1, "layer_list": [{"device_count": 1, "device_list": [
      {"device_expert": [0]}]}], "orbitmoe": )" +
                    own + "}");
  };
  CHECK_THAT(own_error("1"), test::containing("orbitmoe: found 1; allowed: an object"));
  CHECK_THAT(own_error(R"({"gateway": 1})"),
             test::containing("orbitmoe.gateway: found an unknown"));
  CHECK_THAT(own_error(R"({"gateways": [1, 2]})"),
             test::containing("orbitmoe.gateways: found 2; allowed: 1 ids, one per layer"));
  CHECK_THAT(own_error(R"({"gateways": ["a"]})"),
             test::containing("orbitmoe.gateways[0]: found \"a\"; allowed: an integer"));
  CHECK_THAT(own_error(R"({"satellites": []})"),
             test::containing("orbitmoe.satellites: found 0; allowed: 1 rows, one per layer"));
  CHECK_THAT(own_error(R"({"satellites": [[1, 2]]})"),
             test::containing("orbitmoe.satellites[0]: found 2; allowed: 1 ids, one per device"));
}

TEST_CASE("layers of an expert map have as many experts as the first", "[io][expert_map]") {
  CHECK_THAT(error_of(R"({"moe_layer_count": 2, "layer_list": [
               {"device_count": 1, "device_list": [{"device_expert": [0]}]},
               {"device_count": 1, "device_list": [{"device_expert": [0, 1]}]}]})"),
             test::containing("layer_list[1].device_list: experts: found 2; allowed: one or more"));
}

}  // namespace
}  // namespace io_expert_map_test
