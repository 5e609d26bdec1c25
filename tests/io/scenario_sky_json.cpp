#include <string>
#include <variant>

#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/scenario.hpp>
#include <orbitmoe/io/scenario_sky.hpp>
#include <orbitmoe/io/scenario_sky_json.hpp>

#include "support/catch.hpp"
#include "support/satellite_catalogue.hpp"
#include "support/scenario.hpp"

namespace io_scenario_sky_json_test {
namespace {

using namespace orbitmoe;

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

TEST_CASE("a file without one good record is an error, even where bad ones are skipped", "[io]") {
  const test::satellite_catalogue sats(1);
  const std::string text = read_file(sats.path());
  write_file(sats.path(), text.substr(0, text.find('\n') + 1) + "one,two\nthree\n");
  CHECK_INVALID(
      parse(sats, R"({"constellation": {"type": "omm", "file": "satellites.csv",
                                        "bad_records": "skip"}})"),
      "satellites.csv, line 2: found 2 bad records and no good one; allowed: one good record");
}

}  // namespace
}  // namespace io_scenario_sky_json_test
