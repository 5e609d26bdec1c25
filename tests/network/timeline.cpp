#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/timeline.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"
#include "support/skies.hpp"

namespace network_timeline_test {
namespace {

using namespace orbitmoe;
using test::approx;
using test::drifting_sky;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A network cannot be had without a sky or numbers, but it is a value.
static_assert(!std::is_default_constructible_v<timeline>);
static_assert(std::is_copy_constructible_v<timeline> &&
              std::is_nothrow_move_constructible_v<timeline>);
static_assert(!std::is_constructible_v<timeline, drifting_sky, plus_grid>);
static_assert(!std::is_constructible_v<timeline, int, link_list>);

// Satellite 1 moves straight away from satellite 0: 1,000 km at the start, 10 km/s. Satellite 2
// stays where it is, 500 km above satellite 0.
const drifting_sky three{
    {{{8000, 0, 0}, {0, 0, 0}}, {{8000, 1000, 0}, {0, 10, 0}}, {{8500, 0, 0}, {0, 0, 0}}}};
const link_list zero_to_both{{{0, 1}, {2, 0}}};

const walker_constellation grid{{.planes = 5,
                                 .satellites_per_plane = 6,
                                 .altitude_km = 3000,
                                 .inclination_deg = 70,
                                 .phasing = 2}};

std::vector<std::vector<double>> all_propagation_s(const timeline& net) {
  std::vector<std::vector<double>> slots;
  for (std::size_t k = 0; k < net.slots(); ++k)
    slots.emplace_back(net.propagation_s(k).begin(), net.propagation_s(k).end());
  return slots;
}

TEST_CASE("timeline: by hand, a satellite that drifts away") {
  const timeline net{three, zero_to_both, {.slots = 4, .span_s = 100, .survival_probability = 1}};
  CHECK(net.size() == 3);
  CHECK(net.slots() == 4);
  CHECK(net.span_s() == 100);
  CHECK(net.links() == zero_to_both.pairs);
  CHECK(net.orbital_slots().empty());
  for (std::size_t k = 0; k < 4; ++k) {
    const double t_s = 25 * static_cast<double>(k);
    CHECK(net.time_s(k) == t_s);
    REQUIRE(net.propagation_s(k).size() == 2);
    CHECK(net.propagation_s(k)[0] == approx((1000 + 10 * t_s) / 299'792.458));
    CHECK(net.propagation_s(k)[1] == approx(500 / 299'792.458));
  }
}

TEST_CASE("timeline: the feasibility limits decide slot by slot") {
  const timeline net{three,
                     zero_to_both,
                     {.slots = 4,
                      .span_s = 100,
                      .survival_probability = 1,
                      .feasibility = {.max_range_km = 1300}}};
  CHECK(net.propagation_s(0)[0] < infinity);
  CHECK(net.propagation_s(1)[0] < infinity);
  CHECK(net.propagation_s(2)[0] == infinity);
  CHECK(net.propagation_s(3)[0] == infinity);
  for (std::size_t k = 0; k < 4; ++k) CHECK(net.propagation_s(k)[1] < infinity);
}

TEST_CASE("timeline: every link of a Walker sky is what propagation_s says, or down") {
  // So low that the Earth hides the neighbours in the plane; those across it come near the poles.
  const walker_constellation low{
      {.planes = 5, .satellites_per_plane = 6, .altitude_km = 1000, .phasing = 2}};
  const timeline net{low, plus_grid{.seam = true}, {.slots = 7, .survival_probability = 1}};
  CHECK(net.span_s() == low.period_s());
  std::size_t up = 0, down = 0;
  for (std::size_t k = 0; k < 7; ++k) {
    const double t_s = static_cast<double>(k) * (low.period_s() / 7);
    CHECK(net.time_s(k) == approx(t_s));
    for (std::size_t i = 0; i < net.links().size(); ++i) {
      const auto [a, b] = net.links()[i];
      const double expected =
          propagation_s({low.position_km(a, t_s), low.velocity_km_s(a, t_s)},
                        {low.position_km(b, t_s), low.velocity_km_s(b, t_s)}, {});
      REQUIRE(net.propagation_s(k)[i] == approx(expected));
      ++(expected < infinity ? up : down);
    }
  }
  CHECK(up > 0);
  CHECK(down > 0);
}

TEST_CASE("timeline: outages are those of the seed, in the order of the links") {
  // A sky whose links are always feasible shows the outages alone.
  const walker_constellation high{
      {.planes = 4, .satellites_per_plane = 8, .altitude_km = 20'000, .phasing = 1}};
  const timeline_options options{.slots = 6, .survival_probability = 0.6, .seed = 9};
  const timeline net{high, plus_grid{}, options};
  for (std::size_t k = 0; k < 6; ++k) {
    const auto survives = bernoulli_outages{0.6, 9}.survivors(k, net.links().size());
    for (std::size_t i = 0; i < net.links().size(); ++i)
      REQUIRE((net.propagation_s(k)[i] < infinity) == survives[i]);
  }
}

TEST_CASE("timeline: survival 0 leaves no link") {
  const timeline net{grid, plus_grid{}, {.slots = 3, .survival_probability = 0}};
  for (const auto& slot : all_propagation_s(net))
    CHECK(slot == std::vector<double>(net.links().size(), infinity));
}

TEST_CASE("timeline: a slot does not depend on how many follow it") {
  const timeline few{grid, plus_grid{}, {.slots = 3, .span_s = 300, .survival_probability = 0.7}};
  const timeline many{grid, plus_grid{}, {.slots = 8, .span_s = 800, .survival_probability = 0.7}};
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(few.time_s(k) == many.time_s(k));
    CHECK(std::ranges::equal(few.propagation_s(k), many.propagation_s(k)));
  }
}

TEST_CASE("timeline: the seed changes outages and nothing else") {
  const auto build = [](std::uint64_t seed) {
    return timeline{grid, plus_grid{}, {.slots = 4, .survival_probability = 0.7, .seed = seed}};
  };
  const auto one = all_propagation_s(build(1)), two = all_propagation_s(build(2));
  CHECK(one == all_propagation_s(build(1)));
  CHECK(one != two);
  for (std::size_t k = 0; k < one.size(); ++k)
    for (std::size_t i = 0; i < one[k].size(); ++i)
      if (one[k][i] < infinity && two[k][i] < infinity) REQUIRE(one[k][i] == two[k][i]);
}

TEST_CASE("timeline: no link of a dead satellite is ever up, all others stay as they are") {
  timeline_options options{.slots = 5, .survival_probability = 0.8};
  const auto alive = all_propagation_s(timeline{grid, plus_grid{}, options});
  options.dead_satellites = {7, 29, 7};  // named twice, dead once
  const timeline net{grid, plus_grid{}, options};
  const auto dead = all_propagation_s(net);
  CHECK(net.size() == grid.size());
  bool took_one_down = false;
  for (std::size_t k = 0; k < 5; ++k)
    for (std::size_t i = 0; i < net.links().size(); ++i) {
      const auto [a, b] = net.links()[i];
      const bool touched = a == 7 || b == 7 || a == 29 || b == 29;
      REQUIRE(dead[k][i] == (touched ? infinity : alive[k][i]));
      took_one_down |= touched && alive[k][i] < infinity;
    }
  CHECK(took_one_down);
}

TEST_CASE("timeline: a hop costs propagation, bits over rate and processing") {
  const timeline net{three,
                     zero_to_both,
                     {.slots = 1,
                      .span_s = 1,
                      .survival_probability = 1,
                      .rate_gbps = 2,
                      .hop_processing_s = 0.25}};
  // 4 Gbit at 2 Gbit/s.
  CHECK(net.hop_overhead_s(4e9) == 2.25);
  CHECK(net.hop_overhead_s(0) == 0.25);
  CHECK(net.hop_delays_s(0, 4e9) ==
        std::vector<double>{net.propagation_s(0)[0] + 2.25, net.propagation_s(0)[1] + 2.25});

  // A dead link stays dead.
  const timeline down{three, zero_to_both, {.slots = 1, .span_s = 1, .survival_probability = 0}};
  CHECK(down.hop_delays_s(0, 1e6) == std::vector<double>{infinity, infinity});

  // By default 100 Gbit/s and no processing.
  CHECK(timeline(three, zero_to_both, {.slots = 1, .span_s = 1}).hop_overhead_s(1e9) ==
        approx(0.01));
}

TEST_CASE("timeline: same bits for any number of threads") {
  const timeline_options options{.slots = 23, .survival_probability = 0.8, .seed = 4};
  const auto one = all_propagation_s(timeline{grid, plus_grid{}, options});
  for (const int threads : {0, 2, 5})
    CHECK(all_propagation_s(timeline{grid, plus_grid{}, options, {.threads = threads}}) == one);
}

TEST_CASE("timeline: progress is told, and can stop the building") {
  std::vector<double> fractions;
  const timeline net{grid, plus_grid{}, {.slots = 4}, {.progress = [&](double fraction) {
                       fractions.push_back(fraction);
                     }}};
  CHECK(fractions == std::vector<double>{0.25, 0.5, 0.75, 1});

  const auto cancel = [](double) { throw std::runtime_error("cancelled"); };
  CHECK_THROWS_WITH(timeline(grid, plus_grid{}, {.slots = 4}, {.progress = cancel}), "cancelled");
}

TEST_CASE("timeline: keeps planes and slots where the constellation has them") {
  const timeline net{grid, plus_grid{}, {.slots = 1}};
  REQUIRE(net.orbital_slots().size() == 30);
  for (satellite_id id = 0; id < 30; ++id)
    CHECK(net.orbital_slots()[id] == orbital_slot{id / 6, id % 6});
}

TEST_CASE("timeline: nothing of the constellation is kept by reference") {
  const timeline net = [] {
    const walker_constellation short_lived(grid.parameters());
    return timeline{short_lived, plus_grid{}, {.slots = 2}};
  }();
  CHECK(all_propagation_s(net) == all_propagation_s(timeline{grid, plus_grid{}, {.slots = 2}}));
}

TEST_CASE("timeline: a sky without links, and one satellite alone") {
  const timeline net{three, link_list{}, {.slots = 2, .span_s = 1}};
  CHECK(net.size() == 3);
  CHECK(net.propagation_s(1).empty());
  CHECK(net.hop_delays_s(1, 1e6).empty());

  const walker_constellation alone{{.planes = 1, .satellites_per_plane = 1, .phasing = 0}};
  CHECK(timeline(alone, plus_grid{}, {.slots = 1}).size() == 1);
}

TEST_CASE("timeline: options out of range") {
  const auto build = [](const timeline_options& options, const run_options& run = {}) {
    return timeline{grid, plus_grid{}, options, run};
  };
  CHECK_INVALID(build({.slots = 0}), "slots: found 0; allowed: an integer from 1 to 1000000");
  CHECK_INVALID(build({.slots = 1'000'001}), "slots: found 1000001;");
  CHECK_INVALID(build({.span_s = 0}), "span_s: found 0; allowed: a number over 0 and up to 1e9");
  CHECK_INVALID(build({.span_s = -1}), "span_s: found -1;");
  CHECK_INVALID(build({.span_s = 1.5e9}), "span_s: found 1500000000;");
  CHECK_INVALID(build({.span_s = nan}), "span_s: found nan;");
  CHECK_INVALID(build({.survival_probability = -0.5}),
                "survival_probability: found -0.5; allowed: a number from 0 to 1");
  CHECK_INVALID(build({.survival_probability = 1.5}), "survival_probability: found 1.5;");
  CHECK_INVALID(build({.survival_probability = nan}), "survival_probability: found nan;");
  CHECK_INVALID(build({.rate_gbps = 0}), "rate_gbps: found 0; allowed: a number from ");
  CHECK_INVALID(build({.rate_gbps = -1}), "rate_gbps: found -1;");
  CHECK_INVALID(build({.rate_gbps = nan}), "rate_gbps: found nan;");
  CHECK_INVALID(build({.hop_processing_s = -1}),
                "hop_processing_s: found -1; allowed: a number from 0 to 3600");
  CHECK_INVALID(build({.hop_processing_s = 3601}), "hop_processing_s: found 3601;");
  CHECK_INVALID(build({.hop_processing_s = nan}), "hop_processing_s: found nan;");
  CHECK_INVALID(build({.feasibility = {.max_angular_rate_rad_s = 0}}),
                "max_angular_rate_rad_s: found 0; allowed: a number over 0");
  CHECK_INVALID(build({.feasibility = {.min_grazing_altitude_km = -1}}),
                "min_grazing_altitude_km: found -1; allowed: a number from 0 to 10000");
  CHECK_INVALID(build({.feasibility = {.max_range_km = 0}}),
                "max_range_km: found 0; allowed: a number over 0");
  CHECK_INVALID(build({.dead_satellites = {3, 30}}),
                "dead_satellites[1]: found 30; allowed: a satellite in 0..29");
  CHECK_INVALID(build({.slots = 1}, {.threads = -1}),
                "threads: found -1; allowed: an integer from 0 to 1024");
}

TEST_CASE("timeline: validate() finds the same without a sky") {
  const auto validate = [](const timeline_options& options) { options.validate(); };
  CHECK_NOTHROW(validate({}));
  CHECK_NOTHROW(validate({.slots = 1, .span_s = 1e9, .survival_probability = 0}));
  CHECK_INVALID(validate({.slots = 0}), "slots: found 0; allowed: an integer from 1 to 1000000");
  CHECK_INVALID(validate({.span_s = 0}), "span_s: found 0;");
  CHECK_INVALID(validate({.survival_probability = 2}), "survival_probability: found 2;");
  CHECK_INVALID(validate({.feasibility = {.max_range_km = -1}}), "max_range_km: found -1;");
  CHECK_INVALID(validate({.rate_gbps = 0}), "rate_gbps: found 0;");
  CHECK_INVALID(validate({.hop_processing_s = -1}), "hop_processing_s: found -1;");
}

TEST_CASE("timeline: a table too large for the memory of a computer") {
  const walker_constellation wide{{.planes = 20, .satellites_per_plane = 20, .phasing = 0}};
  CHECK_INVALID(timeline(wide, plus_grid{}, {.slots = 1'000'000}),
                "slots: found 1000000; allowed: slots × links at most 2^29, with 780 links");
}

TEST_CASE("timeline: a sky that does not fit") {
  CHECK_INVALID(timeline(drifting_sky{}, link_list{}, {.slots = 1, .span_s = 1}),
                "satellites: found 0; allowed: an integer from 1 to 4294967295");
  CHECK_INVALID(timeline(three, link_list{{{0, 1}, {1, 3}}}, {.slots = 1, .span_s = 1}),
                "links[1]: found 1-3; allowed: two different satellites in 0..2");
  CHECK_INVALID(timeline(three, link_list{{{2, 2}}}, {.slots = 1, .span_s = 1}),
                "links[0]: found 2-2; allowed: two different satellites in 0..2");
  CHECK_INVALID(timeline(three, zero_to_both, {.slots = 1}),
                "span_s: found nothing; allowed: a time span, because the constellation has no "
                "period_s()");
  const walker_constellation star{{.planes = 4, .raan_spread_deg = 180, .phasing = 0}};
  CHECK_INVALID(timeline(star, plus_grid{.seam = true}, {.slots = 1}),
                "seam: found true with planes that do not close; allowed: true only where planes "
                "go all the way round");
}

TEST_CASE("timeline: from numbers") {
  matrix delays_s(2, 3);
  delays_s << 0.1, 0.2, infinity,  //
      0.3, infinity, 0.4;
  const std::vector<laser_link> links{{0, 1}, {3, 1}, {1, 2}};
  const timeline net{4, links, delays_s};
  CHECK(net.size() == 4);
  CHECK(net.slots() == 2);
  CHECK(net.links() == links);
  CHECK(all_propagation_s(net) ==
        std::vector<std::vector<double>>{{0.1, 0.2, infinity}, {0.3, infinity, 0.4}});
  // The numbers are the whole delay of a hop, however long the message.
  CHECK(net.hop_overhead_s(1e12) == 0);
  CHECK(net.hop_delays_s(0, 1e12) == std::vector<double>{0.1, 0.2, infinity});
  // Slots have no duration of their own; they count as one second each.
  CHECK(net.span_s() == 2);
  CHECK(net.time_s(1) == 1);
  CHECK(net.orbital_slots().empty());
}

TEST_CASE("timeline: from numbers that do not fit") {
  const auto build = [](std::size_t satellites, std::vector<laser_link> links,
                        const matrix& delays_s) { return timeline(satellites, links, delays_s); };
  const matrix one = make_matrix(1, 1, 0.1);
  CHECK_INVALID(build(3, {{0, 1}, {1, 2}}, one),
                "propagation_s: found 1; allowed: one column per link, 2");
  CHECK_INVALID(build(3, {}, one), "propagation_s: found 1; allowed: one column per link, 0");
  CHECK_INVALID(build(2, {{0, 1}}, make_matrix(0, 1, 0.1)), "slots: found 0;");
  CHECK_INVALID(build(2, {{0, 1}}, make_matrix(1, 1, 0)),
                "propagation_s[0][0]: found 0; allowed: a number over 0, or infinity");
  CHECK_INVALID(build(2, {{0, 1}}, make_matrix(1, 1, -0.5)),
                "propagation_s[0][0]: found -0.5; allowed: a number");
  CHECK_INVALID(build(2, {{0, 1}}, make_matrix(1, 1, nan)),
                "propagation_s[0][0]: found nan; allowed: a number");
  CHECK_INVALID(build(2, {{0, 2}}, one),
                "links[0]: found 0-2; allowed: two different satellites in 0..1");
  CHECK_INVALID(build(2, {{1, 1}}, one), "links[0]: found 1-1;");
  CHECK_INVALID(build(0, {}, make_matrix(1, 0, 0)),
                "satellites: found 0; allowed: an integer from 1 to 4294967295");
}

TEST_CASE("timeline: other outages are those of another seed, to the bit") {
  const walker_constellation sky = test::high_sky(5, 6);
  const auto with_seed = [&](std::uint64_t seed) {
    return timeline{
        sky,
        plus_grid{},
        {.slots = 7, .survival_probability = 0.7, .seed = seed, .dead_satellites = {3}}};
  };
  const auto same = [](const timeline& a, const timeline& b) {
    for (std::size_t slot = 0; slot < a.slots(); ++slot)
      if (!std::ranges::equal(a.propagation_s(slot), b.propagation_s(slot))) return false;
    return a.slots() == b.slots();
  };
  const timeline first = with_seed(1);
  CHECK(same(first.with_outages(2), with_seed(2)));
  CHECK(same(first.with_outages(2).with_outages(1), first));
  CHECK_FALSE(same(first, first.with_outages(2)));
  CHECK(first.with_outages(2).orbital_slots().size() == sky.size());
  CHECK(first.with_outages(2).hop_overhead_s(1e9) == first.hop_overhead_s(1e9));

  const timeline sure{sky, plus_grid{}, {.slots = 3, .survival_probability = 1}};
  CHECK(same(sure.with_outages(5), sure));
  matrix given = make_matrix(2, 1, 0.25);
  given(1, 0) = infinity;
  const timeline numbers{2, {{0, 1}}, given};
  CHECK(same(numbers.with_outages(5), numbers));
}

}  // namespace
}  // namespace network_timeline_test
