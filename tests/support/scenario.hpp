#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/scenario.hpp>

namespace orbitmoe::test {

inline scenario parse_scenario(const std::string& text,
                               const std::filesystem::path& directory = ".") {
  return scenario_from_json(parse_json(text), directory);
}

/// The constellation of a scenario whose sky is a formula.
inline walker_parameters& walker_of(scenario& given) {
  return std::get<walker_parameters>(given.constellation);
}
inline const walker_parameters& walker_of(const scenario& given) {
  return std::get<walker_parameters>(given.constellation);
}

}  // namespace orbitmoe::test
