#include <algorithm>
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

TEST_CASE("select: altitude - inclination - and pattern of the name", "[io]") {
  const test::satellite_catalogue sats(3);
  const auto count = [&](const std::string& select) {
    const scenario given =
        parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv", "select": )" +
                        select + "}}");
    return std::get<element_file>(given.constellation).sets().size();
  };
  CHECK(count("{}") == 31);
  CHECK(count(R"({"name": "sat 100?"})") == 10);
  CHECK(count(R"({"altitude_km": [1400, 1500], "inclination_deg": [69, 71]})") == 31);
  CHECK_INVALID(count(R"({"altitude_km": [0, 1000]})"),
                "constellation.select: found none of 31 satellites");
  CHECK_INVALID(
      count(R"({"altitude_km": [1500, 1400]})"),
      "constellation.select.altitude_km: found [1500, 1400]; allowed: two finite numbers");
  CHECK_INVALID(count(R"({"altitude_km": [1400]})"),
                "constellation.select.altitude_km: found 1; allowed: two numbers");
  CHECK_INVALID(count(R"({"height": 1})"), "constellation.select.height: found an unknown key");
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

TEST_CASE("bad files of satellites are named by the key", "[io]") {
  const test::satellite_catalogue sats(1);
  const auto bad = [&](const std::string& keys, const std::string& message) {
    CHECK_INVALID(parse(sats, R"({"constellation": {)" + keys + "}}"), message);
  };
  const std::string omm = R"("type": "omm", "file": "satellites.csv", )";
  bad(R"("type": "tle")", "constellation.file: found nothing");
  bad(R"("type": "tle", "file": "nowhere.txt")", "constellation.file: file: found");
  bad(R"("type": "tle", "file": "satellites.csv")", "line 1");
  bad(R"("type": "omm", "file": "satellites.csv", "planes": 3)", "constellation.planes: found 3");
  bad(omm + R"("planes": "some")", "constellation.planes: found \"some\"; allowed: \"found\"");
  bad(omm + R"("bad_records": "keep")", "constellation.bad_records: found \"keep\"");
  bad(omm + R"("epoch": "today")", "constellation.epoch: time: found \"today\"");
  bad(omm + R"("altitude_km": 550)", "constellation.altitude_km: found an unknown key");

  write_file(sats.folder() / "broken.txt",
             "1 25544U 98067A   24198.5 broken\n2 25544 broken\n"
             "1 41917U 17003A   24198.54979482  .00000166  00000+0  52306-4 0  9997\n"
             "2 41917  86.3968  21.3105 0002514  83.6357 276.5125 14.34217877392781\n");
  bad(R"("type": "tle", "file": "broken.txt")", "broken.txt, line 1, length");
  const scenario skipping = parse(
      sats, R"({"constellation": {"type": "tle", "file": "broken.txt", "bad_records": "skip"}})");
  CHECK(std::get<element_file>(skipping.constellation).records.skipped.size() == 1);
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
      element_file given = std::get<element_file>(
          parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv", "planes": ")" +
                          planes + "\"}}")
              .constellation);
      detail::resolve_satellites(given);
      return given.satellites;
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

TEST_CASE("a file without one good record is an error, even where bad ones are skipped", "[io]") {
  const test::satellite_catalogue sats(1);
  const std::string text = read_file(sats.path());
  write_file(sats.path(), text.substr(0, text.find('\n') + 1) + "one,two\nthree\n");
  CHECK_INVALID(
      parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv",
                                        "bad_records": "skip"}})"),
      "satellites.csv, line 2: found 2 bad records and no good one; allowed: one good record");
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
