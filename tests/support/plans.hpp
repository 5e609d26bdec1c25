#pragma once

// All plans of small networks: the oracle of searches and bounds.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>

#include "support/skies.hpp"

namespace orbitmoe::test {

/// Every plan there is, one post after the other: gateways first, then experts layer by layer.
[[nodiscard]] inline std::vector<placement> every_plan(std::size_t satellites, std::size_t layers,
                                                       std::size_t experts) {
  std::vector<placement> plans;
  std::vector<satellite_id> chosen;
  const std::function<void()> extend = [&] {
    if (chosen.size() == layers * (experts + 1)) {
      placement plan{{chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(layers)}, {}};
      for (std::size_t l = 0; l < layers; ++l) {
        const auto first = chosen.begin() + static_cast<std::ptrdiff_t>(layers + l * experts);
        plan.experts.emplace_back(first, first + static_cast<std::ptrdiff_t>(experts));
      }
      plans.push_back(std::move(plan));
      return;
    }
    for (satellite_id id = 0; id < satellites; ++id)
      if (std::ranges::find(chosen, id) == chosen.end()) {
        chosen.push_back(id);
        extend();
        chosen.pop_back();
      }
  };
  extend();
  return plans;
}

/// The least mean of all plans that lack routes in at most a share of the slots; infinity: none.
template<typename Router>
[[nodiscard]] double least_mean_s(const timeline& net, const moe_model& model, const Router& router,
                                  double unreachable_fraction) {
  const auto plans = every_plan(net.size(), static_cast<std::size_t>(model.layers),
                                static_cast<std::size_t>(model.experts));
  double least_s = infinity;
  for (const latency_report& report :
       evaluate(net, model, router, std::span<const placement>(plans), {.tokens_per_slot = 0}))
    if (report.unreachable_fraction <= unreachable_fraction + 1e-9)
      least_s = std::min(least_s, report.mean_s);
  return least_s;
}

}  // namespace orbitmoe::test
