// A placement policy of your own: any struct with place(ctx) that fits the concept.
//
// This one looks at the slow slots: it sorts satellites by the 90th percentile of their path
// latency over the slots instead of by the mean. Prints both plans' latency.
#include <algorithm>
#include <iostream>
#include <vector>

#include <orbitmoe/orbitmoe.hpp>

using namespace orbitmoe;

struct tail_sorted {
  double q = 0.9;  ///< which quantile over the slots, 0 to 1

  std::vector<satellite_id> place(const layer_context& ctx) const {
    const matrix latencies_s = ctx.path_latencies_s();  // slots × candidates
    std::vector<double> tail_s(ctx.candidates.size());
    for (std::size_t i = 0; i < tail_s.size(); ++i) {
      std::vector<double> over_slots;
      for (std::size_t slot = 0; slot < row_count(latencies_s); ++slot)
        over_slots.push_back(row(latencies_s, slot)[i]);
      std::sort(over_slots.begin(), over_slots.end());
      tail_s[i] =
          over_slots[static_cast<std::size_t>(q * static_cast<double>(over_slots.size() - 1))];
    }
    return heaviest_to_lowest(ctx, tail_s);
  }
};
static_assert(placement_policy<tail_sorted>);

int main() {
  const walker_constellation sky;
  const timeline net{sky, plus_grid{}, {.slots = 100}};
  const moe_model model = presets::llama_moe_3_5b();
  const activation_profile router = activation_profile::skewed(model, 1);

  using by_tail = planner<ring_partition, central_gateway, tail_sorted>;
  const placement mean_plan = space_xnet{}.plan(net, model, router);
  const placement tail_plan = by_tail{.experts = {.q = 0.9}}.plan(net, model, router);

  std::cout.precision(4);
  for (const auto& [name, plan] :
       {std::pair{"sorted by mean", mean_plan}, {"sorted by tail", tail_plan}}) {
    latency_report latency = evaluate(net, model, router, plan);
    std::sort(latency.token_s.begin(), latency.token_s.end());
    std::cout << name << ": mean " << latency.mean_s << " s, p99 "
              << quantile(latency.token_s, 0.99) << " s\n";
  }
}
