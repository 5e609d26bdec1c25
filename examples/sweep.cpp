// The published figures: token latency against altitude, constellation size and link survival, and
// per layer. Writes one CSV per figure and, where gnuplot is present, one SVG beside each.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>

#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/run_scenario.hpp>
#include <orbitmoe/orbitmoe.hpp>

using namespace orbitmoe;

namespace {

/// One figure: what is swept, over which values, and how a value changes the scenario.
struct figure {
  std::string name, axis;
  std::vector<double> values;
  std::function<void(scenario&, double)> apply;
};

walker_parameters& walker_of(scenario& given) {
  return std::get<walker_parameters>(given.constellation);
}

const std::vector<figure> figures{
    {"altitude",
     "altitude [km]",
     {400, 600, 800, 1000, 1200},
     [](scenario& s, double altitude_km) { walker_of(s).altitude_km = altitude_km; }},
    // More planes of 32 satellites, neighbouring planes half a slot apart.
    {"size",
     "satellites",
     {17 * 32, 25 * 32, 33 * 32, 41 * 32, 49 * 32, 57 * 32},
     [](scenario& s, double satellites) {
       walker_parameters& sky = walker_of(s);
       sky.planes = static_cast<int>(satellites) / sky.satellites_per_plane;
       sky.phasing = (sky.planes + 1) / 2;
     }},
    {"survival",
     "link survival probability",
     {0.80, 0.85, 0.90, 0.95, 1.00},
     [](scenario& s, double probability) { s.network.survival_probability = probability; }},
};

/// Draws <name>.svg from <name>.csv for every figure; run it again after changing the style.
std::string gnuplot_script() {
  std::ostringstream out;
  out << "set datafile separator ','\n"
         "set terminal svg size 720,480 font 'Helvetica,14' background 'white'\n"
         "set key outside above horizontal\nset grid\nset yrange [0:*]\nset ylabel 'token latency "
         "[s]'\n";
  for (const figure& each : figures)
    out << "set output '" << each.name << ".svg'\nset xlabel '" << each.axis << "'\n"
        << "plot for [i=2:*:2] '" << each.name
        << ".csv' using 1:i:i+1 with yerrorlines linewidth 2 title columnheader(i)\n";
  out << "set output 'layers.svg'\nset xlabel 'layer'\nset ylabel 'layer latency [s]'\n"
         "plot for [i=2:*] 'layers.csv' using 1:i with linespoints linewidth 2 title "
         "columnheader(i)\n";
  return out.str();
}

void show_progress(std::size_t done, std::size_t all) {
  if (!isatty(STDERR_FILENO)) return;
  std::cerr << '\r' << done << " of " << all << " runs"
            << (done == all ? "\r                    \r" : "") << std::flush;
}

std::string csv_row(double x, const report& result) {
  std::ostringstream out;
  out << std::setprecision(10) << x;
  for (const scheme_report& scheme : result.schemes)
    out << ',' << scheme.mean_s << ',' << scheme.stderr_s;
  return out.str() + '\n';
}

std::string csv_of_layers(const report& result) {
  std::ostringstream out;
  out << "layer" << std::setprecision(10);
  for (const scheme_report& scheme : result.schemes) out << ',' << scheme.name;
  for (std::size_t l = 0; l < result.schemes.front().layer_mean_s.size(); ++l) {
    out << '\n' << l;
    for (const scheme_report& scheme : result.schemes) out << ',' << scheme.layer_mean_s[l];
  }
  return out.str() + '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  scenario base;
  std::string directory = "sweep";
  int threads = 0;
  base.network.slots = 50;
  base.options.repetitions = 5;
  base.options.evaluate.tokens_per_slot = 0;
  CLI::App app{
      "Token latency against altitude, constellation size and link survival, and per layer:\n"
      "the figures of arXiv 2605.00515 as CSV, and as SVG where gnuplot is present.\n"
      "The defaults take a few seconds; --slots 200 --repetitions 20 is the published "
      "setting."};
  app.add_option("--out-dir", directory, "folder to write to")->capture_default_str();
  app.add_option("--slots", base.network.slots, "time slots")->capture_default_str();
  app.add_option("--repetitions", base.options.repetitions, "draws of the random schemes")
      ->capture_default_str();
  app.add_option("--seed", base.options.seed, "seed")->capture_default_str();
  app.add_option("--threads", threads, "threads, 0 for all")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::filesystem::create_directories(directory);
  std::filesystem::current_path(directory);
  std::size_t done = 0, all = 1;
  for (const figure& each : figures) all += each.values.size();
  const auto run_one = [&](const scenario& given) {
    show_progress(done++, all);
    return run(given, {.threads = threads}).value();
  };

  const report published = run_one(base);
  write_file("layers.csv", csv_of_layers(published));
  std::cout << std::fixed << std::setprecision(3);
  for (const figure& each : figures) {
    std::ostringstream csv;
    csv << each.name;
    std::cout << std::left << std::setw(28) << each.axis << std::right;
    for (const scheme_report& scheme : published.schemes) {
      csv << ',' << scheme.name << ',' << scheme.name << " stderr";
      std::cout << std::setw(15) << scheme.name;
    }
    csv << '\n';
    std::cout << '\n';
    for (const double value : each.values) {
      scenario given = base;
      each.apply(given, value);
      const report result = run_one(given);
      csv << csv_row(value, result);
      std::ostringstream x;
      x << value;
      std::cout << std::left << std::setw(28) << x.str() << std::right;
      for (const scheme_report& scheme : result.schemes)
        std::cout << std::setw(15) << scheme.mean_s;
      std::cout << std::endl;
    }
    write_file(each.name + ".csv", csv.str());
  }
  show_progress(all, all);

  write_file("figures.gp", gnuplot_script());
  if (std::system("command -v gnuplot > /dev/null 2>&1") != 0)
    std::cout << "wrote CSV to " << directory << "; install gnuplot for figures\n";
  else if (std::system("gnuplot figures.gp") == 0)
    std::cout << "wrote CSV and SVG to " << directory << '\n';
  else
    return 1;
} catch (const std::exception& error) {
  std::cerr << "sweep: " << error.what() << '\n';
  return 2;
}
