#include <orbitmoe/orbitmoe.hpp>
#include <iostream>

int main() {
  using namespace orbitmoe;
  const walker_constellation sky{{.planes = 33, .satellites_per_plane = 32, .altitude_km = 550, .inclination_deg = 87, .phasing = 17}};
  const timeline             net{sky, plus_grid{}, {.slots = 200, .survival_probability = 0.95, .seed = 1}};
  const moe_model            model = presets::llama_moe_3_5b();
  const activation_profile   router = activation_profile::skewed(model, /*seed=*/1);

  const placement plan    = space_xnet{}.plan(net, model, router);
  const auto      latency = evaluate(net, model, router, plan);
  std::cout << latency.mean_s << " s per token\n";
}
