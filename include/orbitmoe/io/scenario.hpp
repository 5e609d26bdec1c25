#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/router_statistics.hpp>
#include <orbitmoe/io/scenario_sky.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/schemes.hpp>

namespace orbitmoe {

/// Where the activation of a scenario comes from, and how experts are drawn from it.
struct activation_settings {
  std::optional<std::string> preset = {};  ///< "skewed"; the source where no other is named
  std::optional<double> zipf = {};         ///< exponent, permuted per layer by the seed
  std::optional<std::string> file = {};    ///< see read_activation; read into `counts`
  std::optional<std::string> trace = {};   ///< see read_trace; read into `tokens`
  /// "successive", "conditional_poisson" or "trace"; empty: "trace" where a trace is the source,
  /// else "successive".
  std::optional<std::string> sampling = {};
  std::optional<matrix> counts = {};  ///< L × E; given as `matrix`, read from `file`, or resolved
  token_trace tokens = {};            ///< read from `trace`
  /// Layers of the file or trace that hold nothing but zeros, counted from 0; they are left out of
  /// `counts` and `tokens`, so that the others are the model's layers.
  std::vector<std::size_t> dense_layers = {};

  /// Takes the counts of a file in place of whatever was the source.
  /// @throws invalid_input  the file cannot be read by read_activation, or the sampling needs a
  ///                        trace.
  void use_file(const std::filesystem::path& path) {
    if (sampling == "trace")
      throw invalid_input::value("activation.sampling", "\"trace\" with a file of counts",
                                 "successive or conditional_poisson, or a trace");
    *this = {.sampling = sampling};
    file = path.string();
    read_counts(path);
  }

