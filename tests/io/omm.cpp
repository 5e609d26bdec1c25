#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/io/omm.hpp>
#include <orbitmoe/io/tle.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace io_omm_test {
namespace {

using namespace orbitmoe;

// As CelesTrak writes it: numbers.
const std::string celestrak_json =
    R"({"OBJECT_NAME":"ONEWEB-0012","OBJECT_ID":"2019-010A","EPOCH":"2024-07-16T11:38:42.031680",)"
    R"("MEAN_MOTION":13.1659329,"ECCENTRICITY":0.0002163,"INCLINATION":87.9108,)"
    R"("RA_OF_ASC_NODE":8.3016,"ARG_OF_PERICENTER":68.5094,"MEAN_ANOMALY":291.6267,)"
    R"("EPHEMERIS_TYPE":0,"CLASSIFICATION_TYPE":"U","NORAD_CAT_ID":44057,"ELEMENT_SET_NO":999,)"
    R"("REV_AT_EPOCH":25936,"BSTAR":0.00012659,"MEAN_MOTION_DOT":6.1e-7,"MEAN_MOTION_DDOT":0})";

// As Space-Track writes it: strings, null, many more keys.
const std::string space_track_json =
    R"({"CCSDS_OMM_VERS":"3.0","COMMENT":"GENERATED VIA SPACE-TRACK.ORG API",)"
    R"("CREATION_DATE":"2024-07-16T18:00:00","ORIGINATOR":"18 SPCS","OBJECT_NAME":"ONEWEB-0012",)"
    R"("OBJECT_ID":"2019-010A","CENTER_NAME":"EARTH","REF_FRAME":"TEME","TIME_SYSTEM":"UTC",)"
    R"("MEAN_ELEMENT_THEORY":"SGP4","EPOCH":"2024-07-16T11:38:42.031680",)"
    R"("MEAN_MOTION":"13.16593290","ECCENTRICITY":"0.00021630","INCLINATION":"87.9108",)"
    R"("RA_OF_ASC_NODE":"8.3016","ARG_OF_PERICENTER":"68.5094","MEAN_ANOMALY":"291.6267",)"
    R"("EPHEMERIS_TYPE":"0","NORAD_CAT_ID":"44057","BSTAR":"0.00012659000000",)"
    R"("DECAY_DATE":null,"TLE_LINE0":"0 ONEWEB-0012"})";

const std::string header =
    "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,"
    "ARG_OF_PERICENTER,MEAN_ANOMALY,EPHEMERIS_TYPE,CLASSIFICATION_TYPE,NORAD_CAT_ID,"
    "ELEMENT_SET_NO,REV_AT_EPOCH,BSTAR,MEAN_MOTION_DOT,MEAN_MOTION_DDOT\n";
const std::string row =
    "ONEWEB-0012,2019-010A,2024-07-16T11:38:42.031680,13.16593290,.0002163,87.9108,8.3016,68.5094,"
    "291.6267,0,U,44057,999,25936,.12659E-3,.61E-6,0\n";

const element_set& from_tle() {
  static const element_set set =
      parse_tle(
          "ONEWEB-0012\n"
          "1 44057U 19010A   24198.48520870  .00000061  00000+0  12659-3 0  9991\n"
          "2 44057  87.9108   8.3016 0002163  68.5094 291.6267 13.16593290259364\n")
          .sets[0];
  return set;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

void check_same(const element_records& read, std::size_t count = 1) {
  CHECK(read.skipped.empty());
  REQUIRE(read.sets.size() == count);
  for (element_set set : read.sets) {
    CHECK(seconds_between(set.epoch, from_tle().epoch) == test::approx(0).margin(1e-9));
    set.epoch = from_tle().epoch;
    CHECK(set == from_tle());
  }
}

TEST_CASE("omm: the same set in JSON, CSV and TLE", "[io][omm]") {
  check_same(parse_omm_json("[" + celestrak_json + "]"));
  check_same(parse_omm_json(space_track_json));
  check_same(parse_omm_json("[" + celestrak_json + ",\n" + space_track_json + "]"), 2);
  check_same(parse_omm_csv(header + row));
  check_same(parse_omm_csv("\xEF\xBB\xBF\n" + header + row + "\n" + row), 2);
}

TEST_CASE("omm: CSV in quotes and with CRLF", "[io][omm]") {
  std::string text;
  for (const char c : header + row)
    text += c == ',' ? "\",\"" : c == '\n' ? "\"\r\n\"" : std::string{c};
  text.pop_back();
  check_same(parse_omm_csv('"' + text));
  const auto named = [](const char* field) {
    return parse_omm_csv(header + replaced(row, "ONEWEB-0012", field)).sets.at(0).name;
  };
  CHECK(named("\"A, \"\"B\"\"\"") == "A, \"B\"");
  CHECK(named("") == "");
  CHECK(named("A \"B\"") == "A \"B\"");
}

TEST_CASE("omm: catalogue numbers of up to nine digits", "[io][omm]") {
  const auto number = [](const char* text) {
    const auto in = parse_omm_json(replaced(celestrak_json, "44057", text)).sets.at(0);
    const auto row_in = parse_omm_csv(header + replaced(row, "44057", text)).sets.at(0);
    CHECK(in.catalogue_number == row_in.catalogue_number);
    return in.catalogue_number;
  };
  CHECK(number("270001") == 270'001);
  CHECK(number("799500001") == 799'500'001);
  CHECK(number("999999999") == 999'999'999);
  for (const char* bad : {"1000000000", "-1", "1.5"})
    CHECK_INVALID(number(bad), std::string("[0], NORAD_CAT_ID: found ") + bad);
}

TEST_CASE("omm: bad values in JSON are named by index and key", "[io][omm]") {
  const auto bad = [](const char* what, const char* by, const char* message) {
    const std::string text = "[" + celestrak_json + "," + replaced(celestrak_json, what, by) + "]";
    CAPTURE(by);
    CHECK_INVALID(parse_omm_json(text), std::string("[1], ") + message);
    const element_records read = parse_omm_json(text, bad_records::skip);
    CHECK(read.sets.size() == 1);
    REQUIRE(read.skipped.size() == 1);
    CHECK(read.skipped[0].place == "[1]");
    CHECK(read.skipped[0].reason.starts_with(message));
  };
  bad("\"INCLINATION\"", "\"inclination\"", "INCLINATION: found nothing; allowed: a finite number");
  bad("87.9108", "null", "INCLINATION: found nothing");
  bad("87.9108", "\"\"", "INCLINATION: found \"\"; allowed: a finite number");
  bad("87.9108", "\"87.9x\"", "INCLINATION: found \"87.9x\"");
  bad("87.9108", "\"nan\"", "INCLINATION: found \"nan\"");
  bad("87.9108", "\"1e999\"", "INCLINATION: found \"1e999\"");
  bad("87.9108", "[]", "INCLINATION: found an array of 0; allowed: a number or a string");
  bad("87.9108", "190", "inclination_deg: found 190; allowed: a number from 0 to 180");
  bad("\"2024-07-16T11:38:42.031680\"", "\"yesterday\"", "EPOCH, time: found \"yesterday\"");
  bad("\"2024-07-16T11:38:42.031680\"", "7", "EPOCH: found 7; allowed: a string");
  bad("\"EPHEMERIS_TYPE\":0", "\"EPHEMERIS_TYPE\":4", "EPHEMERIS_TYPE: found 4;");
  bad("\"BSTAR\"", "\"B\"", "BSTAR: found nothing");
  bad("\"ELEMENT_SET_NO\":999", "\"REF_FRAME\":\"GCRF\"",
      "REF_FRAME: found \"GCRF\"; allowed: TEME");
  bad("\"ELEMENT_SET_NO\":999", "\"CENTER_NAME\":\"MARS\"", "CENTER_NAME: found \"MARS\"");
  bad("\"ELEMENT_SET_NO\":999", "\"TIME_SYSTEM\":\"TAI\"", "TIME_SYSTEM: found \"TAI\"");
  bad("\"ELEMENT_SET_NO\":999", "\"MEAN_ELEMENT_THEORY\":\"SGP4-XP\"",
      "MEAN_ELEMENT_THEORY: found \"SGP4-XP\"; allowed: SGP4");
  bad(celestrak_json.c_str(), "7", "record: found 7; allowed: an object");
}

TEST_CASE("omm: text that is no JSON of records is refused under either policy", "[io][omm]") {
  for (const bad_records policy : {bad_records::refuse, bad_records::skip}) {
    CHECK_INVALID(parse_omm_json("", policy), "json: found ");
    CHECK_INVALID(parse_omm_json("No GP data found", policy), "json: found ");
    CHECK_INVALID(parse_omm_json("7", policy), "json: found 7; allowed: an array of objects");
    CHECK_INVALID(parse_omm_json("[]", policy), "json: found no record; allowed: one or more");
    for (std::size_t length = 0; length < space_track_json.size(); ++length)
      CHECK_INVALID(parse_omm_json(space_track_json.substr(0, length), policy), "json: found ");
  }
}

TEST_CASE("omm: bad records in CSV are named by line", "[io][omm]") {
  const auto bad = [](const std::string& record, const char* message) {
    CHECK_INVALID(parse_omm_csv(header + row + record + row), std::string("line 3, ") + message);
    const element_records read = parse_omm_csv(header + row + record + row, bad_records::skip);
    CHECK(read.sets.size() == 2);
    REQUIRE(read.skipped.size() == 1);
    CHECK(read.skipped[0].place == "line 3");
    CHECK(read.skipped[0].reason.starts_with(message));
  };
  bad("A,B\n", "columns: found 2; allowed: 17, as in the header");
  bad(replaced(row, "ONEWEB", "\"ONEWEB"), "quotes: found one that is not closed");
  bad(replaced(row, "8.3016", ""), "RA_OF_ASC_NODE: found \"\"; allowed: a finite number");
  bad(replaced(row, "8.3016", "eight"), "RA_OF_ASC_NODE: found \"eight\"");
  bad(replaced(row, ".0002163", "1"), "eccentricity: found 1;");
  bad(replaced(row, "2024-07-16T", ""), "EPOCH, time: found \"11:38:42.031680\"");
  bad(replaced(row, "0,U", "4,U"), "EPHEMERIS_TYPE: found 4; allowed: 0, 2 or 3: SGP4");
}

TEST_CASE("omm: CSV cut off anywhere keeps to whole records", "[io][omm]") {
  for (std::size_t length = 0; length < row.size() - 1; ++length) {
    CAPTURE(length);
    const element_records read =
        parse_omm_csv(header + row + row.substr(0, length), bad_records::skip);
    // The last two columns are not used: the record is whole once they are there.
    CHECK(read.sets.size() == (row.substr(0, length).ends_with(".61E-6,") ? 2 : 1));
    CHECK(read.sets.size() + read.skipped.size() == (length == 0 ? 1 : 2));
  }
  for (std::size_t length = 0; length + 1 < header.size(); ++length)
    CHECK_INVALID(parse_omm_csv(header.substr(0, length)), ": found ");
}

TEST_CASE("omm: headers that lack a column are refused under either policy", "[io][omm]") {
  for (const bad_records policy : {bad_records::refuse, bad_records::skip}) {
    CHECK_INVALID(parse_omm_csv(replaced(header, "BSTAR", "B") + row, policy),
                  "line 1, header row: found no column BSTAR; allowed: the keywords of an orbit");
    CHECK_INVALID(parse_omm_csv(replaced(header, "OBJECT_ID", "EPOCH") + row, policy),
                  "line 1, header row: found twice \"EPOCH\"; allowed: each column once");
    CHECK_INVALID(parse_omm_csv("\"" + header + row, policy), "line 1, quotes: found one");
    CHECK_INVALID(parse_omm_csv("No GP data found", policy), "header row: found no column");
    CHECK_INVALID(parse_omm_csv("", policy), "csv: found no record");
    CHECK_INVALID(parse_omm_csv(header, policy), "csv: found no record; allowed: a header row");
  }
}

TEST_CASE("omm: files of either form, and their errors", "[io][omm]") {
  const test::temporary_folder folder;
  write_file(folder / "sky.json", "\n [" + celestrak_json + "]");
  write_file(folder / "sky.csv", header + row);
  write_file(folder / "bad.csv", header + row + "A,B\n");
  check_same(read_omm(folder / "sky.json"));
  check_same(read_omm(folder / "sky.csv"));
  check_same(parse_omm("\xEF\xBB\xBF[" + celestrak_json + "]"));
  CHECK_INVALID(read_omm(folder / "bad.csv"), "bad.csv, line 3, columns: found 2");
  CHECK(read_omm(folder / "bad.csv", bad_records::skip).skipped.size() == 1);
  CHECK_INVALID(read_omm(folder / "none.json"), "none.json");
}

}  // namespace
}  // namespace io_omm_test
