#pragma once

// Policies as a user writes them: plain structs that return what they are given, right or wrong.

#include <cstddef>
#include <vector>

#include <orbitmoe/gateway/concepts.hpp>
#include <orbitmoe/partition/concepts.hpp>
#include <orbitmoe/placement/concepts.hpp>

namespace orbitmoe::test {

struct given_subnets {
  std::vector<subnet> ids = {};

  [[nodiscard]] outcome<std::vector<subnet>> subnets(const timeline&, const moe_model&) const {
    return ids;
  }
};
static_assert(partition_policy<given_subnets>);

struct given_gateways {
  std::vector<satellite_id> ids = {};

  [[nodiscard]] outcome<std::vector<satellite_id>> gateways(const gateway_context&) const {
    return ids;
  }
};
static_assert(gateway_policy<given_gateways>);

struct given_hosts {
  std::vector<std::vector<satellite_id>> ids = {};

  [[nodiscard]] std::vector<satellite_id> place(const layer_context& ctx) const {
    return ids[ctx.layer];
  }
};
static_assert(placement_policy<given_hosts>);

}  // namespace orbitmoe::test
