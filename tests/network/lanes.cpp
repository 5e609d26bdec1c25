#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <orbitmoe/network/lanes.hpp>

#include "support/catch.hpp"

namespace network_lanes_test {
namespace {

using namespace orbitmoe;
using detail::lane_delays, detail::lanes, detail::pack_bits;

constexpr double infinity = std::numeric_limits<double>::infinity();

using one_per_lane = std::array<double, lanes>;

one_per_lane rising() {
  one_per_lane values{};
  for (std::size_t i = 0; i < lanes; ++i) values[i] = 1 + static_cast<double>(i);
  return values;
}

TEST_CASE("lanes: the width is the one that this program is built for") {
#ifdef EXPECTED_LANE_WIDTH
  CHECK(ORBITMOE_LANE_WIDTH == EXPECTED_LANE_WIDTH);
#endif
  CHECK(sizeof(detail::pack) == ORBITMOE_LANE_WIDTH * sizeof(double));
}

TEST_CASE("lanes: a hop lengthens all delays, and both sides keep the lesser") {
  const one_per_lane from = rising();
  for (std::size_t offset = 0; offset < 8; ++offset) {
    std::array<double, lanes + 8> memory;
    memory.fill(-7);
    double* const to = memory.data() + offset;
    for (std::size_t i = 0; i < lanes; ++i) to[i] = i % 3 == 0 ? infinity : 6;
    lane_delays delays(from.data());
    delays.advance(0.5);
    delays.meet(to);
    one_per_lane kept;
    kept.fill(infinity);
    delays.meet(kept.data());
    for (std::size_t i = 0; i < lanes; ++i) {
      const double arriving = from[i] + 0.5;
      REQUIRE(to[i] == (i % 3 == 0 ? arriving : std::min(arriving, 6.0)));
      REQUIRE(kept[i] == to[i]);
    }
    CHECK(std::ranges::count(memory, -7) == 8);
  }
  CHECK(from == rising());
}

TEST_CASE("lanes: a delay that falls in any lane is noticed, and nothing else") {
  const auto falls = [](const one_per_lane& arriving, one_per_lane at) {
    pack_bits changed{};
    lane_delays(arriving.data()).meet(at.data(), changed);
    return detail::any(changed);
  };
  one_per_lane all_infinite;
  all_infinite.fill(infinity);
  CHECK_FALSE(falls(rising(), rising()));
  CHECK_FALSE(falls(all_infinite, rising()));
  CHECK_FALSE(falls(all_infinite, all_infinite));
  CHECK(falls(rising(), all_infinite));
  for (std::size_t i = 0; i < lanes; ++i) {
    CAPTURE(i);
    one_per_lane other = rising();
    other[i] = infinity;
    CHECK(falls(rising(), other));
    CHECK_FALSE(falls(other, rising()));
    // By the least that there is.
    other[i] = std::nextafter(rising()[i], infinity);
    CHECK(falls(rising(), other));
    CHECK_FALSE(falls(other, rising()));
  }
}

TEST_CASE("lanes: changes add up over many satellites") {
  pack_bits changed{};
  one_per_lane first = rising(), second = rising(), third = rising();
  second[7] = 100;
  lane_delays delays(rising().data());
  delays.meet(first.data(), changed);
  CHECK_FALSE(detail::any(changed));
  delays.meet(second.data(), changed);
  CHECK(detail::any(changed));
  delays.meet(third.data(), changed);
  CHECK(detail::any(changed));
  CHECK(second == rising());
}

TEST_CASE("lanes: sources come in blocks and their delays to the right columns") {
  constexpr std::size_t satellites = 5;
  for (const std::size_t count : {1u, 2u, 15u, 16u, 17u, 31u, 32u, 33u, 40u, 64u, 70u}) {
    CAPTURE(count);
    std::vector<satellite_id> sources(count);
    for (std::size_t i = 0; i < count; ++i) sources[i] = static_cast<satellite_id>(100 + i);
    std::vector<double> out(satellites * count, -7);
    std::size_t calls = 0;
    const auto number = [](std::size_t source, std::size_t v) {
      return static_cast<double>(1000 * source + v);
    };
    detail::in_lanes(sources, out, [&](auto block, double* delays_s) {
      for (std::size_t i = 0; i < lanes; ++i) {
        // The last source stands in.
        REQUIRE(block[i] == sources[std::min(calls * lanes + i, count - 1)]);
        for (std::size_t v = 0; v < satellites; ++v) delays_s[v * lanes + i] = number(block[i], v);
      }
      ++calls;
    });
    CHECK(calls == (count + lanes - 1) / lanes);
    for (std::size_t v = 0; v < satellites; ++v)
      for (std::size_t i = 0; i < count; ++i) REQUIRE(out[v * count + i] == number(sources[i], v));
  }
  detail::in_lanes({}, {}, [](auto, double*) { FAIL("there is nothing to compute"); });
}

}  // namespace
}  // namespace network_lanes_test
