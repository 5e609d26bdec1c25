// The main job: reads a scenario, plans and evaluates its schemes, writes a report.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>

#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/picture.hpp>
#include <orbitmoe/io/plane_report.hpp>
#include <orbitmoe/io/run_scenario.hpp>
#include <orbitmoe/orbitmoe.hpp>

using namespace orbitmoe;

namespace {

constexpr int exit_ok = 0, exit_failure = 1, exit_input = 2, exit_infeasible = 3;

/// Token latencies of arXiv 2605.00515 [s], low and high, for the published experiment.
struct published_range {
  double low_s, high_s;
};
const std::map<std::string, published_range> published{{"space-xnet", {1.02, 1.07}},
                                                       {"rand-intra-cg", {3.34, 3.37}},
                                                       {"rand-intra", {4.13, 4.16}},
                                                       {"rand-place", {5.28, 5.30}}};

/// Whether the published values say anything of this scenario: its sky, links, time, model and
/// compute are those of the paper. Activation and seeds are free: the paper does not give them.
bool is_published(const scenario& given) {
  const scenario defaults, paper = resolved(defaults);
  return given.constellation == paper.constellation && given.topology == paper.topology &&
         given.network == paper.network && given.model == paper.model &&
         given.options.evaluate.flops_per_s == paper.options.evaluate.flops_per_s &&
         given.options.evaluate.count_gateway == paper.options.evaluate.count_gateway &&
         given.options.evaluate.experts_per_satellite ==
             paper.options.evaluate.experts_per_satellite;
}

/// How old elements are at the start, least and most [d]; under 0 where they are of later.
std::pair<double, double> ages_days(std::span<const element_set> sets, const utc_time& start) {
  const auto age_days = [&](const element_set& set) {
    return seconds_between(set.epoch, start) / 86'400;
  };
  const auto [youngest, oldest] = std::ranges::minmax(sets, {}, age_days);
  return {age_days(youngest), age_days(oldest)};
}

/// What a user should know of the real satellites of a scenario that is resolved, in lines; nothing
/// where the sky is a formula.
std::string satellite_notes(const scenario& full) {
  std::ostringstream out;
  const auto* const file = std::get_if<element_file>(&full.constellation);
  if (file == nullptr) return out.str();
  const std::size_t left_out = file->sets().size() - file->satellites.size();
  if (left_out + file->records.skipped.size() > 0)
    out << "satellites: " << file->satellites.size() << "; " << left_out
        << " more element sets are left out, " << file->records.skipped.size()
        << " could not be read: --describe says why\n";
  const double most_days = visit_sky(*file, [&](const auto& sky) {
    if constexpr (requires { sky.elements(); }) {
      const auto [least, greatest] = ages_days(sky.elements(), file->start());
      return std::max(-least, greatest);
    }
    return 0.0;
  });
  if (most_days > 3)
    out << "satellites: elements are up to " << detail::rounded(most_days)
        << " days from the start; where satellites are is less sure with every day\n";
  if (const auto* const links = std::get_if<link_file>(&full.topology))
    if (const std::size_t lost = detail::links_left_out(*links, file->satellites); lost > 0)
      out << "links: " << lost << " of the " << links->numbers.pairs.size()
          << " in the file are of satellites that are not in this sky\n";
  return out.str();
}

std::string as_table(const report& given) {
  std::ostringstream out;
  int name_width = 16;
  for (const scheme_report& scheme : given.schemes)
    name_width = std::max(name_width, static_cast<int>(scheme.name.size()) + 1);
  out << std::fixed << std::left << std::setw(name_width) << "scheme" << std::right << std::setw(10)
      << "ours [s]" << std::setw(10) << "± [s]" << std::setw(15) << "published [s]" << std::setw(13)
      << "difference" << std::setw(23) << "ratio to Space-XNet";
  if (given.scenario.held_out > 0) out << std::setw(15) << "held out [s]";
  out << '\n';
  double reference_s = 0;
  for (const scheme_report& scheme : given.schemes)
    if (scheme.name == "space-xnet") reference_s = scheme.mean_s;
  for (const scheme_report& scheme : given.schemes) {
    out << std::left << std::setw(name_width) << scheme.name << std::right << std::setprecision(3)
        << std::setw(10) << scheme.mean_s << std::setw(9) << scheme.stderr_s;
    std::ostringstream range, difference, ratio;
    if (const auto paper = published.find(scheme.name);
        paper != published.end() && is_published(given.scenario)) {
      const auto [low_s, high_s] = paper->second;
      const double middle_s = (low_s + high_s) / 2;
      range << std::fixed << std::setprecision(2) << low_s << "-" << high_s;
      difference << std::fixed << std::setprecision(1) << std::showpos
                 << 100 * (scheme.mean_s / middle_s - 1) << " %";
    }
    if (reference_s > 0) ratio << std::fixed << std::setprecision(2) << scheme.mean_s / reference_s;
    const auto cell = [](const std::ostringstream& text) {
      return text.str().empty() ? "-" : text.str();
    };
    out << std::setw(15) << cell(range) << std::setw(13) << cell(difference) << std::setw(23)
        << cell(ratio);
    std::ostringstream held_out;
    if (scheme.held_out_mean_s)
      held_out << std::fixed << std::setprecision(3) << *scheme.held_out_mean_s;
    if (given.scenario.held_out > 0) out << std::setw(15) << cell(held_out);
    out << '\n';
  }
  for (const scheme_report& scheme : given.schemes)
    if (scheme.unreachable_fraction > 0)
      out << scheme.name << ": " << std::setprecision(1) << 100 * scheme.unreachable_fraction
          << " % of the slots lack a route and are left out\n";
  for (const scheme_report& scheme : given.schemes)
    if (scheme.lower_bound_s)
      out << scheme.name << ": no plan is below " << std::setprecision(3) << *scheme.lower_bound_s
          << " s, so the best is at most " << std::setprecision(1) << 100 * *scheme.gap()
          << " % below this one\n";
  out << satellite_notes(given.scenario);
  if (const auto& dense = given.scenario.activation.dense_layers; !dense.empty())
    out << "activation: dense layers of the file, all 0, left out: " << detail::layers_text(dense)
        << '\n';
  return out.str();
}

std::string as_csv(const report& given) {
  std::ostringstream out;
  out << "scheme,mean_s,stderr_s,p50_s,p95_s,p99_s,unreachable_fraction\n" << std::setprecision(17);
  for (const scheme_report& scheme : given.schemes)
    out << scheme.name << ',' << scheme.mean_s << ',' << scheme.stderr_s << ',' << scheme.p50_s
        << ',' << scheme.p95_s << ',' << scheme.p99_s << ',' << scheme.unreachable_fraction << '\n';
  return out.str();
}

/// PREFIX-SCHEME.svg, or SCHEME.svg in a folder.
std::string picture_path(const std::string& prefix, const std::string& scheme) {
  std::error_code none;
  const bool folder = prefix.ends_with('/') || std::filesystem::is_directory(prefix, none);
  return prefix + (folder ? '/' : '-') + scheme + ".svg";
}

/// Writes the layout of each scheme to its picture_path.
void write_pictures(const report& given, const std::string& prefix) {
  const scenario& asked = given.scenario;
  timeline_options one_slot = asked.network;
  one_slot.slots = 1;
  const timeline net = network_of(asked.constellation, asked.topology, one_slot);
  const activation_profile activation(asked.activation.counts.value());
  for (const scheme_report& scheme : given.schemes) {
    std::ostringstream title;
    title << scheme.name;
    if (visit_scheme(scheme.name, [](const auto& planner) { return planner.is_random; }))
      title << ", plan 1 of " << asked.options.repetitions << ", on average";
    title << ": " << std::fixed << std::setprecision(3) << scheme.mean_s << " s per token";
    write_file(picture_path(prefix, scheme.name),
               svg_picture(net, activation, scheme.plan, {.title = title.str()}));
  }
}

/// A line that fills up, on a terminal only.
void show_progress(double fraction) {
  constexpr int width = 40;
  const int done = static_cast<int>(fraction * width);
  std::fprintf(stderr, "\r[%s%s] %3.0f %%",
               std::string(static_cast<std::size_t>(done), '#').c_str(),
               std::string(static_cast<std::size_t>(width - done), ' ').c_str(), 100 * fraction);
  if (fraction >= 1) std::fprintf(stderr, "\r%*s\r", width + 8, "");
  std::fflush(stderr);
}

struct arguments {
  std::optional<std::string> scenario_file, satellites_file, activation_file, out_file, pictures,
      seed;
  std::string format = "table";
  std::vector<std::string> schemes;
  std::optional<double> time_limit_s;
  bool lower_bound = false, describe = false;
  std::optional<int> held_out, experts_per_satellite;
  int threads = 0;
};

/// A seed in decimal digits; what CLI11 reads as a number may be clamped or octal.
std::uint64_t seed_from(const std::string& text) {
  std::uint64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || stop != end)
    throw invalid_input::value("--seed", detail::shown(text),
                               "an integer from 0 to 18446744073709551615");
  return seed;
}

