#include <algorithm>
#include <cstddef>
#include <vector>

#include <orbitmoe/placement/concepts.hpp>
#include <orbitmoe/planner.hpp>

#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/skies.hpp"

namespace placement_concepts_test {
namespace {

using namespace orbitmoe;

/// A user's own placement: expert 0 on the last candidate, and so on backwards.
struct backwards {
  [[nodiscard]] std::vector<satellite_id> place(const layer_context& ctx) const {
    return {ctx.candidates.rbegin(),
            ctx.candidates.rbegin() + static_cast<std::ptrdiff_t>(ctx.experts())};
  }
};
static_assert(placement_policy<backwards>);
static_assert(placement_policy<activation_sorted>);
static_assert(placement_policy<random_experts>);

struct of_one_expert {
  satellite_id place(const layer_context&) const;
};
struct changes_itself {
  std::vector<satellite_id> place(const layer_context&);
};
struct without_default {
  explicit without_default(int);
  std::vector<satellite_id> place(const layer_context&) const;
};
static_assert(!placement_policy<of_one_expert>);
static_assert(!placement_policy<changes_itself>);
static_assert(!placement_policy<without_default>);
static_assert(!placement_policy<random_gateway>, "a gateway policy places no experts");
static_assert(!placement_policy<int>);

/// What a policy was told, kept for a look afterwards.
struct seen_context {
  std::size_t layer;
  satellite_id gateway, next_gateway;
  std::vector<double> activation;
  std::vector<satellite_id> candidates;
  std::uint64_t seed;
  matrix path_latencies_s;
};

struct curious {
  std::vector<seen_context>* seen = nullptr;

  [[nodiscard]] std::vector<satellite_id> place(const layer_context& ctx) const {
    seen->push_back({ctx.layer,
                     ctx.gateway,
                     ctx.next_gateway,
                     {ctx.activation.begin(), ctx.activation.end()},
                     {ctx.candidates.begin(), ctx.candidates.end()},
                     ctx.seed,
                     ctx.path_latencies_s()});
    return {ctx.candidates.begin(),
            ctx.candidates.begin() + static_cast<std::ptrdiff_t>(ctx.experts())};
  }
};

TEST_CASE("placement_policy: a user's own placement composes with the others") {
  const timeline net = test::high_net(3, 2);
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const placement plan = planner<ring_partition, central_gateway, backwards>{}.plan(
      net, model, activation_profile::uniform(model));
  CHECK(plan == placement{{2, 3}, {{4, 0}, {5, 1}}});
}

TEST_CASE("layer_context: tells a policy what is free and how far it is") {
  // Gateways 0 and 2; the rays of the star have delays 1, 2, 3 in one slot and 10, 20, ∞ in the
  // other. From 0 over 1 to 2 is 1 + (1 + 2).
  const timeline net = test::star(matrix{{1, 2, 3}, {10, 20, test::infinity}});
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1};
  std::vector<seen_context> seen;
  const planner<whole_constellation, test::given_gateways, curious> scheme{.gateway = {{0, 2}},
                                                                           .experts = {&seen}};
  const placement plan = scheme.plan(net, model, activation_profile::uniform(model), {.seed = 5});
  CHECK(plan == placement{{0, 2}, {{1}, {3}}});

  REQUIRE(seen.size() == 2);
  CHECK(seen[0].layer == 0);
  CHECK(seen[0].gateway == 0);
  CHECK(seen[0].next_gateway == 2);
  CHECK(seen[0].activation == std::vector<double>{1});
  CHECK(seen[0].candidates == std::vector<satellite_id>{1, 3});
  CHECK(seen[0].seed == 5);
  CHECK(seen[0].path_latencies_s == matrix{{4, 8}, {40, test::infinity}});
  CHECK(seen[1].layer == 1);
  CHECK(seen[1].gateway == 2);
  CHECK(seen[1].next_gateway == 0);
  CHECK(seen[1].candidates == std::vector<satellite_id>{3});
  CHECK(seen[1].path_latencies_s == matrix{{8}, {test::infinity}});
}

TEST_CASE("layer_context: lists a satellite as often as it has room, at most once per expert") {
  const timeline net = test::star(matrix{{1, 2, 3}});
  const moe_model model{.layers = 2, .experts = 3, .top_k = 1};
  const auto candidates_with = [&](int experts_per_satellite) {
    std::vector<seen_context> seen;
    const planner<whole_constellation, test::given_gateways, curious> scheme{.gateway = {{0, 2}},
                                                                             .experts = {&seen}};
    const placement plan = scheme.plan(net, model, activation_profile::uniform(model),
                                       {.experts_per_satellite = experts_per_satellite});
    CHECK(plan.experts[0] ==
          std::vector<satellite_id>(seen[0].candidates.begin(), seen[0].candidates.begin() + 3));
    const auto columns = static_cast<std::size_t>(seen[0].path_latencies_s.cols());
    CHECK(columns == seen[0].candidates.size());
    return std::vector{seen[0].candidates, seen[1].candidates};
  };
  using lists = std::vector<std::vector<satellite_id>>;
  CHECK(candidates_with(3) == lists{{1, 1, 1, 3, 3, 3}, {3, 3, 3}});
  CHECK(candidates_with(4) == lists{{1, 1, 1, 3, 3, 3}, {1, 3, 3, 3}});
  CHECK(candidates_with(65'536) == lists{{1, 1, 1, 3, 3, 3}, {1, 1, 1, 3, 3, 3}});
}

TEST_CASE("layer_context: the expected path latency is the mean over finite slots") {
  const timeline net = test::star(matrix{{1, 1, 1}});
  const moe_model model;
  const std::vector<satellite_id> candidates{1, 2, 3};
  const layer_context ctx{.net = net,
                          .model = model,
                          .layer = 0,
                          .gateway = 0,
                          .next_gateway = 0,
                          .activation = {},
                          .candidates = candidates,
                          .seed = 1,
                          .path_latencies_s = [] {
                            return matrix{{1, 5, test::infinity},
                                          {2, test::infinity, test::infinity},
                                          {6, 8, test::infinity}};
                          }};
  CHECK(ctx.expected_path_latency_s() == std::vector<double>{3, 6.5, test::infinity});
}

}  // namespace
}  // namespace placement_concepts_test
