#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <orbitmoe/io/scenario.hpp>
#include <orbitmoe/io/scenario_sky.hpp>

#include "support/catch.hpp"
#include "support/satellite_catalogue.hpp"
#include "support/scenario.hpp"

namespace io_scenario_sky_test {
namespace {

using namespace orbitmoe;

using number_pairs = std::set<std::set<std::uint32_t>>;  // numbers of the catalogue

scenario parse(const test::satellite_catalogue& sats, const std::string& text) {
  return test::parse_scenario(text, sats.folder());
}

TEST_CASE("links of real satellites: nearest - from a file - and without planes", "[io]") {
  const test::satellite_catalogue sats(3);
  write_file(sats.folder() / "links.csv", "a,b\n1000,1001\n1001,1010\n9999,1002\n");
  const auto links = [&](const std::string& constellation, const std::string& topology) {
    const scenario given =
        parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv")" +
                        constellation + R"(}, "links": {"topology": )" + topology + "}}");
    CHECK(scenario_from_json(to_json(given), sats.folder()) == given);
    timeline_options one = given.network;
    one.slots = 1;
    one.span_s = 6000;
    const timeline net = network_of(given.constellation, given.topology, one);
    return visit_sky(given.constellation, [&](const auto& sky) {
      number_pairs numbers;
      if constexpr (requires { sky.elements(); }) {
        std::vector<std::uint32_t> all;
        for (const element_set& set : sky.elements()) all.push_back(set.catalogue_number);
        for (const auto [a, b] : net.links()) numbers.insert({all[a], all[b]});
        if (const auto* const file = std::get_if<link_file>(&given.topology))
          CHECK(numbers.size() + detail::links_left_out(*file, all) == file->numbers.pairs.size());
      }
      return numbers;
    });
  };
  const auto files = [](const char* name) {
    return "\"file\", \"file\": \"" + std::string(name) + "\"";
  };
  CHECK(links("", R"("plus_grid")").size() == 30 + 20);
  CHECK(links("", R"("nearest", "terminals": 2)").size() <= 30);
  // The spare is left out, and its link with it.
  CHECK(links("", files("links.csv")) == number_pairs{{1000, 1001}, {1001, 1010}});
  CHECK(links(R"(, "planes": "none")", files("links.csv")) ==
        number_pairs{{1000, 1001}, {1001, 1010}, {1002, 9999}});

  CHECK_INVALID(links(R"(, "planes": "none")", R"("plus_grid")"),
                "links.topology: found \"plus_grid\" without planes");
  CHECK_INVALID(links("", R"("plus_grid", "seam": true)"),
                "links.seam: found true with planes that do not close");
  CHECK_INVALID(links("", R"("nearest", "terminals": 0)"), "links.terminals: found 0");
  CHECK_INVALID(links("", R"("nearest", "seam": true)"), "links.seam: found an unknown key");
  CHECK_INVALID(links("", R"("file")"), "links.file: found nothing");
  CHECK_INVALID(links("", files("nowhere.csv")), "links.file: file: found");
  write_file(sats.folder() / "strange.csv", "a,b\n1000,7\n");
  CHECK_INVALID(links("", files("strange.csv")), "links.file: found a link of 7");
}

TEST_CASE("links from a file for a sky that is a formula are pairs of ids", "[io]") {
  const test::satellite_catalogue sats(1);
  write_file(sats.folder() / "isls.txt", "0 1\n1 2\n0 5000\n");
  const scenario given = parse(sats, R"({"links": {"topology": "file", "file": "isls.txt"}})");
  CHECK_INVALID(network_of(given.constellation, given.topology, given.network),
                "links.file: found 0-5000; allowed: two different satellites in 0..1055");
}

TEST_CASE("satellites that have decayed at the start are named", "[io]") {
  const test::satellite_catalogue sats(3, "0.5");
  const auto size = [&](const std::string& epoch) {
    const scenario given =
        parse(sats,
              R"({"constellation": {"type": "omm", "file": "satellites.csv", "propagator": "sgp4",
            "epoch": ")" +
                  epoch + R"("}})");
    return visit_sky(given.constellation, [](const auto& sky) { return sky.size(); });
  };
  CHECK(size("2024-07-16T03:00:00") == 30);
  CHECK_INVALID(size("2030-07-16T03:00:00"), "constellation.epoch: found a start at which SAT 10");
}

TEST_CASE("without planes each satellite is there once, by the elements nearest to the start",
          "[io]") {
  const test::satellite_catalogue sats(1);
  const std::string text = read_file(sats.path());
  std::string older = text.substr(text.find('\n') + 1);
  for (std::size_t at = 0; (at = older.find("2024-07-16", at)) != std::string::npos;)
    older.replace(at, 10, "2024-07-14");
  write_file(sats.path(), text + older);
  const auto day_of_first = [&](const std::string& epoch) {
    const scenario given =
        parse(sats,
              R"({"constellation": {"type": "omm", "file": "satellites.csv", "planes": "none",
            "epoch": ")" +
                  epoch + R"("}, "links": {"topology": "nearest"}})");
    return visit_sky(given.constellation, [](const auto& sky) {
      CHECK(sky.size() == 11);
      if constexpr (requires { sky.elements(); }) return sky.elements()[0].epoch.days;
      return 0;
    });
  };
  CHECK(day_of_first("2024-07-17T00:00:00") == day_of_first("2024-07-14T00:00:00") + 2);
}

TEST_CASE("the order of satellites in their file does not matter", "[io]") {
  const test::satellite_catalogue sats(2);
  std::string text = read_file(sats.path());
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  for (const std::string planes : {"found", "none"}) {
    const auto numbers = [&] {
      sky_settings given =
          parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv", "planes": ")" +
                          planes + "\"}}")
              .constellation;
      CHECK(detail::resolve_sky(given).has_value() == (planes == "found"));
      return std::get<element_file>(given).satellites;
    };
    const std::vector<std::uint32_t> before = numbers();
    std::reverse(lines.begin() + 1, lines.end());
    text.clear();
    for (const std::string& line : lines) text += line;
    write_file(sats.path(), text);
    CHECK(numbers() == before);
    CHECK(before.size() == (planes == "found" ? 20 : 21));
  }
}

TEST_CASE("without planes a bad orbit is named", "[io]") {
  const test::satellite_catalogue sats(1);
  std::string text = read_file(sats.path());
  const std::size_t second = text.find("12.6,0.0001", text.find("SAT 1001"));
  write_file(sats.path(), text.replace(second, 11, "12.6,0.9"));
  const scenario given = parse(
      sats, R"({"constellation": {"type": "omm", "file": "satellites.csv", "planes": "none"}})");
  CHECK_INVALID(visit_sky(given.constellation, [](const auto&) {}),
                "constellation, SAT 1001 (1001), eccentricity: found 0.9");
}

TEST_CASE("what a network needs is asked by the key of the scenario", "[io]") {
  const test::satellite_catalogue sats(1);
  const scenario given =
      parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv", "planes": "none"},
                "links": {"topology": "nearest"}})");
  CHECK_INVALID(network_of(given.constellation, given.topology, given.network),
                "time.span_s: found nothing; allowed: a time span");
  element_file strange = std::get<element_file>(given.constellation);
  strange.propagator = "SGP4";
  CHECK_INVALID(network_of(strange, given.topology, given.network),
                "constellation.propagator: found \"SGP4\"; allowed: \"secular_j2\" or \"sgp4\"");
}

}  // namespace
}  // namespace io_scenario_sky_test