/// Puts change(path) in place of the path of each file that a scenario names.
template<typename Change>
void change_paths(scenario& given, Change change) {
  const auto each = [&](std::string& path) { path = change(std::filesystem::path(path)).string(); };
  if (auto* const satellites = std::get_if<element_file>(&given.constellation))
    each(satellites->file);
  if (auto* const links = std::get_if<link_file>(&given.topology)) each(links->file);
  if (given.activation.file) each(*given.activation.file);
  if (given.activation.trace) each(*given.activation.trace);
}

/// The satellites of a file of element sets, in place of whatever was the sky.
element_file satellites_of(const std::string& path) {
  return parse_file(path, [&](std::string_view text) {
    const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
    const bool tle = has("\n1 ") || text.starts_with("1 ");
    if (!tle && !has("NORAD_CAT_ID"))
      throw invalid_input::value("text", detail::shown(text.substr(0, text.find('\n'))),
                                 "two-line element sets, or orbit mean messages as JSON or CSV");
    element_file given{.type = tle ? "tle" : "omm", .file = path};
    given.parse(text);
    return given;
  });
}

/// Takes out the sky, whose file need not be there when another takes its place.
void without_constellation(ordered_json& read, bool is_report) {
  if (!read.is_object()) return;
  if (!is_report) {
    read.erase("constellation");
  } else if (const auto inner = read.find("scenario"); inner != read.end() && inner->is_object()) {
    inner->erase("constellation");
  }
}

