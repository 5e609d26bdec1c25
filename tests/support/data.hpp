#pragma once

#include <filesystem>
#include <string>

#include "support/catch.hpp"

namespace orbitmoe::test {

/// A file of the real data that stands beside the project; see ORBITMOE_DATA_DIR in CMake.
inline std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(ORBITMOE_DATA_DIR) / name;
}
inline bool has_data() { return std::filesystem::is_directory(ORBITMOE_DATA_DIR); }
inline void skip_without_data() { WARN("skipped: no real data at " ORBITMOE_DATA_DIR); }

}  // namespace orbitmoe::test
