// How far the sweep is from the limits of the machine.
//
//   limits stream          bandwidth of relaxing one block of memory with another, in each cache
//   limits count METHOD    runs one small case once, to be counted: METHOD is sweep or Boost.Graph

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/orbitmoe.hpp>

#include "arcs.hpp"
#include "peers.hpp"

namespace {

using namespace orbitmoe;

/// GB/s of loads and stores while `bytes` of memory are relaxed by as much other memory.
double stream_GB_s(std::size_t bytes) {
  using detail::lanes;
  const std::size_t cells = bytes / 2 / (lanes * sizeof(double));
  matrix from = make_matrix(cells, lanes, 1), to = make_matrix(cells, lanes, 2);
  double best_s = std::numeric_limits<double>::infinity();
  for (int repetition = 0; repetition < 7; ++repetition) {
    const std::size_t rounds = std::max<std::size_t>(1, (std::size_t{1} << 28) / bytes);
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t r = 0; r < rounds; ++r)
      for (std::size_t i = 0; i < cells; ++i) {
        detail::lane_delays delays(from.data() + i * lanes);
        delays.advance(0.5);
        delays.meet(to.data() + i * lanes);
      }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best_s = std::min(best_s, time.count() / static_cast<double>(rounds));
  }
  return 3 * static_cast<double>(cells * lanes * sizeof(double)) / best_s / 1e9;
}

struct small_case {
  timeline net{walker_constellation{}, plus_grid{}, {.slots = 1}};
  std::vector<double> hop_delays_s = net.hop_delays_s(0, 65'536);
  std::vector<satellite_id> sources = std::vector<satellite_id>(detail::lanes);
  small_case() { std::iota(sources.begin(), sources.end(), satellite_id{16 * 32}); }
};

// What is counted has a name in the program.
[[gnu::noinline]] void counted_delays(const grid_sweep_router& router, const small_case& it,
                                      matrix& out) {
  router.delays_s(it.hop_delays_s, it.sources, {out.data(), it.net.size() * it.sources.size()});
}
[[gnu::noinline]] void counted_delays(const peers::shortest_delays& peer, const small_case& it,
                                      matrix& out) {
  peer.delays_s(it.sources, out.data());
}

void count(std::string_view method) {
  const small_case it;
  const std::vector<peers::arc> arcs = peers::arcs_of(it.net.links(), it.hop_delays_s);
  matrix out = make_matrix(it.net.size(), it.sources.size(), 0);
  if (method == "sweep") {
    const grid_sweep_router router(it.net);
    counted_delays(router, it, out);
  } else {
    counted_delays(*peers::boost_dijkstra(it.net.size(), arcs), it, out);
  }
  std::cout << "{\"edges\": " << arcs.size() << ", \"sources\": " << it.sources.size() << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "stream") {
    const char* separator = "{";
    for (const auto& [name, bytes] :
         {std::pair{"L1", 1 << 14}, {"L2", 1 << 19}, {"L3", 1 << 23}, {"memory", 1 << 28}}) {
      std::cout << separator << '"' << name
                << "\": " << stream_GB_s(static_cast<std::size_t>(bytes));
      separator = ", ";
    }
    std::cout << "}\n";
    return 0;
  }
  if (argc == 3 && std::string_view(argv[1]) == "count") {
    count(argv[2]);
    return 0;
  }
  std::cerr << "usage: limits stream | limits count sweep | limits count Boost.Graph\n";
  return 2;
}
