#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/sgp4.hpp>
#include <orbitmoe/ground/delays.hpp>
#include <orbitmoe/io/hypatia_files.hpp>
#include <orbitmoe/network/timeline.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/temporary_folder.hpp"

namespace io_hypatia_files_test {
namespace {

using namespace orbitmoe;
using test::approx;

const std::vector<ground_station> cities = {{"Manila", 14.6042, 120.9822, 0},
                                            {"Quito (Ecuador)", -0.18, -78.47, 2850.5},
                                            {"Null", 1e-9, 1.0 / 3, -7}};

hypatia_network small_network() {
  hypatia_network network;
  network.sky.planes = 3;
  network.sky.satellites_per_plane = 4;
  return network;
}
hypatia_state small_state() { return state_of(small_network(), "Tiny-3", cities); }

// The small state with one member changed.
template<typename Change>
hypatia_state with(Change change) {
  hypatia_state state = small_state();
  change(state);
  return state;
}

TEST_CASE("hypatia files: a preset as Hypatia writes it") {
  const hypatia_state state = state_of(hypatia_preset("kuiper-630"), "Kuiper-630", cities);
  const std::string tles = to_hypatia_tles(state.sky);
  CHECK(
      tles.starts_with("34 34\nKuiper-630 0\n"
                       "1 00001U 00000ABC 00001.00000000  .00000000  00000+0  00000+0 0    03\n"
                       "2 00001  51.9000   0.0000 0000001   0.0000   0.0000 14.80000000    02\n"));
  CHECK_THAT(tles, test::containing(
                       "Kuiper-630 35\n"
                       "1 00036U 00000ABC 00001.00000000  .00000000  00000+0  00000+0 0    01\n"
                       "2 00036  51.9000  10.5882 0000001   0.0000  15.8824 14.80000000    02\n"));
  CHECK(to_hypatia_description(state.limits)
            .starts_with("max_gsl_length_m=1260000.0000000000\nmax_isl_length_m=5442958.20303628"));
  CHECK(to_hypatia_isls(state.links, state.sky.satellites.size())
            .starts_with("0 1\n0 33\n0 34\n0 1122\n1 2\n"));
  CHECK(state.links.size() == 2 * 1156);
  CHECK(
      to_hypatia_stations(state.stations).starts_with("0,Manila,14.6042,120.9822,0.000000,-3177"));
  CHECK(to_hypatia_stations(state.stations, false) ==
        "0,Manila,14.6042,120.9822,0\n1,Quito (Ecuador),-0.18,-78.47,2850.5\n"
        "2,Null,0.000000001,0.3333333333333333,-7\n");
}

TEST_CASE("hypatia files: written and read back the same") {
  const test::temporary_folder folder;
  for (const auto& [name, network] : hypatia_networks) {
    const hypatia_state state = state_of(network, std::string(name), cities);
    write_hypatia_state(folder.path(), state);
    CHECK(read_hypatia_state(folder.path()) == state);
    const auto basic = [](std::string_view text) { return parse_hypatia_stations(text, 5); };
    CHECK(parse_file(folder / "ground_stations.basic.txt", basic) == state.stations);
  }
  hypatia_state state = small_state();
  state.links.clear();
  state.limits.max_isl_length_m = 0;
  state.limits.max_gsl_length_m = 1.0 / 3;
  write_hypatia_state(folder.path(), state);
  CHECK(read_hypatia_state(folder.path()) == state);
  // Elements of more digits than the format has change once.
  state.sky.satellites[1].raan_deg = 1.0 / 3;
  write_hypatia_state(folder.path(), state);
  const hypatia_state once = read_hypatia_state(folder.path());
  CHECK(once.sky.satellites[1].raan_deg == 0.3333);
  write_hypatia_state(folder.path(), once);
  CHECK(read_hypatia_state(folder.path()) == once);
}

TEST_CASE("hypatia files: element sets of a preset stand where its sky stands") {
  const hypatia_network network = hypatia_preset("telesat-1015");
  const sgp4_walker sky(network.sky);
  const hypatia_state state = state_of(network, "T", cities);
  const element_sky<> read(state.sky.satellites, state.sky.satellites[0].epoch);
  for (satellite_id id = 0; id < sky.size(); id += 13)  // J3 and the periodic terms of J2
    CHECK((sky.position_km(id, 0) - read.position_km(id, 0)).norm() < 25);
}

TEST_CASE("hypatia files: a state read back has the round-trip times of Hypatia", "[data]") {
  if (!test::has_data()) return test::skip_without_data();
  const hypatia_network network = hypatia_preset("kuiper-630");
  const test::temporary_folder folder;
  write_hypatia_state(folder.path(),
                      state_of(network, "Kuiper-630",
                               parse_file(test::data("hypatia/ground-stations.top-100.csv"),
                                          parse_ground_stations)));
  const hypatia_state state = read_hypatia_state(folder.path());
  const element_sky<sgp4> sky(state.sky.satellites, state.sky.satellites[0].epoch);
  const timeline net(sky, link_list{state.links}, network.network(200, 200), {.threads = 2});
  const std::vector<double> delays_s = ground_delays_s(
      sky, net, state.stations[17], state.stations[85], network.ground(), {.threads = 2});
  std::ifstream in(test::data("hypatia/kuiper-630.manila-dalian.rtt-ns.csv"));
  double time_ns = 0, rtt_ns = 0;
  std::size_t samples = 0;
  for (char comma = 0; in >> time_ns >> comma >> rtt_ns; ++samples) {
    if (samples % 10 != 0) continue;
    CHECK(2 * delays_s[samples / 10] == approx(rtt_ns * 1e-9, 2e-5));
  }
  CHECK(samples == 2000);
}

TEST_CASE("hypatia files: Cartesian coordinates are of WGS 72") {
  const std::vector<ground_station> stations{{"A", 0, 0, 10}, {"B", 90, 0, 0}};
  const std::string text = to_hypatia_stations(stations);
  CHECK_THAT(text, test::containing("0,A,0,0,10.000000,6378145.000000,0.000000,0.000000\n"));
  CHECK_THAT(text, test::containing(",6356750.520016\n"));
}

TEST_CASE("hypatia files: bad satellites") {
  const std::string text = to_hypatia_tles(small_state().sky);
  CHECK(parse_hypatia_tles(text).satellites == small_state().sky.satellites);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return parse_hypatia_tles(other);
  };
  CHECK_INVALID(parse_hypatia_tles(""), "line 1: found 0 columns; allowed: planes and satellites");
  CHECK_INVALID(parse_hypatia_tles("3 4"), "tle: found no line");
  CHECK_INVALID(changed("3 4\n", "3\n"), "line 1: found 1 columns;");
  CHECK_INVALID(changed("3 4\n", "x 4\n"), "line 1, planes: found \"x\";");
  CHECK_INVALID(changed("3 4\n", "3 0\n"), "line 1, satellites_per_plane: found 0;");
  CHECK_INVALID(changed("3 4\n", "10000 10000\n"), "satellites_per_plane: found 10000;");
  CHECK_INVALID(changed("3 4\n", "3 5\n"),
                "satellites: found 12; allowed: planes × satellites_per_plane, 15");
  CHECK_INVALID(changed("2 00001  51.9", "2 00001  52.9"), "line 4, checksum: found");
  CHECK_INVALID(changed("Tiny-3 1\n", "Tiny-3 2\n"),
                "satellites[1].name: found \"Tiny-3 2\"; allowed: a word, a blank and the id 1");
  CHECK_INVALID(changed("Tiny-3 1\n", ""), "satellites[1].name: found \"\";");
  CHECK_INVALID(changed("Tiny-3 1\n", "0 1\n"), "satellites[1].name: found \"1\";");
  CHECK_INVALID(changed("Tiny-3 1\n", "Tiny 3 1\n"), "satellites[1].name: found \"Tiny 3 1\";");
  // Mixed epochs are read, and not written.
  hypatia_sky mixed = small_state().sky;
  mixed.satellites[2].epoch = {0, 864};
  const std::string lines = "3 4\n" + to_tle(mixed.satellites);
  CHECK(parse_hypatia_tles(lines) == mixed);
  CHECK_INVALID(
      to_hypatia_tles(mixed),
      "satellites[2].epoch: found 2000-01-01T00:14:24.000000; allowed: one epoch for all");
  for (element_set& set : mixed.satellites) set.epoch = {-1, 0};
  CHECK_INVALID(to_hypatia_tles(mixed), "satellites[0].epoch: found 1999-12-31T00:00:00.000000;");
}

TEST_CASE("hypatia files: bad links") {
  CHECK(parse_hypatia_isls("0 1\r\n1 2\n", 3) == std::vector<laser_link>{{0, 1}, {1, 2}});
  CHECK(parse_hypatia_isls("", 3).empty());
  CHECK_INVALID(parse_hypatia_isls("0 1\n\n1 2\n", 3), "line 2: found 0 columns;");
  CHECK_INVALID(parse_hypatia_isls("0 1 2\n", 3), "line 1: found 3 columns;");
  CHECK_INVALID(parse_hypatia_isls("0,1\n", 3), "line 1: found 1 columns;");
  CHECK_INVALID(parse_hypatia_isls("0 -1\n", 3), "line 1, column 2: found \"-1\";");
  CHECK_INVALID(parse_hypatia_isls("0 1\n1 3\n", 3), "line 2: found 1 3; allowed: ids under 3");
  CHECK_INVALID(parse_hypatia_isls("1 0\n", 3), "line 1: found 1 0; allowed: the smaller id first");
  CHECK_INVALID(parse_hypatia_isls("1 1\n", 3), "line 1: found 1; allowed: two different");
  CHECK_INVALID(parse_hypatia_isls("0 1\n0 1\n", 3), "line 2: found 0 1; allowed: each pair once");
}

TEST_CASE("hypatia files: bad stations") {
  CHECK_INVALID(parse_hypatia_stations("0,A,1,2,3\n"), "line 1: found 5 columns; allowed: 8");
  CHECK_INVALID(parse_hypatia_stations("0,A,1,2,3,4,5,6\n", 5), "line 1: found 8 columns;");
  CHECK_INVALID(parse_hypatia_stations("0,A,1,2,3,4,x,6\n"), "line 1, column 7: found \"x\";");
  CHECK_INVALID(parse_hypatia_stations("0,A,1,2,3,4,5,inf\n"), "line 1, column 8: found \"inf\";");
  CHECK_INVALID(parse_hypatia_stations("1,A,1,2,3,4,5,6\n"), "line 1, column 1: found 1;");
  CHECK_INVALID(parse_hypatia_stations(""), "stations: found no line;");
}

TEST_CASE("hypatia files: bad descriptions") {
  const hypatia_limits limits =
      parse_hypatia_description("max_isl_length_m=2\r\n\nmax_gsl_length_m=1.5\n");
  CHECK(limits == hypatia_limits{1.5, 2});
  const std::string gsl = "max_gsl_length_m=1\n";
  CHECK_INVALID(parse_hypatia_description(""), "max_gsl_length_m: found no line;");
  CHECK_INVALID(parse_hypatia_description(gsl), "max_isl_length_m: found no line;");
  CHECK_INVALID(parse_hypatia_description(gsl + gsl), "line 2: found \"max_gsl_length_m=1\";");
  CHECK_INVALID(parse_hypatia_description("max=1\n"), "line 1: found \"max=1\"; allowed: max_gsl");
  CHECK_INVALID(parse_hypatia_description("max_gsl_length_m\n"),
                "line 1, max_gsl_length_m: found \"\"; allowed: a number");
  CHECK_INVALID(parse_hypatia_description("max_gsl_length_m=-1\n"),
                "line 1, max_gsl_length_m: found -1; allowed: a finite number of 0 or more");
  CHECK_INVALID(parse_hypatia_description("max_gsl_length_m=inf\n"),
                "line 1, max_gsl_length_m: found inf;");
}

TEST_CASE("hypatia files: a bad state is not written") {
  const test::temporary_folder folder;
  const auto write = [&](auto change) { write_hypatia_state(folder.path(), with(change)); };
  CHECK_INVALID(write([](hypatia_state& s) { s.sky.planes = 0; }), "planes: found 0;");
  CHECK_INVALID(write([](hypatia_state& s) { s.sky.planes = 2; }), "satellites: found 12;");
  CHECK_INVALID(write([](hypatia_state& s) { s.sky.satellites[3].name = "X 4"; }),
                "satellites[3].name: found \"X 4\";");
  CHECK_INVALID(write([](hypatia_state& s) { s.sky.satellites[3].raan_deg = 400; }),
                "satellites[3].raan_deg: found 400;");
  CHECK_INVALID(write([](hypatia_state& s) {
                  s.links[2] = {4, 3};
                }),
                "links[2]: found 4 3; allowed: the smaller id first");
  CHECK_INVALID(write([](hypatia_state& s) { s.links[2] = {4, 12}; }), "links[2]: found 4 12;");
  CHECK_INVALID(write([](hypatia_state& s) { s.links[2] = s.links[0]; }), "links[2]: found 0 1;");
  CHECK_INVALID(write([](hypatia_state& s) { s.stations.clear(); }), "stations: found 0;");
  CHECK_INVALID(write([](hypatia_state& s) { s.stations[1].name = "A,B"; }),
                "stations[1].name: found \"A,B\"; allowed: one without commas");
  CHECK_INVALID(write([](hypatia_state& s) { s.stations[1].name = " A"; }), "stations[1].name:");
  CHECK_INVALID(write([](hypatia_state& s) { s.stations[1].latitude_deg = 91; }),
                "stations[1].latitude_deg: found 91;");
  CHECK_INVALID(write([](hypatia_state& s) { s.limits.max_isl_length_m = -1; }),
                "max_isl_length_m: found -1;");
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK_INVALID(write_hypatia_state(folder / "none", small_state()), "tles.txt");
  CHECK_INVALID(read_hypatia_state(folder.path()), "tles.txt");
  CHECK_INVALID(state_of(small_network(), "Two words", cities), "satellites[0].name:");
  hypatia_network open = small_network();
  open.sky.raan_spread_deg = 180;
  CHECK_INVALID(state_of(open, "T", cities), "seam: found true with planes that do not close");
}

TEST_CASE("hypatia files: errors of a file name the file") {
  const test::temporary_folder folder;
  write_hypatia_state(folder.path(), small_state());
  write_file(folder / "isls.txt", "0 12\n");
  CHECK_INVALID(read_hypatia_state(folder.path()), "isls.txt, line 1: found 0 12;");
}

}  // namespace
}  // namespace io_hypatia_files_test
