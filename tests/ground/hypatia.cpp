#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include <orbitmoe/ground/hypatia.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace ground_hypatia_test {
namespace {

using namespace orbitmoe;
using test::approx;

TEST_CASE("hypatia: ranges follow from altitude and angle or cone") {
  const double degree = deg_to_rad(1);
  CHECK(hypatia_preset("kuiper-630").max_ground_range_km == approx(630 / std::sin(30 * degree)));
  CHECK(hypatia_preset("starlink-550").max_ground_range_km == approx(std::hypot(940.7, 550)));
  CHECK(hypatia_preset("telesat-1015").max_ground_range_km == approx(1015 / std::sin(10 * degree)));
  // The chord that grazes 80 km, by half of it: a right angle at the lowest point.
  const double half_km = hypatia_preset("kuiper-630").max_link_km() / 2;
  CHECK(std::hypot(half_km, 6378.135 + 80) == approx(6378.135 + 630));
  CHECK(hypatia_network{} == hypatia_preset("kuiper-630"));
  CHECK(hypatia_networks.size() == 3);
  CHECK_INVALID(hypatia_preset("kuiper"),
                "preset: found \"kuiper\"; allowed: kuiper-630, starlink-550, telesat-1015");
}

TEST_CASE("hypatia: four links for each satellite, of equal slots across planes") {
  const hypatia_network given = hypatia_preset("telesat-1015");
  const auto pairs = given.links().pairs;
  CHECK(pairs.size() == 2 * 27 * 13);
  std::vector<int> degree(27 * 13);
  for (const auto& [a, b] : pairs) {
    ++degree[a];
    ++degree[b];
    CHECK((a / 13 == b / 13 || a % 13 == b % 13));
  }
  CHECK(std::all_of(degree.begin(), degree.end(), [](int d) { return d == 4; }));
}

TEST_CASE("hypatia: the angle of the Earth is that of the epoch, at any start") {
  const hypatia_network given;
  CHECK(std::abs(given.ground().rotation.angle_at_start_deg - gmst_deg(2451544.5)) < 4e-4);
  CHECK(given.ground(50).rotation.angle_rad(7) == approx(given.ground().rotation.angle_rad(57)));
}

struct sample {
  double t_s, rtt_s;
};
std::vector<sample> golden_samples() {
  std::ifstream in(test::data("hypatia/kuiper-630.manila-dalian.rtt-ns.csv"));
  std::vector<sample> samples;
  double time_ns = 0, rtt_ns = 0;
  for (char comma = 0; in >> time_ns >> comma >> rtt_ns;)
    samples.push_back({time_ns * 1e-9, rtt_ns * 1e-9});
  return samples;
}

TEST_CASE("hypatia: Manila to Dalian over Kuiper as Hypatia has it") {
  if (!test::has_data()) return test::skip_without_data();
  const std::vector<sample> expected = golden_samples();
  REQUIRE(expected.size() == 2000);
  const hypatia_network given = hypatia_preset("kuiper-630");
  const sgp4_walker sky(given.sky);
  const timeline net(sky, given.links(), given.network(2000, 200), {.threads = 2});
  const std::vector<double> delays_s =
      ground_delays_s(sky, net, {"Manila", 14.6042, 120.9822, 0},
                      {"Dalian", 38.913811, 121.602322, 0}, given.ground(), {.threads = 2});
  double sum = 0, worst = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    CHECK(net.time_s(k) == approx(expected[k].t_s));
    const double error = std::abs(2 * delays_s[k] / expected[k].rtt_s - 1);
    sum += error;
    worst = std::max(worst, error);
  }
  // Every change of satellites comes in its very sample: one that did not would be off by 40 %.
  CHECK(sum / 2000 < 5e-6);
  CHECK(worst < 1e-5);
}

}  // namespace
}  // namespace ground_hypatia_test
