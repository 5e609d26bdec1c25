// Layouts beside Space-XNet's, on the outages they were made for and on others, with the lower
// bound that says how much better a layout could be. Prints one JSON object per case.
//
//   layouts FOLDER SECONDS [CASE...]   FOLDER with moe/*.csv; SECONDS for each search, on one core
//
// Cases: published, delta-72x22, star-40x40, deepseek, trace, huge; without any, all of them.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <orbitmoe/io/csv.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/orbitmoe.hpp>

namespace {

using namespace orbitmoe;

constexpr int held_out_draws = 3;
constexpr std::uint64_t first_held_out_seed = 101;

walker_parameters delta_53(int planes, int satellites_per_plane) {
  return {.planes = planes,
          .satellites_per_plane = satellites_per_plane,
          .altitude_km = 550,
          .inclination_deg = 53,
          .phasing = 17};
}
const walker_parameters star_40x40{.planes = 40,
                                   .satellites_per_plane = 40,
                                   .altitude_km = 1200,
                                   .inclination_deg = 87.9,
                                   .raan_spread_deg = 180,
                                   .phasing = 17};
// 26 MoE layers, hidden 2,048, intermediate 1,408.
const moe_model deepseek_v2_lite{.layers = 26,
                                 .experts = 64,
                                 .top_k = 6,
                                 .hidden_size = 2048,
                                 .expert_flops = 2.0 * 3 * 2048 * 1408,
                                 .token_bytes = 2.0 * 2048};
// DeepSeek-V3's routed experts in 61 layers: hidden 7,168, intermediate 2,048.
const moe_model deepseek_v3{.layers = 61,
                            .experts = 256,
                            .top_k = 8,
                            .hidden_size = 7168,
                            .expert_flops = 2.0 * 3 * 7168 * 2048,
                            .token_bytes = 2.0 * 7168};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

layout_search<> search_for(double seconds) {
  return {{.moves = layout_options::max_moves, .time_limit_s = seconds}};
}

template<typename Router>
double mean_s(const timeline& net, const moe_model& model, const Router& router,
              const placement& plan, int capacity) {
  return evaluate(net, model, router, plan,
                  {.tokens_per_slot = 0, .experts_per_satellite = capacity})
      .mean_s;
}

template<typename Router>
double held_out_s(const timeline& net, const moe_model& model, const Router& router,
                  const placement& plan, int capacity) {
  double sum_s = 0;
  for (std::uint64_t draw = 0; draw < held_out_draws; ++draw)
    sum_s += mean_s(net.with_outages(first_held_out_seed + draw), model, router, plan, capacity);
  return sum_s / held_out_draws;
}

/// Whether to look for the best gateways, and how long for the bound.
struct extras {
  bool ring_optimal = true;
  int bound_rounds = lower_bound_options{}.rounds;  ///< 0: no bound
};

void compare(const std::string& name, const walker_parameters& sky, const moe_model& model,
             const activation_profile& activation, double seconds, int capacity = 1,
             const extras& more = {}) {
  const timeline net{walker_constellation{sky}, plus_grid{}};
  const successive router(activation, model);
  const plan_options options{.experts_per_satellite = capacity};
  std::vector<std::string> names{"space-xnet"};
  std::vector<placement> plans{space_xnet{}.plan(net, model, router, options)};
  const auto start = std::chrono::steady_clock::now();
  if (more.ring_optimal) {
    names.emplace_back("space-xnet-ring-optimal");
    plans.push_back(space_xnet_ring_optimal{}.plan(net, model, router, options));
  }
  const double ring_optimal_seconds = seconds_since(start);
  names.emplace_back("layout-search");
  plans.push_back(search_for(seconds).plan(net, model, router, options));

  std::cout << "{\"case\": \"" << name << "\", \"search_seconds\": " << seconds
            << ", \"ring_optimal_seconds\": " << ring_optimal_seconds;
  const double first_s = mean_s(net, model, router, plans[0], capacity);
  const double first_held_s = held_out_s(net, model, router, plans[0], capacity);
  double last_s = first_s;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    last_s = mean_s(net, model, router, plans[i], capacity);
    const double held_s = held_out_s(net, model, router, plans[i], capacity);
    std::cout << ", \"" << names[i] << "\": {\"mean_s\": " << last_s
              << ", \"ratio\": " << last_s / first_s << ", \"held_out_s\": " << held_s
              << ", \"held_out_ratio\": " << held_s / first_held_s << "}";
  }
  if (more.bound_rounds > 0) {
    const auto bound_start = std::chrono::steady_clock::now();
    const double bound_s = lower_bound_s(
        net, model, router, {.experts_per_satellite = capacity, .rounds = more.bound_rounds});
    std::cout << ", \"lower_bound_s\": " << bound_s << ", \"gap\": " << 1 - bound_s / last_s
              << ", \"bound_seconds\": " << seconds_since(bound_start);
  }
  std::cout << "}" << std::endl;
}

