// The whole published table: four schemes, 200 slots, 20 repetitions; network, plans, exact means.
//
//   published_table                    times it; takes the options of Google Benchmark
//   published_table --export FOLDER    writes what was drawn at random, and our means, for a peer

#include <array>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <vector>

#include <orbitmoe/orbitmoe.hpp>

#include "export.hpp"

namespace {

using namespace orbitmoe;

const scheme_options options{.repetitions = 20, .evaluate = {.tokens_per_slot = 0}};

/// Mean token latency of the four schemes [s].
std::vector<double> table_s() {
  const timeline net{walker_constellation{}, plus_grid{}};
  const moe_model model = presets::llama_moe_3_5b();
  const successive router(activation_profile::skewed(model, 1), model);
  std::vector<double> means_s;
  for (const std::string_view name : scheme_names)
    visit_scheme(name, [&](const auto& planner) {
      means_s.push_back(run_scheme(name, planner, net, model, router, options).value().mean_s);
    });
  return means_s;
}

void published_table(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(table_s());
}
BENCHMARK(published_table)->Unit(benchmark::kMillisecond);

/// survives.f64: slots × links; activation.f64: layers × experts; gateways.f64 and experts.f64: 20
/// plans of each random scheme, one after the other; means.f64: ours, of all four schemes.
void export_to(const std::filesystem::path& folder) {
  const timeline net{walker_constellation{}, plus_grid{}};
  const moe_model model = presets::llama_moe_3_5b();
  const activation_profile activation = activation_profile::skewed(model, 1);
  std::vector<double> survives, weights, gateways, experts;
  for (std::size_t slot = 0; slot < net.slots(); ++slot)
    for (const bool up : bernoulli_outages{0.95, 1}.survivors(slot, net.links().size()))
      survives.push_back(up);
  for (std::size_t l = 0; l < activation.layers(); ++l)
    weights.insert(weights.end(), activation.layer(l).begin(), activation.layer(l).end());
  for (const std::string_view name : scheme_names)
    visit_scheme(name, [&](const auto& planner) {
      if constexpr (planner.is_random)
        for (std::uint64_t r = 0; r < 20; ++r) {
          const placement plan =
              planner.plan(net, model, activation,
                           {.seed = random_stream::derive_seed(options.seed, "scheme", r)});
          gateways.insert(gateways.end(), plan.gateways.begin(), plan.gateways.end());
          for (const auto& hosts : plan.experts)
            experts.insert(experts.end(), hosts.begin(), hosts.end());
        }
    });
  benchmarks::write(folder / "survives.f64", survives);
  benchmarks::write(folder / "activation.f64", weights);
  benchmarks::write(folder / "gateways.f64", gateways);
  benchmarks::write(folder / "experts.f64", experts);
  benchmarks::write(folder / "means.f64", table_s());
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::main(argc, argv, export_to); }
