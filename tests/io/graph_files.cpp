#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/io/csv.hpp>
#include <orbitmoe/io/graph_files.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace io_graph_files_test {
namespace {

using namespace orbitmoe;

activation_profile profile() { return activation_profile(Eigen::Matrix2d{{3, 1}, {1, 0}}); }
const placement plan{.gateways = {4, 7}, .experts = {{0, 11}, {3, 11}}};

const timeline& net() {
  static const timeline failing =
      test::high_net(3, 4, {.slots = 5, .survival_probability = 0.6, .seed = 2});
  return failing;
}
slot_graph full_graph() {
  return graph_of(net(), 3).with_positions(test::high_sky(3, 4)).with_plan(profile(), plan);
}
/// Names that XML and JSON cannot hold as they are.
slot_graph named() {
  slot_graph graph = graph_of(timeline(2, {{0, 1}}, Eigen::RowVectorXd::Constant(1, 0.1)), 0);
  graph.nodes[0].name = "A<B & \"C\"";
  graph.nodes[0].catalogue_number = 44057;
  graph.nodes[1].name = "no UTF-8: \xff";
  return graph;
}
/// Two links between the same satellites, and a satellite with none.
slot_graph doubled() {
  return graph_of(timeline(3, {{0, 1}, {1, 0}}, Eigen::RowVector2d(0.1, 1.0 / 3)), 0);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

std::string error_of(const std::string& json) {
  return test::invalid_input_message([&] { return graph_from_node_link(parse_json(json)); });
}

TEST_CASE("a graph has the links that are up in its slot", "[io][graph_files]") {
  const slot_graph graph = graph_of(net(), 3);
  CHECK(graph.slot == 3);
  CHECK(graph.time_s == net().time_s(3));
  CHECK(graph.nodes.size() == 12);
  CHECK(graph.nodes[7] == graph_node{.place = orbital_slot{1, 3}});
  std::size_t next = 0;
  for (std::size_t i = 0; i < net().links().size(); ++i)
    if (const double delay_s = net().propagation_s(3)[i]; delay_s < test::infinity) {
      REQUIRE(next < graph.edges.size());
      CHECK(graph.edges[next++] == graph_edge{net().links()[i].a, net().links()[i].b, i, delay_s});
    }
  CHECK(next == graph.edges.size());
  CHECK(next < net().links().size());
  CHECK_INVALID(graph_of(net(), 5), "slot: found 5; allowed: an integer from 0 to 4");
}

TEST_CASE("a graph says what each satellite hosts", "[io][graph_files]") {
  const std::vector<graph_node> nodes = full_graph().nodes;
  CHECK(nodes[1].role == satellite_role::idle);
  CHECK_FALSE(nodes[1].layer.has_value());
  CHECK(nodes[7].role == satellite_role::gateway);
  CHECK(nodes[7].layer == 1);
  CHECK_FALSE(nodes[7].activation.has_value());
  CHECK(nodes[0].role == satellite_role::expert);
  CHECK(nodes[0].hosted == 1);
  CHECK(nodes[0].activation == 0.75);
  CHECK(nodes[11].layer == 0);  // it hosts expert 1 of both layers
  CHECK(nodes[11].expert == 1);
  CHECK(nodes[11].hosted == 2);
  CHECK(nodes[11].activation == 0.25);
  const Eigen::Vector3d there = test::high_sky(3, 4).position_km(11, net().time_s(3));
  CHECK(nodes[11].position_km == std::array{there[0], there[1], there[2]});
  CHECK_INVALID(graph_of(net(), 0).with_positions(test::high_sky(3, 3)),
                "sky: found 9; allowed: 12 satellites");
  CHECK_INVALID(graph_of(net(), 0).with_plan(profile(), {}), "gateways: found 0");
}

TEST_CASE("node-link JSON goes out and comes in again", "[io][graph_files]") {
  for (const slot_graph& graph : {full_graph(), graph_of(net(), 0), doubled()})
    CHECK(graph_from_node_link(parse_json(to_node_link(graph).dump())) == graph);
  const timeline again = timeline_of(graph_from_node_link(to_node_link(doubled())));
  CHECK(again.links() == std::vector<laser_link>{{0, 1}, {1, 0}});
  CHECK(again.propagation_s(0)[1] == 1.0 / 3);
  CHECK(again.size() == 3);
  CHECK(graph_of(again, 0) == doubled());
}

TEST_CASE("node-link JSON is what networkx reads", "[io][graph_files]") {
  const ordered_json json = to_node_link(doubled());
  CHECK(json["directed"] == false);
  CHECK(json["multigraph"] == true);
  CHECK(json["nodes"][2] == parse_json(R"({"id": 2})"));
  CHECK(json["links"][1]["source"] == 1);
  CHECK(json["links"][1]["key"] == 1);
  CHECK(json["links"][1]["length_km"] == 1.0 / 3 * light_speed_km_s);
  const ordered_json simple = to_node_link(graph_of(net(), 0));
  CHECK(simple["multigraph"] == false);
  CHECK_FALSE(simple["links"][0].contains("key"));
}

TEST_CASE("names of satellites in files", "[io][graph_files]") {
  const ordered_json json = to_node_link(named());
  CHECK(json["nodes"][0] ==
        parse_json(R"({"id": 0, "name": "A<B & \"C\"", "catalogue_number": 44057})"));
  CHECK(json["nodes"][1]["name"] == "no UTF-8: \xEF\xBF\xBD");
  CHECK(to_node_link(graph_from_node_link(parse_json(json.dump()))) == json);
  CHECK_THAT(graphml(named()),
             test::containing("<node id='0'><data key='node.name'>A&lt;B &amp; \"C\"</data>"
                              "<data key='node.catalogue_number'>44057</data></node>"));
  CHECK_THAT(graphml(named()), test::containing("no UTF-8: ?"));
}

TEST_CASE("node-link JSON of other tools", "[io][graph_files]") {
  const slot_graph graph = graph_from_node_link(parse_json(R"({
    "directed": false, "multigraph": false, "graph": {"name": "x"},
    "nodes": [{"id": 1, "colour": "red", "name": 7}, {"id": 0, "layer": null}],
    "edges": [{"source": 1, "target": 0, "delay_s": 0.25}]})"));
  CHECK(graph == slot_graph{.nodes = std::vector<graph_node>(2), .edges = {{1, 0, 0, 0.25}}});
}

TEST_CASE("what is no graph of satellites", "[io][graph_files]") {
  CHECK_THAT(error_of("[]"), test::containing("json: found an array of 0; allowed: an object"));
  CHECK_THAT(error_of("{}"), test::containing("nodes: found nothing"));
  CHECK_THAT(error_of(R"({"directed": true})"), test::containing("directed: found true"));
  CHECK_THAT(error_of(R"({"nodes": 7})"), test::containing("nodes: found 7; allowed: an array"));
  CHECK_THAT(error_of(R"({"nodes": []})"), test::containing("nodes: found 0"));
  CHECK_THAT(error_of(R"({"nodes": [{"id": 0}]})"), test::containing("edges: found nothing"));
  const auto node = [](const std::string& text) {
    return error_of(R"({"nodes": [)" + text + "]}");
  };
  CHECK_THAT(node("7"), test::containing("nodes[0]: found 7; allowed: an object"));
  CHECK_THAT(node(R"({"id": "a"})"), test::containing("nodes[0].id: found \"a\""));
  CHECK_THAT(node(R"({"id": 1})"),
             test::containing("nodes[0].id: found 1; allowed: each id in 0..0"));
  CHECK_THAT(node(R"({"id": 1}, {"id": 1})"), test::containing("nodes[1].id: found 1"));
  CHECK_THAT(node(R"({"id": 0, "plane": 1})"), test::containing("nodes[0].slot: found nothing"));
  CHECK_THAT(node(R"({"id": 0, "x_km": 1, "z_km": 1})"), test::containing("nodes[0].y_km: found"));
  CHECK_THAT(node(R"({"id": 0, "role": "cook"})"),
             test::containing("nodes[0].role: found \"cook\"; allowed: idle, expert or gateway"));
  const auto links = [](const std::string& text) {
    return error_of(R"({"nodes": [{"id": 0}, {"id": 1}], "links": )" + text + "}");
  };
  CHECK_THAT(links("1"), test::containing("links: found 1; allowed: an array"));
  CHECK_THAT(links("[{}]"), test::containing("links[0].source: found nothing"));
  CHECK_THAT(links(R"([{"source": 0, "target": 2}])"),
             test::containing("links[0].target: found 2; allowed: a node in 0..1"));
  CHECK_THAT(links(R"([{"source": 1, "target": 1}])"),
             test::containing("links[0].target: found 1; allowed: another"));
  CHECK_THAT(links(R"([{"source": 0, "target": 1}])"),
             test::containing("links[0].delay_s: found nothing"));
  CHECK_THAT(links(R"([{"source": 0, "target": 1, "delay_s": 0}])"),
             test::containing("links[0].delay_s: found 0; allowed: a finite number over 0"));
  CHECK_THAT(links(R"([{"source": 0, "target": 1, "delay_s": 1},
                       {"source": 1, "target": 0, "delay_s": 1}])"),
             test::containing("multigraph: found false; allowed: true"));
  CHECK_INVALID(timeline_of({}), "satellites: found 0");
  CHECK_INVALID(timeline_of({.nodes = {{}, {}}, .edges = {{0, 2, 0, 1}}}), "links[0]: found 0-2");
  CHECK_INVALID(timeline_of({.nodes = {{}, {}}, .edges = {{0, 1, 0, 0}}}),
                "propagation_s[0][0]: found 0");
}

TEST_CASE("a graph as GraphML", "[io][graph_files]") {
  CHECK(graphml(doubled()) == R"(<?xml version='1.0' encoding='UTF-8'?>
<graphml xmlns='http://graphml.graphdrawing.org/xmlns'>
<key id='graph.slot' for='graph' attr.name='slot' attr.type='long'/>
<key id='graph.time_s' for='graph' attr.name='time_s' attr.type='double'/>
<key id='edge.link' for='edge' attr.name='link' attr.type='long'/>
<key id='edge.delay_s' for='edge' attr.name='delay_s' attr.type='double'/>
<key id='edge.length_km' for='edge' attr.name='length_km' attr.type='double'/>
<graph edgedefault='undirected'>
<data key='graph.slot'>0</data><data key='graph.time_s'>0</data>
<node id='0'></node>
<node id='1'></node>
<node id='2'></node>
<edge id='0' source='0' target='1'><data key='edge.link'>0</data><data key='edge.delay_s'>0.1</data><data key='edge.length_km'>29979.2458</data></edge>
<edge id='1' source='1' target='0'><data key='edge.link'>1</data><data key='edge.delay_s'>0.3333333333333333</data><data key='edge.length_km'>99930.81933333332</data></edge>
</graph>
</graphml>
)");
  const std::string text = graphml(full_graph());
  CHECK(count(text, "<node ") == 12);
  CHECK(count(text, "<edge source=") == full_graph().edges.size());
  CHECK(count(text, "<data key='node.role'>gateway</data><data key='node.layer'>1</data>") == 1);
  CHECK(count(text, "<data key='node.hosted'>2</data><data key='node.activation'>0.25</data>") ==
        1);
}

TEST_CASE("distances as CSV read back as the same numbers", "[io][graph_files]") {
  const std::string all = distances_csv(net());
  std::size_t rows = 0;
  detail::for_each_csv_line(
      all, [&](const std::vector<std::string_view>& fields, std::size_t line) {
        if (line == 1) return;
        const std::size_t k = rows / net().links().size(), i = rows % net().links().size();
        const double delay_s = net().propagation_s(k)[i];
        REQUIRE(fields.size() == 7);
        CHECK(detail::number_in(fields[0]) == static_cast<double>(k));
        CHECK(detail::number_in(fields[1]) == net().time_s(k));
        CHECK(detail::number_in(fields[2]) == net().links()[i].a);
        CHECK(detail::number_in(fields[3]) == net().links()[i].b);
        CHECK((fields[4] == "1") == (delay_s < test::infinity));
        CHECK(detail::number_in(fields[5]) == delay_s * light_speed_km_s);
        CHECK(detail::number_in(fields[6]) == delay_s);
        ++rows;
      });
  CHECK(rows == 5 * net().links().size());
  CHECK(distances_csv(test::star(Eigen::RowVector2d(0.5, test::infinity))) ==
        "slot,time_s,a,b,up,length_km,delay_s\n0,0,0,1,1,149896.229,0.5\n0,0,0,2,0,inf,inf\n");
  const std::string one = distances_csv(net(), 4);
  CHECK(all.ends_with(one.substr(one.find('\n') + 1)));
  CHECK_INVALID(distances_csv(net(), 5), "slot: found 5; allowed: an integer from 0 to 4");
  const timeline long_one(2, std::vector<laser_link>(21, {0, 1}), make_matrix(1'000'000, 21, 0.1));
  CHECK_INVALID(distances_csv(long_one),
                "slots × links: found 21000000; allowed: at most 20000000");
}

}  // namespace
}  // namespace io_graph_files_test
