#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/io/czml.hpp>
#include <orbitmoe/links/link_list.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace io_czml_test {
namespace {

using namespace orbitmoe;

/// 3 planes × 4 slots, two layers of two experts; satellite 11 hosts two of them.
const walker_constellation& sky() {
  static const walker_constellation high = test::high_sky(3, 4);
  return high;
}
activation_profile profile() { return activation_profile(Eigen::Matrix2d{{3, 1}, {1, 0}}); }
const placement plan{.gateways = {4, 7}, .experts = {{0, 11}, {3, 11}}};
timeline net(const timeline_options& options = {.slots = 1, .survival_probability = 1}) {
  return test::high_net(3, 4, options);
}

const ordered_json& packet(const ordered_json& document, const std::string& id) {
  static const ordered_json none;
  const auto found = std::ranges::find_if(document, [&](const auto& p) { return p["id"] == id; });
  return found == document.end() ? none : *found;
}

std::size_t count(const ordered_json& document, const std::string& prefix) {
  return static_cast<std::size_t>(std::ranges::count_if(document, [&](const ordered_json& p) {
    return p["id"].get<std::string>().starts_with(prefix);
  }));
}

/// Two satellites with one link, up or not in each slot of a second.
timeline pair_net(const std::vector<bool>& up) {
  matrix delays_s = make_matrix(up.size(), 1, 0.01);
  for (std::size_t k = 0; k < up.size(); ++k)
    if (!up[k]) row(delays_s, k)[0] = test::infinity;
  return test::star(delays_s);
}

struct two_points {
  double x_km = 7000;
  [[nodiscard]] std::size_t size() const { return 2; }
  [[nodiscard]] Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    return {x_km, t_s, id + 0.0000004};
  }
  [[nodiscard]] Eigen::Vector3d velocity_km_s(satellite_id, double) const { return {0, 1, 0}; }
};
ordered_json pair_czml(const timeline& pair, const czml_options& options = {}) {
  return czml(two_points{}, pair, activation_profile(make_matrix(1, 1, 1)),
              {.gateways = {0}, .experts = {{1}}}, options);
}

TEST_CASE("a CZML document has a packet for all that a plan says", "[io][czml]") {
  const ordered_json document = czml(sky(), net(), profile(), plan);
  CHECK(document[0]["id"] == "document");
  CHECK(document[0]["version"] == "1.0");
  CHECK(document[0]["name"] == "OrbitMoE");
  CHECK(document[0]["clock"]["currentTime"] == "2000-01-01T00:00:00.000000Z");
  CHECK(count(document, "satellite-") == 12);
  CHECK(count(document, "link-") == net().links().size());
  CHECK(count(document, "ring-") == 2);
  CHECK(document.size() == 4 + 12 + net().links().size() + 2);
  CHECK(count(czml(sky(), net(), profile(), plan, {.with_links = false}), "link-") == 0);
  CHECK(document == czml(sky(), net(), profile(), plan));
}

TEST_CASE("real satellites have their names in CZML", "[io][czml]") {
  std::vector<element_set> sets(3);
  for (std::size_t k = 0; k < sets.size(); ++k)
    sets[k] = {.name = "SAT-" + std::to_string(k),
               .mean_anomaly_deg = 10.0 * static_cast<double>(k)};
  sets[2].name.clear();
  sets[2].catalogue_number = 44057;
  const element_sky<> real(sets, {});
  const timeline few(real, link_list{{{0, 1}, {1, 2}}}, {.slots = 1, .span_s = 100});
  const ordered_json document = czml(real, few, activation_profile(matrix{{1}}), {{0}, {{1}}});
  CHECK(packet(document, "satellite-1")["name"] == "SAT-1");
  CHECK(packet(document, "satellite-2")["name"] == "44057");
  CHECK(packet(czml(sky(), net(), profile(), plan), "satellite-1")["name"] == "satellite 1");
}

TEST_CASE("gateways and experts and idle satellites look different in CZML", "[io][czml]") {
  const ordered_json document = czml(sky(), net(), profile(), plan);
  const ordered_json& gateway = packet(document, "satellite-7");
  CHECK(gateway["label"]["text"] == "gateway of layer 1");
  CHECK(gateway["point"]["color"] == parse_json(R"({"rgba": [12, 168, 178, 255]})"));
  CHECK(gateway["description"] == "<p>id 7</p><p>plane 1, slot 3</p><p>gateway of layer 1</p>");
  // The heaviest has all that layer 1 asks; a quarter of it is a quarter of the way up the ramp.
  CHECK(packet(document, "satellite-3")["point"]["color"]["rgba"] ==
        ordered_json({253, 231, 37, 255}));
  CHECK(packet(document, "satellite-11")["point"]["color"]["rgba"] ==
        ordered_json({59, 82, 139, 255}));
  CHECK(packet(document, "satellite-11")["description"] ==
        "<p>id 11</p><p>plane 2, slot 3</p><p>layer 0, expert 1: activation 25.0 %</p>"
        "<p>layer 1, expert 1: activation 0.0 %</p>");
  CHECK(packet(document, "satellite-1")["description"] ==
        "<p>id 1</p><p>plane 0, slot 1</p><p>hosts nothing</p>");
  CHECK(packet(document, "satellite-1")["point"]["pixelSize"] <
        packet(document, "satellite-3")["point"]["pixelSize"]);
  CHECK(packet(document, "ring-1")["polyline"]["positions"]["references"] ==
        ordered_json({"satellite-7#position", "satellite-4#position"}));
}

