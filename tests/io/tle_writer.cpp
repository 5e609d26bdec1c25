#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <orbitmoe/io/tle_writer.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"

namespace io_tle_writer_test {
namespace {

using namespace orbitmoe;

element_set example() {
  return {.name = "ONEWEB-0012",
          .catalogue_number = 44057,
          .international_designator = "2019-010A",
          .epoch = {8963, 41922.03168},
          .inclination_deg = 87.9108,
          .raan_deg = 8.3016,
          .eccentricity = 0.0002163,
          .argument_of_perigee_deg = 68.5094,
          .mean_anomaly_deg = 291.6267,
          .mean_motion_rev_per_day = 13.16593290,
          .bstar = 0.12659e-3};
}

element_set read_back(const element_set& set) {
  const element_records read = parse_tle(to_tle(set));
  REQUIRE(read.sets.size() == 1);
  return read.sets[0];
}

// The example with one member changed.
template<typename T>
element_set with(T element_set::*member, const T& value) {
  element_set set = example();
  set.*member = value;
  return set;
}

std::string columns(const element_set& set, std::size_t line, std::size_t first, std::size_t last) {
  const std::string text = to_tle(set);
  const std::size_t start = text.size() - 70 * (3 - line);
  return text.substr(start + first - 1, last - first + 1);
}

TEST_CASE("tle writer: a set as its lines", "[io][tle]") {
  const std::string lines =
      "1 44057U 19010A   24198.48520870  .00000000  00000+0  12659-3 0    07\n"
      "2 44057  87.9108   8.3016 0002163  68.5094 291.6267 13.16593290    09\n";
  CHECK(to_tle(example()) == "ONEWEB-0012\n" + lines);
  CHECK(to_tle(with(&element_set::name, std::string())) == lines);
  CHECK(read_back(example()) == example());
  const std::vector<element_set> sets = {example(), with(&element_set::raan_deg, 9.0)};
  CHECK(to_tle(sets) == to_tle(sets[0]) + to_tle(sets[1]));
  CHECK(parse_tle(to_tle(sets)).sets == sets);
  CHECK(to_tle(std::vector<element_set>{}).empty());
}

TEST_CASE("tle writer: catalogue numbers of five digits and Alpha-5", "[io][tle]") {
  const auto number = [](std::uint32_t n) {
    const element_set set = with(&element_set::catalogue_number, n);
    const element_set read = read_back(set);
    CHECK(read == set);
    return columns(set, 1, 3, 7);
  };
  CHECK(number(0) == "00000");
  CHECK(number(5) == "00005");
  CHECK(number(99'999) == "99999");
  CHECK(number(100'000) == "A0000");
  CHECK(number(148'493) == "E8493");
  CHECK(number(180'000) == "J0000");
  CHECK(number(230'001) == "P0001");
  CHECK(number(339'999) == "Z9999");
  CHECK_INVALID(number(340'000),
                "catalogue_number: found 340000; allowed: an integer from 0 to 339999");
}

TEST_CASE("tle writer: names that look like lines get a zero before them", "[io][tle]") {
  for (const char* name : {"1 A", "2 44057", "0 B", "1HOPSAT", "0", " C", "A ~!", "0 1 X"}) {
    const element_set set = with(&element_set::name, std::string(name));
    CAPTURE(name);
    CHECK(read_back(set) == set);
  }
  CHECK(to_tle(with(&element_set::name, std::string("1 A"))).starts_with("0 1 A\n1 "));
  CHECK(read_back(with(&element_set::name, std::string("A  "))).name == "A");
  CHECK(read_back(with(&element_set::name, std::string("  "))).name.empty());
  CHECK_INVALID(to_tle(with(&element_set::name, std::string("A\nB"))),
                "name: found \"A?B\"; allowed: printable ASCII");
}

TEST_CASE("tle writer: designators", "[io][tle]") {
  const auto designator = [](const char* text) {
    const element_set set = with(&element_set::international_designator, std::string(text));
    const element_set read = read_back(set);
    CHECK(read == set);
    return columns(set, 1, 10, 17);
  };
  CHECK(designator("") == "        ");
  CHECK(designator("1957-001B") == "57001B  ");
  CHECK(designator("2056-999ABC") == "56999ABC");
  CHECK(designator("2000-000ABC") == "00000ABC");
  for (const char* text : {"1956-001A", "2057-001A", "2019-010", "2019-10A", "2019-010ABCD",
                           "2019010A", "2019x010A", "2019-010a", "x", "UNKNOWN", "0019-010A"}) {
    CAPTURE(text);
    CHECK_INVALID(designator(text), "international_designator: found \"" + std::string(text) +
                                        "\"; allowed: empty, or such as 2017-003A");
  }
}

TEST_CASE("tle writer: epochs are rounded and may come to the next day", "[io][tle]") {
  const auto epoch = [](const char* text) {
    return columns(with(&element_set::epoch, parse_utc(text)), 1, 19, 32);
  };
  CHECK(epoch("2000-01-01T00:00:00") == "00001.00000000");
  CHECK(epoch("1957-01-01T12:00:00") == "57001.50000000");
  CHECK(epoch("2024-12-31T23:59:59.9995") == "24366.99999999");
  CHECK(epoch("2024-12-31T23:59:59.9996") == "25001.00000000");
  CHECK(epoch("1956-12-31T23:59:59.9996") == "57001.00000000");
  CHECK_INVALID(epoch("2056-12-31T23:59:59.9996"),
                "epoch: found 2056-12-31T23:59:59.999600; allowed: an instant of the years 1957 to "
                "2056");
  CHECK_INVALID(epoch("1956-12-31T23:59:59.0"), "epoch: found 1956-12-31T23:59:59.000000;");
}

TEST_CASE("tle writer: forms of bstar", "[io][tle]") {
  const auto bstar = [](double value) {
    const element_set once = read_back(with(&element_set::bstar, value));
    const element_set twice = read_back(once);
    CHECK(twice == once);
    return columns(with(&element_set::bstar, value), 1, 54, 61);
  };
  CHECK(bstar(0) == " 00000+0");
  CHECK(bstar(-0.0) == " 00000+0");
  CHECK(bstar(-0.11606e-4) == "-11606-4");
  CHECK(bstar(0.1) == " 10000+0");
  CHECK(bstar(12.345) == " 12345+2");
  CHECK(bstar(0.0999999) == " 10000+0");
  CHECK(bstar(0.99999e9) == " 99999+9");
  CHECK(bstar(0.12345e-9) == " 12345-9");
  CHECK(bstar(1.2345e-12) == " 00123-9");
  CHECK(bstar(9.99999e-11) == " 10000-9");
  CHECK(bstar(1e-300) == " 00000-9");
  CHECK_INVALID(bstar(1e9), "bstar: found 1000000000; allowed: a number under 1e9 in size");
  CHECK_INVALID(bstar(-999'999'999.0), "bstar: found -999999999;");
}

TEST_CASE("tle writer: elements at the ends of their ranges", "[io][tle]") {
  element_set set = example();
  set.inclination_deg = 180;
  set.raan_deg = 359.99999;
  set.eccentricity = 0.99999994;
  set.argument_of_perigee_deg = -0.0;
  set.mean_anomaly_deg = 360;
  set.mean_motion_rev_per_day = 0.01;
  CHECK(columns(set, 2, 9, 63) == "180.0000 360.0000 9999999   0.0000 360.0000  0.01000000");
  CHECK(read_back(read_back(set)) == read_back(set));
  CHECK_INVALID(to_tle(with(&element_set::eccentricity, 0.99999996)),
                "eccentricity: found 0.99999996; allowed: one that is under 1 in seven decimals");
  CHECK_INVALID(to_tle(with(&element_set::raan_deg, 361.0)), "raan_deg: found 361;");
  CHECK_INVALID(to_tle(with(&element_set::bstar, std::numeric_limits<double>::infinity())),
                "bstar: found inf;");
  const std::vector<element_set> sets = {example(), with(&element_set::raan_deg, -1.0)};
  CHECK_INVALID(to_tle(sets), "sets[1].raan_deg: found -1;");
}

TEST_CASE("tle writer: any set is read back as the second time", "[io][tle]") {
  std::mt19937_64 bits(7);
  const auto between = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53;
  };
  for (int k = 0; k < 3000; ++k) {
    element_set set;
    set.catalogue_number = static_cast<std::uint32_t>(bits() % 340'000);
    set.epoch = {static_cast<std::int32_t>(bits() % 36'000) - 15'700, between(0, 86'400)};
    set.inclination_deg = between(0, 180);
    set.raan_deg = between(0, 360);
    set.eccentricity = between(0, 0.9999999);
    set.argument_of_perigee_deg = between(0, 360);
    set.mean_anomaly_deg = between(0, 360);
    set.mean_motion_rev_per_day = between(0.01, 18);
    set.bstar = between(-1, 1) * std::pow(10, between(-16, 8.9));
    const element_set once = read_back(set);
    REQUIRE(read_back(once) == once);
    REQUIRE(to_tle(read_back(once)) == to_tle(once));
    REQUIRE(std::abs(seconds_between(set.epoch, once.epoch)) <= 432.001e-6);
    REQUIRE(std::abs(once.raan_deg - set.raan_deg) <= 5.001e-5);
  }
}

TEST_CASE("tle writer: real sets come back as they were", "[io][tle][data]") {
  if (!test::has_data()) return test::skip_without_data();
  for (const char* file :
       {"tle/iridium-next_2024-07.txt", "tle/oneweb_2024-07.txt", "tle/starlink_2021-07.txt"}) {
    const element_records read = read_tle(test::data(file));
    CHECK(parse_tle(to_tle(read.sets)) == read);
  }
}

}  // namespace
}  // namespace io_tle_writer_test
