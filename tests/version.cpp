#include <string>

#include <orbitmoe/version.hpp>

#include "support/catch.hpp"

namespace version_test {
namespace {

TEST_CASE("version: the text is made of the three numbers") {
  CHECK(std::string(ORBITMOE_VERSION) == std::to_string(ORBITMOE_VERSION_MAJOR) + "." +
                                             std::to_string(ORBITMOE_VERSION_MINOR) + "." +
                                             std::to_string(ORBITMOE_VERSION_PATCH));
}

TEST_CASE("version: the numbers are usable in preprocessor conditions") {
#if ORBITMOE_VERSION_MAJOR >= 0 && ORBITMOE_VERSION_MINOR >= 0 && ORBITMOE_VERSION_PATCH >= 0 && \
    ORBITMOE_VERSION_MAJOR + ORBITMOE_VERSION_MINOR + ORBITMOE_VERSION_PATCH > 0
  constexpr bool comparable = true;
#else
  constexpr bool comparable = false;
#endif
  CHECK(comparable);
}

}  // namespace
}  // namespace version_test
