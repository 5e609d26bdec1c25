// Files for other tools from a report: Cesium, networkx and its like, vllm-ascend, Hypatia.
#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>

#include <orbitmoe/constellation/walker_elements.hpp>
#include <orbitmoe/io/czml.hpp>
#include <orbitmoe/io/expert_map.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/graph_files.hpp>
#include <orbitmoe/io/ground_stations.hpp>
#include <orbitmoe/io/hypatia_files.hpp>
#include <orbitmoe/io/plane_report.hpp>
#include <orbitmoe/io/report.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/units.hpp>
#include <orbitmoe/version.hpp>

using namespace orbitmoe;

namespace {

struct arguments {
  std::filesystem::path report_file, folder = ".";
  std::optional<std::string> scheme, stations_file;
  double min_elevation_deg = 25;
  std::size_t slot = 0;
  double step_s = czml_options{}.step_s;
  bool with_links = true;
};

const scheme_report& scheme_of(const report& given, const std::optional<std::string>& name) {
  std::string names;
  for (const scheme_report& scheme : given.schemes) {
    if (!name || scheme.name == *name) return scheme;
    names += (names.empty() ? "" : ", ") + scheme.name;
  }
  throw invalid_input::value("--scheme", detail::shown(name.value_or("")),
                             names.empty() ? "a report with a scheme" : names);
}

/// A file to write, and who reads it.
struct file {
  const char *name, *reader;
  std::string text;
};

/// The instant t = 0 of a sky; a formula has none, and any will do.
utc_time start_of(const sky_settings& sky) {
  const auto* const satellites = std::get_if<element_file>(&sky);
  return satellites != nullptr ? satellites->start() : utc_time{};
}

/// Shortest propagation delays from each gateway to every satellite in a slot; null where there is
/// no path.
ordered_json gateway_delays(const timeline& net, const placement& plan, std::size_t slot) {
  std::vector<double> delays_s(net.size() * plan.gateways.size());
  sweep_router(net).delays_s(net.propagation_s(slot), plan.gateways, delays_s);
  ordered_json out = ordered_json::array();
  for (std::size_t g = 0; g < plan.gateways.size(); ++g) {
    ordered_json row = ordered_json::array();
    for (std::size_t id = 0; id < net.size(); ++id)
      row.push_back(detail::finite_or_null(delays_s[id * plan.gateways.size() + g]));
    out.push_back({{"from", plan.gateways[g]}, {"delay_s", std::move(row)}});
  }
  return out;
}

/// Distance to a satellite at the least elevation [km].
double slant_range_km(double altitude_km, double elevation_deg) {
  const double up_km = earth_radius_km * std::sin(deg_to_rad(elevation_deg));
  const double orbit_km = earth_radius_km + altitude_km;
  return std::sqrt(up_km * up_km + orbit_km * orbit_km - earth_radius_km * earth_radius_km) - up_km;
}

/// Longest link that clears the Earth by the grazing altitude, or the range limit [km].
double longest_link_km(double altitude_km, const link_feasibility& limits) {
  const double orbit_km = earth_radius_km + altitude_km;
  const double grazing_km = std::min(orbit_km, earth_radius_km + limits.min_grazing_altitude_km);
  return std::min(limits.max_range_km,
                  2 * std::sqrt(orbit_km * orbit_km - grazing_km * grazing_km));
}

/// The network for Hypatia, which knows planes of equal size only.
hypatia_state state_for_hypatia(const arguments& asked, const scenario& full, const timeline& net) {
  const auto* const walker = std::get_if<walker_parameters>(&full.constellation);
  if (walker == nullptr)
    throw invalid_input::value("--stations", "with a sky that is a file",
                               "this with a Walker constellation: Hypatia's planes are all alike");
  detail::require_between("--min-elevation-deg", asked.min_elevation_deg, 0.0, 90.0);
  return {.sky = {.planes = walker->planes,
                  .satellites_per_plane = walker->satellites_per_plane,
                  .satellites = element_sets_of(walker_constellation(*walker))},
          .links = net.links(),
          .stations = detail::within(
              "--stations", [&] { return parse_file(*asked.stations_file, parse_ground_stations); },
              ": "),
          .limits = {.max_gsl_length_m =
                         1000 * slant_range_km(walker->altitude_km, asked.min_elevation_deg),
                     .max_isl_length_m =
                         1000 * longest_link_km(walker->altitude_km, full.network.feasibility)}};
}

/// Which real satellite each id is.
std::string satellites_csv(std::span<const element_set> elements, const timeline& net) {
  std::string out = "id,catalogue_number,name,plane,slot\n";
  for (std::size_t id = 0; id < elements.size(); ++id) {
    out += std::to_string(id) + ',' + std::to_string(elements[id].catalogue_number) + ',' +
           detail::csv_field(elements[id].name) + ',';
    if (const auto places = net.orbital_slots(); !places.empty())
      out += std::to_string(places[id].plane) + ',' + std::to_string(places[id].slot) + '\n';
    else
      out += ",\n";
  }
  return out;
}

void export_plan(const arguments& asked) {
  const report given = detail::within(
      "--report",
      [&] {
        return report_from_json(parse_json(read_file(asked.report_file)),
                                asked.report_file.parent_path());
      },
      ": ");
  const scheme_report& scheme = scheme_of(given, asked.scheme);
  const scenario full = resolved(given.scenario);
  timeline_options network = full.network;
  network.seed = full.options.seed;
  const timeline net = network_of(full.constellation, full.topology, network);
  const activation_profile activation(full.activation.counts.value());
  detail::require_between("--slot", asked.slot, std::size_t{0}, net.slots() - 1);
  std::optional<hypatia_state> hypatia;
  if (asked.stations_file) hypatia = state_for_hypatia(asked, full, net);

  std::vector<file> files;

  visit_sky(full.constellation, [&](const auto& sky) {
    const czml_options look{.title = scheme.name,
                            .start = start_of(full.constellation),
                            .step_s = asked.step_s,
                            .with_links = asked.with_links};
    files.push_back({"sky.czml",
                     "Cesium: satellites, links as they come and go, gateways and experts",
                     czml(sky, net, activation, scheme.plan, look).dump()});
    slot_graph graph =
        graph_of(net, asked.slot).with_positions(sky).with_plan(activation, scheme.plan);
    if constexpr (requires { sky.elements(); }) graph = graph.with_names(sky.elements());
    files.push_back({"graph.graphml", "networkx, igraph, Gephi: one time slot", graphml(graph)});
    files.push_back({"graph.json", "networkx, D3: the same", to_node_link(graph).dump()});
    if constexpr (requires { sky.elements(); })
      files.push_back(
          {"satellites.csv", "which satellite each id is", satellites_csv(sky.elements(), net)});
  });
  files.push_back(
      {"distances.csv", "length and delay of each link", distances_csv(net, asked.slot)});
  files.push_back({"delays.json", "shortest propagation delays from each gateway in that slot",
                   gateway_delays(net, scheme.plan, asked.slot).dump()});
  files.push_back(
      {"plan.json", "gateways and experts, as in the report", to_json(scheme.plan).dump()});
  std::string why_no_map;
  try {
    files.push_back({"expert_map.json", "vllm-ascend", to_expert_map(scheme.plan).dump()});
  } catch (const invalid_input& error) {
    why_no_map = error.what();
  }

  std::filesystem::create_directories(asked.folder);
  for (const auto& [name, reader, text] : files) {
    write_file(asked.folder / name, text);
    std::cout << name << ": " << reader << '\n';
  }
  if (!why_no_map.empty()) std::cout << "no expert_map.json: " << why_no_map << '\n';
  if (!hypatia) return;
  std::filesystem::create_directories(asked.folder / "hypatia");
  write_hypatia_state(asked.folder / "hypatia", *hypatia);
  std::cout << "hypatia/: tles.txt, isls.txt, ground_stations.txt and description.txt\n";
}

}  // namespace

