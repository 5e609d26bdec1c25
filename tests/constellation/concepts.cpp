#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/walker.hpp>

#include "support/catch.hpp"

namespace constellation_concepts_test {
namespace {

using namespace orbitmoe;

// The least that fits: three functions. Any number of satellites and any vector expression will do.
struct one_fixed_satellite {
  int size() const { return 1; }
  Eigen::Vector3d position_km(satellite_id, double) const { return {7000, 0, 0}; }
  auto velocity_km_s(satellite_id, double) const { return Eigen::Vector3d::Zero(); }
};
static_assert(constellation<one_fixed_satellite>);
static_assert(!planar_constellation<one_fixed_satellite>);
static_assert(!periodic_constellation<one_fixed_satellite>);

struct with_slots : one_fixed_satellite {
  orbital_slot slot_of(satellite_id) const { return {}; }
};
static_assert(planar_constellation<with_slots>);
static_assert(!periodic_constellation<with_slots>);

struct with_period : one_fixed_satellite {
  float period_s() const { return 5730; }
};
static_assert(periodic_constellation<with_period>);
static_assert(!planar_constellation<with_period>);

// What does not fit.
static_assert(!constellation<int>);
struct without_velocity {
  std::size_t size() const { return 1; }
  Eigen::Vector3d position_km(satellite_id, double) const { return {}; }
};
static_assert(!constellation<without_velocity>);
struct without_time : one_fixed_satellite {
  Eigen::Vector3d position_km(satellite_id) const { return {}; }
};
static_assert(!constellation<without_time>);
struct altitude_for_position : one_fixed_satellite {
  double position_km(satellite_id, double) const { return 550; }
};
static_assert(!constellation<altitude_for_position>);
struct changed_by_asking : one_fixed_satellite {
  Eigen::Vector3d position_km(satellite_id, double) { return {}; }
};
static_assert(!constellation<changed_by_asking>);
struct size_in_words : one_fixed_satellite {
  std::string size() const { return "one"; }
};
static_assert(!constellation<size_in_words>);

struct slot_as_pair : one_fixed_satellite {
  std::pair<std::uint32_t, std::uint32_t> slot_of(satellite_id) const { return {}; }
};
static_assert(!planar_constellation<slot_as_pair>);
struct slots_of_nothing {
  orbital_slot slot_of(satellite_id) const { return {}; }
  double period_s() const { return 1; }
};
static_assert(!planar_constellation<slots_of_nothing>);
static_assert(!periodic_constellation<slots_of_nothing>);

// A propagator is made of elements, and answers two questions.
struct at_rest {
  explicit at_rest(const element_set&) {}
  Eigen::Vector3d position_km(double) const { return {7000, 0, 0}; }
  auto velocity_km_s(double) const { return Eigen::Vector3d::Zero(); }
};
static_assert(propagator<at_rest>);
struct propagates_without_velocity {
  explicit propagates_without_velocity(const element_set&) {}
  Eigen::Vector3d position_km(double) const { return {}; }
};
static_assert(!propagator<propagates_without_velocity>);
struct from_nothing {
  Eigen::Vector3d position_km(double) const { return {}; }
  Eigen::Vector3d velocity_km_s(double) const { return {}; }
};
static_assert(!propagator<from_nothing>);
struct propagates_by_changing {
  explicit propagates_by_changing(const element_set&) {}
  Eigen::Vector3d position_km(double) { return {}; }
  Eigen::Vector3d velocity_km_s(double) { return {}; }
};
static_assert(!propagator<propagates_by_changing>);

double altitude_km(const constellation auto& sky, satellite_id id) {
  const Eigen::Vector3d position_km = sky.position_km(id, 0);
  return position_km.norm() - earth_radius_km;
}

TEST_CASE("constellation: one function serves the library's skies and a user's") {
  CHECK(altitude_km(one_fixed_satellite{}, 0) == test::approx(629));
  CHECK(altitude_km(walker_constellation{}, 1055) == test::approx(550));
}

TEST_CASE("orbital_slot: equal where plane and slot are") {
  CHECK(orbital_slot{2, 3} == orbital_slot{2, 3});
  CHECK_FALSE(orbital_slot{2, 3} == orbital_slot{3, 2});
  CHECK_FALSE(orbital_slot{2, 3} == orbital_slot{2, 4});
}

}  // namespace
}  // namespace constellation_concepts_test
