#pragma once

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/io/csv.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/npy.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/trace.hpp>

/// @file
/// What serving stacks write about their routers.
///
/// - any: counts or frequencies [layers, experts]: read_activation, CSV or npy
/// - SGLang: logical_count [samples, layers, experts]: read_activation, npy or JSON
/// - DeepSeek EPLB: weight [layers, experts]: read_activation, npy or JSON
/// - any, SGLang, vLLM: routed experts [tokens, layers, top_k]: read_trace, npy or CSV
///
/// A recorder of SGLang leaves a .pt file, which only PyTorch reads safely; two lines make it one
/// of these:
///     record = torch.load("expert_distribution_recorder_….pt", weights_only=True)
///     numpy.save("counts.npy", record["logical_count"].numpy())
///
/// Many stacks count every layer of the transformer, so that dense layers, which have no router,
/// appear as slices of zeros: see without_dense_layers.

namespace orbitmoe {

/// Counts or frequencies from an array: layers × experts, or samples × layers × experts, which are
/// added up over the samples.
/// @return  L × E numbers, for activation_profile; dense layers still in it.
/// @throws invalid_input  the array has other dimensions, or a number that is negative or not
///                        finite, or makes a sum that is not; the message gives its place.
/// @see     sglang/srt/eplb/expert_distribution.py; rebalance_experts of DeepSeek EPLB.
[[nodiscard]] inline matrix activation_from(const npy_array& array) {
  const std::vector<std::size_t>& shape = array.shape;
  if (shape.size() != 2 && shape.size() != 3)
    throw invalid_input::value("shape", detail::npy_shape_text(shape),
                               "layers × experts, or samples × layers × experts");
  const std::size_t experts = shape.back(), layers = shape[shape.size() - 2];
  matrix counts = make_matrix(layers, experts, 0);
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    const double count = array.values[i];
    if (!std::isfinite(count) || count < 0)
      throw invalid_input::value(detail::npy_place(shape, i), detail::to_text(count),
                                 "a finite number, 0 or more");
    double& sum = row(counts, i / experts % layers)[i % experts];
    sum += count;
    if (!std::isfinite(sum))
      throw invalid_input::value(detail::npy_place(shape, i), detail::to_text(count),
                                 "a number whose sum over the samples is finite");
  }
  return counts;
}

/// Expert ids from an array of tokens × layers × top_k.
/// @return  the trace; dense layers still in it.
/// @throws invalid_input  the array has other dimensions, or something else than an expert id in
///                        0..65535; the message gives its place.
[[nodiscard]] inline token_trace trace_from(const npy_array& array) {
  if (array.shape.size() != 3)
    throw invalid_input::value("shape", detail::npy_shape_text(array.shape),
                               "tokens × layers × top_k");
  token_trace trace{.layers = array.shape[1], .top_k = array.shape[2], .experts = {}};
  trace.experts.reserve(array.values.size());
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    const double id = array.values[i];
    const bool known = id >= 0 && id < 65'536 && id == std::floor(id);  // no NaN, either
    if (!known)
      throw invalid_input::value(detail::npy_place(array.shape, i), detail::to_text(id),
                                 "an expert id in 0..65535");
    trace.experts.push_back(static_cast<std::uint32_t>(id));
  }
  return trace;
}

namespace detail {

/// Arrays in arrays as one array. The shape is that of the first members.
inline npy_array array_from_json(const ordered_json& value, const std::string& path) {
  npy_array out;
  for (const ordered_json* level = &value; level->is_array(); level = &level->front()) {
    out.shape.push_back(level->size());
    if (level->empty() || out.shape.size() > 3)
      throw invalid_input::value(path, level->empty() ? "an empty array" : "arrays nested 4 deep",
                                 "numbers in 2 or 3 nested arrays");
  }
  if (out.shape.empty())
    throw invalid_input::value(path, described(value),
                               "nested arrays, or an object with the key logical_count");
  std::vector<const ordered_json*> level{&value};
  std::vector<std::size_t> above;  // sizes of the levels above this one
  const auto mismatch = [&](std::size_t i, const std::string& allowed) {
    return invalid_input::value(path + npy_place(above, i), described(*level[i]), allowed);
  };
  for (const std::size_t size : out.shape) {
    std::vector<const ordered_json*> members;
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (!level[i]->is_array() || level[i]->size() != size)
        throw mismatch(i, "an array of " + std::to_string(size) + ", as the first at this depth");
      for (const ordered_json& member : *level[i]) members.push_back(&member);
    }
    level = std::move(members);
    above.push_back(size);
  }
  for (std::size_t i = 0; i < level.size(); ++i) {
    if (!level[i]->is_number()) throw mismatch(i, "a number");
    out.values.push_back(level[i]->get<double>());
  }
  return out;
}

}  // namespace detail

/// Counts or frequencies from the bytes of a .npy file; see activation_from.
/// @throws invalid_input  see parse_npy and activation_from.
[[nodiscard]] inline matrix parse_activation_npy(std::string_view bytes) {
  return activation_from(parse_npy(bytes));
}

/// A token trace from the bytes of a .npy file; see trace_from.
/// @throws invalid_input  see parse_npy and trace_from.
[[nodiscard]] inline token_trace parse_trace_npy(std::string_view bytes) {
  return trace_from(parse_npy(bytes));
}

