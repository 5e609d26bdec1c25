#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/network/path_latency.hpp>

#include "support/brute_force.hpp"
#include "support/catch.hpp"
#include "support/networks.hpp"

namespace network_path_latency_test {
namespace {

using namespace orbitmoe;
using test::approx;

constexpr double infinity = std::numeric_limits<double>::infinity();

using ids_t = std::vector<satellite_id>;

// A stage that owns its hosts.
struct way {
  satellite_id from, to;
  ids_t hosts;
};

std::vector<stage> stages_of(const std::vector<way>& ways) {
  std::vector<stage> stages;
  for (const way& each : ways) stages.push_back({each.from, each.to, each.hosts});
  return stages;
}

std::vector<way> random_ways(random_stream& stream, std::size_t satellites) {
  const auto any = [&] { return static_cast<satellite_id>(stream.uniform_index(satellites)); };
  std::vector<way> ways(stream.uniform_index(6));
  for (way& each : ways) {
    each = {any(), any(), ids_t(stream.uniform_index(2 * satellites))};
    for (satellite_id& host : each.hosts) host = any();
  }
  return ways;
}

// MODEL §6, word for word, from all pairs.
void check_against_all_pairs(const timeline& net, double message_bits,
                             const std::vector<way>& ways) {
  const auto found = path_latencies_s(net, message_bits, stages_of(ways));
  REQUIRE(found.size() == ways.size());
  for (std::size_t i = 0; i < ways.size(); ++i) {
    REQUIRE(row_count(found[i]) == net.slots());
    REQUIRE(column_count(found[i]) == ways[i].hosts.size());
  }
  for (std::size_t slot = 0; slot < net.slots(); ++slot) {
    const matrix d = test::all_delays_s(net, slot, net.hop_overhead_s(message_bits));
    for (std::size_t i = 0; i < ways.size(); ++i)
      for (std::size_t h = 0; h < ways[i].hosts.size(); ++h) {
        const satellite_id host = ways[i].hosts[h];
        REQUIRE(found.at(i, slot)[h] == approx(d(ways[i].from, host) + d(host, ways[i].to)));
      }
  }
}

TEST_CASE("path_latencies_s: by hand") {
  //  0 ─0.5─ 1 ─0.25─ 2 ─1─ 3; in slot 1 the last link is down.
  matrix propagation_s(2, 3);
  propagation_s << 0.5, 0.25, 1,  //
      0.5, 0.25, infinity;
  const timeline net{4, {{0, 1}, {1, 2}, {2, 3}}, propagation_s};
  const ids_t everyone{0, 1, 2, 3};
  const std::vector<stage> stages{{.from = 0, .to = 2, .hosts = everyone}};
  const auto found = path_latencies_s(net, 0, stages);
  matrix expected(2, 4);
  expected << 0.75, 0.75, 0.75, 2.75,  //
      0.75, 0.75, 0.75, infinity;
  REQUIRE(found.size() == 1);
  CHECK(found[0] == expected);
}

TEST_CASE("path_latencies: stages side by side, some of them without hosts") {
  const ids_t two{0, 1}, three{0, 1, 2};
  const std::vector<stage> stages{{.hosts = two}, {.hosts = {}}, {.hosts = three}, {.hosts = {}}};
  path_latencies latencies_s(2, stages);
  CHECK(latencies_s.size() == 4);
  CHECK(latencies_s.slots() == 2);
  CHECK(latencies_s[0] == make_matrix(2, 2, 0));
  CHECK(latencies_s[1] == make_matrix(2, 0, 0));
  CHECK(latencies_s[2] == make_matrix(2, 3, 0));
  const path_latencies before = latencies_s;
  CHECK(before == latencies_s);
  for (const std::size_t slot : {0u, 1u})
    for (const std::size_t i : {0u, 1u, 2u, 3u})
      for (double& delay_s : latencies_s.at(i, slot))
        delay_s = static_cast<double>(10 * slot + i + 1);
  CHECK_FALSE(before == latencies_s);
  CHECK(latencies_s[0] == matrix{{1, 1}, {11, 11}});
  CHECK(latencies_s[2] == matrix{{3, 3, 3}, {13, 13, 13}});
  CHECK(std::as_const(latencies_s).at(2, 1).size() == 3);
  CHECK(std::as_const(latencies_s).at(3, 1).empty());
  CHECK(std::as_const(latencies_s).at(0, 1)[1] == 11);
}

TEST_CASE("path_latencies_s: message size and processing count once per hop") {
  const test::drifting_sky row{
      {{{8000, 0, 0}, {0, 0, 0}}, {{8000, 1000, 0}, {0, 0, 0}}, {{8000, 3000, 0}, {0, 0, 0}}}};
  const timeline net{row,
                     link_list{{{0, 1}, {1, 2}}},
                     {.slots = 1,
                      .span_s = 1,
                      .survival_probability = 1,
                      .rate_gbps = 1,
                      .hop_processing_s = 0.5}};
  const ids_t host{2};
  const std::vector<stage> stages{{0, 1, host}};
  // Two hops out, one on: 3,000 + 2,000 km, three times 1 ms + 500 ms.
  CHECK(path_latencies_s(net, 1e6, stages)[0](0, 0) == approx(5000 / 299'792.458 + 3 * 0.501));
}

TEST_CASE("path_latencies_s: hundreds of random networks against all pairs") {
  random_stream stream(1, "ways");
  bool unreachable = false;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const timeline net = test::random_network(seed);
    const std::vector<way> ways = random_ways(stream, net.size());
    check_against_all_pairs(net, 0, ways);
    const auto found = path_latencies_s(net, 0, stages_of(ways));
    for (std::size_t i = 0; i < found.size(); ++i)
      unreachable |= (found[i].array() == infinity).any();
  }
  CHECK(unreachable);
}

TEST_CASE("path_latencies_s: a Walker sky with more ends than one block of the router") {
  const walker_constellation sky{
      {.planes = 7, .satellites_per_plane = 11, .altitude_km = 2000, .phasing = 3}};
  const timeline net{sky, plus_grid{.seam = true}, {.slots = 3, .survival_probability = 0.7}};
  random_stream stream(2, "ways");
  for (const satellite_id ends : {31u, 32u, 33u, 64u, 65u, 77u}) {
    // Stage i goes from i to i + 1, round a ring, as the layers of a model do.
    std::vector<way> ways;
    for (satellite_id i = 0; i < ends; ++i)
      ways.push_back({i, (i + 1) % ends, {static_cast<satellite_id>(stream.uniform_index(77)), i}});
    CAPTURE(ends);
    check_against_all_pairs(net, 131'072, ways);
  }
}

TEST_CASE("path_latencies_s: shared ends, from == to, repeated hosts, hosts at the ends") {
  const walker_constellation sky{
      {.planes = 3, .satellites_per_plane = 5, .altitude_km = 9000, .phasing = 1}};
  const timeline net{sky, plus_grid{}, {.slots = 4, .survival_probability = 0.6}};
  const std::vector<way> ways{
      {0, 7, {1, 2, 3}}, {7, 0, {1, 2, 3}}, {4, 4, {4, 9, 14}}, {0, 7, {7, 0, 7, 7}}, {7, 11, {}}};
  check_against_all_pairs(net, 1000, ways);

  const auto found = path_latencies_s(net, 1000, stages_of(ways));
  // The way back is the way out, to the bit.
  CHECK(found[0] == found[1]);
  // A host on its own end costs nothing.
  CHECK((found[2].col(0).array() == 0).all());
  CHECK(found[3].col(0) == found[3].col(2));
  CHECK(found[3].col(0) == found[3].col(3));
  CHECK(found[4].size() == 0);
  // A stage gives the same alone as among others.
  for (std::size_t i = 0; i < ways.size(); ++i)
    CHECK(path_latencies_s(net, 1000, stages_of({ways[i]}))[0] == found[i]);
}

TEST_CASE("path_latencies_s: no stages, and one satellite alone") {
  const timeline alone{1, {}, make_matrix(2, 0, 0)};
  CHECK(path_latencies_s(alone, 0, {}).size() == 0);
  const ids_t self{0, 0};
  const std::vector<stage> stages{{0, 0, self}};
  CHECK(path_latencies_s(alone, 1e9, stages)[0] == make_matrix(2, 2, 0));
}

TEST_CASE("path_latencies_s: same bits for any number of threads and any exact router") {
  const walker_constellation sky{
      {.planes = 6, .satellites_per_plane = 8, .altitude_km = 2000, .phasing = 5}};
  const timeline net{sky, plus_grid{.seam = true}, {.slots = 17, .survival_probability = 0.8}};
  random_stream stream(3, "ways");
  std::vector<way> ways;
  while (ways.size() < 4) ways = random_ways(stream, net.size());
  const auto stages = stages_of(ways);
  const auto one = path_latencies_s(net, 8192, stages);
  for (const int threads : {0, 2, 3})
    CHECK(path_latencies_s(net, 8192, stages, {.threads = threads}) == one);
  CHECK(path_latencies_s<test::bellman_ford_router>(net, 8192, stages, {.threads = 2}) == one);
}

TEST_CASE("path_latencies_s: progress rises to 1, and its exception stops the computation") {
  const timeline net{2, {{0, 1}}, make_matrix(40, 1, 0.1)};
  const ids_t host{1};
  const std::vector<stage> stages{{0, 0, host}};
  std::vector<double> fractions;
  const auto note = [&](double fraction) { fractions.push_back(fraction); };
  (void)path_latencies_s(net, 0, stages, {.threads = 2, .progress = note});
  REQUIRE(fractions.size() == 40);
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);

  for (const int threads : {1, 3}) {
    int calls = 0;
    const auto cancel = [&](double) {
      ++calls;
      throw std::runtime_error("cancelled");
    };
    CHECK_THROWS_WITH(path_latencies_s(net, 0, stages, {.threads = threads, .progress = cancel}),
                      "cancelled");
    CHECK(calls >= 1);
    CHECK(calls <= threads);
  }
}

TEST_CASE("path_latencies_s: satellites that do not exist") {
  const timeline net{3, {{0, 1}, {1, 2}}, make_matrix(1, 2, 0.1)};
  const auto run = [&](const std::vector<way>& ways) {
    return path_latencies_s(net, 0, stages_of(ways));
  };
  CHECK_INVALID(run({{3, 0, {1}}}), "stages[0]: found 3; allowed: a satellite in 0..2");
  CHECK_INVALID(run({{0, 1, {2}}, {0, 4, {1}}}),
                "stages[1]: found 4; allowed: a satellite in 0..2");
  CHECK_INVALID(run({{0, 1, {2}}, {0, 1, {}}, {0, 1, {2, 99}}}),
                "stages[2]: found 99; allowed: a satellite in 0..2");
  for (const double bits : {-1.0, std::numeric_limits<double>::infinity(), std::nan("")})
    CHECK_INVALID(path_latencies_s(net, bits, {}), "message_bits: found ");
  CHECK_INVALID(path_latencies_s(net, 0, {}, {.threads = 1025}),
                "threads: found 1025; allowed: an integer from 0 to 1024");
}

}  // namespace
}  // namespace network_path_latency_test
