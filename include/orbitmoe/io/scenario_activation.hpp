#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/router_statistics.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/conditional_poisson.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/model/trace.hpp>

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

/// How experts are drawn: one of the routers.
using any_router = std::variant<successive, conditional_poisson, trace>;

namespace detail {

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

inline activation_settings activation_from_json(const ordered_json& value, const std::string& path,
                                                const std::filesystem::path& directory) {
  object_reader reader(value, path);
  activation_settings activation;
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
  if (dense == nullptr) return activation;
  const std::string dense_path = reader.path_of("dense_layers");
  auto stated = json_array<std::size_t>(*dense, dense_path);
  if (!activation.file && !activation.trace)
    throw invalid_input::value(dense_path, described(*dense), "this only beside file or trace");
  if ((from_file || activation.trace) && stated != activation.dense_layers)
    throw invalid_input::value(
        dense_path, layers_text(stated),
        layers_text(activation.dense_layers) + ", where the file holds nothing but zeros");
  activation.dense_layers = std::move(stated);
  return activation;
}

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
inline void resolve_weights(activation_settings& activation, const moe_model& model,
                            std::uint64_t seed) {
  if (activation.file && !activation.counts)
    throw invalid_input::value("activation.file", shown(*activation.file) + ", not read",
                               "a file that use_file or read_counts has read");
  std::optional<activation_profile> source;  // what the source says, where it can say it again
  if (activation.trace)
    source = trace(activation.tokens, model).activation();
  else if (activation.zipf)
    source = activation_profile::zipf(model, *activation.zipf, seed);
  else if (activation.preset)
    source = activation_profile::skewed(model, seed);

  const activation_profile profile = activation.counts ? profile_of(activation) : *source;
  if (source && !(profile == *source))
    throw invalid_input::value("activation.matrix", "other weights",
                               "those of the preset, zipf or trace beside it, at this seed");
  profile.validate(model);
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

/// The router of an activation that is resolved.
inline any_router router_of(const activation_settings& full, const moe_model& model) {
  if (full.sampling == "trace") return trace(full.tokens, model);
  const activation_profile profile(full.counts.value());
  if (full.sampling == "conditional_poisson") return conditional_poisson(profile, model);
  return successive(profile, model);
}

/// An activation as JSON; what is not resolved is left out.
inline ordered_json to_json(const activation_settings& given) {
  ordered_json activation = ordered_json::object();
  const auto echo = [&](const char* key, const auto& value) {
    if (value) activation[key] = *value;
  };
  echo("preset", given.preset);
  echo("zipf", given.zipf);
  echo("file", given.file);
  echo("trace", given.trace);
  echo("sampling", given.sampling);
  if (!given.dense_layers.empty()) activation["dense_layers"] = given.dense_layers;
  if (const auto& weights = given.counts) {
    ordered_json rows = ordered_json::array();
    for (std::size_t l = 0; l < row_count(*weights); ++l) {
      const auto weight = row(*weights, l);
      rows.push_back(std::vector<double>(weight.begin(), weight.end()));
    }
    activation["matrix"] = std::move(rows);
  }
  return activation;
}

}  // namespace detail
}  // namespace orbitmoe
