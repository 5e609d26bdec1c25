// A sky of 30,000 satellites with a model of 61 layers × 256 experts, top-8: network, Space-XNet's
// plan, exact mean over 200 slots; beside the published experiment, from which the time is
// extrapolated. Prints median seconds and the peak memory of the process.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <sys/resource.h>
#include <vector>

#include <orbitmoe/orbitmoe.hpp>

namespace {

using namespace orbitmoe;

struct result {
  double seconds, mean_s;
};

result run_once(const walker_parameters& walker, const moe_model& model) {
  const auto start = std::chrono::steady_clock::now();
  const timeline net{walker_constellation{walker}, plus_grid{}};
  const successive router(activation_profile::zipf(model, 0.6, 1), model);
  const placement plan = space_xnet{}.plan(net, model, router);
  const latency_report report = evaluate(net, model, router, plan, {.tokens_per_slot = 0});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return {seconds.count(), report.mean_s};
}

/// The run of median time, after one that does not count.
result space_xnet_on(const walker_parameters& walker, const moe_model& model, std::size_t runs) {
  (void)run_once(walker, model);
  std::vector<result> results;
  while (results.size() < runs) results.push_back(run_once(walker, model));
  std::ranges::sort(results, {}, &result::seconds);
  return results[runs / 2];
}

}  // namespace

int main() {
  const result small = space_xnet_on({}, presets::llama_moe_3_5b(), 9);
  // The shape of DeepSeek-V3's routed experts: hidden 7,168, intermediate 2,048.
  const result large = space_xnet_on({.planes = 200, .satellites_per_plane = 150},
                                     {.layers = 61,
                                      .experts = 256,
                                      .top_k = 8,
                                      .hidden_size = 7168,
                                      .expert_flops = 2.0 * 3 * 7168 * 2048,
                                      .token_bytes = 2.0 * 7168},
                                     3);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double linear_s = small.seconds * (30'000.0 / 1'056) * (61.0 / 32);
  std::cout << "{\"small_seconds\": " << small.seconds << ", \"small_mean_s\": " << small.mean_s
            << ", \"large_seconds\": " << large.seconds << ", \"large_mean_s\": " << large.mean_s
            << ", \"ratio_to_linear\": " << large.seconds / linear_s
            << ", \"peak_MiB\": " << static_cast<double>(usage.ru_maxrss) / 1024 << "}\n";
}