  /// Reads `counts` and `dense_layers` from a file.
  /// @throws invalid_input  the file cannot be read by read_activation.
  void read_counts(const std::filesystem::path& path) {
    auto [others, dense] = without_dense_layers(read_activation(path));
    counts = std::move(others);
    dense_layers = std::move(dense);
  }
  /// Reads `tokens` and `dense_layers` from a file.
  /// @throws invalid_input  the file cannot be read by read_trace.
  void read_tokens(const std::filesystem::path& path) {
    auto [others, dense] = without_dense_layers(read_trace(path));
    tokens = std::move(others);
    dense_layers = std::move(dense);
  }
};

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

/// How experts are drawn: one of the routers.
using any_router = std::variant<successive, conditional_poisson, trace>;

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

inline matrix read_matrix(const ordered_json& value, const std::string& path) {
  const std::vector<std::vector<double>> rows = json_rows<double>(value, path);
  matrix out = make_matrix(rows.size(), rows.empty() ? 0 : rows.front().size(), 0);
  for (std::size_t l = 0; l < rows.size(); ++l)
    std::copy(rows[l].begin(), rows[l].end(), row(out, l).begin());
  return out;
}

/// "0, 1, 5", of the first ten; "none" of none.
inline std::string layers_text(const std::vector<std::size_t>& layers) {
  std::string text;
  for (std::size_t i = 0; i < std::min(layers.size(), std::size_t{10}); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(layers[i]);
  if (layers.size() > 10) text += " and " + std::to_string(layers.size() - 10) + " more";
  return layers.empty() ? "none" : text;
}

inline void read_activation(const ordered_json& value, const std::string& path,
                            const std::filesystem::path& directory, scenario& out) {
  object_reader reader(value, path);
  activation_settings& activation = out.activation;
  reader.read("preset", activation.preset);
  reader.read("zipf", activation.zipf);
  reader.read("file", activation.file);
  reader.read("trace", activation.trace);
  reader.read("sampling", activation.sampling);
  if (const ordered_json* rows = reader.find("matrix"))
    activation.counts = read_matrix(*rows, reader.path_of("matrix"));
  const ordered_json* const dense = reader.find("dense_layers");
  reader.finish();

  std::string sources;
  const auto name_source = [&](bool named, const char* name) {
    if (named) sources += (sources.empty() ? "" : " and ") + std::string(name);
  };
  name_source(activation.preset.has_value(), "preset");
  name_source(activation.zipf.has_value(), "zipf");
  name_source(activation.file.has_value(), "file");
  name_source(activation.trace.has_value(), "trace");
  if (sources.find(' ') != std::string::npos)
    throw invalid_input::value(path, sources, "one of preset, zipf, file, trace, matrix");
  if (activation.preset && activation.preset != "skewed")
    throw invalid_input::value(reader.path_of("preset"), shown(*activation.preset), "\"skewed\"");
  if (activation.zipf) within(path, [&] { require_between("zipf", *activation.zipf, 0.0, 10.0); });
  if (activation.sampling) {
    constexpr std::array<std::string_view, 3> names{"successive", "conditional_poisson", "trace"};
    if (std::find(names.begin(), names.end(), *activation.sampling) == names.end())
      throw invalid_input::value(reader.path_of("sampling"), shown(*activation.sampling),
                                 "\"successive\", \"conditional_poisson\" or \"trace\"");
    if (activation.sampling == "trace" && !activation.trace)
      throw invalid_input::value(reader.path_of("sampling"), "\"trace\" without a trace",
                                 "\"trace\" only where activation.trace names a file");
  }
  // A report's scenario has the matrix beside what was asked for: then the file need not be there.
  const bool from_file = activation.file && !activation.counts;
  if (from_file)
    within(
        reader.path_of("file"), [&] { activation.read_counts(directory / *activation.file); },
        ": ");
  if (activation.trace)
    within(
        reader.path_of("trace"), [&] { activation.read_tokens(directory / *activation.trace); },
        ": ");
  if (dense == nullptr) return;
  const std::string dense_path = reader.path_of("dense_layers");
  auto stated = json_array<std::size_t>(*dense, dense_path);
  if (!activation.file && !activation.trace)
    throw invalid_input::value(dense_path, described(*dense), "this only beside file or trace");
  if ((from_file || activation.trace) && stated != activation.dense_layers)
    throw invalid_input::value(
        dense_path, layers_text(stated),
        layers_text(activation.dense_layers) + ", where the file holds nothing but zeros");
  activation.dense_layers = std::move(stated);
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
    detail::read_activation(*part, "activation", directory, out);
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

namespace detail {

/// The profile of the counts given as `matrix` or read from `file`; errors name the key.
inline activation_profile profile_of(const activation_settings& activation) {
  try {
    return activation_profile(activation.counts.value());
  } catch (const invalid_input& error) {
    const std::string place = error.parameter().substr(std::string_view("activation").size());
    throw invalid_input::value((activation.file ? "activation.file" : "activation.matrix") + place,
                               error.found(), error.allowed());
  }
}

/// Fills in the activation as L × E weights.
inline void resolve_weights(scenario& given) {
  activation_settings& activation = given.activation;
  std::optional<activation_profile> source;  // what the source says, where it can say it again
  if (activation.trace)
    source = trace(activation.tokens, given.model).activation();
  else if (activation.zipf)
    source = activation_profile::zipf(given.model, *activation.zipf, given.options.seed);
  else if (activation.preset)
    source = activation_profile::skewed(given.model, given.options.seed);

  const activation_profile profile = activation.counts ? detail::profile_of(activation) : *source;
  if (source && !(profile == *source))
    throw invalid_input::value("activation.matrix", "other weights",
                               "those of the preset, zipf or trace beside it, at this seed");
  profile.validate(given.model);
  activation.counts = profile.weights();
}

/// Runs `work`, whose errors also say which layers of the file were left out.
/// @throws invalid_input  `work` does.
template<typename Work>
void with_dense_layers(const std::vector<std::size_t>& dense, Work work) {
  try {
    work();
  } catch (const invalid_input& error) {
    if (dense.empty()) throw;
    throw invalid_input::value(
        error.parameter(),
        error.found() + " (dense layers of the file, all 0, left out: " + layers_text(dense) + ")",
        error.allowed());
  }
}

}  // namespace detail

/// The scenario with every default filled in: the time span in seconds, the sampling by its name,
/// the activation as L × E weights beside what was asked for.
/// @throws invalid_input  the parts do not fit together.
[[nodiscard]] inline scenario resolved(scenario given) {
  activation_settings& activation = given.activation;
  if (auto* const satellites = std::get_if<element_file>(&given.constellation))
    detail::resolve_satellites(*satellites);
  if (!given.network.span_s) given.network.span_s = detail::period_of(given.constellation);
  if (!activation.sampling) activation.sampling = activation.trace ? "trace" : "successive";
  if (!activation.counts && !activation.zipf && !activation.trace) activation.preset = "skewed";
  detail::with_dense_layers(activation.dense_layers, [&] { detail::resolve_weights(given); });
  return given;
}

namespace detail {

/// The router of a scenario that is resolved.
inline any_router router_of(const scenario& full) {
  if (full.activation.sampling == "trace") return trace(full.activation.tokens, full.model);
  const activation_profile profile(full.activation.counts.value());
  if (full.activation.sampling == "conditional_poisson")
    return conditional_poisson(profile, full.model);
  return successive(profile, full.model);
}

}  // namespace detail

/// The router of a scenario, resolved or not.
/// @throws invalid_input  the parts do not fit together.
[[nodiscard]] inline any_router make_router(const scenario& given) {
  return detail::router_of(resolved(given));
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
  ordered_json activation = ordered_json::object();
  const auto echo = [&](const char* key, const auto& value) {
    if (value) activation[key] = *value;
  };
  echo("preset", given.activation.preset);
  echo("zipf", given.activation.zipf);
  echo("file", given.activation.file);
  echo("trace", given.activation.trace);
  echo("sampling", given.activation.sampling);
  if (!given.activation.dense_layers.empty())
    activation["dense_layers"] = given.activation.dense_layers;
  if (const auto& weights = given.activation.counts) {
    ordered_json rows = ordered_json::array();
    for (std::size_t l = 0; l < row_count(*weights); ++l) {
      const auto weight = row(*weights, l);
      rows.push_back(std::vector<double>(weight.begin(), weight.end()));
    }
    activation["matrix"] = std::move(rows);
  }
  return {{"schema", "orbitmoe/scenario/1"},
          {"constellation", detail::to_json(given.constellation)},
          {"links", links},
          {"time",
           {{"slots", network.slots},
            {"span_s", network.span_s ? ordered_json(*network.span_s) : ordered_json(nullptr)}}},
          {"model", model},
          {"activation", activation},
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
