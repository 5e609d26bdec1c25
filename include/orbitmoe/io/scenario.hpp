#pragma once

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/scenario_activation.hpp>
#include <orbitmoe/io/scenario_sky.hpp>
#include <orbitmoe/io/scenario_sky_json.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/schemes.hpp>

namespace orbitmoe {

/// An experiment as data: all that a scenario file says. `scenario{}` is the published one.
struct scenario {
  sky_settings constellation = walker_parameters{};
  link_settings topology = plus_grid{};
  timeline_options network = {};
  std::optional<std::string> model_preset = "llama-moe-3.5b";  ///< echoed; `model` has the numbers
  moe_model model = presets::llama_moe_3_5b();
  activation_settings activation = {};
  std::vector<std::string> schemes{scheme_names.begin(), scheme_names.end()};
  scheme_options options = {};  ///< its seed also feeds outages, activation and sampled tokens
  bool lower_bound = false;     ///< whether to bound what any plan can reach
  int held_out = 0;  ///< draws of outages that single plans are judged on, too, 0 to 10,000
};

namespace detail {

inline void read_links(const ordered_json& value, const std::string& path,
                       const std::filesystem::path& directory, scenario& out) {
  object_reader reader(value, path);
  out.topology = read_topology(reader, directory);
  auto& [max_rate, min_grazing, max_range] = out.network.feasibility;
  reader.read("max_angular_rate_rad_s", max_rate);
  reader.read("min_grazing_altitude_km", min_grazing);
  std::optional<double> range;
  reader.read("max_range_km", range);
  max_range = range.value_or(std::numeric_limits<double>::infinity());
  reader.read("survival_probability", out.network.survival_probability);
  reader.read("rate_gbps", out.network.rate_gbps);
  reader.read("hop_processing_s", out.network.hop_processing_s);
  reader.finish();
  within(path, [&] {
    out.network.validate();
    // A seam that cannot be is said at once where the sky is a formula.
    const auto* const walker = std::get_if<walker_parameters>(&out.constellation);
    const auto* const grid = std::get_if<plus_grid>(&out.topology);
    if (walker != nullptr && grid != nullptr) grid->validate(walker_constellation(*walker).grid());
  });
}

inline void read_model(const ordered_json& value, const std::string& path, scenario& out) {
  object_reader reader(value, path);
  out.model_preset.reset();
  reader.read("preset", out.model_preset);
  // The preset, or the published model where none is named, stands behind every other key; another
  // hidden size makes another token, of 16 bits per number.
  if (out.model_preset)
    out.model = within(path, [&] { return presets::moe_model_named(*out.model_preset); });
  moe_model& model = out.model;
  reader.read("layers", model.layers);
  reader.read("experts", model.experts);
  reader.read("top_k", model.top_k);
  reader.read("hidden_size", model.hidden_size);
  reader.read("expert_flops", model.expert_flops);
  reader.read("gateway_flops", model.gateway_flops);
  if (reader.find("hidden_size") != nullptr) model.token_bytes = 2.0 * model.hidden_size;
  reader.read("token_bytes", model.token_bytes);
  reader.finish();
  within(path, [&] { model.validate(); });
}

}  // namespace detail

/// @throws invalid_input  there is no name, an unknown one, or one twice.
inline void check_schemes(const std::vector<std::string>& names) {
  detail::require(!names.empty(), "schemes", 0, "one name or more");
  for (const std::string& name : names) {
    visit_scheme(name, [](const auto&) {});
    if (std::count(names.begin(), names.end(), name) > 1)
      throw invalid_input::value("schemes", detail::shown(name) + " twice", "each scheme once");
  }
}

/// Reads a scenario. Defaults stand behind every key: `{}` is the published experiment.
/// @param directory  what relative paths in the scenario start from.
/// @throws invalid_input  an unknown key, a wrong type, a value out of range, a file that is not as
///                        it should be: the message gives the path of the key, what was found and
///                        what is allowed.
/// @see    MODEL §10.
[[nodiscard]] inline scenario scenario_from_json(const ordered_json& value,
                                                 const std::filesystem::path& directory = ".") {
  scenario out;
  detail::object_reader reader(value, "");
  std::string schema = "orbitmoe/scenario/1";
  reader.read("schema", schema);
  if (schema != "orbitmoe/scenario/1")
    throw invalid_input::value("schema", detail::shown(schema), "\"orbitmoe/scenario/1\"");
  if (const ordered_json* part = reader.find("constellation"))
    out.constellation = detail::read_constellation(*part, "constellation", directory);
  if (const ordered_json* part = reader.find("links"))
    detail::read_links(*part, "links", directory, out);
  if (const ordered_json* part = reader.find("time")) {
    detail::object_reader time(*part, "time");
    time.read("slots", out.network.slots);
    time.read("span_s", out.network.span_s);
    time.finish();
    detail::within("time", [&] { out.network.validate(); });
  }
  if (const ordered_json* part = reader.find("model")) detail::read_model(*part, "model", out);
  if (const ordered_json* part = reader.find("activation"))
    out.activation = detail::activation_from_json(*part, "activation", directory);
  if (const ordered_json* part = reader.find("compute")) {
    detail::object_reader compute(*part, "compute");
    compute.read("flops_per_s", out.options.evaluate.flops_per_s);
    compute.read("count_gateway", out.options.evaluate.count_gateway);
    compute.read("experts_per_satellite", out.options.evaluate.experts_per_satellite);
    compute.finish();
    detail::within("compute", [&] { out.options.evaluate.validate(); });
  }
  if (const ordered_json* part = reader.find("search")) {
    detail::object_reader search(*part, "search");
    search.read("moves", out.options.search.moves);
    search.read("time_limit_s", out.options.search.time_limit_s);
    search.read("target_gap", out.options.search.target_gap);
    search.read("more_outages", out.options.search.more_outages);
    search.finish();
    detail::within("search", [&] { out.options.search.validate(); });
  }
  if (const ordered_json* part = reader.find("schemes"))
    out.schemes = detail::json_array<std::string>(*part, "schemes");
  check_schemes(out.schemes);
  reader.read("lower_bound", out.lower_bound);
  reader.read("held_out", out.held_out);
  detail::require_between("held_out", out.held_out, 0, 10'000);
  reader.read("repetitions", out.options.repetitions);
  reader.read("tokens_per_slot", out.options.evaluate.tokens_per_slot);
  reader.read("seed", out.options.seed);
  reader.finish();
  out.options.validate();
  return out;
}

/// The scenario with every default filled in: the time span in seconds, the sampling by its name,
/// the activation as L × E weights beside what was asked for.
/// @throws invalid_input  the parts do not fit together.
[[nodiscard]] inline scenario resolved(scenario given) {
  activation_settings& activation = given.activation;
  const std::optional<double> period_s = detail::resolve_sky(given.constellation);
  if (!given.network.span_s) given.network.span_s = period_s;
  if (!activation.sampling) activation.sampling = activation.trace ? "trace" : "successive";
  if (!activation.counts && !activation.zipf && !activation.trace && !activation.file)
    activation.preset = "skewed";
  detail::with_dense_layers(activation.dense_layers, [&] {
    detail::resolve_weights(activation, given.model, given.options.seed);
  });
  return given;
}

/// The router of a scenario, resolved or not.
/// @throws invalid_input  the parts do not fit together.
[[nodiscard]] inline any_router make_router(const scenario& given) {
  const scenario full = resolved(given);
  return detail::router_of(full.activation, full.model);
}

/// A scenario as JSON, every key written; what is not resolved is left out.
[[nodiscard]] inline ordered_json to_json(const scenario& given) {
  const timeline_options& network = given.network;
  ordered_json model = ordered_json::object();
  if (given.model_preset) model["preset"] = *given.model_preset;
  model.update({{"layers", given.model.layers},
                {"experts", given.model.experts},
                {"top_k", given.model.top_k},
                {"hidden_size", given.model.hidden_size},
                {"expert_flops", given.model.expert_flops},
                {"gateway_flops", given.model.gateway_flops},
                {"token_bytes", given.model.token_bytes}});
  ordered_json links = detail::to_json(given.topology);
  links.update({{"max_angular_rate_rad_s", network.feasibility.max_angular_rate_rad_s},
                {"min_grazing_altitude_km", network.feasibility.min_grazing_altitude_km},
                {"max_range_km", detail::finite_or_null(network.feasibility.max_range_km)},
                {"survival_probability", network.survival_probability},
                {"rate_gbps", network.rate_gbps},
                {"hop_processing_s", network.hop_processing_s}});
  return {{"schema", "orbitmoe/scenario/1"},
          {"constellation", detail::to_json(given.constellation)},
          {"links", links},
          {"time",
           {{"slots", network.slots},
            {"span_s", network.span_s ? ordered_json(*network.span_s) : ordered_json(nullptr)}}},
          {"model", model},
          {"activation", detail::to_json(given.activation)},
          {"compute",
           {{"flops_per_s", given.options.evaluate.flops_per_s},
            {"count_gateway", given.options.evaluate.count_gateway},
            {"experts_per_satellite", given.options.evaluate.experts_per_satellite}}},
          {"search",
           {{"moves", given.options.search.moves},
            {"time_limit_s", given.options.search.time_limit_s
                                 ? ordered_json(*given.options.search.time_limit_s)
                                 : ordered_json(nullptr)},
            {"target_gap", given.options.search.target_gap
                               ? ordered_json(*given.options.search.target_gap)
                               : ordered_json(nullptr)},
            {"more_outages", given.options.search.more_outages}}},
          {"schemes", given.schemes},
          {"lower_bound", given.lower_bound},
          {"held_out", given.held_out},
          {"repetitions", given.options.repetitions},
          {"tokens_per_slot", given.options.evaluate.tokens_per_slot},
          {"seed", given.options.seed}};
}

/// Equal where they are written alike, and from the same tokens, satellites and links.
[[nodiscard]] inline bool operator==(const scenario& a, const scenario& b) {
  return to_json(a) == to_json(b) && a.activation.tokens == b.activation.tokens &&
         a.constellation == b.constellation && a.topology == b.topology;
}

}  // namespace orbitmoe
