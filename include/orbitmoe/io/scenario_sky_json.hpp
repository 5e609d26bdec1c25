#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <orbitmoe/constellation/element_selection.hpp>
#include <orbitmoe/constellation/presets.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/element_records.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/link_list_file.hpp>
#include <orbitmoe/io/scenario_sky.hpp>
#include <orbitmoe/links/nearest.hpp>
#include <orbitmoe/links/plus_grid.hpp>

// The keys `constellation` and `links` of a scenario, read and written.
namespace orbitmoe::detail {

inline void read_walker(object_reader& reader, const std::string& path, walker_parameters& walker) {
  // The preset, or the published constellation where none is named, stands behind every other key.
  std::optional<std::string> preset;
  reader.read("preset", preset);
  if (preset) within(path, [&] { walker = walker_preset(*preset); });
  reader.read("planes", walker.planes);
  reader.read("satellites_per_plane", walker.satellites_per_plane);
  reader.read("altitude_km", walker.altitude_km);
  reader.read("inclination_deg", walker.inclination_deg);
  reader.read("raan_spread_deg", walker.raan_spread_deg);
  reader.read("phasing", walker.phasing);
  reader.finish();
  within(path, [&] { walker_constellation{walker}; });
}

/// Reads one of two words.
/// @throws invalid_input  it is neither.
inline bool read_choice(object_reader& reader, std::string_view key, std::string_view yes,
                        std::string_view no, bool value) {
  std::string word(value ? yes : no);
  reader.read(key, word);
  if (word != yes && word != no)
    throw invalid_input::value(reader.path_of(key), shown(word), shown(yes) + " or " + shown(no));
  return word == yes;
}

inline void read_selection(const ordered_json& value, const std::string& path,
                           element_selection& select) {
  object_reader reader(value, path);
  const auto range = [&](const char* key, std::optional<value_range>& out) {
    const ordered_json* const member = reader.find(key);
    if (member == nullptr || member->is_null()) return;
    const auto bounds = json_array<double>(*member, reader.path_of(key));
    require(bounds.size() == 2, reader.path_of(key), bounds.size(), "two numbers, low and high");
    out = value_range{bounds[0], bounds[1]};
  };
  range("altitude_km", select.altitude_km);
  range("inclination_deg", select.inclination_deg);
  reader.read("name", select.name);
  reader.finish();
  within(path, [&] { select.validate(); });
}

inline element_file read_element_file(object_reader& reader, const std::string& type,
                                      const std::filesystem::path& directory) {
  element_file out{.type = type};
  out.file = json_value<std::string>(reader.at("file"), reader.path_of("file"));
  std::optional<std::string> epoch;
  reader.read("epoch", epoch);
  if (epoch)
    within(
        reader.path_of("epoch"), [&] { out.epoch = parse_utc(*epoch); }, ": ");
  if (const ordered_json* select = reader.find("select"))
    read_selection(*select, reader.path_of("select"), out.select);
  if (!read_choice(reader, "bad_records", "refuse", "skip", true)) out.policy = bad_records::skip;
  if (!read_choice(reader, "propagator", "secular_j2", "sgp4", true)) out.propagator = "sgp4";
  out.planes = read_choice(reader, "planes", "found", "none", true);
  if (const ordered_json* numbers = reader.find("satellites"))
    out.satellites = json_array<std::uint32_t>(*numbers, reader.path_of("satellites"));
  reader.finish();
  within(
      reader.path_of("file"), [&] { out.read(directory / out.file); }, ": ");
  return out;
}

inline sky_settings read_constellation(const ordered_json& value, const std::string& path,
                                       const std::filesystem::path& directory) {
  object_reader reader(value, path);
  std::string type = "walker";
  reader.read("type", type);
  if (type == "tle" || type == "omm") {
    element_file out = read_element_file(reader, type, directory);
    within(path, [&] { static_cast<void>(out.sets()); });
    return out;
  }
  if (type != "walker")
    throw invalid_input::value(reader.path_of("type"), shown(type),
                               "\"walker\", \"tle\" or \"omm\"");
  walker_parameters walker;
  read_walker(reader, path, walker);
  return walker;
}

/// Reads the keys of `links` that say which links there are.
inline link_settings read_topology(object_reader& reader, const std::filesystem::path& directory) {
  std::string topology = "plus_grid";
  reader.read("topology", topology);
  if (topology == "plus_grid") {
    plus_grid grid;
    reader.read("seam", grid.seam);
    reader.read("bridge_gaps", grid.bridge_gaps);
    return grid;
  }
  if (topology == "nearest") {
    nearest_neighbours nearest;
    reader.read("terminals", nearest.terminals);
    require_between(reader.path_of("terminals"), nearest.terminals, 1, 64);
    return nearest;
  }
  if (topology != "file")
    throw invalid_input::value(reader.path_of("topology"), shown(topology),
                               "\"plus_grid\", \"nearest\" or \"file\"");
  link_file given{json_value<std::string>(reader.at("file"), reader.path_of("file"))};
  within(
      reader.path_of("file"), [&] { given.numbers = read_link_list(directory / given.file); },
      ": ");
  return given;
}

inline ordered_json range_json(const std::optional<value_range>& range) {
  if (!range) return nullptr;
  return ordered_json::array({range->low, range->high});
}

inline ordered_json to_json(const sky_settings& sky) {
  if (const auto* walker = std::get_if<walker_parameters>(&sky)) {
    const auto& [planes, per_plane, altitude, inclination, raan_spread, phasing] = *walker;
    return {{"type", "walker"},
            {"planes", planes},
            {"satellites_per_plane", per_plane},
            {"altitude_km", altitude},
            {"inclination_deg", inclination},
            {"raan_spread_deg", raan_spread},
            {"phasing", phasing}};
  }
  const auto& given = std::get<element_file>(sky);
  ordered_json out{
      {"type", given.type},
      {"file", given.file},
      {"epoch", given.epoch ? ordered_json(to_iso_8601(*given.epoch)) : ordered_json(nullptr)},
      {"select",
       {{"altitude_km", range_json(given.select.altitude_km)},
        {"inclination_deg", range_json(given.select.inclination_deg)},
        {"name", given.select.name}}},
      {"bad_records", given.policy == bad_records::refuse ? "refuse" : "skip"},
      {"propagator", given.propagator},
      {"planes", given.planes ? "found" : "none"}};
  if (!given.satellites.empty()) out["satellites"] = given.satellites;
  return out;
}

inline ordered_json to_json(const link_settings& links) {
  if (const auto* grid = std::get_if<plus_grid>(&links))
    return {{"topology", "plus_grid"}, {"seam", grid->seam}, {"bridge_gaps", grid->bridge_gaps}};
  if (const auto* nearest = std::get_if<nearest_neighbours>(&links))
    return {{"topology", "nearest"}, {"terminals", nearest->terminals}};
  return {{"topology", "file"}, {"file", std::get<link_file>(links).file}};
}

}  // namespace orbitmoe::detail
