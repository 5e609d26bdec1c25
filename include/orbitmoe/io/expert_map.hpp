#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/placement/placement.hpp>

namespace orbitmoe {

/// A plan as vllm-ascend's expert map, the file of its option `expert_map_path`:
/// {"moe_layer_count": L, "layer_list": [{"layer_id": l, "device_count": D, "device_list":
///  [{"device_id": d, "device_expert": [ids of experts]}, …]}, …], "orbitmoe": {…}}.
///
/// That reader makes one table of layers × devices × experts per device of the file, so every layer
/// must have as many devices, and every device as many experts, as the first. It goes by places in
/// the lists, not by ids. A plan puts each layer on satellites of its own; the devices of a layer
/// are therefore the satellites that host its experts, by rising id, and device d of one layer may
/// be another satellite than device d of the next. The reader looks up the keys that it knows and
/// passes over the last one, which holds what the format has no room for:
/// "satellites", L × D ids, the satellite of each device, and "gateways", L ids.
///
/// @param plan  gateways of all layers, or none; any number of layers of E experts each.
/// @throws invalid_input  there is no layer or no expert; layers differ in experts or in
///                        satellites, or satellites in experts hosted; there are gateways but not
///                        one per layer.
/// @complexity  O(L·E·log E).
/// @see  vllm-ascend, vllm_ascend/ops/expert_load_balancer.py and vllm_ascend/eplb.
[[nodiscard]] inline ordered_json to_expert_map(const placement& plan) {
  const std::size_t layers = plan.experts.size();
  detail::require(layers > 0, "experts", layers, "one layer or more");
  detail::require(plan.gateways.empty() || plan.gateways.size() == layers, "gateways",
                  plan.gateways.size(), std::to_string(layers) + " ids, one per layer, or none");
  const std::size_t experts = plan.experts.front().size();
  std::size_t device_count = 0;
  ordered_json list = ordered_json::array(), satellites = ordered_json::array();
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string path = "experts[" + std::to_string(l) + "]";
    detail::require(experts > 0 && plan.experts[l].size() == experts, path, plan.experts[l].size(),
                    "one expert or more, and as many as in the first layer");
    std::map<satellite_id, std::vector<std::size_t>> hosted;
    for (std::size_t e = 0; e < experts; ++e) hosted[plan.experts[l][e]].push_back(e);
    if (l == 0) device_count = hosted.size();
    detail::require(hosted.size() == device_count, path + ": satellites", hosted.size(),
                    std::to_string(device_count) + ", as in the first layer");
    ordered_json devices = ordered_json::array(), ids = ordered_json::array();
    for (const auto& [id, on_it] : hosted) {
      detail::require(on_it.size() * device_count == experts,
                      path + ": experts on satellite " + std::to_string(id), on_it.size(),
                      "the same number on each satellite of the layer");
      devices.push_back({{"device_id", devices.size()}, {"device_expert", on_it}});
      ids.push_back(id);
    }
    list.push_back(
        {{"layer_id", l}, {"device_count", device_count}, {"device_list", std::move(devices)}});
    satellites.push_back(std::move(ids));
  }
  ordered_json own{{"satellites", std::move(satellites)}};
  if (!plan.gateways.empty()) own["gateways"] = plan.gateways;
  return {{"moe_layer_count", layers}, {"layer_list", std::move(list)}, {"orbitmoe", own}};
}