/// The scenario of the file, or the published one, with what the command line puts in its place.
scenario scenario_of(const arguments& asked) {
  scenario given;
  if (asked.scenario_file) {
    const std::filesystem::path path = *asked.scenario_file;
    ordered_json read = detail::within(
        "--scenario", [&] { return parse_file(path, parse_json); }, ": ");
    const bool report =
        read.is_object() && read.value("schema", ordered_json()) == "orbitmoe/report/1";
    if (asked.satellites_file) without_constellation(read, report);
    given = report ? report_from_json(read, path.parent_path()).scenario
                   : scenario_from_json(read, path.parent_path());
    change_paths(given, [&](const auto& file) { return path.parent_path() / file; });
  }
  if (asked.satellites_file)
    detail::within(
        "--satellites", [&] { given.constellation = satellites_of(*asked.satellites_file); }, ": ");
  if (asked.activation_file)
    detail::within(
        "--activation", [&] { given.activation.use_file(*asked.activation_file); }, ": ");
  if (!asked.schemes.empty()) given.schemes = asked.schemes;
  detail::within(
      "--schemes", [&] { check_schemes(given.schemes); }, ": ");
  given.lower_bound |= asked.lower_bound;
  given.held_out = asked.held_out.value_or(given.held_out);
  int& experts = given.options.evaluate.experts_per_satellite;
  experts = asked.experts_per_satellite.value_or(experts);
  if (asked.time_limit_s) {
    given.options.search.moves = layout_options::max_moves;
    given.options.search.time_limit_s = asked.time_limit_s;
  }
  if (asked.seed) {
    given.options.seed = seed_from(*asked.seed);
    if (given.activation.preset || given.activation.zipf) given.activation.counts.reset();
  }
  return given;
}

/// Writes to the file that was asked for, or to standard output.
int write_out(const arguments& asked, const std::string& text) {
  if (asked.out_file && asked.out_file != "/dev/stdout") {
    detail::within(
        "--out", [&] { write_file(*asked.out_file, text); }, ": ");
  } else if (!(std::cout << text << std::flush)) {
    std::cerr << "latency_evaluator: standard output cannot be written\n";
    return exit_failure;
  }
  return exit_ok;
}

