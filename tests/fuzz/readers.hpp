#pragma once

// The readers of foreign text and bytes, as run.sh feeds them. To add one: a line in `readers`, at
// the end, and some files that it reads in corpus/<its name>.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/io/csv.hpp>
#include <orbitmoe/io/expert_map.hpp>
#include <orbitmoe/io/graph_files.hpp>
#include <orbitmoe/io/ground_stations.hpp>
#include <orbitmoe/io/hypatia_files.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/link_list_file.hpp>
#include <orbitmoe/io/npy.hpp>
#include <orbitmoe/io/omm.hpp>
#include <orbitmoe/io/report.hpp>
#include <orbitmoe/io/router_statistics.hpp>
#include <orbitmoe/io/scenario.hpp>
#include <orbitmoe/io/tle.hpp>

namespace orbitmoe::fuzz {

inline void expect(bool ok, std::string_view what) {
  if (ok) return;
  std::fprintf(stderr, "fuzz: not so: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

inline void check_message(const invalid_input& error) {
  const std::string_view text = error.what();
  expect(text.size() <= 1000, "an error message has up to 1000 bytes");
  expect(std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; }),
         "an error message is one line without control characters");
}

/// What Read makes of its argument, or nothing where it throws invalid_input.
template<auto Read, typename Argument>
auto read_or_refused(const Argument& argument) -> std::optional<decltype(Read(argument))> {
  try {
    return Read(argument);
  } catch (const invalid_input& error) {
    check_message(error);
    return {};
  }
}

/// Whether Read accepts the bytes. Ends the program where it throws anything but invalid_input, and
/// where Check throws: check(value, bytes) says what must hold for all that has been read.
template<auto Read, auto Check>
bool accepts(std::string_view bytes) noexcept {
  const auto value = read_or_refused<Read>(bytes);
  if (value) Check(*value, bytes);
  return value.has_value();
}

// Checks

inline constexpr auto valid_counts = [](const matrix& counts, auto&&...) {
  expect(counts.size() > 0, "there are counts");
  expect(std::all_of(counts.data(), counts.data() + counts.size(),
                     [](double count) { return std::isfinite(count) && count >= 0; }),
         "counts are finite numbers, 0 or more");
  const auto [others, dense] = without_dense_layers(counts);
  expect(row_count(others) + dense.size() == row_count(counts), "layers are dense or not");
};

inline constexpr auto valid_trace = [](const token_trace& trace, auto&&...) {
  expect(trace.tokens() > 0, "there are tokens");
  expect(trace.tokens() * trace.layers * trace.top_k == trace.experts.size(), "the trace is full");
  expect(std::ranges::all_of(trace.experts, [](auto id) { return id < 65'536; }), "ids are small");
  const auto [others, dense] = without_dense_layers(trace);
  expect(others.layers + dense.size() == trace.layers, "layers are dense or not");
};

inline constexpr auto valid_array = [](const npy_array& array, auto&&...) {
  const std::string bytes = to_npy(array);
  expect(to_npy(parse_npy(bytes)) == bytes, "an array is the same when read again");
  if (const auto counts = read_or_refused<activation_from>(array)) valid_counts(*counts);
  if (const auto trace = read_or_refused<trace_from>(array)) valid_trace(*trace);
};

inline constexpr auto valid_stations = [](const std::vector<ground_station>& stations, auto&&...) {
  expect(!stations.empty(), "there are stations");
  for (const ground_station& station : stations) station.validate();
};

inline constexpr auto valid_links = [](const link_list& list, auto&&...) {
  std::string text;
  for (const auto& [a, b] : list.pairs) {
    expect(a != b, "a link joins two");
    text += std::to_string(a) + ' ' + std::to_string(b) + '\n';
  }
  expect(parse_link_list(text) == list, "links read as they were written");
};

inline constexpr auto valid_hypatia_sky = [](const hypatia_sky& sky, auto&&...) {
  for (const element_set& set : sky.satellites) set.validate();
  // What is read need not be what may be written: epochs may differ, numbers may be long.
  const auto text = read_or_refused<to_hypatia_tles>(sky);
  if (!text) return;
  // Fields with blanks for their first digits have more decimals than are written.
  expect(to_hypatia_tles(parse_hypatia_tles(*text)) == *text,
         "element sets that were written once are written the same again");
};

inline constexpr auto valid_limits = [](const hypatia_limits& limits, auto&&...) {
  expect(parse_hypatia_description(to_hypatia_description(limits)) == limits,
         "lengths read as they were written");
};

// Readers and checks of their own

inline constexpr std::size_t isls_satellites = 1000;
inline constexpr auto parse_isls = [](std::string_view text) {
  return parse_hypatia_isls(text, isls_satellites);
};
inline constexpr auto parse_stations = [](std::string_view text) {
  return parse_hypatia_stations(text);
};
inline constexpr auto expert_map_from = [](std::string_view text) {
  return placement_from_expert_map(parse_json(text));
};
inline constexpr auto graph_from = [](std::string_view text) {
  return graph_from_node_link(parse_json(text));
};

inline constexpr auto same_isls = [](const std::vector<laser_link>& links, auto&&...) {
  valid_links(link_list{links});
  expect(parse_isls(to_hypatia_isls(links, isls_satellites)) == links,
         "links read as they were written");
};

inline constexpr auto same_stations = [](const std::vector<ground_station>& stations, auto&&...) {
  valid_stations(stations);
  constexpr auto written = [](const auto& all) { return to_hypatia_stations(all); };
  const auto text = read_or_refused<written>(stations);
  const bool plain = std::ranges::all_of(stations, [](const ground_station& station) {
    return std::ranges::none_of(station.name, [](unsigned char c) { return c < ' ' || c == 127; });
  });
  expect(text.has_value() == plain, "names without control characters, and no others, are written");
  expect(!text || parse_stations(*text) == stations, "stations read as they were written");
};

inline constexpr auto same_expert_map = [](const placement& plan, auto&&...) {
  // Uneven layers are read, but no map may have them.
  if (const auto json = read_or_refused<to_expert_map>(plan))
    expect(placement_from_expert_map(*json) == plan, "a map reads as it was written");
};

inline constexpr auto same_graph = [](const slot_graph& graph, auto&&...) {
  expect(graph_from_node_link(to_node_link(graph)) == graph, "a graph reads as it was written");
};

template<auto Parse>
constexpr auto skipping = [](std::string_view text) { return Parse(text, bad_records::skip); };

/// Where bad records are not skipped, they are refused, and the rest is the same.
template<auto Parse>
constexpr auto valid_elements = [](const element_records& records, std::string_view text) {
  constexpr auto strict = [](std::string_view all) { return Parse(all, bad_records::refuse); };
  for (const element_set& set : records.sets) set.validate();
  const auto same = read_or_refused<strict>(text);
  expect(same.has_value() == records.skipped.empty(), "what is skipped is what is refused");
  expect(!same || *same == records, "skipping does not change the others");
};

/// FromJson with text. No text gets at files: the folder of relative paths does not exist, and
/// absolute ones are refused.
template<auto FromJson>
constexpr auto from_text = [](std::string_view text) {
  const ordered_json value = parse_json(text);
  if constexpr (requires { FromJson(value, std::filesystem::path()); }) {
    if (value.dump().find("\"/") != std::string::npos)
      throw invalid_input::value("fuzz", "an absolute path", "none");
    return FromJson(value, std::filesystem::path("/does/not/exist"));
  } else {
    return FromJson(value, std::string());
  }
};

/// Written as JSON and read again, a value is the same.
template<auto FromJson>
constexpr auto same_again = [](const auto& value, auto&&...) {
  expect(from_text<FromJson>(to_json(value).dump()) == value, "a value reads as it was written");
};

inline constexpr auto same_json = [](const ordered_json& value, auto&&...) {
  expect(parse_json(value.dump()) == value, "JSON reads as it was written");
};

struct reader {
  std::string_view name;
  bool (*accepts)(std::string_view bytes) noexcept;
};

inline constexpr reader readers[] = {
    {"json", accepts<parse_json, same_json>},
    {"tle", accepts<skipping<parse_tle>, valid_elements<parse_tle>>},
    {"omm-json", accepts<skipping<parse_omm_json>, valid_elements<parse_omm_json>>},
    {"omm-csv", accepts<skipping<parse_omm_csv>, valid_elements<parse_omm_csv>>},
    {"ground-stations", accepts<parse_ground_stations, valid_stations>},
    {"activation-csv", accepts<parse_activation_csv, valid_counts>},
    {"activation-json", accepts<parse_activation_json, valid_counts>},
    {"trace-csv", accepts<parse_trace_csv, valid_trace>},
    {"npy", accepts<parse_npy, valid_array>},
    {"placement", accepts<from_text<placement_from_json>, same_again<placement_from_json>>},
    {"scenario", accepts<from_text<scenario_from_json>, same_again<scenario_from_json>>},
    {"link-list", accepts<parse_link_list, valid_links>},
    {"hypatia-tles", accepts<parse_hypatia_tles, valid_hypatia_sky>},
    {"hypatia-isls", accepts<parse_isls, same_isls>},
    {"hypatia-stations", accepts<parse_stations, same_stations>},
    {"hypatia-description", accepts<parse_hypatia_description, valid_limits>},
    {"expert-map", accepts<expert_map_from, same_expert_map>},
    {"node-link", accepts<graph_from, same_graph>},
    {"report", accepts<from_text<report_from_json>, same_again<report_from_json>>},
};

}  // namespace orbitmoe::fuzz
