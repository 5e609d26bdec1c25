// A user's program outside OrbitMoE's tree: enough to need every dependency of the library.
#include <iostream>

#include <orbitmoe/orbitmoe.hpp>

#ifdef CONSUMER_USES_JSON
#include <orbitmoe/io/json.hpp>
#endif

int main() {
  using namespace orbitmoe;
  const walker_constellation sky{{}};
  const timeline net{sky, plus_grid{}, {.slots = 2, .survival_probability = 1}};
  const moe_model model = presets::llama_moe_3_5b();
  const activation_profile router = activation_profile::skewed(model, /*seed=*/1);
  const placement plan = space_xnet{}.plan(net, model, router);
  const latency_report latency = evaluate(net, model, router, plan);
  std::cout << latency.mean_s << " s per token\n";
#ifdef CONSUMER_USES_JSON
  if (placement_from_json(parse_json(to_json(plan).dump())) != plan) return 1;
#endif
  return latency.mean_s > 0 && latency.mean_s < 10 ? 0 : 1;
}
