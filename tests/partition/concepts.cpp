#include <cstddef>
#include <string>
#include <vector>

#include <orbitmoe/partition/concepts.hpp>
#include <orbitmoe/planner.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace partition_concepts_test {
namespace {

using namespace orbitmoe;

/// A user's own partition: satellites in blocks of the same size, by id.
struct blocks {
  std::size_t size = 4;

  [[nodiscard]] outcome<std::vector<subnet>> subnets(const timeline& net,
                                                     const moe_model& model) const {
    const auto layers = static_cast<std::size_t>(model.layers);
    if (layers * size > net.size())
      return infeasible{std::to_string(layers) + " blocks of " + std::to_string(size) +
                        " satellites do not fit into " + std::to_string(net.size())};
    std::vector<subnet> subnets(layers);
    for (satellite_id id = 0; id < layers * size; ++id) subnets[id / size].push_back(id);
    return subnets;
  }
};
static_assert(partition_policy<blocks>);
static_assert(partition_policy<ring_partition>);
static_assert(partition_policy<whole_constellation>);

struct returns_ids {
  std::vector<satellite_id> subnets(const timeline&, const moe_model&) const;
};
struct changes_itself {
  outcome<std::vector<subnet>> subnets(const timeline&, const moe_model&);
};
struct without_default {
  explicit without_default(int);
  outcome<std::vector<subnet>> subnets(const timeline&, const moe_model&) const;
};
static_assert(!partition_policy<returns_ids>);
static_assert(!partition_policy<changes_itself>);
static_assert(!partition_policy<without_default>);
static_assert(!partition_policy<central_gateway>, "a gateway policy partitions nothing");
static_assert(!partition_policy<int>);

TEST_CASE("partition_policy: a user's own partition composes with the others") {
  const timeline net = test::high_net(4, 6);
  const moe_model model{.layers = 5, .experts = 3, .top_k = 2};
  const planner<blocks, random_gateway, random_experts> scheme;
  const placement plan = scheme.plan(net, model, activation_profile::uniform(model));
  for (std::size_t l = 0; l < 5; ++l) {
    CHECK(plan.gateways[l] / 4 == l);
    for (const satellite_id host : plan.experts[l]) CHECK(host / 4 == l);
  }

  const moe_model deep{.layers = 7, .experts = 3, .top_k = 2};
  const auto none = scheme.plan(net, deep, activation_profile::uniform(deep));
  CHECK_FALSE(none.feasible());
  CHECK(none.reason() == "7 blocks of 4 satellites do not fit into 24");
}

}  // namespace
}  // namespace partition_concepts_test
