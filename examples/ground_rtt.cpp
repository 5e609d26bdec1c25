// Round-trip time between two ground stations over a constellation with laser links, sample by
// sample, as the simulator Hypatia prints it.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <orbitmoe/ground/hypatia.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/ground_stations.hpp>
#include <orbitmoe/version.hpp>

using namespace orbitmoe;

namespace {

struct arguments {
  std::string preset = "kuiper-630", stations_file;
  std::size_t from = 0, to = 1;
  double duration_s = 200, step_s = 0.1;
  int threads = 0;
};

/// The same sky, seen from a later start: a constellation of one's own.
struct later {
  const sgp4_walker& sky;
  double start_s;
  std::size_t size() const { return sky.size(); }
  Eigen::Vector3d position_km(satellite_id id, double t_s) const {
    return sky.position_km(id, start_s + t_s);
  }
  Eigen::Vector3d velocity_km_s(satellite_id id, double t_s) const {
    return sky.velocity_km_s(id, start_s + t_s);
  }
  orbital_slot slot_of(satellite_id id) const { return sky.slot_of(id); }
};
static_assert(planar_constellation<later>);

const ground_station& station_of(const std::vector<ground_station>& stations, std::size_t gid,
                                 const char* option) {
  detail::require(gid < stations.size(), option, gid,
                  "an id in 0.." + std::to_string(stations.size() - 1));
  return stations[gid];
}

/// Prints the samples a block at a time: memory does not grow with their number.
void print_rtts(const arguments& asked) {
  const hypatia_network given = detail::within(
      "-", [&] { return hypatia_preset(asked.preset); }, "-");
  const std::vector<ground_station> stations = detail::within(
      "--stations", [&] { return parse_file(asked.stations_file, parse_ground_stations); }, ": ");
  const ground_station& from = station_of(stations, asked.from, "--from");
  const ground_station& to = station_of(stations, asked.to, "--to");
  detail::require(asked.step_s >= 1e-6 && asked.step_s <= 1e6, "--step-s", asked.step_s,
                  "a number from 0.000001 to 1000000");
  detail::require(asked.duration_s > 0 && asked.duration_s / asked.step_s <= 1e8, "--duration-s",
                  asked.duration_s, "a number over 0, at most 100000000 steps");

  // A last step that is not whole counts, but one of rounding alone does not.
  const auto samples = static_cast<std::int64_t>(std::ceil(asked.duration_s / asked.step_s - 1e-6));
  const sgp4_walker sky(given.sky);
  const link_list links = given.links();
  constexpr std::int64_t block = 256;
  for (std::int64_t first = 0; first < samples; first += block) {
    const auto slots = static_cast<int>(std::min(block, samples - first));
    const later sky_then{sky, static_cast<double>(first) * asked.step_s};
    const timeline net(sky_then, links, given.network(slots, slots * asked.step_s),
                       {.threads = asked.threads});
    const std::vector<double> delays_s = ground_delays_s(
        sky_then, net, from, to, given.ground(sky_then.start_s), {.threads = asked.threads});
    for (int k = 0; k < slots; ++k) {
      const auto time_ns = std::llround(static_cast<double>(first + k) * asked.step_s * 1e9);
      const double delay_s = delays_s[static_cast<std::size_t>(k)];
      const double rtt_ns = std::isfinite(delay_s) ? 2e9 * delay_s : 0;
      std::printf("%lld,%.4f\n", time_ns, rtt_ns);
    }
  }
}

constexpr const char* description =
    "Round-trip time between two ground stations over a satellite constellation.\n"
    "Each sample takes the shortest way: up to a satellite in range, over laser links, down to "
    "the\n"
    "other station. The conventions are those of the simulator Hypatia (IMC 2020), whose numbers\n"
    "it reproduces within 0.001 %: orbits by SGP4 from 2000-01-01 00:00:00, odd planes half a "
    "slot\n"
    "ahead, four links per satellite, ground links up to a greatest length.";

constexpr const char* footer =
    "Presets:  kuiper-630    34 planes of 34, 51.9 degrees; ground links up to 1260 km\n"
    "          starlink-550  72 planes of 22, 53 degrees; up to 1090 km\n"
    "          telesat-1015  27 planes of 13, 98.98 degrees; up to 5845 km\n"
    "\n"
    "Stations: a file without a header, one line each, ids from 0:\n"
    "          0,Manila,14.6042,120.9822,0\n"
    "          1,Dalian,38.913811,121.602322,0\n"
    "          that is id, name, latitude and longitude [deg], elevation [m]\n"
    "\n"
    "Output:   one line time_ns,rtt_ns per sample; rtt_ns is 0 where there is no way\n"
    "\n"
    "Example:  ground_rtt --preset kuiper-630 --stations stations.csv --from 0 --to 1 \\\n"
    "                     --duration-s 200 --step-s 0.1\n"
    "\n"
    "Exit code: 0 done; 1 stdout cannot be written; 2 bad input.";

}  // namespace

int main(int argc, char** argv) {
  arguments asked;
  CLI::App app{description};
  app.footer(footer);
  app.set_version_flag("--version", ORBITMOE_VERSION);
  app.add_option("--preset", asked.preset, "constellation, see below")->capture_default_str();
  app.add_option("--stations", asked.stations_file, "file of ground stations, see below")
      ->required();
  app.add_option("--from", asked.from, "id of one station")->required();
  app.add_option("--to", asked.to, "id of the other")->required();
  app.add_option("--duration-s", asked.duration_s, "time to cover, from the epoch [s]")
      ->capture_default_str();
  app.add_option("--step-s", asked.step_s, "time between samples [s]")->capture_default_str();
  app.add_option("--threads", asked.threads, "threads, 0 for all; the output does not depend on it")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    print_rtts(asked);
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return 0;
    std::cerr << "ground_rtt: standard output cannot be written\n";
    return 1;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "ground_rtt: " << detail::printable(error.what(), 300) << "; see --help\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "ground_rtt: " << detail::printable(error.what(), 300) << '\n';
    return 2;
  }
}
