#include <cstdint>
#include <utility>
#include <vector>

#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/search/exact_search.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace search_exact_search_test {
namespace {

using namespace orbitmoe;
using detail::exact_search;
using hosts_t = std::vector<std::vector<satellite_id>>;

/// A search for one layer of two experts on a hub with rays, in one slot.
template<typename Check>
void search_on(const matrix& rays_s, std::uint64_t steps, Check check) {
  const timeline net = test::star(rays_s);
  const moe_model model{.layers = 1, .experts = 2, .top_k = 1, .expert_flops = 0};
  matrix weights(1, 2);
  weights << 0.25, 0.75;
  const successive router(activation_profile(weights), model);
  std::vector<detail::slowest_of_orders> laws;
  laws.emplace_back(router, 0);
  const detail::slot_terms terms(net.slots(), 0);
  const detail::layer_costs costs(std::in_place_type<sweep_router>, net, model.message_bits(),
                                  terms, {});
  exact_search search(costs, laws, terms, net.size(), steps, {});
  const auto ended = search.run();
  check(ended, search);
}

TEST_CASE("exact_search: the hub, and the heavier expert on the shorter ray") {
  matrix rays_s(1, 4);
  rays_s << 4, 1, 3, 2;
  search_on(rays_s, 1'000'000, [](exact_search::status ended, const exact_search& search) {
    CHECK(ended == exact_search::status::found);
    CHECK(search.gateways() == std::vector<satellite_id>{0});
    CHECK(search.hosts() == hosts_t{{4, 2}});
  });
  search_on(rays_s, 1, [](exact_search::status ended, const exact_search&) {
    CHECK(ended == exact_search::status::out_of_steps);
  });
}

TEST_CASE("exact_search: without routes there is no plan") {
  const matrix rays_s = matrix::Constant(1, 4, test::infinity);
  search_on(rays_s, 1'000'000, [](exact_search::status ended, const exact_search&) {
    CHECK(ended == exact_search::status::no_plan);
  });
}

}  // namespace
}  // namespace search_exact_search_test
