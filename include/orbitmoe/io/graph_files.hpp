#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/satellite_duties.hpp>
#include <orbitmoe/io/slot_graph.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/io/xml.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/units.hpp>

namespace orbitmoe {
namespace detail {

/// Calls visit(name, value) for all that files say of a node, an edge or a graph.
template<typename Visit>
void for_each_attribute(const graph_node& node, Visit visit) {
  const auto visit_if = [&](const char* name, const auto& value) {
    if (value) visit(name, *value);
  };
  visit_if("name", node.name);
  visit_if("catalogue_number", node.catalogue_number);
  if (node.place) {
    visit("plane", node.place->plane);
    visit("slot", node.place->slot);
  }
  if (node.position_km) {
    const auto [x_km, y_km, z_km] = *node.position_km;
    visit("x_km", x_km);
    visit("y_km", y_km);
    visit("z_km", z_km);
  }
  if (node.role) visit("role", std::string(role_names[static_cast<std::size_t>(*node.role)]));
  visit_if("layer", node.layer);
  visit_if("expert", node.expert);
  visit_if("hosted", node.hosted);
  visit_if("activation", node.activation);
}
template<typename Visit>
void for_each_attribute(const graph_edge& edge, Visit visit) {
  visit("link", edge.link);
  visit("delay_s", edge.delay_s);
  visit("length_km", edge.length_km());
}
template<typename Visit>
void for_each_attribute(const slot_graph& graph, Visit visit) {
  visit("slot", graph.slot);
  visit("time_s", graph.time_s);
}

/// Writes GraphML, and declares each attribute where it first stands.
class graphml_writer {
 public:
  template<typename Item>
  void data(const char* owner, const Item& item) {
    for_each_attribute(item, [&]<typename Value>(const char* name, const Value& value) {
      const std::string key = std::string(owner) + '.' + name;
      std::string text;
      if constexpr (std::same_as<Value, std::string>)
        text = xml_text(value);
      else
        text = to_text(value);
      if (declared_.insert(key).second)
        keys_ += filled("<key id='$' for='$' attr.name='$' attr.type='$'/>\n", key, owner, name,
                        std::integral<Value>         ? "long"
                        : std::floating_point<Value> ? "double"
                                                     : "string");
      body_ += filled("<data key='$'>$</data>", key, text);
    });
  }
  void add(std::string_view text) { body_ += text; }
  [[nodiscard]] std::string document() const {
    return "<?xml version='1.0' encoding='UTF-8'?>\n"
           "<graphml xmlns='http://graphml.graphdrawing.org/xmlns'>\n" +
           keys_ + body_ + "</graphml>\n";
  }

 private:
  std::set<std::string> declared_;
  std::string keys_, body_;
};

}  // namespace detail

/// A graph as GraphML: undirected, nodes named by satellite id, with all attributes that are there:
/// of nodes name, catalogue_number, plane, slot, x_km, y_km, z_km, role (gateway, expert, idle),
/// layer, expert, hosted, activation; of edges link, delay_s, length_km; of the graph slot, time_s.
/// Numbers read back as the same double. Where a pair has two links, edges have ids, which readers
/// take as keys.
/// @return      well-formed XML.
/// @complexity  O(nodes + edges · log edges).
/// @see         Brandes et al., GraphML Primer; networkx.read_graphml(path, node_type=int).
[[nodiscard]] inline std::string graphml(const slot_graph& graph) {
  const bool multigraph = graph.is_multigraph();
  detail::graphml_writer out;
  out.add("<graph edgedefault='undirected'>\n");
  out.data("graph", graph);
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    out.add(detail::filled("\n<node id='$'>", id));
    out.data("node", graph.nodes[id]);
    out.add("</node>");
  }
  for (std::size_t i = 0; i < graph.edges.size(); ++i) {
    const graph_edge& edge = graph.edges[i];
    const std::string id = multigraph ? detail::filled(" id='$'", i) : "";
    out.add(detail::filled("\n<edge$ source='$' target='$'>", id, edge.a, edge.b));
    out.data("edge", edge);
    out.add("</edge>");
  }
  out.add("\n</graph>\n");
  return out.document();
}

