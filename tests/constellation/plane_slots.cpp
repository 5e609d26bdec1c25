#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/constellation/plane_slots.hpp>
#include <orbitmoe/random.hpp>

#include "support/catch.hpp"

namespace constellation_plane_slots_test {
namespace {

using namespace orbitmoe;
using namespace orbitmoe::detail;
using test::approx;

/// Angles of a regular plane without some satellites, jittered, rising in [0, 360).
std::vector<double> plane(int slots, double first_deg, double jitter_deg, double share,
                          random_stream& random) {
  std::vector<double> angles;
  for (int s = 0; s < slots; ++s)
    if (angles.empty() || random.uniform_01() < share)
      angles.push_back(
          turned_deg(first_deg + 360.0 * s / slots + jitter_deg * (2 * random.uniform_01() - 1)));
  std::ranges::sort(angles);
  return angles;
}

TEST_CASE("plane_slots: from one angle to another, the short way") {
  CHECK(ahead_deg(10, 30) == 20);
  CHECK(ahead_deg(30, 10) == -20);
  CHECK(ahead_deg(350, 10) == 20);
  CHECK(ahead_deg(10, 350) == -20);
  CHECK(ahead_deg(0, 180) == 180);
  CHECK(ahead_deg(180, 0) == 180);
  CHECK(ahead_deg(77, 77) == 0);
}

TEST_CASE("plane_slots: gaps go round once") {
  CHECK(gaps_deg({}).empty());
  CHECK(gaps_deg(std::vector{90.0}) == std::vector{360.0});
  CHECK(gaps_deg(std::vector{10.0, 10.0}) == std::vector{0.0, 360.0});
  CHECK(gaps_deg(std::vector{10.0, 40.0, 350.0}) == std::vector{30.0, 310.0, 20.0});
}

TEST_CASE("plane_slots: distance from a comb") {
  const comb places{.teeth = 12, .first_deg = 350};
  CHECK(places.spacing_deg() == 30);
  CHECK(places.off(350) == 0);
  CHECK(places.off(20) == approx(0).margin(1e-12));
  CHECK(places.off(5) == approx(0.5));
  CHECK(places.off(26) == approx(0.2));
  CHECK(places.off(14) == approx(0.2));
}

TEST_CASE("plane_slots: the comb goes through the rhythm and not through a spare") {
  std::vector<double> angles{3, 30, 60.2, 90, 119.9, 150, 180, 210.1, 240, 270, 300, 330};
  const comb places = fitted_comb(angles, 12);
  CHECK(places.off(30) < 0.01);
  CHECK(places.off(3) == approx(0.1).margin(0.01));
}

TEST_CASE("plane_slots: the usual distance is that of most") {
  CHECK(usual_gap_deg({30, 30, 30, 60, 30, 3, 27}, 0.6) == 30);
  CHECK(usual_gap_deg({0, 0, 0, 0, 120, 0, 0, 120, 0, 0, 120}, 0.6) == 120);
  CHECK(usual_gap_deg({0, 0, 360}, 0.6) == 360);
  CHECK(usual_gap_deg({360}, 0.6) == 360);
  // Ten satellites of a bunch among nine that keep their distance.
  std::vector<double> bunch(10, 0.3);
  bunch.insert(bunch.end(), 9, 36);
  CHECK(usual_gap_deg(bunch, 0.6) == 36);
  CHECK(usual_gap_deg(std::vector<double>(10'000, 0.036), 0.6) == 0.05);
}

TEST_CASE("plane_slots: places round the turn are counted though distances are rough") {
  random_stream random(1, "teeth");
  for (const int slots : {1, 2, 3, 11, 22, 60, 100, 138})
    for (int round = 0; round < 20; ++round) {
      const std::vector<double> angles =
          plane(slots, 360 * random.uniform_01(), 0.2, round % 2 == 0 ? 1 : 0.85, random);
      const double usual = usual_gap_deg(gaps_deg(angles), 0.6);
      CAPTURE(slots, round, usual);
      if (std::abs(usual * slots - 360) < 36)  // of three, two may be all
        REQUIRE(counted_teeth(angles, usual) == static_cast<std::size_t>(slots));
    }
  // Nothing agrees: what the distance says, or near to it.
  CHECK(counted_teeth(std::vector{0.0}, 360) == 1);
  CHECK(counted_teeth(std::vector{0.0, 0.05, 0.1}, 0.05) >= 6500);
}

TEST_CASE("plane_slots: who stays is nearest to the comb and alone in its place") {
  random_stream random(1, "spares");
  for (int round = 0; round < 200; ++round) {
    std::vector<double> angles;
    const std::size_t count = 1 + random.uniform_index(12);
    for (std::size_t k = 0; k < count; ++k) angles.push_back(360 * random.uniform_01());
    std::ranges::sort(angles);
    const comb places{1 + random.uniform_index(12), 360 * random.uniform_01()};
    const double share = 0.95 * random.uniform_01(), apart = share * places.spacing_deg();
    const std::vector<std::size_t> kept = spaced_out(angles, places, share);
    REQUIRE(!kept.empty());
    REQUIRE(std::ranges::is_sorted(kept));
    const auto near = [&](std::size_t a, std::size_t b) {
      const double distance = std::abs(std::remainder(angles[a] - angles[b], 360));
      return distance < apart;
    };
    for (std::size_t k = 0; k < count; ++k) {
      const bool stays = std::ranges::binary_search(kept, k);
      // Who goes has a neighbour that stays and is no further off; who stays has none that stays.
      const bool yields = std::ranges::any_of(kept, [&](std::size_t other) {
        return other != k && near(other, k) &&
               (stays || places.off(angles[other]) <= places.off(angles[k]));
      });
      REQUIRE(yields == !stays);
    }
  }
}

TEST_CASE("plane_slots: a regular plane gets its slots whatever is missing") {
  random_stream random(1, "slots");
  for (const int slots : {3, 11, 22, 60})
    for (int round = 0; round < 50; ++round) {
      const double first = 360 * random.uniform_01();
      const std::vector<double> angles = plane(slots, first, 0.2, 0.8, random);
      const std::vector<std::uint32_t> found = slots_of(angles, static_cast<std::size_t>(slots));
      REQUIRE(found.size() == angles.size());
      for (std::size_t k = 0; k < angles.size(); ++k) {
        CAPTURE(slots, round, k);
        REQUIRE(found[k] < static_cast<std::uint32_t>(slots));
        const double from_slot = std::remainder(angles[k] - 360.0 * found[k] / slots, 360);
        REQUIRE(std::abs(from_slot) < 180.0 / slots + 0.6);
        const double steps = (angles[k] - angles[0]) * slots / 360;
        const auto ahead = static_cast<long>(found[k]) - static_cast<long>(found[0]);
        REQUIRE((std::lround(steps) - ahead) % slots == 0);
      }
    }
}

TEST_CASE("plane_slots: any angles get slots of their own in their order") {
  random_stream random(2, "slots");
  for (int round = 0; round < 500; ++round) {
    const std::size_t slots = 1 + random.uniform_index(20);
    std::vector<double> angles(random.uniform_index(slots + 1));
    const double width = random.uniform_01() < 0.3 ? 20 : 360;
    for (double& angle : angles) angle = turned_deg(300 + width * random.uniform_01());
    if (angles.size() > 1 && round % 3 == 0) angles[1] = angles[0];
    std::ranges::sort(angles);
    const std::vector<std::uint32_t> found = slots_of(angles, slots);
    REQUIRE(found.size() == angles.size());
    // Once round: the steps from each to the next, all forward, add up to one turn.
    std::size_t turned = 0;
    for (std::size_t k = 0; k < found.size(); ++k) {
      REQUIRE(found[k] < slots);
      const std::size_t step = (found[(k + 1) % found.size()] + slots - found[k]) % slots;
      turned += step == 0 ? slots : step;
    }
    if (!found.empty()) REQUIRE(turned == slots);
  }
}

}  // namespace
}  // namespace constellation_plane_slots_test
