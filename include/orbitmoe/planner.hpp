#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/gateway/central.hpp>
#include <orbitmoe/gateway/concepts.hpp>
#include <orbitmoe/gateway/random.hpp>
#include <orbitmoe/gateway/ring_optimal.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/path_latency.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/partition/concepts.hpp>
#include <orbitmoe/partition/ring.hpp>
#include <orbitmoe/partition/whole_constellation.hpp>
#include <orbitmoe/placement/concepts.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/placement/random.hpp>
#include <orbitmoe/placement/sorted.hpp>

namespace orbitmoe {

struct plan_options {
  std::uint64_t seed = 1;         ///< of random policies
  int experts_per_satellite = 1;  ///< capacity; the paper's setting is 1. 1 to 65,536
  bool operator==(const plan_options&) const = default;
};

namespace detail {

template<typename Policy>
inline constexpr bool is_random_policy = false;
template<typename Policy>
requires requires {
  { Policy::is_random } -> std::convertible_to<bool>;
}
inline constexpr bool is_random_policy<Policy> = Policy::is_random;

}  // namespace detail

/// Composes three policies into a plan: layers → subnets, subnet → gateway, experts → satellites.
///
/// Two things never share a satellite: a placement policy is offered what is still free, and what
/// every policy returns is checked.
///
/// A policy that gives another result for another seed says so: `static constexpr bool is_random =
/// true`; run_scheme then draws it repeatedly.
///
/// @tparam Partition   model of partition_policy.
/// @tparam Gateway     model of gateway_policy.
/// @tparam Placement   model of placement_policy.
/// @tparam DelayRouter model of delay_router.
template<partition_policy Partition, gateway_policy Gateway, placement_policy Placement,
         delay_router DelayRouter = sweep_router>
struct planner {
  Partition partition = {};
  Gateway gateway = {};
  Placement experts = {};

  /// Whether another seed gives another plan.
  static constexpr bool is_random = detail::is_random_policy<Partition> ||
                                    detail::is_random_policy<Gateway> ||
                                    detail::is_random_policy<Placement>;

