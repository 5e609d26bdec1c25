#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <map>
#include <numbers>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <Eigen/Geometry>

#include <orbitmoe/constellation/find_planes.hpp>
#include <orbitmoe/io/tle.hpp>

#include "support/catalogues.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

namespace constellation_find_planes_test {
namespace {

using namespace orbitmoe;
using test::approx, test::catalogue_maker, test::catalogue_start, test::origin, test::put_in,
    test::step_deg, test::walker_plan;

Eigen::Vector3d normal_of(double inclination_deg, double raan_deg) {
  const double i = deg_to_rad(inclination_deg), raan = deg_to_rad(raan_deg);
  return {std::sin(i) * std::sin(raan), -std::sin(i) * std::cos(raan), std::cos(i)};
}
double tilt_deg(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  return rad_to_deg(std::atan2(a.cross(b).norm(), a.dot(b)));
}

// What a reason says, read back; what it does not say is NaN or empty.
struct said {
  static constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  unsigned plane = 0;
  double ahead_deg = nothing, apart_deg = nothing;
  std::string of;
  std::size_t others = 0;
  double altitude_km = nothing, inclination_deg = nothing, raan_deg = nothing;
  double tilt_deg = nothing, above_km = nothing, drift_deg_per_day = nothing;
};
said read_spare(const std::string& reason) {
  said out;
  char sense[8] = "", name[64] = "";
  const char* const forms[] = {
      "spare of plane %u: %lf deg %7s of %63[^,], where satellites are %lf deg apart",
      "spare of plane %u: %lf deg %7s %63[^,], where satellites are %lf deg apart"};
  const bool ahead = reason.find(" ahead of ") != std::string::npos;
  REQUIRE(std::sscanf(reason.c_str(), forms[ahead ? 0 : 1], &out.plane, &out.ahead_deg, sense, name,
                      &out.apart_deg) == 5);
  if (!ahead) {
    REQUIRE(std::string(sense) == "behind");
    out.ahead_deg = -out.ahead_deg;
  }
  out.of = name;
  return out;
}
said read_other_shell(const std::string& reason) {
  said out;
  REQUIRE(std::sscanf(reason.c_str(),
                      "in another shell: with %zu others at %lf km, %lf deg, RAAN %lf deg",
                      &out.others, &out.altitude_km, &out.inclination_deg, &out.raan_deg) == 4);
  return out;
}
said read_stray(const std::string& reason) {
  said out;
  int end = 0;
  REQUIRE(std::sscanf(reason.c_str(), "no plane: the nearest is plane %u,%n", &out.plane, &end) ==
          1);
  std::string rest = reason.substr(static_cast<std::size_t>(end));
  if (std::sscanf(rest.c_str(), " tilted by %lf deg%n", &out.tilt_deg, &end) == 1)
    rest = rest.substr(std::min(rest.size(), static_cast<std::size_t>(end) + 1));
  char sense[8] = "";
  if (std::sscanf(rest.c_str(), "%lf km %7s it, along which it drifts by %lf deg/day",
                  &out.above_km, sense, &out.drift_deg_per_day) == 3 &&
      std::string(sense) == "below")
    out.above_km = -out.above_km;
  return out;
}

/// What must be found of a plan: numbers of its planes, and the satellites in them.
struct expected_planes {
  std::vector<int> of_number;                       // plane of the plan; −1 for a vacant one
  std::map<int, std::map<int, std::size_t>> seats;  // plane, slot: set
  bool closed = false;

