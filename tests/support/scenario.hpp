#pragma once

#include <variant>

#include <orbitmoe/io/scenario.hpp>

namespace orbitmoe::test {

/// The constellation of a scenario whose sky is a formula.
inline walker_parameters& walker_of(scenario& given) {
  return std::get<walker_parameters>(given.constellation);
}
inline const walker_parameters& walker_of(const scenario& given) {
  return std::get<walker_parameters>(given.constellation);
}

}  // namespace orbitmoe::test
