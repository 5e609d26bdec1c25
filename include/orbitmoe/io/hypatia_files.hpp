#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/full_planes.hpp>
#include <orbitmoe/constellation/sgp4_walker.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/ground/hypatia.hpp>
#include <orbitmoe/ground/station.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/ground_stations.hpp>
#include <orbitmoe/io/link_list_file.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/io/tle.hpp>
#include <orbitmoe/io/tle_writer.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {

/// What tles.txt of Hypatia holds: satellite (plane p, slot s) has id p·S + s.
struct hypatia_sky {
  int planes = 0;                       ///< P, 1 to 10,000
  int satellites_per_plane = 0;         ///< S, 1 to 10,000; P·S at most 1,000,000
  std::vector<element_set> satellites;  ///< P·S, by id; names are `<constellation> <id>`
  bool operator==(const hypatia_sky&) const = default;
};

/// What description.txt of Hypatia holds.
struct hypatia_limits {
  double max_gsl_length_m = 0;  ///< longest link to the ground, finite, 0 or more [m]
  double max_isl_length_m = 0;  ///< longest link between satellites, finite, 0 or more [m]
  bool operator==(const hypatia_limits&) const = default;
};

/// A satellite network as the files of Hypatia's satgenpy describe it, before any forwarding state.
///
/// As a network here: element_sky<sgp4>(sky.satellites, sky.satellites[0].epoch), link_list{links},
/// and hypatia_network for the rest of Hypatia's conventions. Kuiper's shell K1, written and read
/// back, has Hypatia's own round-trip times within 0.002 % (tests/io/hypatia_files.cpp).
///
/// @see  Kassing et al., "Exploring the 'Internet from space' with Hypatia", IMC 2020; its files:
///       snkas/hypatia, satgenpy/satgen/{tles, isls, ground_stations, description}.
struct hypatia_state {
  hypatia_sky sky;
  std::vector<laser_link> links;         ///< a < b, each pair once; may be empty
  std::vector<ground_station> stations;  ///< one or more; names without commas
  hypatia_limits limits;
  bool operator==(const hypatia_state&) const = default;
};

namespace detail {

/// Hypatia takes the second word of a name for the id of the satellite.
/// @throws invalid_input  the sky is not as hypatia_sky says.
inline void require_hypatia_sky(const hypatia_sky& sky) {
  const std::size_t expected = full_planes(sky.planes, sky.satellites_per_plane).size();
  require(sky.satellites.size() == expected, "satellites", sky.satellites.size(),
          "planes × satellites_per_plane, " + std::to_string(expected));
  for (std::size_t id = 0; id < sky.satellites.size(); ++id) {
    const std::string& name = sky.satellites[id].name;
    const std::vector<std::string_view> words = words_of(name);
    const bool misread = !words.empty() && (words[0] == "0" || words[0] == "1" || words[0] == "2");
    if (words.size() != 2 || misread || words[1] != std::to_string(id))
      throw invalid_input::value("satellites[" + std::to_string(id) + "].name", shown(name),
                                 "a word, a blank and the id " + std::to_string(id));
  }
}

/// What Hypatia's reader of links checks.
class hypatia_link_checker {
 public:
  explicit hypatia_link_checker(std::size_t satellites) : satellites_(satellites) {}

  /// @throws invalid_input  an end is no satellite, the ends do not rise, or the pair was there.
  void check(const laser_link& link, const std::string& place) {
    const std::string shown = to_text(link.a) + ' ' + to_text(link.b);
    if (link.a >= satellites_ || link.b >= satellites_)
      throw invalid_input::value(place, shown, "ids under " + std::to_string(satellites_));
    if (link.a >= link.b) throw invalid_input::value(place, shown, "the smaller id first");
    if (!seen_.insert(link).second) throw invalid_input::value(place, shown, "each pair once");
  }

