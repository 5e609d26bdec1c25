#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/ground/delays.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/dijkstra.hpp>

#include "support/catch.hpp"

namespace ground_delays_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;
using test::approx;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Satellites that stand still.
struct still_sky {
  std::vector<Vector3d> positions_km;
  std::size_t size() const { return positions_km.size(); }
  Vector3d position_km(satellite_id id, double) const { return positions_km[id]; }
  Vector3d velocity_km_s(satellite_id, double) const { return {0, 0, 0}; }
};

const ellipsoid sphere{.equatorial_radius_km = 6371, .inverse_flattening = infinity};
const earth_rotation at_rest{.rate_deg_day = 0};

TEST_CASE("ground delays: by hand, up, along and down") {
  // Stations on the x and y axes; a satellite 1,000 km above each, and one high between them.
  const still_sky sky{{{7371, 0, 0}, {0, 7371, 0}, {9000, 9000, 0}}};
  const timeline net(sky, link_list{{{0, 2}, {1, 2}}},
                     {.slots = 2, .span_s = 10, .survival_probability = 1});
  const ground_station here{}, there{.longitude_deg = 90};
  const ground_options options{
      .access = {.min_elevation_deg = 60}, .figure = sphere, .rotation = at_rest};
  const double hop_km = std::hypot(9000 - 7371, 9000);
  const std::vector<double> delays_s = ground_delays_s(sky, net, here, there, options);
  REQUIRE(delays_s.size() == 2);
  CHECK(delays_s[0] == approx((1000 + 2 * hop_km + 1000) / light_speed_km_s));
  CHECK(delays_s[1] == delays_s[0]);

  // The high satellite is 16.1 degrees above both horizons: with it in reach, it alone will do.
  ground_options low = options;
  low.access.min_elevation_deg = 10;
  const double direct_km = 2 * std::hypot(9000 - 6371, 9000);
  CHECK(ground_delays_s(sky, net, here, there, low)[0] == approx(direct_km / light_speed_km_s));
  // A station talks to itself by the nearest satellite.
  CHECK(ground_delays_s(sky, net, here, here, low)[0] == approx(2000 / light_speed_km_s));
}

TEST_CASE("ground delays: bits and hop processing count between satellites") {
  const still_sky sky{{{7371, 0, 0}, {0, 7371, 0}}};
  const timeline net(sky, link_list{{{0, 1}}},
                     {.slots = 1,
                      .span_s = 1,
                      .survival_probability = 1,
                      .feasibility = {.min_grazing_altitude_km = 0},
                      .rate_gbps = 1,
                      .hop_processing_s = 1e-3});
  ground_options options{.access = {.max_range_km = 1500}, .figure = sphere, .rotation = at_rest};
  const ground_station here{}, there{.longitude_deg = 90};
  // The chord dips below the ground: no way.
  CHECK(ground_delays_s(sky, net, here, there, options)[0] == infinity);
  const timeline direct(2, {{0, 1}}, matrix::Constant(1, 1, 0.03));
  CHECK(ground_delays_s(sky, direct, here, there, options)[0] ==
        approx(0.03 + 2000 / light_speed_km_s));
  const still_sky near{{{7371, 0, 0}, {7371, 1000, 0}}};
  const timeline hop(near, link_list{{{0, 1}}},
                     {.slots = 1,
                      .span_s = 1,
                      .survival_probability = 1,
                      .rate_gbps = 1,
                      .hop_processing_s = 1e-3});
  options.access = {.min_elevation_deg = 89};
  options.message_bits = 2e6;
  const ground_station below{.longitude_deg = std::atan2(1000, 7371) * 180 / M_PI};
  CHECK(ground_delays_s(near, hop, here, below, options)[0] ==
        approx(2e-3 + 1e-3 + (1000 + 1000 + std::hypot(7371, 1000) - 6371) / light_speed_km_s));
}

