#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/scenario.hpp>
#include <orbitmoe/schemes.hpp>

namespace orbitmoe {

/// What a scenario came to: the resolved scenario, and one result per scheme, in its order.
struct report {
  orbitmoe::scenario scenario;
  std::vector<scheme_report> schemes;
  bool operator==(const report&) const = default;
};

/// A scheme of a report; what was not asked for is left out.
[[nodiscard]] inline ordered_json to_json(const scheme_report& scheme) {
  ordered_json out{{"name", scheme.name},
                   {"token_latency_s",
                    {{"mean", scheme.mean_s},
                     {"stderr", detail::finite_or_null(scheme.stderr_s)},
                     {"p50", detail::finite_or_null(scheme.p50_s)},
                     {"p95", detail::finite_or_null(scheme.p95_s)},
                     {"p99", detail::finite_or_null(scheme.p99_s)}}},
                   {"layer_latency_s", scheme.layer_mean_s},
                   {"unreachable_fraction", scheme.unreachable_fraction},
                   {"placement", to_json(scheme.plan)}};
  if (scheme.held_out_mean_s)
    out["held_out_mean_s"] = detail::finite_or_null(*scheme.held_out_mean_s);
  if (scheme.lower_bound_s) {
    out["lower_bound_s"] = *scheme.lower_bound_s;
    out["gap"] = *scheme.gap();
  }
  return out;
}

/// @see MODEL §10.
[[nodiscard]] inline ordered_json to_json(const report& given) {
  ordered_json schemes = ordered_json::array();
  for (const scheme_report& scheme : given.schemes) schemes.push_back(to_json(scheme));
  return {{"schema", "orbitmoe/report/1"},
          {"scenario", to_json(given.scenario)},
          {"schemes", std::move(schemes)}};
}

/// @param path  where the value stands, for error messages.
/// @throws invalid_input  the value is no report of a scheme.
[[nodiscard]] inline scheme_report scheme_report_from_json(const ordered_json& value,
                                                           const std::string& path = "") {
  detail::object_reader reader(value, path);
  scheme_report scheme;
  scheme.name = detail::json_value<std::string>(reader.at("name"), reader.path_of("name"));
  detail::object_reader latency(reader.at("token_latency_s"), reader.path_of("token_latency_s"));
  const auto number = [&](const char* key) {
    const ordered_json& member = latency.at(key);
    return member.is_null() ? std::numeric_limits<double>::infinity()
                            : detail::json_value<double>(member, latency.path_of(key));
  };
  scheme.mean_s = number("mean");
  scheme.stderr_s = number("stderr");
  scheme.p50_s = number("p50");
  scheme.p95_s = number("p95");
  scheme.p99_s = number("p99");
  latency.finish();
  scheme.layer_mean_s =
      detail::json_array<double>(reader.at("layer_latency_s"), reader.path_of("layer_latency_s"));
  scheme.unreachable_fraction = detail::json_value<double>(reader.at("unreachable_fraction"),
                                                           reader.path_of("unreachable_fraction"));
  scheme.plan = placement_from_json(reader.at("placement"), reader.path_of("placement"));
  if (const ordered_json* mean = reader.find("held_out_mean_s"))
    scheme.held_out_mean_s =
        mean->is_null() ? std::numeric_limits<double>::infinity()
                        : detail::json_value<double>(*mean, reader.path_of("held_out_mean_s"));
  reader.read("lower_bound_s", scheme.lower_bound_s);
  (void)reader.find("gap");  // follows from mean and bound
  reader.finish();
  return scheme;
}

/// @param directory  what relative paths in its scenario start from.
/// @throws invalid_input  the value is no report.
[[nodiscard]] inline report report_from_json(const ordered_json& value,
                                             const std::filesystem::path& directory = ".") {
  detail::object_reader reader(value, "");
  if (const ordered_json& schema = reader.at("schema"); schema != "orbitmoe/report/1")
    throw invalid_input::value("schema", detail::described(schema), "\"orbitmoe/report/1\"");
  report out;
  out.scenario = detail::within(
      "scenario", [&] { return scenario_from_json(reader.at("scenario"), directory); });
  const ordered_json& schemes = reader.at("schemes");
  if (!schemes.is_array())
    throw invalid_input::value("schemes", detail::described(schemes), "an array");
  for (std::size_t i = 0; i < schemes.size(); ++i)
    out.schemes.push_back(
        scheme_report_from_json(schemes[i], "schemes[" + std::to_string(i) + "]"));
  reader.finish();
  return out;
}

}  // namespace orbitmoe