 private:
  std::size_t satellites_;
  std::set<laser_link> seen_;
};

/// @throws invalid_input  the name does not come back from a column between commas.
inline void require_hypatia_station_name(std::string_view name) {
  const bool ok =
      !name.starts_with(' ') && !name.ends_with(' ') && std::ranges::all_of(name, [](char c) {
        return static_cast<unsigned char>(c) >= ' ' && c != ',' && c != 127;
      });
  if (!ok)
    throw invalid_input::value("name", shown(name),
                               "one without commas, control characters and blanks at its ends");
}

inline void require_hypatia_limit(std::string_view parameter, double length_m) {
  require(std::isfinite(length_m) && length_m >= 0, parameter, length_m,
          "a finite number of 0 or more");
}

/// With so many decimals, or with as many as it takes to read back the same number.
inline std::string exact_text(double value, int decimals) {
  std::string text = fixed_text(value, decimals);
  if (number_in(text) == value) return text;
  char buffer[400];
  return {buffer,
          std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr};
}

}  // namespace detail

/// Reads tles.txt: `planes satellites_per_plane`, then a name and two lines for each satellite.
/// Epochs may differ, which Hypatia's own reader refuses.
/// @throws invalid_input  the text is no such list: the message gives line and field, or the
///                        satellite, of which there must be planes × satellites_per_plane.
[[nodiscard]] inline hypatia_sky parse_hypatia_tles(std::string_view text) {
  std::string_view rest = text;
  const std::vector<std::string_view> counts = detail::words_of(detail::take_line(rest));
  if (counts.size() != 2)
    throw invalid_input::value("line 1", std::to_string(counts.size()) + " columns",
                               "planes and satellites per plane");
  const auto count = [&](std::size_t column, std::string_view name) {
    const std::string place = "line 1, " + std::string(name);
    const satellite_id found = detail::id_in(counts[column], place);
    detail::require_between<satellite_id>(place, found, 1, 10'000);
    return static_cast<int>(found);
  };
  hypatia_sky sky{count(0, "planes"), count(1, "satellites_per_plane"), {}};
  // Behind an empty first line, so that errors count lines as the file does.
  sky.satellites = parse_tle(text.substr(std::min(text.find('\n'), text.size()))).sets;
  detail::require_hypatia_sky(sky);
  return sky;
}

/// Reads isls.txt: two ids in each line, the smaller one first, each pair once.
/// @param satellites  how many there are: ids are below it.
/// @throws invalid_input  the text is no such list: the message gives the line.
[[nodiscard]] inline std::vector<laser_link> parse_hypatia_isls(std::string_view text,
                                                                std::size_t satellites) {
  std::vector<laser_link> links;
  detail::hypatia_link_checker checker(satellites);
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string place = detail::line_place(line);
    links.push_back(detail::link_of(detail::words_of(detail::take_line(text)), place));
    checker.check(links.back(), place);
  }
  return links;
}

/// Reads ground_stations.txt, whose lines end with Cartesian coordinates, which are not kept, or
/// ground_stations.basic.txt, whose lines do not have them. Names may hold control characters, with
/// which they are not written.
/// @param columns  8, or 5 for the basic file.
/// @throws invalid_input  as parse_ground_stations; or a line has another number of columns.
[[nodiscard]] inline std::vector<ground_station> parse_hypatia_stations(std::string_view text,
                                                                        std::size_t columns = 8) {
  detail::for_each_csv_line(
      text, [&](const std::vector<std::string_view>& fields, std::size_t line_number) {
        const std::string place = detail::line_place(line_number);
        if (fields.size() != columns)
          throw invalid_input::value(place, std::to_string(fields.size()) + " columns",
                                     std::to_string(columns));
        for (std::size_t column = 5; column < columns; ++column)
          detail::finite_in(fields[column], detail::column_place(place, column));
      });
  return parse_ground_stations(text);
}

