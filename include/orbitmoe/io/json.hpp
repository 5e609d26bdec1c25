#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/placement/placement.hpp>

namespace orbitmoe {

/// JSON whose keys keep their order; the library's only JSON type.
using ordered_json = nlohmann::ordered_json;

/// Parses JSON text strictly.
/// @throws invalid_input  the text is not JSON, has an object that names a key twice or over 1000
///                        keys, or is nested deeper than 64 levels; the message gives the place.
[[nodiscard]] inline ordered_json parse_json(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw invalid_input::value("json", "a NUL byte", "JSON text");
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, ordered_json::parse_event_t event, ordered_json& value) {
    if (depth > 64) throw invalid_input::value("json", "nesting over 64 levels", "at most that");
    if (event == ordered_json::parse_event_t::object_start) keys.emplace_back();
    if (event == ordered_json::parse_event_t::object_end) keys.pop_back();
    if (event == ordered_json::parse_event_t::key &&
        !keys.back().insert(value.get<std::string>()).second)
      throw invalid_input::value("json",
                                 "the key " + detail::shown(value.get<std::string>()) + " twice",
                                 "each key once in an object");
    if (event == ordered_json::parse_event_t::key && keys.back().size() > 1000)
      throw invalid_input::value("json", "over 1000 keys in one object", "at most that");
    return true;
  };
  try {
    return ordered_json::parse(text, watch);
  } catch (const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    const std::string_view what = error.what();
    const std::size_t start = std::min(what.find("] ") + 2, what.size());
    throw invalid_input::value("json", detail::printable(what.substr(start), 160), "JSON text");
  }
}

namespace detail {

/// Text as JSON may hold it: U+FFFD for what is no UTF-8.
inline ordered_json utf8_text(const std::string& text) {
  return ordered_json::parse(
      ordered_json(text).dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

/// What a value is, as an error message shows it.
inline std::string described(const ordered_json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  if (value.is_string()) return shown(value.get_ref<const std::string&>());
  return value.dump();
}

/// @throws invalid_input  the value is not of the type, or does not fit into it.
template<typename T>
T json_value(const ordered_json& value, const std::string& path) {
  const auto mismatch = [&](const char* allowed) {
    return invalid_input::value(path, described(value), allowed);
  };
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) throw mismatch("true or false");
    return value.get<bool>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) throw mismatch("a string");
    return value.get<std::string>();
  } else if constexpr (std::is_same_v<T, double>) {
    if (!value.is_number()) throw mismatch("a number");
    return value.get<double>();
  } else {
    static_assert(std::is_integral_v<T>);
    if (!value.is_number_integer()) throw mismatch("an integer");
    const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<std::uint64_t>())
                                                 : std::in_range<T>(value.get<std::int64_t>());
    if (!fits)
      throw invalid_input::value(path, described(value),
                                 "an integer from " +
                                     std::to_string(std::numeric_limits<T>::min()) + " to " +
                                     std::to_string(std::numeric_limits<T>::max()));
    return value.get<T>();
  }
}

/// @throws invalid_input  the value is no array, or an element is not of the type.
template<typename T>
std::vector<T> json_array(const ordered_json& value, const std::string& path) {
  if (!value.is_array()) throw invalid_input::value(path, described(value), "an array");
  std::vector<T> out;
  for (std::size_t i = 0; i < value.size(); ++i)
    out.push_back(json_value<T>(value[i], path + "[" + std::to_string(i) + "]"));
  return out;
}

/// @throws invalid_input  the value is no array of rows of the same length.
template<typename T>
std::vector<std::vector<T>> json_rows(const ordered_json& value, const std::string& path) {
  if (!value.is_array()) throw invalid_input::value(path, described(value), "an array of rows");
  std::vector<std::vector<T>> rows;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string place = path + "[" + std::to_string(i) + "]";
    rows.push_back(json_array<T>(value[i], place));
    require(rows.back().size() == rows.front().size(), place, rows.back().size(),
            std::to_string(rows.front().size()) + " entries, as in the first row");
  }
  return rows;
}

/// Reads the members of an object, each at most once; members that nobody asked for are errors.
class object_reader {
 public:
  /// @param path  where the object stands, such as "links"; empty at the top.
  object_reader(const ordered_json& value, std::string path)
      : value_(value), path_(std::move(path)) {
    if (!value.is_object())
      throw invalid_input::value(path_.empty() ? "json" : path_, described(value), "an object");
  }

  [[nodiscard]] std::string path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }
  /// The member, or nullptr.
  const ordered_json* find(std::string_view key) {
    known_.insert(std::string(key));
    const auto member = value_.find(std::string(key));
    return member == value_.end() ? nullptr : &*member;
  }
  /// Reads a member into `out`, which stays as it is where there is none.
  template<typename T>
  void read(std::string_view key, T& out) {
    if (const ordered_json* member = find(key)) out = json_value<T>(*member, path_of(key));
  }
  /// As read, where null stands for nothing.
  template<typename T>
  void read(std::string_view key, std::optional<T>& out) {
    if (const ordered_json* member = find(key))
      out = member->is_null() ? std::nullopt : std::optional(json_value<T>(*member, path_of(key)));
  }
  /// The member, which must be there.
  const ordered_json& at(std::string_view key) {
    if (const ordered_json* member = find(key)) return *member;
    throw invalid_input::value(path_of(key), "nothing", "this key, which has no default");
  }
  /// @throws invalid_input  the object has a member that was not asked for.
  void finish() const {
    for (const auto& member : value_.items())
      if (!known_.contains(member.key())) {
        std::string keys;
        for (const std::string& key : known_) keys += (keys.empty() ? "" : ", ") + key;
        throw invalid_input::value(path_of(printable(member.key(), 60)), "an unknown key", keys);
      }
  }

 private:
  const ordered_json& value_;
  std::string path_;
  std::set<std::string> known_;
};

/// Numbers for JSON, which has no infinity: null stands for it.
inline ordered_json finite_or_null(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

}  // namespace detail

/// {"gateways": [L ids], "experts": [[E ids] per layer]}
[[nodiscard]] inline ordered_json to_json(const placement& plan) {
  return {{"gateways", plan.gateways}, {"experts", plan.experts}};
}

/// @param path  where the value stands, for error messages.
/// @throws invalid_input  the value is no placement. Whether it fits a model and a network is for
///                        placement::validate, which evaluate calls.
[[nodiscard]] inline placement placement_from_json(const ordered_json& value,
                                                   const std::string& path = "") {
  detail::object_reader reader(value, path);
  placement plan{
      .gateways =
          detail::json_array<satellite_id>(reader.at("gateways"), reader.path_of("gateways")),
      .experts = detail::json_rows<satellite_id>(reader.at("experts"), reader.path_of("experts"))};
  reader.finish();
  return plan;
}

}  // namespace orbitmoe
