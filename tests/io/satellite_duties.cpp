#include <orbitmoe/io/satellite_duties.hpp>

#include "support/catch.hpp"

namespace io_satellite_duties_test {
namespace {

using namespace orbitmoe;

TEST_CASE("satellite_duties: roles and what is hosted", "[io]") {
  const activation_profile activation(matrix{{1, 3}, {1, 1}});
  const placement plan{{0, 4}, {{2, 3}, {3, 2}}};
  const auto duties = detail::duties_of(5, activation, plan);
  REQUIRE(duties.size() == 5);
  CHECK(duties[4].gateway_of == 1);
  CHECK(duties[4].role() == satellite_role::gateway);
  CHECK(duties[1].role() == satellite_role::idle);
  CHECK(duties[3].role() == satellite_role::expert);
  REQUIRE(duties[3].experts.size() == 2);
  CHECK(duties[3].experts[1].layer == 1);
  CHECK(duties[3].experts[1].expert == 0);
  CHECK(duties[3].activation() == test::approx(0.75 + 0.5));
  CHECK_INVALID(detail::duties_of(4, activation, plan), "gateways[1]: found 4");
}

}  // namespace
}  // namespace io_satellite_duties_test
