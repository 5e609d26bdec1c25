#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_selection.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/secular_j2.hpp>
#include <orbitmoe/constellation/sgp4.hpp>
#include <orbitmoe/constellation/shell_sky.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/element_records.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/link_list_file.hpp>
#include <orbitmoe/io/omm.hpp>
#include <orbitmoe/io/tle.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/nearest.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe {

/// Real satellites from a file of element sets.
struct element_file {
  std::string type = "tle";            ///< or "omm": JSON or CSV
  std::string file = {};               ///< read into `records`
  std::optional<utc_time> epoch = {};  ///< the instant t = 0; empty: the latest of those selected
  element_selection select = {};       ///< which of them are meant
  bad_records policy = bad_records::refuse;
  std::string propagator = "secular_j2";  ///< or "sgp4"
  /// Whether to find planes; else there are none, no one is left out, and ids rise by catalogue
  /// number.
  bool planes = true;
  /// Catalogue numbers of the satellites by id, in a scenario that is resolved: its ids mean these.
  std::vector<std::uint32_t> satellites = {};
  element_records records = {};  ///< what is in the file

  bool operator==(const element_file&) const = default;

  /// @throws invalid_input  type or propagator is none of those above.
  void validate() const {
    if (type != "tle" && type != "omm")
      throw invalid_input::value("type", detail::shown(type), "\"tle\" or \"omm\"");
    if (propagator != "secular_j2" && propagator != "sgp4")
      throw invalid_input::value("propagator", detail::shown(propagator),
                                 "\"secular_j2\" or \"sgp4\"");
  }
  /// Fills in `records` from text.
  /// @throws invalid_input  as validate, or the text cannot be read by parse_tle or parse_omm, or
  ///                        not one record of it.
  void parse(std::string_view text) {
    validate();
    records = type == "tle" ? parse_tle(text, policy) : parse_omm(text, policy);
    if (records.sets.empty() && !records.skipped.empty())
      throw invalid_input::value(
          records.skipped.front().place,
          std::to_string(records.skipped.size()) + " bad records and no good one",
          "one good record or more; the first is bad because " + records.skipped.front().reason);
  }
  /// Fills in `records` from a file.
  /// @throws invalid_input  as parse and read_file.
  void read(const std::filesystem::path& path) {
    parse_file(path, [this](std::string_view text) { return parse(text); });
  }
  /// The element sets that are meant.
  /// @throws invalid_input  as `selected`.
  [[nodiscard]] std::vector<element_set> sets() const { return selected(records.sets, select); }
  /// The instant t = 0.
  /// @throws invalid_input  as `selected`.
  [[nodiscard]] utc_time start() const { return epoch ? *epoch : latest_epoch(sets()); }
};

/// Where the satellites of a scenario come from.
using sky_settings = std::variant<walker_parameters, element_file>;

/// Links of a file: pairs of ids where the sky is a formula, of catalogue numbers where it is a
/// file.
struct link_file {
  std::string file;
  link_list numbers = {};  ///< read from the file
  bool operator==(const link_file&) const = default;
};

/// Which links a scenario has. `nearest_neighbours` takes feasibility and time from the network.
using link_settings = std::variant<plus_grid, nearest_neighbours, link_file>;

