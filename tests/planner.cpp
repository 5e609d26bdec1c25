#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/dijkstra.hpp>
#include <orbitmoe/planner.hpp>

#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/skies.hpp"

namespace planner_test {
namespace {

using namespace orbitmoe;

static_assert(!space_xnet::is_random);
static_assert(rand_intra_cg::is_random);
static_assert(rand_intra::is_random);
static_assert(rand_place::is_random);
static_assert(!planner<test::given_subnets, test::given_gateways, test::given_hosts>::is_random);

struct sky_case {
  int planes, slots;
  moe_model model;
  plan_options options;

  [[nodiscard]] int satellites() const { return planes * slots; }
  /// Satellites that E experts need.
  [[nodiscard]] int hosts() const {
    return (model.experts + options.experts_per_satellite - 1) / options.experts_per_satellite;
  }
  /// Why there is no plan with subnets of so many members, if there is none: of the smallest.
  [[nodiscard]] std::optional<std::string> lacks_room(const std::vector<int>& members) const {
    const auto smallest = std::ranges::min_element(members);
    if (*smallest > hosts()) return {};
    std::string why = "layer " + std::to_string(smallest - members.begin()) + " needs " +
                      std::to_string(hosts() + 1) + " satellites (1 gateway and " +
                      std::to_string(hosts()) + " for " + std::to_string(model.experts) +
                      " experts), and its subnet has " + std::to_string(*smallest);
    if (*smallest < 2) return why;
    int enough = 1;
    while (enough * (*smallest - 1) < model.experts) ++enough;
    return why + ": experts_per_satellite must be " + std::to_string(enough) + " or more";
  }
};

/// Why there is no plan on a ring, by MODEL §4: a band is missing, or a layer's subnet too small.
std::optional<std::string> no_ring(const sky_case& c) {
  int bands = 1;
  if (c.model.layers > c.slots)
    while (bands % 2 == 1 || bands * c.slots < c.model.layers) ++bands;
  if (bands > c.planes)
    return "the ring partition needs " + std::to_string(bands) + " bands of planes for " +
           std::to_string(c.model.layers) + " layers over " + std::to_string(c.slots) +
           " slots, and there are " + std::to_string(c.planes) + " planes";
  std::vector<int> members(static_cast<std::size_t>(c.model.layers), 0);
  if (bands == 1) {
    for (int s = 0; s < c.slots; ++s)
      members[static_cast<std::size_t>(s * c.model.layers / c.slots)] += c.planes;
  } else {
    const auto subnets =
        ring_partition{}.subnets(test::high_net(c.planes, c.slots), c.model).value();
    for (std::size_t l = 0; l < members.size(); ++l)
      members[l] = static_cast<int>(subnets[l].size());
  }
  return c.lacks_room(members);
}

/// Why there is no plan anywhere: gateways take a satellite each, experts a place each.
std::optional<std::string> no_room(const sky_case& c) {
  const int n = c.satellites(), layers = c.model.layers, experts = c.model.experts;
  if (n < c.hosts() + 1) return c.lacks_room({n});
  if (n < layers)
    return "layer " + std::to_string(n) + " needs a satellite for its gateway, and all " +
           std::to_string(n) + " of its subnet are taken";
  const int places = (n - layers) * c.options.experts_per_satellite;
  if (places >= layers * experts) return {};
  return "layer " + std::to_string(places / experts) + " needs room for " +
         std::to_string(experts) + " experts, and its subnet of " + std::to_string(n) +
         " satellites has room for " + std::to_string(places % experts) +
         " beside what is placed already";
}

/// Nothing beside a gateway, never more experts than there is room for, everything in its subnet.
bool fits(const placement& plan, const std::vector<subnet>& subnets, const sky_case& c) {
  std::vector<int> used(static_cast<std::size_t>(c.satellites()), 0);
  const auto within = [&](std::size_t l, satellite_id id) {
    return std::find(subnets[l].begin(), subnets[l].end(), id) != subnets[l].end();
  };
  if (plan.gateways.size() != subnets.size() || plan.experts.size() != subnets.size()) return false;
  for (std::size_t l = 0; l < subnets.size(); ++l) {
    if (!within(l, plan.gateways[l])) return false;
    used[plan.gateways[l]] += c.options.experts_per_satellite;
    if (plan.experts[l].size() != static_cast<std::size_t>(c.model.experts)) return false;
    for (const satellite_id id : plan.experts[l]) {
      if (!within(l, id)) return false;
      ++used[id];
    }
  }
  return std::all_of(used.begin(), used.end(),
                     [&](int n) { return n <= c.options.experts_per_satellite; });
}

/// Three satellites and one layer of two experts, for policies that go wrong.
template<typename Partition, typename Gateway, typename Placement>
outcome<placement> plan_with(Partition partition, Gateway gateway, Placement experts) {
  const planner<Partition, Gateway, Placement> scheme{partition, gateway, experts};
  const moe_model model{.layers = 1, .experts = 2, .top_k = 1};
  return scheme.plan(test::star(matrix{{1, 1}}), model, activation_profile::uniform(model));
}

/// Counts how often shortest delays are asked for.
class counting_router {
 public:
  static inline int built = 0;
  explicit counting_router(const timeline& net) : router_(net) { ++built; }
  void delays_s(std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
                std::span<double> out) const {
    router_.delays_s(hop_delays_s, sources, out);
  }