/// Reads description.txt: lines `max_gsl_length_m=` and `max_isl_length_m=`, in any order.
/// @throws invalid_input  a line is neither, one of them is not there or twice, or a length is no
///                        finite number of 0 or more.
[[nodiscard]] inline hypatia_limits parse_hypatia_description(std::string_view text) {
  std::optional<double> gsl_m, isl_m;
  detail::for_each_line(text, [&](std::string_view line, std::size_t number) {
    const std::string_view key = line.substr(0, line.find('='));
    std::optional<double>* const length_m = key == "max_gsl_length_m"   ? &gsl_m
                                            : key == "max_isl_length_m" ? &isl_m
                                                                        : nullptr;
    if (length_m == nullptr || length_m->has_value())
      throw invalid_input::value(detail::line_place(number), detail::shown(line),
                                 "max_gsl_length_m= and max_isl_length_m=, each once");
    const std::string place = detail::line_place(number) + ", " + std::string(key);
    const std::string_view value = line.substr(std::min(key.size() + 1, line.size()));
    *length_m = detail::number_in(value);
    if (!*length_m) throw invalid_input::value(place, detail::shown(value), "a number");
    detail::require_hypatia_limit(place, **length_m);
  });
  if (!gsl_m || !isl_m)
    throw invalid_input::value(gsl_m ? "max_isl_length_m" : "max_gsl_length_m", "no line",
                               "a length [m]");
  return {*gsl_m, *isl_m};
}

/// tles.txt. Element sets are rounded as to_tle does.
/// @throws invalid_input  as write_hypatia_state, apart from files.
[[nodiscard]] inline std::string to_hypatia_tles(const hypatia_sky& sky) {
  detail::require_hypatia_sky(sky);
  std::string text =
      std::to_string(sky.planes) + ' ' + std::to_string(sky.satellites_per_plane) + '\n';
  std::string first;
  for (std::size_t id = 0; id < sky.satellites.size(); ++id)
    detail::within("satellites[" + std::to_string(id) + "]", [&] {
      const element_set& set = sky.satellites[id];
      text += to_tle(set);
      const std::string epoch = detail::tle_epoch_text(set.epoch);
      if (id == 0) first = epoch;
      if (set.epoch.days < 0 || epoch != first)
        throw invalid_input::value("epoch", to_iso_8601(set.epoch),
                                   "one epoch for all satellites, from the year 2000 on, as "
                                   "Hypatia reads it");
    });
  return text;
}

/// isls.txt of a network of so many satellites.
/// @throws invalid_input  as write_hypatia_state, apart from files.
[[nodiscard]] inline std::string to_hypatia_isls(std::span<const laser_link> links,
                                                 std::size_t satellites) {
  std::string text;
  detail::hypatia_link_checker checker(satellites);
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto& [a, b] = links[i];
    checker.check(links[i], "links[" + std::to_string(i) + "]");
    text += std::to_string(a) + ' ' + std::to_string(b) + '\n';
  }
  return text;
}

/// ground_stations.txt, with Cartesian coordinates [m] on the ellipsoid of WGS 72, or
/// ground_stations.basic.txt without them.
/// @throws invalid_input  as write_hypatia_state, apart from files.
[[nodiscard]] inline std::string to_hypatia_stations(std::span<const ground_station> stations,
                                                     bool cartesian = true) {
  detail::require(!stations.empty(), "stations", stations.size(), "one or more ground stations");
  std::string text;
  for (std::size_t i = 0; i < stations.size(); ++i)
    detail::within("stations[" + std::to_string(i) + "]", [&] {
      const ground_station& station = stations[i];
      station.validate();
      detail::require_hypatia_station_name(station.name);
      text += std::to_string(i) + ',' + station.name + ',' +
              detail::exact_text(station.latitude_deg, 0) + ',' +
              detail::exact_text(station.longitude_deg, 0) + ',' +
              detail::exact_text(station.elevation_m, cartesian ? 6 : 0);
      const Eigen::Vector3d place_km = earth_fixed_km(station, wgs72_ellipsoid);
      if (cartesian)
        for (const double length_km : place_km)
          text += ',' + detail::fixed_text(length_km * 1000, 6);
      text += '\n';
    });
  return text;
}

/// description.txt.
/// @throws invalid_input  as write_hypatia_state, apart from files.
[[nodiscard]] inline std::string to_hypatia_description(const hypatia_limits& limits) {
  detail::require_hypatia_limit("max_gsl_length_m", limits.max_gsl_length_m);
  detail::require_hypatia_limit("max_isl_length_m", limits.max_isl_length_m);
  return "max_gsl_length_m=" + detail::exact_text(limits.max_gsl_length_m, 10) +
         "\nmax_isl_length_m=" + detail::exact_text(limits.max_isl_length_m, 10) + '\n';
}