  expected_planes(const catalogue_maker& made, const walker_plan& plan) {
    for (std::size_t i = 0; i < made.sets.size(); ++i)
      if (made.truth[i].from == origin::regular) seats[made.truth[i].plane][made.truth[i].slot] = i;
    closed = plan.raan_spread_deg == 360 && plan.planes > 2;
    // Numbers start at the lowest RAAN of a plane, or at the first plane where they do not close.
    int first = seats.begin()->first;
    if (closed)
      for (const auto& [plane, row] : seats)
        if (plan.at(plane, 0).raan_deg < plan.at(first, 0).raan_deg) first = plane;
    const int count = closed ? plan.planes : seats.rbegin()->first - first + 1;
    for (int k = 0; k < count; ++k) {
      const int plane = (first + k) % plan.planes;
      of_number.push_back(seats.contains(plane) ? plane : -1);
    }
  }
};

void check_planes(const found_planes& found, const catalogue_maker& made, const walker_plan& plan) {
  const expected_planes expected(made, plan);
  CHECK(found.closed == expected.closed);
  REQUIRE(found.plane_count() == expected.of_number.size());
  std::vector<std::uint32_t> vacant;
  std::vector<int> inhabited;
  for (std::size_t n = 0; n < expected.of_number.size(); ++n)
    if (expected.of_number[n] < 0)
      vacant.push_back(static_cast<std::uint32_t>(n));
    else
      inhabited.push_back(static_cast<int>(n));
  CHECK(found.vacant_planes == vacant);
  REQUIRE(found.planes.size() == inhabited.size());
  if (inhabited.size() > 1)
    CHECK(found.raan_spacing_deg == approx(plan.raan_spread_deg / plan.planes).margin(0.3));
  REQUIRE(found.slots == static_cast<std::uint32_t>(plan.slots));

  for (std::size_t k = 0; k < found.planes.size(); ++k) {
    const found_plane& plane = found.planes[k];
    const int planned = expected.of_number[static_cast<std::size_t>(inhabited[k])];
    CAPTURE(plane.plane, planned);
    REQUIRE(plane.plane == static_cast<std::uint32_t>(inhabited[k]));
    REQUIRE(plane.inclination_deg == approx(plan.inclination_deg).margin(0.021));
    REQUIRE(plane.altitude_km == approx(plan.altitude_km).margin(0.11));
    REQUIRE(plane.spacing_deg == approx(360.0 / plan.slots));
    const double node_deg = 0.1 + 0.021 / std::sin(deg_to_rad(plan.inclination_deg));
    REQUIRE(std::abs(step_deg(plane.raan_deg, plan.at(planned, 0).raan_deg)) < node_deg);

    const auto& row = expected.seats.at(planned);
    REQUIRE(plane.satellites.size() == row.size());
    REQUIRE(std::ranges::is_sorted(plane.satellites, {}, &seated_satellite::slot));
    const auto& first = plane.satellites.front();
    for (const auto& [set, slot, latitude_deg] : plane.satellites) {
      const put_in& truth = made.truth[set];
      CAPTURE(set, slot, latitude_deg);
      REQUIRE(truth.from == origin::regular);
      REQUIRE(truth.plane == planned);
      REQUIRE(slot < found.slots);
      REQUIRE((latitude_deg >= 0 && latitude_deg < 360));
      REQUIRE(std::abs(step_deg(latitude_deg, truth.orbit.u_deg)) < 0.1 + node_deg);
      REQUIRE(std::abs(step_deg(latitude_deg, 360.0 * slot / plan.slots)) <
              180.0 / plan.slots + 0.6);
      const int ahead = truth.slot - made.truth[first.set].slot;
      REQUIRE((static_cast<int>(slot - first.slot) - ahead) % plan.slots == 0);
    }

    std::map<int, std::size_t> missing, found_missing;
    for (auto it = row.begin(); it != row.end(); ++it) {
      const int next =
          std::next(it) == row.end() ? row.begin()->first + plan.slots : std::next(it)->first;
      if (next - it->first > 1) missing[it->first] = static_cast<std::size_t>(next - it->first - 1);
    }
    REQUIRE(std::ranges::is_sorted(plane.gaps, {}, &plane_gap::after_slot));
    for (const plane_gap& gap : plane.gaps) {
      const auto behind =
          std::ranges::find(plane.satellites, gap.after_slot, &seated_satellite::slot);
      REQUIRE(behind != plane.satellites.end());
      found_missing[made.truth[behind->set].slot] = gap.missing;
      REQUIRE(gap.width_deg ==
              approx(360.0 / plan.slots * static_cast<double>(gap.missing + 1)).margin(0.9));
    }
    REQUIRE(found_missing == missing);
  }
}

std::string name_of_truth(const catalogue_maker& made, const put_in& spare) {
  for (std::size_t i = 0; i < made.sets.size(); ++i)
    if (const put_in& t = made.truth[i];
        t.from == origin::regular && t.plane == spare.plane && t.slot == spare.slot)
      return made.sets[i].name;
  return "";
}

void check_stray(const found_planes& found, const catalogue_maker& made, const put_in& truth,
                 const walker_plan& plan, const std::string& reason) {
  const said words = read_stray(reason);
  const expected_planes expected(made, plan);
  double least = 999, of_named = 999;
  for (std::size_t n = 0; n < expected.of_number.size(); ++n) {
    if (expected.of_number[n] < 0) continue;
    const double tilt =
        tilt_deg(normal_of(truth.orbit.inclination_deg, truth.orbit.raan_deg),
                 normal_of(plan.inclination_deg, plan.at(expected.of_number[n], 0).raan_deg));
    least = std::min(least, tilt);
    if (n == words.plane) of_named = tilt;
  }
  REQUIRE(words.plane < found.plane_count());
  CHECK(of_named < least + 0.2);
  if (of_named > 1.2) CHECK(words.tilt_deg == approx(of_named).margin(0.2));
  if (of_named < 0.8) CHECK(std::isnan(words.tilt_deg));
  const double above_km = truth.orbit.altitude_km - plan.altitude_km;
  if (std::abs(above_km) < 1) {
    CHECK(std::isnan(words.above_km));
  } else {
    CHECK(words.above_km == approx(above_km).margin(0.3));
    const test::circular_rates own(truth.orbit.altitude_km, truth.orbit.inclination_deg);
    const test::circular_rates usual(plan.altitude_km, plan.inclination_deg);
    CHECK(words.drift_deg_per_day ==
          approx(own.kozai_deg_per_day() - usual.kozai_deg_per_day()).margin(0.3));
  }
}

void check_left_out(const found_planes& found, const catalogue_maker& made, const walker_plan& plan,
                    const walker_plan& other) {
  std::vector<int> times(made.sets.size(), 0);
  for (const found_plane& plane : found.planes)
    for (const seated_satellite& satellite : plane.satellites) ++times.at(satellite.set);
  for (const left_out_satellite& left : found.left_out) ++times.at(left.set);
  REQUIRE(std::ranges::all_of(times, [](int n) { return n == 1; }));
  REQUIRE(std::ranges::is_sorted(found.left_out, {}, &left_out_satellite::set));
  CHECK(found.size() + found.left_out.size() == made.sets.size());

  std::size_t in_string = 0;
  for (const put_in& truth : made.truth) in_string += truth.from == origin::string;
  for (const auto& [set, kind, reason] : found.left_out) {
    const put_in& truth = made.truth[set];
    CAPTURE(set, reason);
    switch (truth.from) {
      case origin::regular:
        FAIL("a regular satellite is left out");
        break;
      case origin::spare: {
        CHECK(kind == left_out_kind::spare);
        const said words = read_spare(reason);
        const expected_planes expected(made, plan);
        REQUIRE(words.plane < expected.of_number.size());
        CHECK(expected.of_number[words.plane] == truth.plane);
        CHECK(words.of == name_of_truth(made, truth));
        const double beside_deg = plan.at(truth.plane, truth.slot).u_deg;
        CHECK(words.ahead_deg == approx(step_deg(beside_deg, truth.orbit.u_deg)).margin(0.6));
        CHECK(words.apart_deg == approx(360.0 / plan.slots).margin(0.051));
        break;
      }
      case origin::stray:
        CHECK(kind == left_out_kind::stray);
        check_stray(found, made, truth, plan, reason);
        break;
      case origin::string: {
        CHECK(kind == left_out_kind::other_shell);
        const said words = read_other_shell(reason);
        CHECK(words.others == in_string - 1);
        CHECK(words.altitude_km == approx(truth.orbit.altitude_km).margin(0.3));
        CHECK(words.inclination_deg == approx(truth.orbit.inclination_deg).margin(0.05));
        CHECK(std::abs(step_deg(words.raan_deg, truth.orbit.raan_deg)) < 0.3);
        break;
      }
      case origin::other_shell: {
        CHECK(kind == left_out_kind::other_shell);
        const said words = read_other_shell(reason);
        CHECK(words.others == static_cast<std::size_t>(other.slots) - 1);
        CHECK(words.altitude_km == approx(other.altitude_km).margin(0.2));
        CHECK(words.inclination_deg == approx(other.inclination_deg).margin(0.03));
        CHECK(std::abs(step_deg(words.raan_deg, truth.orbit.raan_deg)) < 0.3);
        break;
      }
      case origin::no_orbit:
        CHECK(kind == left_out_kind::no_orbit);
        CHECK_THAT(reason, test::containing("no orbit: "));
        break;
    }
  }
}

/// Adds what catalogues show beside a regular sky.
void add_others(catalogue_maker& made, const walker_plan& plan, const walker_plan& other) {
  // Spares: one beside every third satellite of planes 0, 1 and 2.
  const std::vector<put_in> regular = made.truth;
  for (const put_in& r : regular)
    if (r.plane < 3 && r.slot % 4 == r.plane % 2) {
      put_in spare{origin::spare, r.plane, r.slot, plan.at(r.plane, r.slot)};
      spare.orbit.u_deg += (r.slot % 8 < 4 ? 1 : -1) * std::min(3.0, 0.15 * 360 / plan.slots);
      made.add(plan, spare);
    }
  const double half_step = plan.raan_spread_deg / plan.planes / 2;
  for (const double higher_km : {-60.0, 30.0, 8.0}) {
    put_in stray{origin::stray, 0, 0, plan.at(regular[0].plane, 0.3)};
    stray.orbit.altitude_km += higher_km;
    made.add(plan, stray);
  }
  for (const double further_deg : {0.8 * half_step, 6 * half_step + half_step}) {
    put_in stray{origin::stray, 0, 0, plan.at(0, 0.4)};
    stray.orbit.raan_deg += further_deg;
    made.add(plan, stray);
  }
  for (const double steeper_deg : {-2.5, 2.5}) {
    put_in stray{origin::stray, 0, 0, plan.at(1, 0.6)};
    stray.orbit.inclination_deg += steeper_deg;
    stray.orbit.altitude_km += 3 * steeper_deg;
    made.add(plan, stray);
  }
  for (int k = 0; k < 60; ++k)
    made.add(
        plan,
        {origin::string, 0, 0, {345, plan.inclination_deg, plan.at(0, 0).raan_deg, 100 + 0.5 * k}});
  for (int p = 0; p < other.planes; ++p)
    for (int s = 0; s < other.slots; ++s)
      made.add(other, {origin::other_shell, p, s, other.at(p, s)});
  made.add({origin::no_orbit, 0, 0, {}});
  made.sets.back().eccentricity = 0.2;
  made.add({origin::no_orbit, 0, 0, {}});
  made.sets.back().eccentricity = 1.2;
  made.shuffle();
}

const walker_plan plans[] = {
    {.planes = 6,
     .slots = 11,
     .phasing = 0.5,
     .raan_spread_deg = 190,
     .inclination_deg = 86.4,
     .altitude_km = 780,
     .first_raan_deg = 223},
    {.planes = 12,
     .slots = 20,
     .phasing = 6,
     .raan_spread_deg = 180,
     .inclination_deg = 87.9,
     .altitude_km = 1200,
     .first_raan_deg = 3},
    {.planes = 24, .slots = 22, .phasing = 17},
    {.planes = 8, .slots = 10, .phasing = 3, .inclination_deg = 97.6, .first_raan_deg = 300},
    {.planes = 3, .slots = 12, .phasing = 1, .inclination_deg = 142, .first_u_deg = 359.9},
    {.planes = 6, .slots = 8, .phasing = 2, .inclination_deg = 5, .altitude_km = 1400},
    {.planes = 36, .slots = 60, .phasing = 35, .first_raan_deg = 13, .first_u_deg = 3.05},
    {.planes = 5, .slots = 7, .phasing = 4, .inclination_deg = 175},
};

TEST_CASE("find_planes: finds what was put in and nothing else") {
  for (const walker_plan& plan : plans)
    for (const bool gaps : {false, true}) {
      CAPTURE(plan.planes, plan.slots, plan.inclination_deg, gaps);
      catalogue_maker made(static_cast<std::uint64_t>(plan.planes + gaps));
      const auto any = [&](int count) {
        return static_cast<int>(made.random().uniform_index(static_cast<std::size_t>(count)));
      };
      std::vector<std::pair<int, int>> without;
      for (int k = 0; gaps && k < plan.planes * plan.slots / 10; ++k)
        without.push_back({any(plan.planes), any(plan.slots)});
      if (gaps && plan.planes > 5)  // a vacant plane, not the last
        for (int s = 0; s < plan.slots; ++s) without.emplace_back(plan.planes / 2, s);
      made.add(plan, without);
      const walker_plan other{.planes = 3, .slots = 4, .inclination_deg = 70, .altitude_km = 2000};
      if (plan.planes * plan.slots > 150)
        add_others(made, plan, other);
      else
        made.shuffle();
      const found_planes found = find_planes(made.sets, catalogue_start);
      check_planes(found, made, plan);
      check_left_out(found, made, plan, other);
    }
}

TEST_CASE("find_planes: every phase and every first argument of latitude") {
  for (const int phasing : {0, 1, 2, 3})
    for (int step = 0; step < 12; ++step) {
      CAPTURE(phasing, step);
      const walker_plan plan{.planes = 4,
                             .slots = 9,
                             .phasing = static_cast<double>(phasing),
                             .first_raan_deg = 40,
                             .first_u_deg = 40.0 / 12 * step};
      catalogue_maker made(7);
      made.add(plan, {{0, 3}, {1, 8}, {1, 0}, {2, 4}, {2, 5}, {2, 6}});
      made.shuffle();
      check_planes(find_planes(made.sets, catalogue_start), made, plan);
    }
}

TEST_CASE("find_planes: many vacant planes of a closed sky") {
  for (const auto& vacant : {std::vector<int>{2, 5}, {1}, {0}, {3, 4}, {1, 3, 5, 7, 9, 11}}) {
    const walker_plan plan{.planes = 12, .slots = 8, .phasing = 5};
    catalogue_maker made(3);
    std::vector<std::pair<int, int>> without;
    for (const int p : vacant)
      for (int s = 0; s < plan.slots; ++s) without.emplace_back(p, s);
    made.add(plan, without);
    const found_planes found = find_planes(made.sets, catalogue_start);
    if (vacant.size() == 6) {  // every other plane: nothing says that they are vacant
      CHECK(found.vacant_planes.empty());
      CHECK(found.raan_spacing_deg == approx(60).margin(0.1));
    } else {
      check_planes(found, made, plan);
    }
  }
  // A third of the planes, so that as many steps are double as are single.
  const walker_plan plan{.planes = 6, .slots = 8};
  catalogue_maker made(4);
  std::vector<std::pair<int, int>> without;
  for (const int p : {2, 5})
    for (int s = 0; s < plan.slots; ++s) without.emplace_back(p, s);
  made.add(plan, without);
  check_planes(find_planes(made.sets, catalogue_start), made, plan);
}

TEST_CASE("find_planes: planes of many satellites keep their count though some are missing") {
  const walker_plan plan{.planes = 4, .slots = 100, .phasing = 1};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    catalogue_maker made(seed);
    std::vector<std::pair<int, int>> without;
    for (int p = 0; p < plan.planes; ++p)
      for (const int s : {3, 30, 31, 77}) without.emplace_back(p, (s + 13 * p) % 100);
    made.add(plan, without);
    check_planes(find_planes(made.sets, catalogue_start), made, plan);
  }
}

TEST_CASE("find_planes: few planes") {
  for (const int planes : {1, 2}) {
    CAPTURE(planes);
    const walker_plan plan{.planes = planes, .slots = 10, .raan_spread_deg = 80.0 * planes};
    catalogue_maker made;
    made.add(plan, {{0, 4}});
    made.shuffle();
    const found_planes found = find_planes(made.sets, catalogue_start);
    check_planes(found, made, plan);
    CHECK(found.raan_spacing_deg == approx(planes == 1 ? 0 : 80).margin(0.2));
  }
}

TEST_CASE("find_planes: an equatorial plane has no node and is found all the same") {
  for (const double inclination_deg : {0.0, 0.02, 180.0}) {
    CAPTURE(inclination_deg);
    catalogue_maker made;
    const double sense = inclination_deg < 90 ? -1 : 1;
    for (int s = 0; s < 8; ++s)  // nodes that mean nothing
      made.add({origin::regular,
                0,
                s,
                {8000, inclination_deg, 40.0 * s, test::turned_deg(45.0 * s + sense * 40 * s)}});
    const found_planes found = find_planes(made.sets, catalogue_start);
    REQUIRE(found.planes.size() == 1);
    CHECK(found.left_out.empty());
    CHECK(found.slots == 8);
    CHECK(found.planes[0].gaps.empty());
    std::set<std::uint32_t> slots;
    for (const seated_satellite& satellite : found.planes[0].satellites)
      slots.insert(satellite.slot);
    CHECK(slots.size() == 8);
  }
}

TEST_CASE("find_planes: planes of one satellite") {
  const walker_plan plan{.planes = 5, .slots = 1};
  catalogue_maker made;
  made.add(plan);
  made.shuffle();
  check_planes(find_planes(made.sets, catalogue_start, {.min_satellites = 1}), made, plan);
  const found_planes none = find_planes(made.sets, catalogue_start, {.min_satellites = 2});
  CHECK(none.planes.empty());
  REQUIRE(none.left_out.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(none.left_out[i] ==
          left_out_satellite{i, left_out_kind::stray,
                             "no plane: fewer than 2 satellites share its orbit"});
}

TEST_CASE("find_planes: nothing to find") {
  CHECK(find_planes({}, catalogue_start) == found_planes{});
  catalogue_maker made;
  for (int k = 0; k < 30; ++k)
    made.add({origin::stray, 0, 0, {500.0 + 20 * k, 20.0 + 4 * k, 11.0 * k, 7.0 * k}});
  const found_planes found = find_planes(made.sets, catalogue_start);
  CHECK(found.planes.empty());
  CHECK(found.slots == 0);
  CHECK(found.plane_count() == 0);
  CHECK(found.size() == 0);
  REQUIRE(found.left_out.size() == 30);
  for (std::size_t i = 0; i < 30; ++i) {
    CHECK(found.left_out[i].set == i);
    CHECK(found.left_out[i].reason == "no plane: fewer than 3 satellites share its orbit");
  }
}

TEST_CASE("find_planes: of equal element sets one is seated") {
  const walker_plan plan{.planes = 3, .slots = 10};
  for (const int copies : {1, 2, 3}) {
    CAPTURE(copies);
    catalogue_maker made;
    made.add(plan, {{1, 5}});
    const std::size_t regular = made.sets.size();
    for (int k = 0; k < copies; ++k)
      for (std::size_t i = 0; i < regular; ++i) {
        made.sets.push_back(made.sets[i]);
        made.sets.back().catalogue_number = 0;
        made.truth.push_back(made.truth[i]);
      }
    const found_planes found = find_planes(made.sets, catalogue_start);
    CHECK(found.slots == 10);
    CHECK(found.size() == regular);
    for (const auto& [set, kind, reason] : found.left_out) {
      CHECK(kind == left_out_kind::spare);
      const said words = read_spare(reason);
      CHECK(words.ahead_deg == 0);
      CHECK(words.of == made.sets[set].name);
      CHECK(words.apart_deg == 36);
    }
  }
}

TEST_CASE("find_planes: nor does the order of a sky without much order") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> within_one(0, 1);
  for (std::uint32_t sky = 0; sky < 60; ++sky) {
    std::vector<element_set> sets;
    for (std::uint32_t k = 0; k < 12; ++k)
      sets.push_back({.name = std::to_string(k),
                      .catalogue_number = sky % 3 == 0 ? 0 : 100 + k / (sky % 3),
                      .inclination_deg = 53,
                      .raan_deg = std::floor(3 * within_one(random)) * 20 + within_one(random),
                      .mean_anomaly_deg = std::floor(20 * within_one(random)) * 18});
    const auto described = [&] {
      const found_planes found = find_planes(sets, catalogue_start);
      std::map<std::string, std::tuple<std::uint32_t, std::uint32_t, double, std::string>> out;
      for (const found_plane& plane : found.planes)
        for (const auto& [set, slot, latitude_deg] : plane.satellites)
          out[sets[set].name] = {plane.plane, slot, latitude_deg, ""};
      for (const auto& [set, kind, reason] : found.left_out)
        out[sets[set].name] = {0, static_cast<std::uint32_t>(kind), 0, reason};
      CHECK(std::ranges::is_sorted(found.left_out, {}, &left_out_satellite::set));
      return out;
    };
    const auto before = described();
    std::ranges::shuffle(sets, random);
    CHECK(described() == before);
  }
}

TEST_CASE("find_planes: the order of the sets does not matter") {
  const walker_plan plan = plans[2];
  catalogue_maker made(5);
  made.add(plan, {{4, 4}, {4, 5}});
  add_others(made, plan, {.planes = 3, .slots = 4, .inclination_deg = 70, .altitude_km = 2000});
  const found_planes before = find_planes(made.sets, catalogue_start);
  catalogue_maker again = made;
  again.shuffle();
  const found_planes after = find_planes(again.sets, catalogue_start);
  REQUIRE(after.planes.size() == before.planes.size());
  CHECK(after.slots == before.slots);
  CHECK(after.vacant_planes == before.vacant_planes);
  for (std::size_t p = 0; p < after.planes.size(); ++p) {
    CHECK(after.planes[p].raan_deg == approx(before.planes[p].raan_deg));
    REQUIRE(after.planes[p].satellites.size() == before.planes[p].satellites.size());
    for (std::size_t k = 0; k < after.planes[p].satellites.size(); ++k) {
      const seated_satellite &a = after.planes[p].satellites[k],
                             &b = before.planes[p].satellites[k];
      CHECK(again.sets[a.set] == made.sets[b.set]);
      CHECK(a.slot == b.slot);
    }
  }
  std::map<std::string, std::string> reasons;
  for (const auto& [set, kind, reason] : before.left_out) reasons[made.sets[set].name] = reason;
  CHECK(after.left_out.size() == before.left_out.size());
  for (const auto& [set, kind, reason] : after.left_out)
    CHECK(reasons[again.sets[set].name] == reason);
}

TEST_CASE("find_planes: planes turn and satellites go round with the start") {
  walker_plan plan = plans[2];
  plan.jitter = 0;
  catalogue_maker made;
  made.add(plan);
  const test::circular_rates rates(plan.altitude_km, plan.inclination_deg);
  const found_planes now = find_planes(made.sets, catalogue_start);
  for (const int days : {-20, 1, 3}) {
    const found_planes then =
        find_planes(made.sets, {catalogue_start.days + days, catalogue_start.second_of_day});
    REQUIRE(then.planes.size() == now.planes.size());
    CHECK(then.left_out.empty());
    const double later_s = 86'400.0 * days;
    for (const found_plane& plane : then.planes) {
      const std::size_t someone = plane.satellites[0].set;
      const put_in& truth = made.truth[someone];
      const double raan = truth.orbit.raan_deg + rad_to_deg(rates.node_rad_s) * later_s;
      CHECK(step_deg(plane.raan_deg, raan) == approx(0).margin(1e-3));
      const double u = truth.orbit.u_deg + rad_to_deg(rates.latitude_rad_s) * later_s;
      CHECK(step_deg(plane.satellites[0].latitude_deg, u) == approx(0).margin(0.05));
    }
  }
}

TEST_CASE("find_planes: a smear of orbits without planes has true reasons") {
  for (const double step_deg : {0.02, 0.07, 0.3}) {
    CAPTURE(step_deg);
    catalogue_maker made(9);
    double raan_deg = 10;
    for (int k = 0; k < 400; ++k) {
      raan_deg += step_deg * (1 + 0.5 * std::sin(k * 0.05));
      made.add({origin::stray,
                0,
                0,
                {550 + 3 * std::sin(k * 0.7), 53 + 0.3 * std::cos(k * 1.3), raan_deg, 37.0 * k}});
    }
    const found_planes found = find_planes(made.sets, catalogue_start);
    CHECK(found.size() + found.left_out.size() == made.sets.size());
    for (const auto& [set, kind, reason] : found.left_out) {
      CAPTURE(set, reason);
      if (kind != left_out_kind::stray) continue;
      const said words = read_stray(reason);
      CHECK((!std::isnan(words.tilt_deg) || !std::isnan(words.above_km)));
      if (!std::isnan(words.tilt_deg)) CHECK(words.tilt_deg >= 1);
      if (!std::isnan(words.drift_deg_per_day)) CHECK(std::abs(words.drift_deg_per_day) >= 2.5);
    }
  }
}

TEST_CASE("find_planes: what is no orbit is left out with its reason") {
  catalogue_maker made;
  made.add(walker_plan{.planes = 3, .slots = 6});
  const auto with = [&](auto change) {
    element_set set = made.sets[0];
    change(set);
    std::vector<element_set> sets = made.sets;
    sets.insert(sets.begin() + 2, set);
    const found_planes found = find_planes(sets, catalogue_start);
    CHECK(found.size() == made.sets.size());
    REQUIRE(found.left_out.size() == 1);
    CHECK(found.left_out[0].set == 2);
    return found.left_out[0].reason;
  };
  CHECK(with([](element_set& s) { s.eccentricity = 0.3; }) ==
        "no orbit: eccentricity: found 0.3; allowed: one whose perigee is above the surface of the "
        "Earth");
  CHECK_THAT(with([](element_set& s) { s.eccentricity = 1.5; }),
             test::containing("no orbit: eccentricity: found 1.5; allowed: "));
  CHECK_THAT(with([](element_set& s) { s.mean_motion_rev_per_day = 0; }),
             test::containing("no orbit: mean_motion_rev_per_day: found 0;"));
  CHECK_THAT(with([](element_set& s) { s.inclination_deg = NAN; }),
             test::containing("no orbit: inclination_deg: found nan;"));
  CHECK_THAT(with([](element_set& s) { s.epoch.days = 1 << 30; }),
             test::containing("no orbit: epoch.days: found 1073741824;"));
}

TEST_CASE("find_planes: of several sets with one catalogue number that nearest in time counts") {
  const auto other_elements = [](const element_set& set) {
    return "other elements of catalogue number " + std::to_string(set.catalogue_number) +
           ", no nearer in time to the start";
  };
  catalogue_maker made;
  made.add(walker_plan{.planes = 3, .slots = 6});
  std::vector<element_set> sets = made.sets;
  sets.push_back(sets[4]);
  sets.back().epoch.days -= 1;
  sets.insert(sets.begin(), sets[7]);
  sets.front().epoch.days -= 2;
  const found_planes found = find_planes(sets, catalogue_start);
  CHECK(found.size() == made.sets.size());
  REQUIRE(found.left_out.size() == 2);
  CHECK(found.left_out[0] ==
        left_out_satellite{0, left_out_kind::other_elements, other_elements(sets[0])});
  CHECK(found.left_out[1] == left_out_satellite{sets.size() - 1, left_out_kind::other_elements,
                                                other_elements(sets.back())});
}

TEST_CASE("find_planes: a train in a plane of its own does not change the shell") {
  catalogue_maker made;
  made.add(walker_plan{.planes = 24, .slots = 18});
  const found_planes without = find_planes(made.sets, catalogue_start);
  for (int k = 0; k < 20; ++k) {
    made.sets.push_back(made.sets[0]);
    made.sets.back().catalogue_number = 0;
    made.sets.back().raan_deg = std::fmod(made.sets.back().raan_deg + 7.5, 360);
    made.sets.back().mean_anomaly_deg = std::fmod(made.sets.back().mean_anomaly_deg + k, 360);
  }
  const found_planes found = find_planes(made.sets, catalogue_start);
  CHECK(found.slots == 18);
  CHECK(found.planes == without.planes);
  REQUIRE(found.left_out.size() == 20);
  CHECK(found.left_out[7].kind == left_out_kind::bunched);
  CHECK_THAT(found.left_out[7].reason, test::containing("one of 20 close together at RAAN"));
}

TEST_CASE("find_planes: a bunch in a plane does not hide its rhythm") {
  catalogue_maker made;
  made.add(walker_plan{.planes = 1, .slots = 10});
  for (int k = 1; k <= 10; ++k) {
    made.sets.push_back(made.sets[0]);
    made.sets.back().catalogue_number = 0;
    made.sets.back().mean_anomaly_deg = std::fmod(made.sets.back().mean_anomaly_deg + 0.3 * k, 360);
  }
  const found_planes found = find_planes(made.sets, catalogue_start);
  CHECK(found.slots == 10);
  REQUIRE(found.planes.size() == 1);
  CHECK(found.planes[0].spacing_deg == 36);
  CHECK(found.size() == 10);
}

TEST_CASE("find_planes: a hostile name stays on one line") {
  catalogue_maker made;
  made.add(walker_plan{.planes = 1, .slots = 6});
  for (element_set& set : made.sets) set.name = "\n\x1b[2J" + std::string(200, 'x');
  made.sets.push_back(made.sets[3]);
  made.sets.back().catalogue_number = 77;
  const found_planes found = find_planes(made.sets, catalogue_start);
  REQUIRE(found.left_out.size() == 1);
  CHECK_THAT(found.left_out[0].reason, test::containing("ahead of ??[2Jxxx"));
  CHECK(found.left_out[0].reason.size() < 160);
  for (element_set& set : made.sets) set.name.clear();
  CHECK_THAT(find_planes(made.sets, catalogue_start).left_out[0].reason,
             test::containing("ahead of 4,"));
}

TEST_CASE("find_planes: options at their bounds") {
  catalogue_maker made;
  made.add(walker_plan{.planes = 4, .slots = 6, .phasing = 1});
  made.add({origin::stray, 0, 0, {700, 60, 10, 10}});
  const auto check = [&](const plane_options& options) {
    const found_planes found = find_planes(made.sets, catalogue_start, options);
    CHECK(found.size() + found.left_out.size() == made.sets.size());
    return found;
  };
  CHECK(check({.max_tilt_deg = 30}).planes.size() == 4);
  CHECK(check({.max_drift_deg_per_day = 3600}).planes.size() == 4);
  CHECK(check({.max_drift_deg_per_day = 1e-300}).planes.empty());
  check({.max_tilt_deg = 1e-3});
  check({.max_tilt_deg = 1e-3, .min_satellites = 1});
  check({.max_tilt_deg = 1e-3, .max_drift_deg_per_day = 1e-300, .min_satellites = 1});
  CHECK(check({.min_satellites = 1}).planes.size() == 4);
  CHECK(check({.min_satellites = 6}).planes.size() == 4);
  CHECK(check({.min_satellites = 7}).planes.empty());
  CHECK(check({.min_satellites = 10'000}).planes.empty());
  CHECK(check({.max_altitude_step_km = 0}).planes.size() == 1);
  CHECK(check({.max_altitude_step_km = 10'000}).planes.size() == 4);
  CHECK(check({.max_inclination_step_deg = 0}).planes.size() == 1);
  CHECK(check({.max_inclination_step_deg = 180}).planes.size() == 4);
  CHECK(
      check({.min_satellites = 1, .max_altitude_step_km = 10'000, .max_inclination_step_deg = 180})
          .planes.size() == 5);
  CHECK(check({.min_spacing = 0}).size() == 24);
  CHECK(check({.min_spacing = 0.95}).size() == 24);
}

TEST_CASE("find_planes: min_spacing 0 seats everybody") {
  catalogue_maker made;
  made.add(walker_plan{.planes = 2, .slots = 6, .raan_spread_deg = 90});
  const std::size_t regular = made.sets.size();
  for (std::size_t i = 0; i < regular; i += 5) {
    made.sets.push_back(made.sets[i]);
    made.sets.back().catalogue_number = 0;
    made.sets.push_back(made.sets.back());
  }
  const found_planes found = find_planes(made.sets, catalogue_start, {.min_spacing = 0});
  CHECK(found.size() == made.sets.size());
  for (const found_plane& plane : found.planes) {
    std::set<std::uint32_t> slots;
    for (const seated_satellite& satellite : plane.satellites) {
      CHECK(satellite.slot < found.slots);
      slots.insert(satellite.slot);
    }
    CHECK(slots.size() == plane.satellites.size());
  }
}

TEST_CASE("find_planes: very small limits do not count vacant planes without end") {
  // Three nearly equal orbits and one far away, and orbits whose plane is almost the equator.
  for (const double inclination_deg : {53.0, 0.03}) {
    catalogue_maker made;
    for (const double raan_deg : {10.0, 10.003, 10.006, 150.0, 151.0})
      made.add({origin::stray, 0, 0, {550, inclination_deg, raan_deg, 0}});
    const found_planes found =
        find_planes(made.sets, catalogue_start, {.max_tilt_deg = 1e-3, .min_satellites = 1});
    CHECK(found.plane_count() <= 10'000);
    CHECK(found.size() + found.left_out.size() == 5);
  }
}

TEST_CASE("find_planes: options outside their range") {
  const auto find = [](const plane_options& options) {
    return find_planes({}, catalogue_start, options);
  };
  CHECK_INVALID(find({.max_tilt_deg = 0}),
                "max_tilt_deg: found 0; allowed: a number from 0.001 to 30");
  CHECK_INVALID(find({.max_tilt_deg = 30.1}), "max_tilt_deg: found 30.1;");
  CHECK_INVALID(find({.max_tilt_deg = NAN}), "max_tilt_deg: found nan;");
  CHECK_INVALID(find({.max_drift_deg_per_day = 0}),
                "max_drift_deg_per_day: found 0; allowed: a number over 0 and up to 3600");
  CHECK_INVALID(find({.max_drift_deg_per_day = 3601}), "max_drift_deg_per_day: found 3601;");
  CHECK_INVALID(find({.min_satellites = 0}),
                "min_satellites: found 0; allowed: an integer from 1 to 10000");
  CHECK_INVALID(find({.min_satellites = 10'001}), "min_satellites: found 10001;");
  CHECK_INVALID(find({.max_altitude_step_km = -1}),
                "max_altitude_step_km: found -1; allowed: a number from 0 to 10000");
  CHECK_INVALID(find({.max_altitude_step_km = 10'001}), "max_altitude_step_km: found 10001;");
  CHECK_INVALID(find({.max_inclination_step_deg = 181}),
                "max_inclination_step_deg: found 181; allowed: a number from 0 to 180");
  CHECK_INVALID(find({.min_spacing = 0.96}),
                "min_spacing: found 0.96; allowed: a number from 0 to 0.95");
  CHECK_INVALID(find({.min_spacing = -0.1}), "min_spacing: found -0.1;");
  CHECK_INVALID(find_planes({}, {0, -1}), "at.second_of_day: found -1;");
  const std::vector<element_set> many(1'000'001);
  CHECK_INVALID(find_planes(many, catalogue_start),
                "sets: found 1000001; allowed: an integer from 0 to 1000000");
}

TEST_CASE("find_planes: 10000 satellites") {
  const walker_plan plan{.planes = 72, .slots = 138, .phasing = 11, .jitter = 0.3};
  catalogue_maker made;
  made.add(plan, {{3, 5}, {3, 6}});
  made.shuffle();
  const auto before = std::chrono::steady_clock::now();
  const found_planes found = find_planes(made.sets, catalogue_start);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - before;
  std::cout << "find_planes of " << made.sets.size() << " satellites: " << took.count() << " ms\n";
  CHECK(found.planes.size() == 72);
  CHECK(found.slots == 138);
  CHECK(found.left_out.empty());
}

// Real satellites, right against their elements.

/// The node of a set at another time, by hand with the rate of J2, and its altitude.
struct by_hand {
  Eigen::Vector3d normal;
  double altitude_km, motion_deg_per_day;

  by_hand(const element_set& set, const utc_time& at) {
    const double n_rad_s = set.mean_motion_rev_per_day * 2 * std::numbers::pi / 86'400;
    const double c = std::cos(deg_to_rad(set.inclination_deg));
    double a = std::cbrt(wgs72::mu_km3_s2 / (n_rad_s * n_rad_s));
    const double beta2 = 1 - set.eccentricity * set.eccentricity;
    const double delta = 0.75 * wgs72::j2 * std::pow(wgs72::radius_km / a, 2) * (3 * c * c - 1) *
                         std::pow(beta2, -1.5);
    a *= 1 + 2.0 / 3 * delta;  // n'' = n/(1 + δ)
    const double rate =
        -1.5 * wgs72::j2 * std::pow(wgs72::radius_km / (a * beta2), 2) * n_rad_s * c;
    normal = normal_of(set.inclination_deg,
                       set.raan_deg + rad_to_deg(rate) * seconds_between(set.epoch, at));
    altitude_km = a - earth_radius_km;
    motion_deg_per_day = 360 * set.mean_motion_rev_per_day;
  }
};

void check_against_elements(const std::vector<element_set>& sets, const found_planes& found) {
  const utc_time at = latest_epoch(sets);
  std::vector<by_hand> orbits;
  for (const element_set& set : sets) orbits.emplace_back(set, at);
  std::map<std::uint32_t, const found_plane*> by_number;
  std::vector<int> times(sets.size(), 0);
  const auto tilt_from = [&](const found_plane& plane, std::size_t set) {
    return tilt_deg(orbits[set].normal, normal_of(plane.inclination_deg, plane.raan_deg));
  };
  for (const found_plane& plane : found.planes) {
    by_number[plane.plane] = &plane;
    for (const auto& [set, slot, latitude_deg] : plane.satellites) {
      CAPTURE(plane.plane, set, sets[set].name);
      ++times.at(set);
      REQUIRE(tilt_from(plane, set) < 1.05);
      REQUIRE(std::abs(sets[set].inclination_deg - plane.inclination_deg) < 1);
      REQUIRE(std::abs(orbits[set].altitude_km - plane.altitude_km) < 3);
    }
    for (const plane_gap& gap : plane.gaps) CHECK(gap.width_deg > 1.4 * plane.spacing_deg);
  }
  for (const auto& [set, kind, reason] : found.left_out) {
    CAPTURE(set, sets[set].name, reason);
    ++times.at(set);
    if (kind == left_out_kind::spare) {
      const said words = read_spare(reason);
      REQUIRE(by_number.contains(words.plane));
      const found_plane& plane = *by_number.at(words.plane);
      REQUIRE(tilt_from(plane, set) < 1.05);
      REQUIRE(std::abs(orbits[set].altitude_km - plane.altitude_km) < 3);
      REQUIRE(std::abs(words.ahead_deg) < 0.6 * plane.spacing_deg + 0.05);
      REQUIRE(std::ranges::any_of(plane.satellites, [&](const seated_satellite& satellite) {
        return sets[satellite.set].name == words.of;
      }));
    } else if (kind == left_out_kind::other_shell) {
      const said words = read_other_shell(reason);
      const Eigen::Vector3d normal = normal_of(words.inclination_deg, words.raan_deg);
      REQUIRE(tilt_deg(orbits[set].normal, normal) < 1.1);
      REQUIRE(std::abs(orbits[set].altitude_km - words.altitude_km) < 3);
      std::size_t others = 0;
      for (const by_hand& orbit : orbits)
        others += tilt_deg(orbit.normal, normal) < 1.15 &&
                  std::abs(orbit.altitude_km - words.altitude_km) < 3.5;
      REQUIRE(others > words.others);
    } else {
      REQUIRE(kind == left_out_kind::stray);
      const said words = read_stray(reason);
      REQUIRE(by_number.contains(words.plane));
      const found_plane& plane = *by_number.at(words.plane);
      const double tilt = tilt_from(plane, set);
      for (const found_plane& other : found.planes) REQUIRE(tilt < tilt_from(other, set) + 0.1);
      if (std::isnan(words.tilt_deg))
        REQUIRE(tilt < 1.05);
      else
        REQUIRE(words.tilt_deg == approx(tilt).margin(0.15));
      if (std::isnan(words.above_km)) {
        REQUIRE(std::abs(orbits[set].altitude_km - plane.altitude_km) < 3);
        REQUIRE(!std::isnan(words.tilt_deg));
      } else {
        REQUIRE(words.above_km == approx(orbits[set].altitude_km - plane.altitude_km).margin(0.2));
        const double usual = orbits[plane.satellites[0].set].motion_deg_per_day;
        REQUIRE(words.drift_deg_per_day ==
                approx(orbits[set].motion_deg_per_day - usual).margin(3));
      }
    }
  }
  REQUIRE(std::ranges::all_of(times, [](int n) { return n == 1; }));
}

TEST_CASE("find_planes: Iridium NEXT", "[data]") {
  if (!test::has_data()) return test::skip_without_data();
  const auto sets = read_tle(test::data("tle/iridium-next_2024-07.txt")).sets;
  const found_planes found = find_planes(sets, latest_epoch(sets));
  REQUIRE(found.planes.size() == 6);
  CHECK(found.slots == 11);
  CHECK_FALSE(found.closed);
  CHECK(found.vacant_planes.empty());
  for (const found_plane& plane : found.planes) {
    CHECK(plane.satellites.size() == 11);
    CHECK(plane.gaps.empty());
  }
  check_against_elements(sets, found);
}

TEST_CASE("find_planes: OneWeb", "[data]") {
  if (!test::has_data()) return test::skip_without_data();
  const auto sets = read_tle(test::data("tle/oneweb_2024-07.txt")).sets;
  const found_planes found = find_planes(sets, latest_epoch(sets));
  CHECK(found.planes.size() == 12);
  CHECK_FALSE(found.closed);
  CHECK(found.vacant_planes.empty());
  check_against_elements(sets, found);
}

TEST_CASE("find_planes: Starlink", "[data]") {
  if (!test::has_data()) return test::skip_without_data();
  const auto sets = read_tle(test::data("tle/starlink_2021-07.txt")).sets;
  const found_planes found = find_planes(sets, latest_epoch(sets));
  CHECK(found.closed);
  CHECK(found.plane_count() == 72);
  REQUIRE(found.vacant_planes.size() == 3);
  std::vector<double> vacant_raans;
  for (const std::uint32_t vacant : found.vacant_planes)
    for (const found_plane& plane : found.planes)
      if (plane.plane + 1 == vacant) vacant_raans.push_back(plane.raan_deg + 5);
  REQUIRE(vacant_raans.size() == 3);
  CHECK(vacant_raans[0] == approx(113.3).margin(0.3));
  CHECK(vacant_raans[1] == approx(183.3).margin(0.3));
  CHECK(vacant_raans[2] == approx(343.3).margin(0.3));
  for (const double raan_deg : vacant_raans)  // they are still climbing to their altitude
    CHECK(std::ranges::any_of(found.left_out, [&](const left_out_satellite& left) {
      if (left.kind != left_out_kind::other_shell) return false;
      const said words = read_other_shell(left.reason);
      return std::abs(step_deg(words.raan_deg, raan_deg)) < 2.5 && words.altitude_km < 545;
    }));
  check_against_elements(sets, found);
}

}  // namespace
}  // namespace constellation_find_planes_test