/// A graph as node-link JSON, with the attributes of `graphml`:
/// {"directed": false, "multigraph": …, "graph": {…}, "nodes": [{"id": 0, …}, …],
///  "links": [{"source": a, "target": b, …}, …]}; where a pair has two links, each has a "key".
/// @complexity  O(nodes + edges · log edges).
/// @see         networkx.node_link_graph(data), from version 3.4 with edges="links".
[[nodiscard]] inline ordered_json to_node_link(const slot_graph& graph) {
  const bool multigraph = graph.is_multigraph();
  const auto with_attributes = [](ordered_json object, const auto& item) {
    detail::for_each_attribute(item, [&]<typename Value>(const char* name, const Value& value) {
      if constexpr (std::same_as<Value, std::string>)
        object[name] = detail::utf8_text(value);
      else
        object[name] = value;
    });
    return object;
  };
  ordered_json nodes = ordered_json::array(), links = ordered_json::array();
  for (std::size_t id = 0; id < graph.nodes.size(); ++id)
    nodes.push_back(with_attributes({{"id", id}}, graph.nodes[id]));
  for (const graph_edge& edge : graph.edges) {
    ordered_json ends{{"source", edge.a}, {"target", edge.b}};
    if (multigraph) ends["key"] = links.size();
    links.push_back(with_attributes(std::move(ends), edge));
  }
  return {{"directed", false},
          {"multigraph", multigraph},
          {"graph", with_attributes(ordered_json::object(), graph)},
          {"nodes", std::move(nodes)},
          {"links", std::move(links)}};
}

namespace detail {

/// @throws invalid_input  some of the values are there and others are not.
inline bool are_there(const object_reader& reader, std::initializer_list<std::string_view> keys,
                      std::initializer_list<bool> found) {
  const bool any = std::ranges::find(found, true) != found.end();
  const bool* const missing = std::ranges::find(found, false);
  if (any && missing != found.end())
    throw invalid_input::value(reader.path_of(*(keys.begin() + (missing - found.begin()))),
                               "nothing", "this key, as the others of its kind are there");
  return any;
}

inline graph_node node_from_json(object_reader& reader) {
  graph_node node;
  if (const ordered_json* const name = reader.find("name"); name != nullptr && name->is_string())
    node.name = name->get<std::string>();
  reader.read("catalogue_number", node.catalogue_number);
  std::optional<std::uint32_t> plane, slot;
  reader.read("plane", plane);
  reader.read("slot", slot);
  if (are_there(reader, {"plane", "slot"}, {plane.has_value(), slot.has_value()}))
    node.place = {*plane, *slot};
  std::optional<double> x, y, z;
  reader.read("x_km", x);
  reader.read("y_km", y);
  reader.read("z_km", z);
  if (are_there(reader, {"x_km", "y_km", "z_km"}, {x.has_value(), y.has_value(), z.has_value()}))
    node.position_km = {*x, *y, *z};
  std::optional<std::string> role;
  reader.read("role", role);
  if (role) {
    const auto index =
        static_cast<std::size_t>(std::ranges::find(role_names, *role) - role_names.begin());
    if (index == role_names.size())
      throw invalid_input::value(reader.path_of("role"), shown(*role), "idle, expert or gateway");
    node.role = static_cast<satellite_role>(index);
  }
  reader.read("layer", node.layer);
  reader.read("expert", node.expert);
  reader.read("hosted", node.hosted);
  reader.read("activation", node.activation);
  return node;
}

inline std::vector<graph_node> nodes_from_json(const ordered_json& value) {
  if (!value.is_array()) throw invalid_input::value("nodes", described(value), "an array");
  const std::size_t size = value.size();
  std::vector<graph_node> nodes(size);
  std::vector<bool> seen(size, false);
  for (std::size_t i = 0; i < size; ++i) {
    object_reader reader(value[i], "nodes[" + std::to_string(i) + "]");
    const auto id = json_value<std::size_t>(reader.at("id"), reader.path_of("id"));
    require(id < size && !seen[id], reader.path_of("id"), id,
            "each id in 0.." + std::to_string(size - 1) + " once");
    seen[id] = true;
    nodes[id] = node_from_json(reader);
  }
  return nodes;
}

/// @param i  the place of the edge, which is its link where the file does not say.
inline graph_edge edge_from_json(const ordered_json& value, const std::string& path, std::size_t i,
                                 std::size_t satellites) {
  object_reader reader(value, path);
  graph_edge edge{.link = i};
  reader.read("link", edge.link);
  edge.a = json_value<satellite_id>(reader.at("source"), reader.path_of("source"));
  edge.b = json_value<satellite_id>(reader.at("target"), reader.path_of("target"));
  for (const auto& [key, id] : {std::pair{"source", edge.a}, std::pair{"target", edge.b}})
    require(id < satellites, reader.path_of(key), id,
            "a node in 0.." + std::to_string(satellites - 1));
  require(edge.a != edge.b, reader.path_of("target"), edge.b, "another node than the source");
  edge.delay_s = json_value<double>(reader.at("delay_s"), reader.path_of("delay_s"));
  require(edge.delay_s > 0 && std::isfinite(edge.delay_s), reader.path_of("delay_s"), edge.delay_s,
          "a finite number over 0");
  return edge;
}

}  // namespace detail