int main(int argc, char** argv) {
  arguments asked;
  CLI::App app{
      "Files for other tools from a report of latency_evaluator.\n"
      "Draws the plan of a scheme for Cesium, writes one time slot as a graph, the plan as an "
      "expert\n"
      "map where each layer has as many experts on each of its satellites, and, with ground\n"
      "stations, a Walker network for Hypatia."};
  app.footer(
      "Example: latency_evaluator --format json --out report.json\n"
      "         export_plan --report report.json --scheme space-xnet --folder out\n"
      "The report's files, of satellites or of router statistics, must still be there.\n"
      "\n"
      "Exit code: 0 done; 2 bad input, or a file that cannot be read or written.");
  app.set_version_flag("--version", ORBITMOE_VERSION);
  app.add_option("--report", asked.report_file, "report as JSON")->required();
  app.add_option("--scheme", asked.scheme, "whose plan; default: the first of the report");
  app.add_option("--folder", asked.folder, "where the files go; made where it is not there")
      ->capture_default_str();
  app.add_option("--slot", asked.slot, "time slot of the graphs, from 0")->capture_default_str();
  app.add_option("--step-s", asked.step_s, "seconds between positions for Cesium")
      ->capture_default_str();
  app.add_option("--stations", asked.stations_file,
                 "ground stations as gid,name,latitude_deg,longitude_deg,elevation_m: writes the\n"
                 "state of a Walker network for Hypatia, too, to the folder hypatia");
  app.add_option("--min-elevation-deg", asked.min_elevation_deg,
                 "of satellites over the ground stations")
      ->capture_default_str();
  app.add_flag("!--no-links", asked.with_links, "leave the links out of Cesium's file");
  try {
    app.parse(argc, argv);
    export_plan(asked);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "export_plan: " << detail::printable(error.what(), 300) << "; see --help\n";
  } catch (const std::exception& error) {
    std::cerr << "export_plan: " << detail::printable(error.what(), 300) << '\n';
  }
  return 2;
}