/// Counts or weights from JSON text: nested arrays of layers × experts or samples × layers ×
/// experts, or an object with these under the key `logical_count`, as SGLang takes it for
/// --init-expert-location; other members are passed over.
/// @return  L × E numbers, for activation_profile; dense layers still in it.
/// @throws invalid_input  the text is neither, or a number is negative; the message gives its
/// place.
[[nodiscard]] inline matrix parse_activation_json(std::string_view text) {
  const ordered_json value = parse_json(text);
  const std::string path = value.is_object() ? "logical_count" : "json";
  if (value.is_object() && !value.contains(path))
    throw invalid_input::value(path, "nothing", "this key, with arrays of layers × experts");
  const npy_array array = detail::array_from_json(value.is_object() ? value.at(path) : value, path);
  return detail::within(path, [&] { return activation_from(array); });
}

/// Counts of the layers that have a router.
struct sparse_activation {
  matrix counts;                          ///< the other layers, in their order
  std::vector<std::size_t> dense_layers;  ///< layers that were left out, rising
};

/// A trace of the layers that have a router.
struct sparse_trace {
  token_trace tokens;                     ///< the other layers, in their order
  std::vector<std::size_t> dense_layers;  ///< layers that were left out, rising
};

/// Leaves out the layers in which every count is 0, and says which they were.
/// @complexity  O(L · E)
[[nodiscard]] inline sparse_activation without_dense_layers(const matrix& counts) {
  sparse_activation out;
  std::vector<std::size_t> kept;
  for (std::size_t l = 0; l < row_count(counts); ++l) {
    const std::span<const double> count = row(counts, l);
    const bool dense = std::all_of(count.begin(), count.end(), [](double c) { return c == 0; });
    (dense ? out.dense_layers : kept).push_back(l);
  }
  out.counts = make_matrix(kept.size(), column_count(counts), 0);
  for (std::size_t l = 0; l < kept.size(); ++l)
    std::ranges::copy(row(counts, kept[l]), row(out.counts, l).begin());
  return out;
}

/// Leaves out the layers in which every id of every token is 0, and says which they were: a router
/// cannot choose one expert twice. With top_k = 1 it can always choose expert 0, so then every
/// layer stays.
/// @complexity  O(tokens · L · K)
[[nodiscard]] inline sparse_trace without_dense_layers(const token_trace& trace) {
  sparse_trace out{.tokens = {.layers = 0, .top_k = trace.top_k, .experts = {}},
                   .dense_layers = {}};
  std::vector<std::size_t> kept;
  for (std::size_t l = 0; l < trace.layers; ++l) {
    bool dense = trace.top_k > 1 && trace.tokens() > 0;
    for (std::size_t t = 0; t < trace.tokens() && dense; ++t)
      dense = std::ranges::all_of(trace.at(t, l), [](std::uint32_t id) { return id == 0; });
    (dense ? out.dense_layers : kept).push_back(l);
  }
  out.tokens.layers = kept.size();
  for (std::size_t t = 0; t < trace.tokens(); ++t)
    for (const std::size_t l : kept)
      out.tokens.experts.insert(out.tokens.experts.end(), trace.at(t, l).begin(),
                                trace.at(t, l).end());
  return out;
}

namespace detail {

/// The ending of a file's name, in small letters; ".csv" where there is none, as for a pipe.
inline std::string ending_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending.empty() ? ".csv" : ending;
}

/// @throws invalid_input  the content is binary, of a kind that the ending does not say.
inline void check_content(std::string_view content, const std::string& ending) {
  if (ending == ".npy") return;  // whose reader sees for itself
  if (content.starts_with(npy_magic))
    throw invalid_input::value("content", "NumPy's .npy", "what " + ending + " says");
  if (content.starts_with("PK\x03\x04"))
    throw invalid_input::value("content", "a zip archive, such as .npz or .pt",
                               "what " + ending + " says");
}

/// Reads a file with `parse(content, ending)`; errors name the file.
template<typename Parse>
auto read_by_ending(const std::filesystem::path& path, std::initializer_list<const char*> endings,
                    Parse parse) {
  const std::string ending = ending_of(path);
  std::string allowed;
  for (const char* const one : endings) allowed += (allowed.empty() ? "" : ", ") + std::string(one);
  if (std::find(endings.begin(), endings.end(), ending) == endings.end())
    throw invalid_input::value(printable(path.string()), "the ending " + shown(ending), allowed);
  return parse_file(
      path,
      [&](std::string_view content) {
        check_content(content, ending);
        return parse(content, ending);
      },
      ending == ".npy" ? npy_max_bytes : default_file_limit);
}

}  // namespace detail

/// Counts or frequencies from a file, by the ending of its name: .csv (see parse_activation_csv),
/// .npy (parse_activation_npy) or .json (parse_activation_json). A name without an ending, such as
/// that of a pipe, is taken for CSV. Errors name the file.
/// @return  L × E numbers, for activation_profile; dense layers still in it.
/// @throws invalid_input  the file cannot be read, has another ending, or is not what that says.
[[nodiscard]] inline matrix read_activation(const std::filesystem::path& path) {
  return detail::read_by_ending(path, {".csv", ".npy", ".json"},
                                [](std::string_view content, std::string_view ending) {
                                  if (ending == ".npy") return parse_activation_npy(content);
                                  if (ending == ".json") return parse_activation_json(content);
                                  return parse_activation_csv(content);
                                });
}

/// A token trace from a file, by the ending of its name: .csv (see parse_trace_csv) or .npy
/// (parse_trace_npy). A name without an ending is taken for CSV. Errors name the file.
/// @return  the trace; dense layers still in it.
/// @throws invalid_input  the file cannot be read, has another ending, or is not what that says.
[[nodiscard]] inline token_trace read_trace(const std::filesystem::path& path) {
  return detail::read_by_ending(path, {".csv", ".npy"},
                                [](std::string_view content, std::string_view ending) {
                                  if (ending == ".npy") return parse_trace_npy(content);
                                  return parse_trace_csv(content);
                                });
}

}  // namespace orbitmoe