 private:
  dijkstra_router router_;
};

TEST_CASE("planner: composes three policies, here all of them a user's own") {
  const timeline net = test::star(matrix{{1, 2, 3, 4, 5}});
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const planner<test::given_subnets, test::given_gateways, test::given_hosts> scheme{
      {{{0, 2, 4}, {1, 3, 5}}}, {{0, 5}}, {{{4, 2}, {1, 3}}}};
  const placement plan = scheme.plan(net, model, activation_profile::uniform(model));
  CHECK(plan == placement{{0, 5}, {{4, 2}, {1, 3}}});
}

TEST_CASE("planner: two things never share a satellite, and a reason tells why there is no plan") {
  random_stream random(1, "planner");
  int feasible = 0, infeasible = 0;
  for (int i = 0; i < 400; ++i) {
    sky_case c{.planes = test::random_int(random, 1, 8),
               .slots = test::random_int(random, 1, 6),
               .model = test::random_model(random, 14, 5),
               .options = {}};
    c.options = {.seed = random.uniform_index(1000),
                 .experts_per_satellite = test::random_int(random, 1, 3)};
    const timeline net = test::high_net(
        c.planes, c.slots,
        {.slots = 1, .survival_probability = 0.9, .seed = static_cast<std::uint64_t>(i)});
    const auto profile = activation_profile::zipf(c.model, 1, c.options.seed);

    const auto check = [&](const auto& scheme, const std::optional<std::string>& why_not) {
      const outcome<placement> plan = scheme.plan(net, c.model, profile, c.options);
      INFO("P = " << c.planes << ", S = " << c.slots << ", L = " << c.model.layers << ", E = "
                  << c.model.experts << ", capacity = " << c.options.experts_per_satellite);
      CHECK(plan.feasible() == !why_not);
      CHECK(plan.reason() == why_not.value_or(""));
      if (!plan.feasible()) {
        CHECK_THROWS_AS(plan.value(), infeasible_error);
        CHECK_THROWS_WITH(plan.value(), plan.reason());
        ++infeasible;
        return;
      }
      ++feasible;
      CHECK(fits(plan.value(), scheme.partition.subnets(net, c.model).value(), c));
      CHECK_NOTHROW(plan.value().validate(net.size(), c.model, c.options.experts_per_satellite));
    };
    check(space_xnet{}, no_ring(c));
    check(rand_intra_cg{}, no_ring(c));
    check(rand_intra{}, no_ring(c));
    check(rand_place{}, no_room(c));
  }
  CHECK(feasible > 200);
  CHECK(infeasible > 200);
}

TEST_CASE("planner: taking the plan of an infeasible outcome throws its reason") {
  const moe_model model{.layers = 4, .experts = 3, .top_k = 1};
  const auto take = [&]() -> placement {
    return space_xnet{}.plan(test::high_net(3, 4), model, activation_profile::uniform(model));
  };
  CHECK_THROWS_AS(take(), infeasible_error);
  CHECK_THROWS_WITH(take(),
                    "layer 0 needs 4 satellites (1 gateway and 3 for 3 experts), and its subnet "
                    "has 3: experts_per_satellite must be 2 or more");
}

TEST_CASE("planner: subnets that overlap share what is left") {
  // Layer 1 could be placed alone, but layer 0 leaves it one satellite too few.
  const timeline net = test::star(matrix{{1, 2, 3, 4}});
  const moe_model model{.layers = 2, .experts = 2, .top_k = 1};
  const planner<test::given_subnets, test::given_gateways, activation_sorted> scheme{
      {{{0, 1, 2}, {2, 3, 4}}}, {{0, 4}}, {}};
  const auto plan = scheme.plan(net, model, activation_profile::uniform(model));
  CHECK_FALSE(plan.feasible());
  CHECK(plan.reason() ==
        "layer 1 needs room for 2 experts, and its subnet of 3 satellites has room for 1 beside "
        "what is placed already");
}

TEST_CASE("planner: the same bits for any number of threads, another plan for another seed") {
  const timeline net = test::high_net(6, 5, {.slots = 7, .survival_probability = 0.9, .seed = 3});
  const moe_model model{.layers = 5, .experts = 4, .top_k = 2};
  const auto profile = activation_profile::skewed(model, 1);
  const auto check = [&](const auto& scheme, bool is_random) {
    const placement plan = scheme.plan(net, model, profile, {.seed = 1}, {.threads = 1});
    for (const int threads : {2, 5})
      CHECK(plan == scheme.plan(net, model, profile, {.seed = 1}, {.threads = threads}).value());
    const placement other = scheme.plan(net, model, profile, {.seed = 2});
    CHECK((plan != other) == is_random);
    CHECK((plan.gateways != other.gateways) ==
          requires { std::remove_cvref_t<decltype(scheme.gateway)>::is_random; });
  };
  check(space_xnet{}, false);
  check(rand_intra_cg{}, true);
  check(rand_intra{}, true);
  check(rand_place{}, true);
}

TEST_CASE("planner: takes a router or its profile") {
  const timeline net = test::high_net(5, 3);
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  const auto profile = activation_profile::skewed(model, 1);
  CHECK(space_xnet{}.plan(net, model, profile).value() ==
        space_xnet{}.plan(net, model, successive(profile, model)).value());
}

TEST_CASE("planner: shortest delays are computed once, and only where a policy asks") {
  const timeline net = test::high_net(5, 3);
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  const auto profile = activation_profile::skewed(model, 1);
  counting_router::built = 0;
  const planner<ring_partition, central_gateway, random_experts, counting_router> blind;
  CHECK(blind.plan(net, model, profile).value() ==
        rand_intra_cg{}.plan(net, model, profile).value());
  CHECK(counting_router::built == 0);
  const planner<ring_partition, central_gateway, activation_sorted, counting_router> sorted;
  CHECK(sorted.plan(net, model, profile).value() == space_xnet{}.plan(net, model, profile).value());
  CHECK(counting_router::built == 1);
}

TEST_CASE("planner: what does not fit is named") {
  const timeline net = test::high_net(5, 3);
  const moe_model model{.layers = 3, .experts = 4, .top_k = 2};
  const auto profile = activation_profile::uniform(model);
  CHECK_INVALID(space_xnet{}.plan(net, {.layers = 3, .experts = 5}, profile),
                "activation: found 3 layers × 4 experts; allowed: 3 layers × 5 experts");
  CHECK_INVALID(space_xnet{}.plan(net, {.layers = 0}, profile), "layers: found 0");
  CHECK_INVALID(space_xnet{}.plan(net, model, profile, {.experts_per_satellite = 0}),
                "experts_per_satellite: found 0; allowed: an integer from 1 to 65536");
  CHECK_INVALID(space_xnet{}.plan(net, model, profile, {}, {.threads = -1}),
                "threads: found -1; allowed: an integer from 0 to 1024");
}

TEST_CASE("planner: a policy that returns what it was not offered is named") {
  using test::given_gateways, test::given_hosts, test::given_subnets;
  const given_subnets all{{{0, 1, 2}}};
  const given_gateways hub{{0}};
  const given_hosts others{{{1, 2}}};
  CHECK(plan_with(all, hub, others).feasible());

  CHECK_INVALID(plan_with(given_subnets{}, hub, others),
                "partition policy: found 0; allowed: 1 subnets, one per layer");
  CHECK_INVALID(plan_with(given_subnets{{{0, 1, 2}, {0, 1, 2}}}, hub, others),
                "partition policy: found 2");
  CHECK_INVALID(plan_with(given_subnets{{{0, 1, 3}}}, hub, others),
                "partition policy, layer 0: found satellite 3; allowed: satellites in 0..2, each "
                "at most once");
  CHECK_INVALID(plan_with(given_subnets{{{0, 1, 1}}}, hub, others),
                "partition policy, layer 0: found satellite 1");

  CHECK_INVALID(plan_with(all, given_gateways{}, others),
                "gateway policy: found 0; allowed: 1 gateways, one per layer");
  CHECK_INVALID(plan_with(all, given_gateways{{0, 1}}, others), "gateway policy: found 2");
  CHECK_INVALID(plan_with(all, given_gateways{{3}}, others),
                "gateway policy, layer 0: found gateway 3; allowed: a member of the layer's subnet "
                "that is no other gateway");

  CHECK_INVALID(plan_with(all, hub, given_hosts{{{1}}}),
                "placement policy, layer 0: found 1; allowed: 2 hosts, one per expert");
  CHECK_INVALID(plan_with(all, hub, given_hosts{{{1, 2, 1}}}),
                "placement policy, layer 0: found 3");
  CHECK_INVALID(plan_with(all, hub, given_hosts{{{1, 0}}}),
                "placement policy, layer 0: found host 0; allowed: hosts from ctx.candidates, each "
                "entry once");
  CHECK_INVALID(plan_with(all, hub, given_hosts{{{1, 1}}}),
                "placement policy, layer 0: found host 1");
  CHECK_INVALID(plan_with(all, hub, given_hosts{{{1, 9}}}),
                "placement policy, layer 0: found host 9");
}

TEST_CASE("planner: a gateway outside its subnet or twice is named") {
  const timeline net = test::star(matrix{{1, 1, 1}});
  const moe_model model{.layers = 2, .experts = 1, .top_k = 1};
  const auto profile = activation_profile::uniform(model);
  using scheme = planner<test::given_subnets, test::given_gateways, random_experts>;
  CHECK_INVALID((scheme{{{{0, 1}, {2, 3}}}, {{0, 1}}, {}}.plan(net, model, profile)),
                "gateway policy, layer 1: found gateway 1");
  CHECK_INVALID((scheme{{{{0, 1, 2}, {0, 2, 3}}}, {{0, 0}}, {}}.plan(net, model, profile)),
                "gateway policy, layer 1: found gateway 0");
}

}  // namespace
}  // namespace planner_test
