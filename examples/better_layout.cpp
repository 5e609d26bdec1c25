// A better layout than Space-XNet's, the same refined under every slot's mean, and the proof of how
// much better any layout could be.
#include <iomanip>
#include <iostream>
#include <vector>

#include <orbitmoe/orbitmoe.hpp>

using namespace orbitmoe;

int main() {
  const walker_constellation sky{
      {.planes = 16, .satellites_per_plane = 16, .altitude_km = 1200, .phasing = 9}};
  const timeline net{sky, plus_grid{}, {.slots = 20}};
  const moe_model model{.layers = 16, .experts = 8, .top_k = 2};
  const successive router(activation_profile::skewed(model, 1), model);

  layout_search<> search{{.moves = 2'000'000}};
  int better = 0;  // a long search can save each layout, or draw it
  search.on_better = [&](const placement&, double) { ++better; };
  const placement published = space_xnet{}.plan(net, model, router);
  const placement searched = search.plan(net, model, router);
  const placement refined = improved(net, model, router, searched);

  const std::vector<placement> plans{published, searched, refined};
  const timeline unseen = net.with_outages(2);
  const auto here = evaluate(net, model, router, std::span(plans));
  const auto there = evaluate(unseen, model, router, std::span(plans));
  const double bound_s = lower_bound_s(net, model, router);
  std::cout << std::fixed << std::setprecision(4)
            << "                            mean    p99  slowest 5 %  mean on other outages [s]\n";
  const std::vector<const char*> names{"space-xnet", "layout-search", "refined"};
  for (std::size_t i = 0; i < plans.size(); ++i)
    std::cout << std::left << std::setw(26) << names[i] << std::right << here[i].mean_s << ' '
              << value_s(latency_quantile{.q = 0.99}, here[i]) << "       "
              << value_s(tail_mean{.q = 0.95}, here[i]) << "                     "
              << there[i].mean_s << '\n';
  std::cout << "no layout has a mean below " << bound_s << " s\n";
  return better > 0 ? 0 : 1;
}
