#include <vector>

#include <orbitmoe/gateway/concepts.hpp>
#include <orbitmoe/planner.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace gateway_concepts_test {
namespace {

using namespace orbitmoe;

/// A user's own gateway: the member of the subnet with the highest id, for subnets without overlap.
struct last_member {
  [[nodiscard]] outcome<std::vector<satellite_id>> gateways(const gateway_context& ctx) const {
    std::vector<satellite_id> gateways;
    for (const subnet& members : ctx.subnets) gateways.push_back(members.back());
    return gateways;
  }
};
static_assert(gateway_policy<last_member>);
static_assert(gateway_policy<central_gateway>);
static_assert(gateway_policy<random_gateway>);

/// A policy that never finds a gateway may return the bare reason.
struct refuses {
  [[nodiscard]] infeasible gateways(const gateway_context&) const { return {"no gateway today"}; }
};
static_assert(gateway_policy<refuses>);

struct of_one_layer {
  satellite_id gateways(const gateway_context&) const;
};
struct changes_itself {
  outcome<std::vector<satellite_id>> gateways(const gateway_context&);
};
struct without_default {
  explicit without_default(int);
  outcome<std::vector<satellite_id>> gateways(const gateway_context&) const;
};
static_assert(!gateway_policy<of_one_layer>);
static_assert(!gateway_policy<changes_itself>);
static_assert(!gateway_policy<without_default>);
static_assert(!gateway_policy<ring_partition>, "a partition has no gateways");
static_assert(!gateway_policy<int>);

TEST_CASE("gateway_policy: a user's own gateway composes with the others") {
  const timeline net = test::high_net(3, 4);
  const moe_model model{.layers = 4, .experts = 2, .top_k = 1};
  const auto profile = activation_profile::uniform(model);
  const placement plan =
      planner<ring_partition, last_member, activation_sorted>{}.plan(net, model, profile);
  CHECK(plan.gateways == std::vector<satellite_id>{8, 9, 10, 11});

  const auto none = planner<ring_partition, refuses, activation_sorted>{}.plan(net, model, profile);
  CHECK_FALSE(none.feasible());
  CHECK(none.reason() == "no gateway today");
}

}  // namespace
}  // namespace gateway_concepts_test