token_trace tokens_of(const token_trace& all, std::size_t first, std::size_t last) {
  const auto begin = all.experts.begin();
  const std::size_t width = all.layers * all.top_k;
  return {.layers = all.layers,
          .top_k = all.top_k,
          .experts = {begin + static_cast<std::ptrdiff_t>(first * width),
                      begin + static_cast<std::ptrdiff_t>(last * width)}};
}

/// Plans from the first half of real tokens, by how often each expert is activated or by which are
/// activated together; judged on the second half.
void compare_on_trace(const token_trace& all, double seconds) {
  const moe_model& model = deepseek_v2_lite;
  const timeline net{walker_constellation{delta_53(72, 72)}, plus_grid{}};
  const trace first(tokens_of(all, 0, all.tokens() / 2), model);
  const trace second(tokens_of(all, all.tokens() / 2, all.tokens()), model);
  const successive marginals(first.activation(), model);
  const auto search = search_for(seconds);
  const placement published = space_xnet{}.plan(net, model, marginals);
  const placement by_marginals = search.plan(net, model, marginals);
  const placement by_trace = search.plan(net, model, first);
  const double published_s = mean_s(net, model, second, published, 1);
  std::cout << "{\"case\": \"trace\", \"search_seconds\": " << seconds
            << ", \"space-xnet\": " << published_s;
  const auto row = [&](const char* name, const placement& plan) {
    std::cout << ", \"" << name << "\": {\"planned_on_s\": " << mean_s(net, model, first, plan, 1)
              << ", \"judged_on_s\": " << mean_s(net, model, second, plan, 1)
              << ", \"ratio\": " << mean_s(net, model, second, plan, 1) / published_s << "}";
  };
  row("from marginals", by_marginals);
  row("from the trace", by_trace);
  std::cout << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 2 ? std::atof(argv[2]) : 0;
  if (!(seconds > 0)) {
    std::cerr << "usage: layouts FOLDER SECONDS [CASE...]\n";
    return 2;
  }
  const std::filesystem::path data = std::filesystem::path(argv[1]) / "moe";
  const std::vector<std::string> asked(argv + 3, argv + argc);
  const auto wanted = [&](const char* name) {
    return asked.empty() || std::ranges::find(asked, name) != asked.end();
  };
  try {
    const auto counts = [&](const char* file) {
      return activation_profile(parse_file(data / file, parse_activation_csv));
    };
    const moe_model mixtral = presets::llama_moe_3_5b();
    const char* const mixtral_counts = "mixtral-8x7b.counts.csv";
    if (wanted("published")) compare("published", {}, mixtral, counts(mixtral_counts), seconds);
    if (wanted("delta-72x22"))
      compare("delta-72x22", delta_53(72, 22), mixtral, counts(mixtral_counts), seconds);
    if (wanted("star-40x40"))
      compare("star-40x40", star_40x40, mixtral, counts(mixtral_counts), seconds);
    if (wanted("deepseek"))
      compare("deepseek", delta_53(72, 72), deepseek_v2_lite,
              counts("deepseek-v2-lite.law.counts.csv"), seconds, 1, {.bound_rounds = 40});
    if (wanted("trace"))
      compare_on_trace(parse_file(data / "deepseek-v2-lite.law.trace.csv", parse_trace_csv),
                       seconds);
    if (wanted("huge"))
      compare("huge", delta_53(82, 122), deepseek_v3, activation_profile::zipf(deepseek_v3, 0.6, 1),
              2 * seconds, 2, {.ring_optimal = false, .bound_rounds = 0});
  } catch (const std::exception& error) {
    std::cerr << "layouts: " << error.what() << '\n';
    return 1;
  }
}