namespace detail {

/// The sky of a file, moved by a propagator: planes and slots, or satellites as they are.
/// @throws invalid_input  as visit_sky.
template<propagator Propagator, typename Visit>
decltype(auto) visit_satellites(const element_file& given, Visit&& visit) {
  const std::vector<element_set> sets = given.sets();
  const utc_time start = given.start();
  const auto visit_checked = [&](const auto& sky) -> decltype(auto) {
    if constexpr (requires(const Propagator p) { p.decayed(0.0); })
      for (const element_set& set : sky.elements())
        if (Propagator(set).decayed(seconds_between(set.epoch, start)))
          throw invalid_input::value("constellation.epoch",
                                     "a start at which " + satellite_name(set) + " has decayed",
                                     "one near the epochs of the satellites");
    return visit(sky);
  };
  const auto under_key = [](auto make) { return within("constellation", make); };
  if (given.planes)
    return visit_checked(under_key([&] { return shell_sky<Propagator>(sets, start); }));
  std::vector<std::size_t> all(sets.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<element_set> once;  // each satellite
  for (const std::size_t i : nearest_in_time(sets, all, start)) once.push_back(sets[i]);
  std::ranges::stable_sort(once, {}, &element_set::catalogue_number);
  for (const element_set& set : once)
    within(
        "constellation, " + satellite_name(set) + " (" + std::to_string(set.catalogue_number) + ")",
        [&] { Propagator{set}; }, ", ");
  return visit_checked(under_key([&] { return element_sky<Propagator>(once, start); }));
}

}  // namespace detail

/// Calls visit(sky) with the constellation that is described: a walker_constellation, shell_sky or
/// element_sky. Finds planes anew at each call.
/// @throws invalid_input  as its constructor, or `selected`; a satellite has decayed at the start.
template<typename Visit>
decltype(auto) visit_sky(const sky_settings& settings, Visit&& visit) {
  if (const auto* walker = std::get_if<walker_parameters>(&settings))
    return visit(walker_constellation(*walker));
  const auto& given = std::get<element_file>(settings);
  detail::within("constellation", [&] { given.validate(); });
  if (given.propagator == "sgp4")
    return detail::visit_satellites<sgp4>(given, std::forward<Visit>(visit));
  return detail::visit_satellites<secular_j2>(given, std::forward<Visit>(visit));
}

namespace detail {

/// The links of a file between satellites of the sky; those of satellites that were left out go.
/// @throws invalid_input  a number is none of the file of element sets.
inline link_list links_between(const link_file& given, std::span<const element_set> sky,
                               std::span<const element_set> all) {
  std::map<std::uint32_t, std::optional<satellite_id>> ids;
  std::set<std::uint32_t> shared;  // numbers of several satellites
  for (const element_set& set : all) ids[set.catalogue_number];
  for (std::size_t id = 0; id < sky.size(); ++id) {
    std::optional<satellite_id>& own = ids[sky[id].catalogue_number];
    if (own) shared.insert(sky[id].catalogue_number);
    own = static_cast<satellite_id>(id);
  }
  const auto id_of = [&](std::uint32_t number) {
    if (const auto found = ids.find(number); found != ids.end() && !shared.contains(number))
      return found->second;
    throw invalid_input::value(
        "file", "a link of " + std::to_string(number),
        "catalogue numbers of one satellite each in the constellation's file");
  };
  link_list links;
  for (const auto [a, b] : given.numbers.pairs)
    if (const auto first = id_of(a), second = id_of(b); first && second)
      links.pairs.push_back({*first, *second});
  return links;
}

/// How many links of a file links_between leaves out, of a sky with these catalogue numbers.
inline std::size_t links_left_out(const link_file& given, std::span<const std::uint32_t> numbers) {
  const std::set<std::uint32_t> in_sky(numbers.begin(), numbers.end());
  return static_cast<std::size_t>(
      std::ranges::count_if(given.numbers.pairs, [&](const laser_link& link) {
        return !in_sky.contains(link.a) || !in_sky.contains(link.b);
      }));
}

template<typename Sky>
link_list links_of(const link_settings& settings, const sky_settings& source, const Sky& sky,
                   const timeline_options& network) {
  if (const auto* grid = std::get_if<plus_grid>(&settings)) {
    if constexpr (gridded_constellation<Sky>)
      return {grid->links(sky)};
    else
      throw invalid_input::value("topology", "\"plus_grid\" without planes",
                                 "\"nearest\" or \"file\", or constellation.planes \"found\"");
  }
  if (const auto* nearest = std::get_if<nearest_neighbours>(&settings)) {
    nearest_neighbours asked = *nearest;
    asked.feasibility = network.feasibility;
    asked.span_s = network.span_s;
    return {asked.links(sky)};
  }
  const auto& given = std::get<link_file>(settings);
  if constexpr (requires { sky.elements(); })
    return links_between(given, sky.elements(), std::get<element_file>(source).records.sets);
  else
    return given.numbers;
}

/// Runs `work`; errors of the timeline are re-thrown under the key of the scenario.
template<typename Work>
auto with_keys_of_network(Work work) {
  try {
    return work();
  } catch (const invalid_input& error) {
    const std::string& name = error.parameter();
    if (name == "slots" || name == "span_s") throw error.within("time");
    if (name.starts_with("links["))
      throw invalid_input::value("links.file", error.found(), error.allowed());
    throw;
  }
}

}  // namespace detail

/// The network of a sky with its links.
/// @throws invalid_input  sky, links and time do not fit together: the message gives the key of the
///                        scenario.
[[nodiscard]] inline timeline network_of(const sky_settings& source, const link_settings& links,
                                         const timeline_options& network,
                                         const run_options& run = {}) {
  return visit_sky(source, [&](const auto& sky) {
    if constexpr (!requires { sky.period_s(); })
      if (!network.span_s)
        throw invalid_input::value("time.span_s", "nothing",
                                   "a time span: satellites without planes have no common period");
    const link_list between =
        detail::within("links", [&] { return detail::links_of(links, source, sky, network); });
    return detail::with_keys_of_network([&] { return timeline(sky, between, network, run); });
  });
}

namespace detail {

/// The error of a scenario whose satellites are not those of the file, with the first that differs.
inline invalid_input other_satellites(const element_file& given,
                                      const std::vector<std::uint32_t>& numbers) {
  const auto [asked, has] = std::ranges::mismatch(given.satellites, numbers);
  const auto shown_number = [](const auto& at, const auto& all) {
    return at == all.end() ? "nothing" : std::to_string(*at);
  };
  return invalid_input::value(
      "constellation.satellites[" + std::to_string(asked - given.satellites.begin()) + "]",
      shown_number(asked, given.satellites),
      shown_number(has, numbers) + ", which " + printable(given.file, 100) +
          " has there now, or no such list");
}

/// Fills in the start of real satellites, as it will be written, and their catalogue numbers.
/// @return  the orbital period [s]; nothing where the sky has none.
/// @throws invalid_input  numbers that were there are not those of the file; or as visit_sky.
inline std::optional<double> resolve_sky(sky_settings& source) {
  auto* const given = std::get_if<element_file>(&source);
  if (given != nullptr && !given->epoch) given->epoch = parse_utc(to_iso_8601(given->start()));
  std::vector<std::uint32_t> numbers;
  const auto period_s = visit_sky(source, [&](const auto& sky) -> std::optional<double> {
    if constexpr (requires { sky.elements(); })
      for (const element_set& set : sky.elements()) numbers.push_back(set.catalogue_number);
    if constexpr (requires { sky.period_s(); }) return sky.period_s();
    return {};
  });
  if (given == nullptr) return period_s;
  if (!given->satellites.empty() && given->satellites != numbers)
    throw other_satellites(*given, numbers);
  given->satellites = std::move(numbers);
  return period_s;
}

}  // namespace detail
}  // namespace orbitmoe