/// Says which planes are in the file of element sets, and who is left out of them.
int describe_satellites(const arguments& asked) {
  const scenario given = scenario_of(asked);
  const auto* const satellites = std::get_if<element_file>(&given.constellation);
  if (satellites == nullptr)
    throw invalid_input::value("--describe", "a sky that is no file",
                               "this with --satellites, or with a scenario of type tle or omm");
  if (asked.format == "json")
    throw invalid_input::value("--format", "json with --describe", "table or csv");
  if (!satellites->planes)
    throw invalid_input::value("--describe", "constellation.planes \"none\"", "\"found\"");
  const std::vector<element_set> sets = satellites->sets();
  const found_planes found = find_planes(sets, satellites->start());
  if (asked.format == "csv") return write_out(asked, plane_csv(found, sets));
  std::vector<element_set> seated;
  for (const found_plane& plane : found.planes)
    for (const seated_satellite& satellite : plane.satellites)
      seated.push_back(sets[satellite.set]);
  const auto [youngest, oldest] = ages_days(seated.empty() ? sets : seated, satellites->start());
  std::string text = "at " + to_iso_8601(satellites->start()) + "Z, by elements from " +
                     detail::rounded(youngest) + " to " + detail::rounded(oldest) + " days old\n" +
                     plane_report(found, sets);
  for (const skipped_record& record : satellites->records.skipped)
    text += "not read: " + record.place + ": " + record.reason + '\n';
  return write_out(asked, text);
}

/// Refuses what could not be written, before the work.
void check_outputs(const arguments& asked, const scenario& given) {
  if (asked.out_file)
    detail::within(
        "--out", [&] { require_writable(*asked.out_file); }, ": ");
  if (!asked.pictures) return;
  const auto* const satellites = std::get_if<element_file>(&given.constellation);
  if (satellites != nullptr && !satellites->planes)
    throw invalid_input::value("--pictures", "constellation.planes \"none\"",
                               "\"found\": pictures have a place for each plane and slot");
  detail::within(
      "--pictures",
      [&] {
        for (const std::string& scheme : given.schemes)
          require_writable(picture_path(*asked.pictures, scheme));
      },
      ": ");
}

int evaluate_scenario(const arguments& asked) {
  const scenario given = scenario_of(asked);
  check_outputs(asked, given);
  run_options how{.threads = asked.threads};
  if (isatty(STDERR_FILENO) && isatty(STDOUT_FILENO)) how.progress = show_progress;
  const outcome<report> result = run(given, how);
  if (!result.feasible()) {
    std::cerr << "latency_evaluator: infeasible: " << result.reason() << '\n';
    return exit_infeasible;
  }
  report found = result.value();
  // Files are named as seen from where the report will be.
  if (asked.out_file)
    change_paths(found.scenario, [&](const std::filesystem::path& file) {
      const std::filesystem::path folder = std::filesystem::absolute(*asked.out_file).parent_path();
      return file.is_absolute() ? file : std::filesystem::proximate(file, folder);
    });
  const std::string text =
      asked.format == "json"
          ? to_json(found).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"
      : asked.format == "csv" ? as_csv(result.value())
                              : as_table(result.value());
  const int status = write_out(asked, text);
  if (asked.pictures)
    detail::within(
        "--pictures", [&] { write_pictures(result.value(), *asked.pictures); }, ": ");
  return status;
}

constexpr const char* description =
    "Token latency of a Mixture-of-Experts model on a satellite constellation.\n"
    "Reads a scenario, plans where gateways and experts go by each scheme, and reports how long a\n"
    "token takes. Without arguments: the published experiment of Space-XNet (arXiv 2605.00515).";

