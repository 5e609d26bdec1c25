#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// How a long computation runs. The result never depends on it.
struct run_options {
  /// Worker threads, 1 to 1,024; 0 means one per hardware thread.
  int threads = 1;
  /// Called with the fraction done, over 0 and up to 1, rising; from one thread at a time. May be
  /// empty. An exception that it throws stops the computation and reaches the caller.
  std::function<void(double)> progress = {};
};

namespace detail {

/// The part of a longer run that lies between two fractions of it.
inline run_options part_of(const run_options& run, double from, double to) {
  run_options part{.threads = run.threads};
  if (run.progress)
    part.progress = [&run, from, to](double fraction) {
      run.progress(from + fraction * (to - from));
    };
  return part;
}

/// Calls work(i) once for each i in [0, count), on `run.threads` threads, in no fixed order. Each
/// thread has its own work, with the memory that it keeps from one call to the next.
/// The first exception, of any work or of `run.progress`, stops the rest and is re-thrown here.
/// @param make_work  called at most once by each thread, by several at a time.
/// @throws invalid_input  threads is outside its range.
inline void parallel_workers(std::size_t count, const run_options& run,
                             const std::function<std::function<void(std::size_t)>()>& make_work) {
  require_between("threads", run.threads, 0, 1024);
  const std::size_t wanted = run.threads > 0 ? static_cast<std::size_t>(run.threads)
                                             : std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::exception_ptr failure;
  std::mutex mutex;

  const auto fail = [&] {  // in a handler, under the lock
    if (!failure) failure = std::current_exception();
    next = count;
  };
  const auto worker = [&] {
    std::function<void(std::size_t)> work;
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        if (!work) work = make_work();
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        return fail();
      }
      const std::scoped_lock lock(mutex);
      if (failure) return;
      try {
        ++done;
        if (run.progress) run.progress(static_cast<double>(done) / static_cast<double>(count));
      } catch (...) {
        fail();
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (std::size_t t = 1; t < std::min(wanted, count); ++t) helpers.emplace_back(worker);
    } catch (const std::system_error&) {
      // The system has no more threads to give: those that there are do the work.
    }
    worker();
  }
  if (failure) std::rethrow_exception(failure);
}

/// parallel_workers where threads need no memory of their own.
inline void parallel_for(std::size_t count, const run_options& run,
                         const std::function<void(std::size_t)>& work) {
  parallel_workers(count, run, [&] { return std::ref(work); });
}

}  // namespace detail
}  // namespace orbitmoe
