#include <vector>

#include <orbitmoe/io/ground_stations.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace io_ground_stations_test {
namespace {

using namespace orbitmoe;

TEST_CASE("ground stations: lines of id and name and place") {
  const std::vector<ground_station> stations = parse_ground_stations(
      "0,Tokyo,35.6895,139.69171,0\r\n\n1,Quito, -0.18 , -78.47,2850,-1.0,2.0,3.0\n");
  CHECK(stations == std::vector<ground_station>{{"Tokyo", 35.6895, 139.69171, 0},
                                                {"Quito", -0.18, -78.47, 2850}});
}

TEST_CASE("ground stations: errors name line and column") {
  CHECK_INVALID(parse_ground_stations(""), "stations: found no line;");
  CHECK_INVALID(parse_ground_stations("0,A,1,2\n"), "line 1: found 4 columns; allowed: gid,name,");
  CHECK_INVALID(parse_ground_stations("0,A,1,2,3\n1,B,x,2,3\n"), "line 2, column 3: found \"x\";");
  CHECK_INVALID(parse_ground_stations("0,A,1,nan,3\n"), "line 1, column 4: found \"nan\";");
  CHECK_INVALID(parse_ground_stations("0,A,1,2,3\n2,B,1,2,3\n"),
                "line 2, column 1: found 2; allowed: the next id, 1");
  CHECK_INVALID(parse_ground_stations("0,A,91,2,3\n"), "line 1, latitude_deg: found 91;");
}

TEST_CASE("ground stations: Hypatia's hundred cities") {
  if (!test::has_data()) return test::skip_without_data();
  const auto stations =
      parse_file(test::data("hypatia/ground-stations.top-100.csv"), parse_ground_stations);
  REQUIRE(stations.size() == 100);
  CHECK(stations[17] == ground_station{"Manila", 14.6042, 120.9822, 0});
  CHECK(stations[85].name == "Dalian");
}

}  // namespace
}  // namespace io_ground_stations_test