  /// @param router  an activation_profile, or a model of expert_router whose profile is taken.
  /// @return        a placement, or the reason why these policies found none: a layer that its
  ///                subnet cannot hold, named with what it needs and what it has.
  /// @throws invalid_input  model and activation do not fit; an option is outside its range; a
  ///                        policy returned what it was not offered.
  /// @complexity    that of the policies; activation_sorted asks for slots · layers shortest-delay
  ///                trees and slots · Σ|subnet| doubles.
  template<typename Router>
  requires requires(const Router& router) { activation_of(router); }
  [[nodiscard]] outcome<placement> plan(const timeline& net, const moe_model& model,
                                        const Router& router, const plan_options& options = {},
                                        const run_options& run = {}) const {
    const activation_profile& activation = activation_of(router);
    activation.validate(model);
    detail::require_between("experts_per_satellite", options.experts_per_satellite, 1, 65'536);

    const outcome<std::vector<subnet>> subnets = partition.subnets(net, model);
    if (!subnets.feasible()) return infeasible{subnets.reason()};
    check_subnets(subnets.value(), net, activation.layers());
    if (auto why = lacks_room(subnets.value(), model, options)) return *why;
    std::optional<successive> drawn;  // where only a profile is given, and the law is asked for
    const auto law = [&] {
      if constexpr (expert_router<Router>)
        return expert_law(router);
      else
        return expert_law(drawn ? *drawn : drawn.emplace(router, model));
    };
    const auto latencies_of = [&](std::span<const stage> stages) {
      return path_latencies_s<DelayRouter>(net, model.message_bits(), stages,
                                           {.threads = run.threads});
    };
    const outcome<std::vector<satellite_id>> gateways =
        gateway.gateways({net, model, subnets.value(), options.seed, options.experts_per_satellite,
                          law, latencies_of});
    if (!gateways.feasible()) return infeasible{gateways.reason()};
    check_gateways(gateways.value(), net, subnets.value());
    return host_experts(net, model, activation, subnets.value(), gateways.value(), options, run);
  }

 private:
  static void check_subnets(const std::vector<subnet>& subnets, const timeline& net,
                            std::size_t layers) {
    detail::require(subnets.size() == layers, "partition policy", subnets.size(),
                    std::to_string(layers) + " subnets, one per layer");
    std::vector<std::size_t> last_seen(net.size(), layers);  // in whose subnet, the last time
    for (std::size_t l = 0; l < layers; ++l)
      for (const satellite_id id : subnets[l]) {
        if (id >= net.size() || last_seen[id] == l)
          throw invalid_input::value(
              "partition policy, layer " + std::to_string(l), "satellite " + std::to_string(id),
              "satellites in 0.." + std::to_string(net.size() - 1) + ", each at most once");
        last_seen[id] = l;
      }
  }

  static void check_gateways(const std::vector<satellite_id>& gateways, const timeline& net,
                             const std::vector<subnet>& subnets) {
    detail::require(gateways.size() == subnets.size(), "gateway policy", gateways.size(),
                    std::to_string(subnets.size()) + " gateways, one per layer");
    std::vector<bool> taken(net.size(), false);
    for (std::size_t l = 0; l < gateways.size(); ++l) {
      const satellite_id id = gateways[l];
      if (std::find(subnets[l].begin(), subnets[l].end(), id) == subnets[l].end() || taken[id])
        throw invalid_input::value("gateway policy, layer " + std::to_string(l),
                                   "gateway " + std::to_string(id),
                                   "a member of the layer's subnet that is no other gateway");
      taken[id] = true;
    }
  }

  static void check_hosts(const std::vector<satellite_id>& hosts, const timeline& net,
                          const layer_context& ctx) {
    const std::string name = "placement policy, layer " + std::to_string(ctx.layer);
    detail::require(hosts.size() == ctx.experts(), name, hosts.size(),
                    std::to_string(ctx.experts()) + " hosts, one per expert");
    std::vector<int> offered(net.size(), 0);
    for (const satellite_id id : ctx.candidates) ++offered[id];
    for (const satellite_id id : hosts)
      if (id >= net.size() || offered[id]-- == 0)
        throw invalid_input::value(name, "host " + std::to_string(id),
                                   "hosts from ctx.candidates, each entry once");
  }

  /// The layer whose subnet is the smallest, where that is too small for its gateway and experts.
  static std::optional<infeasible> lacks_room(const std::vector<subnet>& subnets,
                                              const moe_model& model, const plan_options& options) {
    const auto in_groups_of = [](int count, int per_group) {
      return (count + per_group - 1) / per_group;
    };
    const int hosts = in_groups_of(model.experts, options.experts_per_satellite);
    const auto smallest =
        std::ranges::min_element(subnets, {}, [](const subnet& members) { return members.size(); });
    const auto room = static_cast<int>(smallest->size()) - 1;
    if (room >= hosts) return {};
    const std::string advice = room > 0 ? ": experts_per_satellite must be " +
                                              std::to_string(in_groups_of(model.experts, room)) +
                                              " or more"
                                        : "";
    return infeasible{"layer " + std::to_string(smallest - subnets.begin()) + " needs " +
                      std::to_string(hosts + 1) + " satellites (1 gateway and " +
                      std::to_string(hosts) + " for " + std::to_string(model.experts) +
                      " experts), and its subnet has " + std::to_string(room + 1) + advice};
  }

  outcome<placement> host_experts(const timeline& net, const moe_model& model,
                                  const activation_profile& activation,
                                  const std::vector<subnet>& subnets,
                                  const std::vector<satellite_id>& gateways,
                                  const plan_options& options, const run_options& run) const {
    const std::size_t layers = subnets.size();
    const auto next = [&](std::size_t l) { return gateways[(l + 1) % layers]; };
    std::vector<int> room(net.size(), options.experts_per_satellite);
    for (const satellite_id id : gateways) room[id] = 0;

    std::vector<std::vector<satellite_id>> hosts(layers);  // of each layer, without gateways
    for (std::size_t l = 0; l < layers; ++l)
      for (const satellite_id id : subnets[l])
        if (room[id] > 0) hosts[l].push_back(id);

    std::optional<path_latencies> latencies_s;  // of all layers at once, when a policy first asks
    const auto latencies_of = [&](std::size_t l) {
      if (!latencies_s) {
        std::vector<stage> stages;
        for (std::size_t i = 0; i < layers; ++i) stages.push_back({gateways[i], next(i), hosts[i]});
        latencies_s =
            orbitmoe::path_latencies_s<DelayRouter>(net, model.message_bits(), stages, run);
      }
      return (*latencies_s)[l];
    };

    placement plan{gateways, {}};
    for (std::size_t l = 0; l < layers; ++l) {
      std::vector<satellite_id> candidates;
      std::vector<std::size_t> columns;  // of the candidates among the hosts
      for (std::size_t h = 0; h < hosts[l].size(); ++h)
        for (int i = 0; i < std::min(room[hosts[l][h]], model.experts); ++i) {
          candidates.push_back(hosts[l][h]);
          columns.push_back(h);
        }
      if (candidates.size() < activation.experts())
        return infeasible{"layer " + std::to_string(l) + " needs room for " +
                          std::to_string(activation.experts()) + " experts, and its subnet of " +
                          std::to_string(subnets[l].size()) + " satellites has room for " +
                          std::to_string(candidates.size()) + " beside what is placed already"};
      const layer_context ctx{
          .net = net,
          .model = model,
          .layer = l,
          .gateway = gateways[l],
          .next_gateway = next(l),
          .activation = activation.layer(l),
          .candidates = candidates,
          .seed = options.seed,
          .path_latencies_s = [&] { return columns_of(latencies_of(l), columns); }};
      plan.experts.push_back(experts.place(ctx));
      check_hosts(plan.experts.back(), net, ctx);
      for (const satellite_id id : plan.experts.back()) --room[id];
    }
    return plan;
  }
};

/// Space-XNet: subnets in a ring, central gateways, the most activated experts on the best paths.
using space_xnet = planner<ring_partition, central_gateway, activation_sorted>;
/// Space-XNet with the gateways that are best for it, jointly over the ring.
using space_xnet_ring_optimal = planner<ring_partition, ring_optimal, activation_sorted>;
/// Subnets in a ring, central gateways, experts at random in the subnet.
using rand_intra_cg = planner<ring_partition, central_gateway, random_experts>;
/// Subnets in a ring, gateway and experts at random in the subnet.
using rand_intra = planner<ring_partition, random_gateway, random_experts>;
/// Gateways and experts at random anywhere.
using rand_place = planner<whole_constellation, random_gateway, random_experts>;

}  // namespace orbitmoe
