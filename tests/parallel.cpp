#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <orbitmoe/parallel.hpp>

#include "support/catch.hpp"

namespace parallel_test {
namespace {

using namespace orbitmoe;
using detail::parallel_for;

TEST_CASE("parallel_for: calls the work once for each index") {
  const int threads = GENERATE(0, 1, 2, 5);
  const std::size_t count = GENERATE(0u, 1u, 3u, 1000u);
  CAPTURE(threads, count);
  std::vector<std::atomic<int>> calls(count);
  parallel_for(count, {.threads = threads}, [&](std::size_t i) { ++calls.at(i); });
  for (const auto& each : calls) REQUIRE(each == 1);
}

TEST_CASE("parallel_for: one thread means the caller's, in order") {
  const auto caller = std::this_thread::get_id();
  std::vector<std::size_t> order;
  parallel_for(5, {}, [&](std::size_t i) {
    CHECK(std::this_thread::get_id() == caller);
    order.push_back(i);
  });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("parallel_for: never more threads than asked for") {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  parallel_for(40, {.threads = 3}, [&](std::size_t) {
    // Long enough that a fourth thread, if there were one, would get a turn.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::scoped_lock lock(mutex);
    ids.insert(std::this_thread::get_id());
  });
  CHECK(ids.size() <= 3);
}

TEST_CASE("parallel_for: progress rises to 1, one call per index, one caller at a time") {
  const int threads = GENERATE(1, 4);
  std::atomic<bool> inside = false, overlapped = false;
  std::vector<double> fractions;
  const auto progress = [&](double fraction) {
    if (inside.exchange(true)) overlapped = true;
    fractions.push_back(fraction);
    inside = false;
  };
  parallel_for(50, {.threads = threads, .progress = progress}, [](std::size_t) {});
  CHECK_FALSE(overlapped);
  REQUIRE(fractions.size() == 50);
  for (std::size_t n = 0; n < 50; ++n) CHECK(fractions[n] == static_cast<double>(n + 1) / 50);
}

TEST_CASE("parallel_for: the first exception of the work stops the rest and is re-thrown") {
  std::size_t calls = 0;
  const auto fail_at_10 = [&](std::size_t i) {
    ++calls;
    if (i == 10) throw std::runtime_error("slot 10");
  };
  CHECK_THROWS_WITH(parallel_for(1000, {}, fail_at_10), "slot 10");
  CHECK(calls == 11);

  // With every call failing, no thread starts a second one.
  std::atomic<int> failures = 0;
  const auto fail = [&](std::size_t) {
    ++failures;
    throw std::runtime_error("all");
  };
  CHECK_THROWS_WITH(parallel_for(1000, {.threads = 3}, fail), "all");
  CHECK(failures >= 1);
  CHECK(failures <= 3);
}

TEST_CASE("parallel_for: no progress is reported after a failure") {
  std::vector<double> fractions;
  const auto fail_at_2 = [](std::size_t i) {
    if (i == 2) throw std::runtime_error("slot 2");
  };
  CHECK_THROWS(parallel_for(
      4, {.threads = 1, .progress = [&](double fraction) { fractions.push_back(fraction); }},
      fail_at_2));
  CHECK(fractions == std::vector<double>{0.25, 0.5});
}

TEST_CASE("parallel_for: an exception of progress stops the computation and reaches the caller") {
  const int threads = GENERATE(1, 3);
  CAPTURE(threads);
  std::atomic<int> worked = 0;
  int reported = 0;
  const auto cancel = [&](double) {
    ++reported;
    throw std::runtime_error("cancelled");
  };
  CHECK_THROWS_WITH(
      parallel_for(1000, {.threads = threads, .progress = cancel}, [&](std::size_t) { ++worked; }),
      "cancelled");
  // Each thread reports after each call, so none gets past its first.
  CHECK(worked <= threads);
  CHECK(reported == 1);
}

TEST_CASE("parallel_for: threads out of range") {
  const auto run = [](int threads) { parallel_for(1, {.threads = threads}, [](std::size_t) {}); };
  CHECK_INVALID(run(-1), "threads: found -1; allowed: an integer from 0 to 1024");
  CHECK_INVALID(run(1025), "threads: found 1025; allowed: an integer from 0 to 1024");
  CHECK_NOTHROW(run(1024));
}

}  // namespace
}  // namespace parallel_test