constexpr const char* footer =
    "Schemes:  space-xnet     ring of subnets, central gateways, most activated experts on best "
    "paths\n"
    "          rand-intra-cg  the same with experts at random in their subnet\n"
    "          rand-intra     gateways at random in their subnet, too\n"
    "          rand-place     gateways and experts at random anywhere\n"
    "          space-xnet-ring-optimal  space-xnet with the best gateways of each subnet, jointly\n"
    "          layout-search  gateways and experts anywhere, searched for\n"
    "          The default is the first four, which the paper compares.\n"
    "\n"
    "Examples: latency_evaluator\n"
    "          latency_evaluator --activation counts.npy --schemes space-xnet,rand-place\n"
    "          latency_evaluator --scenario bigger.json --format json --out report.json\n"
    "          latency_evaluator --schemes space-xnet,layout-search --pictures layout\n"
    "          latency_evaluator --satellites oneweb.txt --describe\n"
    "          latency_evaluator --satellites iridium.txt --experts-per-satellite 8\n"
    "where bigger.json may be as short as\n"
    "          {\"constellation\": {\"planes\": 20, \"altitude_km\": 780}, \"time\": {\"slots\": "
    "50}}\n"
    "\n"
    "Exit code: 0 done; 1 stdout cannot be written; 2 bad input, or a file that cannot be read or\n"
    "written; 3 infeasible, with the reason.";

}  // namespace

int main(int argc, char** argv) {
  arguments asked;
  CLI::App app{description};
  app.footer(footer);
  app.set_version_flag("--version", ORBITMOE_VERSION);
  app.add_option(
      "--scenario", asked.scenario_file,
      "scenario as JSON; every key has a default, {} is the published experiment. A report is\n"
      "taken for the scenario in it");
  app.add_option(
      "--activation", asked.activation_file,
      "router counts or frequencies, layers x experts, in place of the scenario's: .csv (a\n"
      "header row, one row per layer, one column per expert, optionally a first column layer),\n"
      ".npy of NumPy, or .json (nested arrays, or SGLang's logical_count). Samples x layers x\n"
      "experts are added up; layers of nothing but zeros are dense and are left out");
  app.add_option(
      "--satellites", asked.satellites_file,
      "real satellites in place of the scenario's sky: two-line element sets, or orbit mean\n"
      "messages as .json or .csv. Planes and slots are found in them");
  app.add_flag("--describe", asked.describe,
               "say what was found in the satellites and stop: planes, gaps, and who is left out\n"
               "and why; as text, or per satellite with --format csv");
  app.add_option("--experts-per-satellite", asked.experts_per_satellite,
                 "how many experts may share a satellite, in place of the scenario's, which is 1 "
                 "by default")
      ->check(CLI::Range(1, 65'536));
  app.add_option("--schemes", asked.schemes, "schemes to run, separated by commas")->delimiter(',');
  app.add_option("--time-limit", asked.time_limit_s,
                 "seconds that layout-search may search, as fast as the machine is; default: by\n"
                 "search.moves of the scenario, the same on every machine")
      ->check(CLI::PositiveNumber & CLI::Range(0.0, 1e6));
  app.add_flag("--lower-bound", asked.lower_bound,
               "compute what no plan can be below, and how far the schemes are from it");
  app.add_option("--held-out", asked.held_out,
                 "judge each plan on so many other draws of outages, too")
      ->check(CLI::Range(0, 10'000));
  app.add_option("--seed", asked.seed, "seed, in place of the scenario's");
  const CLI::Validator not_empty(
      [](const std::string& text) { return text.empty() ? "a name, not nothing" : ""; }, "");
  app.add_option("--out", asked.out_file, "file to write, whole or not at all; default: stdout")
      ->check(not_empty);
  app.add_option(
         "--pictures", asked.pictures,
         "draw where each scheme puts gateways and experts: PREFIX-SCHEME.svg, or SCHEME.svg\n"
         "where PREFIX is a folder; of random schemes the first plan")
      ->type_name("PREFIX")
      ->check(not_empty);
  app.add_option("--format", asked.format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--threads", asked.threads, "threads, 0 for all; the report does not depend on it")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    return asked.describe ? describe_satellites(asked) : evaluate_scenario(asked);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "latency_evaluator: " << detail::printable(error.what(), 300) << "; see --help\n";
    return exit_input;
  } catch (const invalid_input& error) {
    std::cerr << "latency_evaluator: " << error.what() << '\n';
    return exit_input;
  } catch (const std::filesystem::filesystem_error& error) {
    std::cerr << "latency_evaluator: " << detail::printable(error.what(), 300) << '\n';
    return exit_input;
  } catch (const std::bad_alloc&) {
    std::cerr << "latency_evaluator: the scenario needs more memory than there is\n";
    return exit_input;
  } catch (const std::exception& error) {
    std::cerr << "latency_evaluator: " << detail::printable(error.what(), 300) << '\n';
    return exit_failure;
  }
}