/// Reads tles.txt, isls.txt, ground_stations.txt and description.txt of a folder; errors name the
/// file. Other files of the folder are not looked at.
/// @throws invalid_input  as read_file and the parsers above.
[[nodiscard]] inline hypatia_state read_hypatia_state(const std::filesystem::path& folder) {
  hypatia_sky sky = parse_file(folder / "tles.txt", parse_hypatia_tles);
  const std::size_t size = sky.satellites.size();
  const auto links = [size](std::string_view text) { return parse_hypatia_isls(text, size); };
  const auto stations = [](std::string_view text) { return parse_hypatia_stations(text); };
  return {.sky = std::move(sky),
          .links = parse_file(folder / "isls.txt", links),
          .stations = parse_file(folder / "ground_stations.txt", stations),
          .limits = parse_file(folder / "description.txt", parse_hypatia_description)};
}

/// Writes tles.txt, isls.txt, ground_stations.txt, ground_stations.basic.txt and description.txt
/// into a folder that is there, each whole or not at all; none if the state is bad.
///
/// read_hypatia_state reads the same state back, with element sets rounded as to_tle does.
/// @throws invalid_input  the state is not one that Hypatia reads: counts, names, links or lengths
///                        are not as hypatia_sky, hypatia_state and hypatia_limits say; to_tle
///                        throws; epochs differ or are before the year 2000; a station is outside
///                        its range or its name has commas, control characters or blanks at its
///                        ends; or a file cannot be written.
inline void write_hypatia_state(const std::filesystem::path& folder, const hypatia_state& state) {
  const std::pair<const char*, std::string> files[] = {
      {"tles.txt", to_hypatia_tles(state.sky)},
      {"isls.txt", to_hypatia_isls(state.links, state.sky.satellites.size())},
      {"ground_stations.txt", to_hypatia_stations(state.stations)},
      {"ground_stations.basic.txt", to_hypatia_stations(state.stations, false)},
      {"description.txt", to_hypatia_description(state.limits)}};
  for (const auto& [name, text] : files) write_file(folder / name, text);
}

/// The state that Hypatia would generate for a network: element sets of 2000-01-01 00:00:00 with
/// eccentricity 1e-7 and argument of perigee 0, catalogue numbers from 1, rounded as tles.txt
/// holds them, so that what is written is read back the same.
/// @param name      of the constellation, the first word of the names of satellites.
/// @param stations  one or more.
/// @throws invalid_input  a parameter of the sky is outside its range; its planes do not span 360°;
///                        the name is no single word; more than 339,999 satellites.
[[nodiscard]] inline hypatia_state state_of(const hypatia_network& network, const std::string& name,
                                            std::vector<ground_station> stations) {
  const sgp4_walker sky(network.sky);
  const auto& p = sky.parameters();
  hypatia_sky written{p.planes, p.satellites_per_plane, {}};
  for (satellite_id id = 0; id < sky.size(); ++id) {
    const auto [plane, slot] = sky.slot_of(id);
    const double ahead = plane % 2 == 1 ? p.odd_plane_offset : 0;
    const double anomaly_deg = (slot + ahead) * 360 / p.satellites_per_plane;
    written.satellites.push_back({.name = name + ' ' + std::to_string(id),
                                  .catalogue_number = id + 1,
                                  .international_designator = "2000-000ABC",
                                  .epoch = {},
                                  .inclination_deg = p.inclination_deg,
                                  .raan_deg = p.raan_spread_deg * plane / p.planes,
                                  .eccentricity = 1e-7,
                                  .argument_of_perigee_deg = 0,
                                  .mean_anomaly_deg = turned_deg(anomaly_deg),
                                  .mean_motion_rev_per_day = p.mean_motion_rev_day,
                                  .bstar = 0});
  }
  return {.sky = parse_hypatia_tles(to_hypatia_tles(written)),
          .links = network.links().pairs,
          .stations = std::move(stations),
          .limits = {.max_gsl_length_m = network.max_ground_range_km * 1000,
                     .max_isl_length_m = network.max_link_km() * 1000}};
}

}  // namespace orbitmoe
