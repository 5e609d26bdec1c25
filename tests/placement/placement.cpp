#include <sstream>

#include <orbitmoe/placement/placement.hpp>

#include "support/catch.hpp"

namespace placement_placement_test {
namespace {

using namespace orbitmoe;

const moe_model two_by_two{.layers = 2, .experts = 2, .top_k = 1};
const placement good{{0, 3}, {{1, 2}, {4, 5}}};

TEST_CASE("placement: a plain value") {
  placement other = good;
  CHECK(other == good);
  std::swap(other.experts[1][0], other.experts[1][1]);
  CHECK_FALSE(other == good);

  std::ostringstream text;
  text << good;
  CHECK(text.str() == "layer 0: gateway 0, experts 1 2\nlayer 1: gateway 3, experts 4 5\n");
}

TEST_CASE("placement: capacity is shared by experts of any layer, never with a gateway") {
  CHECK_NOTHROW(good.validate(6, two_by_two));
  const placement shared{{0, 3}, {{1, 1}, {1, 2}}};
  CHECK_NOTHROW(shared.validate(4, two_by_two, 3));
  CHECK_INVALID(shared.validate(4, two_by_two, 2),
                "experts[1][0]: found 1; allowed: a satellite that hosts nothing else or has room");
  CHECK_INVALID((placement{{0, 3}, {{1, 1}, {0, 2}}}.validate(4, two_by_two, 3)),
                "experts[1][0]: found 0; allowed: a satellite that hosts nothing else or has room");
}

TEST_CASE("placement: a wrong shape is named") {
  CHECK_INVALID(good.validate(6, {.layers = 0}), "layers: found 0");
  CHECK_INVALID(good.validate(6, two_by_two, 0),
                "experts_per_satellite: found 0; allowed: an integer from 1 to 65536");
  CHECK_INVALID(good.validate(6, two_by_two, 65'537), "experts_per_satellite: found 65537");
  CHECK_INVALID((placement{{0}, {{1, 2}, {4, 5}}}.validate(6, two_by_two)),
                "gateways: found 1; allowed: 2 ids, one per layer");
  CHECK_INVALID((placement{{0, 3}, {{1, 2}}}.validate(6, two_by_two)),
                "experts: found 1; allowed: 2 rows, one per layer");
  CHECK_INVALID((placement{{0, 3}, {{1, 2}, {4}}}.validate(6, two_by_two)),
                "experts[1]: found 1; allowed: 2 ids, one per expert");
}

TEST_CASE("placement: a wrong satellite is named") {
  CHECK_INVALID(good.validate(5, two_by_two),
                "experts[1][1]: found 5; allowed: a satellite in 0..4");
  CHECK_INVALID((placement{{0, 6}, {{1, 2}, {4, 5}}}.validate(6, two_by_two)),
                "gateways[1]: found 6; allowed: a satellite in 0..5");
  CHECK_INVALID((placement{{3, 3}, {{1, 2}, {4, 5}}}.validate(6, two_by_two)),
                "gateways[1]: found 3; allowed: a satellite that hosts nothing else");
  CHECK_INVALID((placement{{0, 3}, {{1, 3}, {4, 5}}}.validate(6, two_by_two)),
                "experts[0][1]: found 3; allowed: a satellite that hosts nothing else");
  CHECK_INVALID((placement{{0, 3}, {{1, 2}, {4, 1}}}.validate(6, two_by_two)),
                "experts[1][1]: found 1; allowed: a satellite that hosts nothing else");
}

}  // namespace
}  // namespace placement_placement_test