TEST_CASE("positions in CZML are metres at times from the epoch on", "[io][czml]") {
  const ordered_json position =
      packet(pair_czml(pair_net({true}), {.step_s = 0.25}), "satellite-1")["position"];
  CHECK(position["referenceFrame"] == "INERTIAL");
  CHECK(position["epoch"] == "2000-01-01T00:00:00.000000Z");
  // One second in steps of 0.25 s, and one step more; to the millimetre.
  const ordered_json& samples = position["cartesian"];
  REQUIRE(samples.size() == 24);
  CHECK(samples[4] == 0.25);
  CHECK(samples[5] == 7e6);
  CHECK(samples[6] == 250.0);
  CHECK(samples[7] == 1000.0);
  CHECK(samples[20] == 1.25);
  const auto sample_count = [](std::size_t slots, double step_s) {
    const ordered_json document =
        pair_czml(pair_net(std::vector<bool>(slots, true)), {.step_s = step_s});
    return packet(document, "satellite-0")["position"]["cartesian"].size() / 4;
  };
  CHECK(sample_count(1, 120) == 6);  // as many as a polynomial of degree 5 needs
  CHECK(sample_count(1000, 100) == 12);
}

TEST_CASE("a link is shown in CZML while it is up", "[io][czml]") {
  const auto shown = [](const std::vector<bool>& up) {
    return packet(pair_czml(pair_net(up), {.start = parse_utc("2024-02-29T23:59:58.5")}), "link-0");
  };
  CHECK(shown({true, true})["polyline"]["show"] == true);
  CHECK(shown({false, false}).is_null());
  CHECK(shown({false, true, true, false})["polyline"]["show"] == parse_json(R"([
    {"interval": "2024-02-29T23:59:58.500000Z/2024-02-29T23:59:59.500000Z", "boolean": false},
    {"interval": "2024-02-29T23:59:59.500000Z/2024-03-01T00:00:01.500000Z", "boolean": true},
    {"interval": "2024-03-01T00:00:01.500000Z/2024-03-01T00:00:02.500000Z", "boolean": false}])"));
  CHECK(shown({true})["availability"] == "2024-02-29T23:59:58.500000Z/2024-02-29T23:59:59.500000Z");
  CHECK(shown({true})["polyline"]["positions"]["references"] ==
        ordered_json({"satellite-0#position", "satellite-1#position"}));
}

TEST_CASE("the title of a CZML document is any text", "[io][czml]") {
  const ordered_json document = pair_czml(pair_net({true}), {.title = "<b> \"× \xff"});
  CHECK(document[0]["name"] == "<b> \"× \xEF\xBF\xBD");
  CHECK(parse_json(document.dump()) == document);
}

TEST_CASE("what no CZML document can be made of", "[io][czml]") {
  const timeline pair = pair_net({true});
  CHECK_INVALID(pair_czml(pair, {.step_s = 0}), "step_s: found 0; allowed: a number from 0.001");
  CHECK_INVALID(pair_czml(pair, {.speed = 1e7}), "speed: found 10000000; allowed: a number");
  CHECK_INVALID(pair_czml(pair, {.start = {0, -1}}), "start.second_of_day: found -1");
  CHECK_INVALID(pair_czml(pair, {.start = {73'049, 86'399.5}}),
                "start, after the time covered.days: found 73050");
  CHECK_INVALID(czml(sky(), pair, profile(), plan), "sky: found 12; allowed: 2 satellites");
  CHECK_INVALID(czml(sky(), net(), profile(), {}), "gateways: found 0; allowed: 2 ids");
  CHECK_INVALID(czml(sky(), net({.slots = 1, .span_s = 1e9}), profile(), plan),
                "step_s: satellites × samples: found 100000020; allowed: 2000000 at most");
  matrix flicker = make_matrix(600'000, 2, 0.01);
  for (std::size_t k = 0; k < 600'000; k += 2) std::ranges::fill(row(flicker, k), test::infinity);
  const timeline two_links(2, {{0, 1}, {0, 1}}, flicker);
  CHECK_INVALID(pair_czml(two_links, {.step_s = 86'400}),
                "links: intervals: found 1200000; allowed: 1000000 at most");
  CHECK_NOTHROW(pair_czml(two_links, {.step_s = 86'400, .with_links = false}));
  CHECK_INVALID(
      czml(two_points{.x_km = std::numeric_limits<double>::quiet_NaN()}, pair,
           activation_profile(make_matrix(1, 1, 1)), placement{.gateways = {0}, .experts = {{1}}}),
      "sky.position_km(0, 0): found nan; allowed: finite coordinates");
}

}  // namespace
}  // namespace io_czml_test