namespace detail {

/// The experts of each device of a layer.
/// @throws invalid_input  the value is no such layer; a device's id is not its place.
inline std::vector<std::vector<std::uint32_t>> devices_of(const ordered_json& value,
                                                          const std::string& path) {
  object_reader layer(value, path);
  const ordered_json& list = layer.at("device_list");
  const std::string list_path = layer.path_of("device_list");
  if (!list.is_array()) throw invalid_input::value(list_path, described(list), "an array");
  const auto count =
      json_value<std::size_t>(layer.at("device_count"), layer.path_of("device_count"));
  require(count == list.size(), layer.path_of("device_count"), count,
          std::to_string(list.size()) + ", the length of device_list");
  std::vector<std::vector<std::uint32_t>> devices;
  for (std::size_t d = 0; d < list.size(); ++d) {
    object_reader device(list[d], list_path + "[" + std::to_string(d) + "]");
    std::size_t id = d;
    device.read("device_id", id);
    require(id == d, device.path_of("device_id"), id,
            std::to_string(d) + ", the place in device_list");
    devices.push_back(
        json_array<std::uint32_t>(device.at("device_expert"), device.path_of("device_expert")));
  }
  return devices;
}

/// The host of each expert of a layer.
/// @param satellites  of each device.
/// @throws invalid_input  the experts are not 0 to E − 1, each once.
inline std::vector<satellite_id> hosts_of(const std::vector<std::vector<std::uint32_t>>& devices,
                                          const std::vector<satellite_id>& satellites,
                                          const std::string& path) {
  std::size_t experts = 0;
  for (const auto& device : devices) experts += device.size();
  std::vector<satellite_id> hosts(experts);
  std::vector<bool> seen(experts, false);
  for (std::size_t d = 0; d < devices.size(); ++d)
    for (std::size_t i = 0; i < devices[d].size(); ++i) {
      const std::uint32_t expert = devices[d][i];
      require(
          expert < experts && !seen[expert],
          path + ".device_list[" + std::to_string(d) + "].device_expert[" + std::to_string(i) + "]",
          expert, "each expert in 0.." + std::to_string(experts - 1) + " once in a layer");
      seen[expert] = true;
      hosts[expert] = satellites[d];
    }
  return hosts;
}

}  // namespace detail

/// Reads an expert map, of `to_expert_map` or of tools for vllm-ascend.
///
/// The key "orbitmoe" and each of its two members may be missing: without "satellites", device d is
/// satellite d in every layer; without "gateways", the plan has none and needs them before it can
/// be evaluated. Devices may host different numbers of experts, also none. Other keys are passed
/// over.
/// @return  a plan of L layers of E experts. Whether it fits a model and a network is for
///          placement::validate.
/// @throws invalid_input  the value is no such map; a layer names an expert twice, as maps with
///                        redundant experts do, or leaves one out; layers differ in their number of
///                        experts; a device names no satellite. The message gives the place, such
///                        as layer_list[3].device_list[0].device_expert[1].
/// @complexity  O(L·(D + E)).
[[nodiscard]] inline placement placement_from_expert_map(const ordered_json& value) {
  detail::object_reader reader(value, "");
  const auto layers =
      detail::json_value<std::size_t>(reader.at("moe_layer_count"), "moe_layer_count");
  const ordered_json& list = reader.at("layer_list");
  if (!list.is_array())
    throw invalid_input::value("layer_list", detail::described(list), "an array");
  detail::require(layers > 0 && layers == list.size(), "moe_layer_count", layers,
                  std::to_string(list.size()) + ", the length of layer_list, and over 0");

  placement plan;
  std::vector<std::vector<satellite_id>> satellites;
  bool has_satellites = false;
  if (const ordered_json* const extra = reader.find("orbitmoe")) {
    detail::object_reader own(*extra, "orbitmoe");
    if (const ordered_json* const table = own.find("satellites")) {
      satellites = detail::json_rows<satellite_id>(*table, "orbitmoe.satellites");
      has_satellites = true;
      detail::require(satellites.size() == layers, "orbitmoe.satellites", satellites.size(),
                      std::to_string(layers) + " rows, one per layer");
    }
    if (const ordered_json* const gateways = own.find("gateways")) {
      plan.gateways = detail::json_array<satellite_id>(*gateways, "orbitmoe.gateways");
      detail::require(plan.gateways.size() == layers, "orbitmoe.gateways", plan.gateways.size(),
                      std::to_string(layers) + " ids, one per layer");
    }
    own.finish();
  }
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string path = "layer_list[" + std::to_string(l) + "]";
    const auto devices = detail::devices_of(list[l], path);
    std::vector<satellite_id> ids(devices.size());
    std::iota(ids.begin(), ids.end(), satellite_id{0});
    if (has_satellites) {
      detail::require(satellites[l].size() == devices.size(),
                      "orbitmoe.satellites[" + std::to_string(l) + "]", satellites[l].size(),
                      std::to_string(devices.size()) + " ids, one per device");
      ids = satellites[l];
    }
    plan.experts.push_back(detail::hosts_of(devices, ids, path));
    detail::require(!plan.experts[l].empty() && plan.experts[l].size() == plan.experts[0].size(),
                    path + ".device_list: experts", plan.experts[l].size(),
                    "one or more, and as many as in the first layer");
  }
  return plan;
}

}  // namespace orbitmoe
