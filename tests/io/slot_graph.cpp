#include <limits>

#include <orbitmoe/io/slot_graph.hpp>

#include "support/catch.hpp"

namespace io_slot_graph_test {
namespace {

using namespace orbitmoe;

TEST_CASE("slot_graph: links that are up - and a network again", "[io]") {
  constexpr double down = std::numeric_limits<double>::infinity();
  const timeline net(3, {{0, 1}, {1, 2}, {0, 2}}, matrix{{0.1, 0.2, 0.3}, {0.1, down, 0.4}});
  const slot_graph graph = graph_of(net, 1);
  CHECK(graph.nodes.size() == 3);
  CHECK(graph.edges == std::vector<graph_edge>{{0, 1, 0, 0.1}, {0, 2, 2, 0.4}});
  CHECK_FALSE(graph.is_multigraph());
  const timeline again = timeline_of(graph);
  CHECK(again.links() == std::vector<laser_link>{{0, 1}, {0, 2}});
  CHECK(graph_of(again, 0).edges[1].delay_s == 0.4);
  CHECK_INVALID(graph_of(net, 2), "slot: found 2; allowed: an integer from 0 to 1");
}

TEST_CASE("slot_graph: names of real satellites", "[io]") {
  const slot_graph graph = graph_of(timeline(2, {{0, 1}}, matrix{{0.1}}), 0);
  const std::vector<element_set> sets{{.name = "A", .catalogue_number = 5},
                                      {.catalogue_number = 6}};
  const slot_graph with_names = graph.with_names(sets);
  CHECK(with_names.nodes[0].name == "A");
  CHECK_FALSE(with_names.nodes[1].name.has_value());
  CHECK(with_names.nodes[1].catalogue_number == 6);
  CHECK_INVALID(graph.with_names({}), "elements: found 0; allowed: 2, one for each node");
}

TEST_CASE("slot_graph: what a plan puts on its nodes", "[io]") {
  const timeline net(3, {{0, 1}}, matrix{{0.1}});
  const slot_graph graph =
      graph_of(net, 0).with_plan(activation_profile(matrix{{1, 3}}), {{0}, {{2, 2}}});
  CHECK(graph.nodes[0].role == satellite_role::gateway);
  CHECK(graph.nodes[1].role == satellite_role::idle);
  CHECK(graph.nodes[2].hosted == 2);
  CHECK(graph.nodes[2].activation == 1.0);
}

}  // namespace
}  // namespace io_slot_graph_test
