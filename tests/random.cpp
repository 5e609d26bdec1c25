#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include <orbitmoe/random.hpp>

#include "support/catch.hpp"

namespace random_test {
namespace {

using namespace orbitmoe;

constexpr std::uint64_t max_u64 = std::numeric_limits<std::uint64_t>::max();

template<typename Value, typename Draw>
std::vector<Value> draws(int count, Draw draw) {
  std::vector<Value> values;
  for (int i = 0; i < count; ++i) values.push_back(draw());
  return values;
}

// Every published number hangs on these streams. The values come from an independent program
// (integer arithmetic of FNV-1a, splitmix64 and MT19937-64); a change of any is a breaking change.
struct golden_stream {
  std::uint64_t seed;
  std::string_view purpose;
  std::uint64_t i, j;
  std::uint64_t derived;
  std::array<double, 4> uniform_01;
};
const golden_stream golden[] = {
    {0,
     "",
     0,
     0,
     0xd5784dc90ff56603,
     {0.48183510715019773, 0.39541891291144243, 0.1317635621178331, 0.25532922208162623}},
    {1,
     "outages",
     0,
     0,
     0xfdb862e295f4f38f,
     {0.5070691527898807, 0.28752144615544334, 0.8905770456229937, 0.1626126307564066}},
    {1,
     "outages",
     1,
     0,
     0x2ca031b6afdb8f27,
     {0.8799748163267059, 0.9853319461259198, 0.95785082189859, 0.8000897538177999}},
    {1,
     "outages",
     0,
     1,
     0xa2468291031fe8e9,
     {0.3816103460049348, 0.05441223944081766, 0.7760842771776894, 0.7469237702317739}},
    {2,
     "outages",
     0,
     0,
     0x3c29385219600ccb,
     {0.1467632986778768, 0.38360483073611745, 0.20069133843442974, 0.5848311323258867}},
    {1,
     "tokens",
     7,
     3,
     0xddf13f9f430062d2,
     {0.8383384964457721, 0.37017604918978453, 0.10456310922564473, 0.16385950138590277}},
    {max_u64,
     "gateways",
     max_u64,
     max_u64,
     0x893472ec38bc72b9,
     {0.63402387748272, 0.3819325798749523, 0.8527454447943732, 0.8074352870707494}},
};

TEST_CASE("random_stream: golden seeds and first outputs") {
  for (const golden_stream& each : golden) {
    CAPTURE(each.seed, each.purpose, each.i, each.j);
    CHECK(random_stream::derive_seed(each.seed, each.purpose, each.i, each.j) == each.derived);
    random_stream stream(each.seed, each.purpose, each.i, each.j);
    for (const double expected : each.uniform_01) CHECK(stream.uniform_01() == expected);
  }
}

TEST_CASE("random_stream: golden indices and order") {
  random_stream stream(1, "gateways", 3);
  // One way to draw takes nothing from the stream.
  const std::size_t counts[] = {10, 10, 10, 1056, 1056, 1, 2, 1'000'000'007};
  const std::size_t expected[] = {5, 0, 3, 529, 224, 0, 0, 279'165'341};
  for (std::size_t n = 0; n < std::size(counts); ++n)
    CHECK(stream.uniform_index(counts[n]) == expected[n]);

  std::vector<int> order(10);
  std::iota(order.begin(), order.end(), 0);
  random_stream(1, "experts", 2, 5).shuffle(order);
  CHECK(order == std::vector<int>{0, 4, 3, 7, 5, 6, 9, 1, 8, 2});
}

TEST_CASE("random_stream: the engine is the standard's MT19937-64") {
  random_stream stream(9, "engine");
  std::mt19937_64 engine(random_stream::derive_seed(9, "engine"));
  // Far enough to pass the state of 312 words more than once.
  for (int n = 0; n < 1000; ++n)
    REQUIRE(stream.uniform_01() == static_cast<double>(engine()) * 0x1p-64);
}

TEST_CASE("random_stream: uniform_01 fills the unit interval evenly") {
  random_stream stream(3, "uniform");
  std::array<int, 20> histogram{};
  constexpr int count = 40'000;
  for (int n = 0; n < count; ++n) {
    const double u = stream.uniform_01();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    ++histogram[static_cast<std::size_t>(u * 20)];
  }
  double chi_squared = 0;
  for (const int found : histogram)
    chi_squared += (found - count / 20.) * (found - count / 20.) / (count / 20.);
  CHECK(chi_squared < 43.8);  // 99.9 % quantile, 19 degrees of freedom
}

TEST_CASE("random_stream: uniform_index fills its range evenly") {
  random_stream stream(3, "index");
  std::array<int, 7> histogram{};
  constexpr int count = 35'000;
  for (int n = 0; n < count; ++n) ++histogram.at(stream.uniform_index(histogram.size()));
  double chi_squared = 0;
  for (const int found : histogram) chi_squared += (found - 5000.) * (found - 5000.) / 5000.;
  CHECK(chi_squared < 22.5);  // 99.9 % quantile, 6 degrees of freedom
}

TEST_CASE("random_stream: shuffle makes every order equally likely") {
  random_stream stream(4, "shuffle");
  std::map<std::vector<int>, int> histogram;
  for (int n = 0; n < 24'000; ++n) {
    std::vector<int> order{0, 1, 2, 3};
    stream.shuffle(order);
    ++histogram[order];
  }
  CHECK(histogram.size() == 24);
  double chi_squared = 0;
  for (const auto& [order, found] : histogram) {
    CHECK(std::set<int>(order.begin(), order.end()) == std::set<int>{0, 1, 2, 3});
    chi_squared += (found - 1000.) * (found - 1000.) / 1000.;
  }
  CHECK(chi_squared < 49.7);  // 99.9 % quantile, 23 degrees of freedom
}

TEST_CASE("random_stream: shuffle of nothing or one element") {
  random_stream stream(1, "shuffle"), untouched(1, "shuffle");
  std::vector<int> none, one{42};
  stream.shuffle(none);
  stream.shuffle(one);
  CHECK(none.empty());
  CHECK(one == std::vector<int>{42});
  CHECK(stream.uniform_01() == untouched.uniform_01());
}

TEST_CASE("random_stream: every part of the name makes another stream") {
  const auto first = [](std::uint64_t seed, std::string_view purpose, std::uint64_t i,
                        std::uint64_t j) {
    random_stream stream(seed, purpose, i, j);
    return draws<double>(8, [&] { return stream.uniform_01(); });
  };
  const auto reference = first(1, "outages", 2, 3);
  CHECK(reference == first(1, "outages", 2, 3));
  CHECK(reference != first(2, "outages", 2, 3));
  CHECK(reference != first(1, "outage", 2, 3));
  CHECK(reference != first(1, "tokens", 2, 3));
  CHECK(reference != first(1, "outages", 1, 3));
  CHECK(reference != first(1, "outages", 2, 2));
  CHECK(reference != first(1, "outages", 3, 2));
}

TEST_CASE("random_stream: no two of many neighbouring streams share a seed") {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const char* purpose : {"outages", "tokens", "gateways", "experts"})
      for (std::uint64_t i = 0; i < 25; ++i)
        for (std::uint64_t j = 0; j < 10; ++j)
          seeds.insert(random_stream::derive_seed(seed, purpose, i, j));
  CHECK(seeds.size() == 10 * 4 * 25 * 10);
}

}  // namespace
}  // namespace random_test