TEST_CASE("ground delays: no satellite or no link, no way") {
  const still_sky sky{{{7371, 0, 0}, {0, 7371, 0}}};
  const timeline net(2, {{0, 1}}, matrix::Constant(1, 1, infinity));
  const ground_options options{
      .access = {.max_range_km = 1500}, .figure = sphere, .rotation = at_rest};
  const ground_station here{}, there{.longitude_deg = 90}, nowhere{.latitude_deg = -90};
  CHECK(ground_delays_s(sky, net, here, there, options)[0] == infinity);
  CHECK(ground_delays_s(sky, net, here, nowhere, options)[0] == infinity);
  CHECK(ground_delays_s(sky, net, nowhere, here, options)[0] == infinity);
}

TEST_CASE("ground delays: the least over all pairs of visible satellites, both ways") {
  const walker_constellation sky{{.planes = 12, .satellites_per_plane = 14, .phasing = 6}};
  const timeline net(sky, plus_grid{.seam = true}, {.slots = 6, .survival_probability = 0.8});
  const ground_station here{.latitude_deg = 14.6, .longitude_deg = 121},
      there{.latitude_deg = 51.5, .longitude_deg = -0.1, .elevation_m = 30};
  const ground_options options{.access = {.min_elevation_deg = 5},
                               .rotation = {.angle_at_start_deg = 77}};
  const std::vector<double> delays_s =
      ground_delays_s(sky, net, here, there, options, {.threads = 2});
  const std::vector<double> back_s = ground_delays_s(sky, net, there, here, options);
  const dijkstra_router router(net);
  int reached = 0;
  for (std::size_t slot = 0; slot < net.slots(); ++slot) {
    const double t_s = net.time_s(slot);
    std::vector<Vector3d> satellites_km;
    for (satellite_id id = 0; id < sky.size(); ++id)
      satellites_km.push_back(sky.position_km(id, t_s));
    const auto ups =
        ground_view(here, options.access).visible(satellites_km, options.rotation, t_s);
    const auto downs =
        ground_view(there, options.access).visible(satellites_km, options.rotation, t_s);
    double least_s = infinity;
    for (const auto& up : ups)
      for (const auto& down : downs) {
        std::vector<double> from_up_s(sky.size());
        const satellite_id source[] = {up.id};
        router.delays_s(net.propagation_s(slot), source, from_up_s);
        least_s = std::min(least_s, up.delay_s + from_up_s[down.id] + down.delay_s);
      }
    CHECK(delays_s[slot] == approx(least_s));
    CHECK(back_s[slot] == approx(least_s));
    reached += std::isfinite(least_s);
  }
  CHECK(reached > 0);
}

TEST_CASE("ground delays: what does not fit is an error that says where") {
  const still_sky sky{{{7371, 0, 0}, {0, 7371, 0}}};
  const timeline net(3, {{0, 1}}, matrix::Constant(1, 1, 0.01));
  CHECK_INVALID(ground_delays_s(sky, net, {}, {}),
                "sky: found 2; allowed: as many satellites as the timeline has, 3");
  const timeline two(2, {{0, 1}}, matrix::Constant(1, 1, 0.01));
  CHECK_INVALID(ground_delays_s(sky, two, {.latitude_deg = 100}, {}),
                "from.latitude_deg: found 100;");
  CHECK_INVALID(ground_delays_s(sky, two, {}, {.longitude_deg = 400}),
                "to.longitude_deg: found 400;");
  CHECK_INVALID(ground_delays_s(sky, two, {}, {}, {.access = {.max_range_km = -1}}),
                "max_range_km: found -1;");
  CHECK_INVALID(ground_delays_s(sky, two, {}, {}, {.message_bits = -1}), "message_bits: found -1;");
  CHECK_INVALID(ground_delays_s(sky, two, {}, {}, {}, {.threads = -1}), "threads: found -1;");
}

}  // namespace
}  // namespace ground_delays_test
