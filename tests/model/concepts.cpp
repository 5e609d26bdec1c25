#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/planner.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"

namespace model_concepts_test {
namespace {

using namespace orbitmoe;

/// A user's own router: expert e is always activated together with expert e + 1 (cyclic).
class neighbours {
 public:
  explicit neighbours(const moe_model& model) : activation_(activation_profile::uniform(model)) {}

  [[nodiscard]] const activation_profile& activation() const { return activation_; }
  [[nodiscard]] std::size_t top_k() const { return 2; }

  void slowest_rank(std::size_t, std::span<const std::size_t> order, std::span<double> out) const {
    const auto rank_of = [&](std::size_t expert) {
      return static_cast<std::size_t>(std::find(order.begin(), order.end(), expert) -
                                      order.begin());
    };
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t e = 0; e < order.size(); ++e)
      out[std::max(rank_of(e), rank_of((e + 1) % order.size()))] +=
          1 / static_cast<double>(order.size());
  }

  void draw(random_stream& stream, std::span<std::size_t> out) const {
    for (std::size_t l = 0; l < activation_.layers(); ++l) {
      out[2 * l] = stream.uniform_index(activation_.experts());
      out[2 * l + 1] = (out[2 * l] + 1) % activation_.experts();
    }
  }

 private:
  activation_profile activation_;
};
static_assert(expert_router<neighbours>);

struct without_draw {
  const activation_profile& activation() const;
  std::size_t top_k() const;
  void slowest_rank(std::size_t, std::span<const std::size_t>, std::span<double>) const;
};
struct changes_itself : without_draw {
  void draw(random_stream&, std::span<std::size_t>);  // not const: two threads would collide
};
struct profile_by_name : without_draw {
  const char* activation() const;
  void draw(random_stream&, std::span<std::size_t>) const;
};
static_assert(!expert_router<without_draw>);
static_assert(!expert_router<changes_itself>);
static_assert(!expert_router<profile_by_name>);
static_assert(!expert_router<activation_profile>, "a profile does not say what goes together");
static_assert(!expert_router<int>);

TEST_CASE("expert_router: a user's own router plans and evaluates") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 2};
  const neighbours router(model);
  test::set_law law(16, 0.0);
  for (const test::expert_set pair : {0b0011u, 0b0110u, 0b1100u, 0b1001u}) law[pair] = 0.25;
  random_stream random(1, "orders");
  CHECK(test::slowest_rank_error(router, 0, law, random) < 1e-14);
  const auto outcomes = test::independent_outcomes({law, law});
  const auto fit = test::fit_of_draws(router, outcomes, 20'000, 1);
  CHECK(fit.impossible == 0);
  CHECK(fit.chi_square < fit.bound);

  const timeline net = test::high_net(5, 4, {.slots = 3, .survival_probability = 0.9});
  const placement plan = space_xnet{}.plan(net, model, router);
  CHECK(plan == space_xnet{}.plan(net, model, router.activation()).value());
  const evaluate_options options;
  const auto expected =
      test::enumerate_latency(net, outcomes, plan,
                              {.hop_overhead_s = model.token_bytes * 8 / 100e9,
                               .expert_s = model.expert_flops / options.flops_per_s});
  CHECK(evaluate(net, model, router, plan).mean_s == test::approx(expected.mean_s));
}

TEST_CASE("activation_of: a profile is its own, a router tells its") {
  const moe_model model{.layers = 2, .experts = 4, .top_k = 2};
  const activation_profile profile = activation_profile::zipf(model, 1, 1);
  CHECK(&activation_of(profile) == &profile);
  CHECK(activation_of(successive(profile, model)) == profile);
  CHECK(activation_of(conditional_poisson(profile, model)) == profile);
  const trace tokens({2, 2, {0, 1, 2, 3}}, model);
  CHECK(activation_of(tokens) == tokens.activation());
}

}  // namespace
}  // namespace model_concepts_test