/// Reads node-link JSON, of `to_node_link` or of other tools.
///
/// Nodes are named 0, 1, … in any order; each edge has a delay_s over 0 [s], from which its length
/// follows. All other attributes may be missing; those that the library does not know, and a
/// name that is no text, are passed over. The edges may be called "links" or "edges".
/// @throws invalid_input  the value is no such graph, is directed, or has no node; an edge joins a
///                        node to itself; a pair has two edges and "multigraph" is not true. The
///                        message gives the place, such as links[3].delay_s.
/// @complexity  O(nodes + edges · log edges).
[[nodiscard]] inline slot_graph graph_from_node_link(const ordered_json& value) {
  detail::object_reader reader(value, "");
  bool directed = false, multigraph = false;
  reader.read("directed", directed);
  reader.read("multigraph", multigraph);
  if (directed) throw invalid_input::value("directed", "true", "false");
  slot_graph out;
  if (const ordered_json* const about = reader.find("graph")) {
    detail::object_reader graph(*about, "graph");
    graph.read("slot", out.slot);
    graph.read("time_s", out.time_s);
  }
  out.nodes = detail::nodes_from_json(reader.at("nodes"));
  detail::require(!out.nodes.empty(), "nodes", out.nodes.size(), "one node or more");
  const std::string key = value.contains("links") ? "links" : "edges";
  const ordered_json& edges = reader.at(key);
  if (!edges.is_array()) throw invalid_input::value(key, detail::described(edges), "an array");
  for (std::size_t i = 0; i < edges.size(); ++i)
    out.edges.push_back(
        detail::edge_from_json(edges[i], key + "[" + std::to_string(i) + "]", i, out.nodes.size()));
  if (!multigraph && out.is_multigraph())
    throw invalid_input::value("multigraph", "false", "true, as a pair has two edges");
  return out;
}

/// Delays and lengths of links as CSV, one row per slot and candidate link, by slot and then by
/// link: slot,time_s,a,b,up,length_km,delay_s. Where up is 0, length and delay are `inf`. Numbers
/// read back as the same double.
/// @param slot  this one only; empty: all.
/// @throws invalid_input  there is no such slot, or there were over 20,000,000 rows.
[[nodiscard]] inline std::string distances_csv(const timeline& net,
                                               std::optional<std::size_t> slot = {}) {
  if (slot) detail::require_between("slot", *slot, std::size_t{0}, net.slots() - 1);
  const std::size_t first = slot.value_or(0), last = slot.value_or(net.slots() - 1);
  const std::size_t rows = (last - first + 1) * net.links().size();
  detail::require(rows <= 20'000'000, "slots × links", rows, "at most 20000000");
  std::string out = "slot,time_s,a,b,up,length_km,delay_s\n";
  for (std::size_t k = first; k <= last; ++k)
    for (std::size_t i = 0; i < net.links().size(); ++i) {
      const auto [a, b] = net.links()[i];
      const double delay_s = net.propagation_s(k)[i];
      out += detail::filled("$,$,$,$,$,$,$\n", k, detail::to_text(net.time_s(k)), a, b,
                            std::isfinite(delay_s) ? "1" : "0",
                            detail::to_text(delay_s * light_speed_km_s), detail::to_text(delay_s));
    }
  return out;
}

}  // namespace orbitmoe
