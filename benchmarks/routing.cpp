// Shortest delays from many satellites to all, beside Boost.Graph and LEMON.
//
//   routing                     compares; takes the options of Google Benchmark
//   routing --export FOLDER     writes the same graphs and our delays, for peers in other languages

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/orbitmoe.hpp>

#include "arcs.hpp"
#include "export.hpp"
#include "peers.hpp"

namespace {

using namespace orbitmoe;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// One task: a sky, some slots of it, and the sources.
struct task {
  std::string name;
  int planes, satellites_per_plane;
  enum class from { gateways, anywhere } sources;  // central gateways, or random satellites
  bool regular = true;  // otherwise the links are a plain list, and ids have no order
  int slots = 2;
};

const std::vector<task> tasks = {
    {"grid 33x32, gateways", 33, 32, task::from::gateways, true, 8},
    {"grid 33x32, anywhere", 33, 32, task::from::anywhere, true, 8},
    {"grid 72x22, gateways", 72, 22, task::from::gateways, true, 8},
    {"grid 72x22, anywhere", 72, 22, task::from::anywhere, true, 8},
    {"grid 160x160, gateways", 160, 160, task::from::gateways},
    {"grid 160x160, anywhere", 160, 160, task::from::anywhere},
    {"grid 200x150, gateways", 200, 150, task::from::gateways},
    {"list 33x32, anywhere", 33, 32, task::from::anywhere, false, 8},
    {"list 72x22, anywhere", 72, 22, task::from::anywhere, false, 8},
    {"list 160x160, anywhere", 160, 160, task::from::anywhere, false},
};

/// What a task asks for, and what it is measured against.
struct prepared_task {
  timeline net;
  std::vector<satellite_id> sources;
  std::vector<std::vector<double>> hop_delays_s;  // per slot

  /// Our delays in one slot, as the library asks for them: as many sources at a time, into the same
  /// memory. Calls consume(first source, number of sources, satellites × sources delays).
  template<typename Consume>
  void ours(const sweep_router& router, std::size_t slot, matrix& memory, Consume&& consume) const {
    for (std::size_t first = 0; first < sources.size(); first += block) {
      const auto some = std::span(sources).subspan(first, std::min(block, sources.size() - first));
      const std::span out(memory.data(), net.size() * some.size());
      router.delays_s(hop_delays_s[slot], some, out);
      consume(first, some.size(), out);
    }
  }
  [[nodiscard]] matrix memory() const { return make_matrix(net.size(), block, 0); }

 private:
  static constexpr std::size_t block = detail::lanes;
};

/// The network of a task whose links are a plain list: no planes, ids in random order.
timeline without_order(const timeline& regular, random_stream& random) {
  std::vector<satellite_id> ids(regular.size());
  for (satellite_id id = 0; id < ids.size(); ++id) ids[id] = id;
  random.shuffle(ids);
  std::vector<laser_link> links;
  matrix propagation_s = make_matrix(regular.slots(), regular.links().size(), 0);
  for (const auto [a, b] : regular.links()) links.push_back({ids[a], ids[b]});
  for (std::size_t slot = 0; slot < regular.slots(); ++slot)
    std::ranges::copy(regular.hop_delays_s(slot, 65'536), row(propagation_s, slot).begin());
  return {regular.size(), links, propagation_s};
}

prepared_task prepare(const task& task) {
  random_stream random(1, "benchmark");
  const walker_constellation sky{
      {.planes = task.planes, .satellites_per_plane = task.satellites_per_plane, .phasing = 17}};
  const timeline regular{sky, plus_grid{}, {.slots = task.slots, .survival_probability = 0.95}};
  prepared_task prepared{task.regular ? regular : without_order(regular, random), {}, {}};
  const auto per_plane = static_cast<std::size_t>(task.satellites_per_plane);
  for (std::size_t i = 0; i < 64; ++i)
    if (task.sources == task::from::anywhere)
      prepared.sources.push_back(static_cast<satellite_id>(random.uniform_index(sky.size())));
    else if (i < per_plane)
      prepared.sources.push_back(
          static_cast<satellite_id>(static_cast<std::size_t>(task.planes / 2) * per_plane + i));
  std::ranges::sort(prepared.sources);
  for (std::size_t slot = 0; slot < regular.slots(); ++slot)
    prepared.hop_delays_s.push_back(prepared.net.hop_delays_s(slot, 65'536));
  return prepared;
}

const prepared_task& prepared(const task& task) {
  static std::map<std::string, prepared_task> all;
  auto found = all.find(task.name);
  if (found == all.end()) found = all.emplace(task.name, prepare(task)).first;
  return found->second;
}

void report(benchmark::State& state, const prepared_task& prepared) {
  const auto count = [](std::size_t n) { return static_cast<double>(n); };
  state.counters["satellites"] = count(prepared.net.size());
  state.counters["slots"] = count(prepared.net.slots());
  state.counters["sources"] = count(prepared.sources.size());
}

void ours(benchmark::State& state, const task& task) {
  const prepared_task& it = prepared(task);
  const sweep_router router(it.net);
  matrix memory = it.memory();
  for (auto _ : state)
    for (std::size_t slot = 0; slot < it.net.slots(); ++slot)
      it.ours(router, slot, memory, [](auto...) { benchmark::ClobberMemory(); });
  report(state, it);
}

#ifdef WITH_PEERS
void peer(benchmark::State& state, const task& task, peers::make_peer* make) {
  const prepared_task& it = prepared(task);
  const std::size_t satellites = it.net.size();
  std::vector<std::unique_ptr<const peers::shortest_delays>> peers;  // one per slot
  for (const auto& hop_delays_s : it.hop_delays_s)
    peers.push_back(make(satellites, peers::arcs_of(it.net.links(), hop_delays_s)));
  std::vector<double> out(satellites * it.sources.size());
  for (auto _ : state)
    for (const auto& each : peers) {
      each->delays_s(it.sources, out.data());
      benchmark::ClobberMemory();
    }

  const sweep_router router(it.net);
  matrix memory = it.memory();
  double difference_s = 0;
  for (std::size_t slot = 0; slot < it.net.slots(); ++slot) {
    peers[slot]->delays_s(it.sources, out.data());
    it.ours(router, slot, memory, [&](std::size_t first, std::size_t count, auto ours) {
      for (std::size_t v = 0; v < satellites; ++v)
        for (std::size_t i = 0; i < count; ++i) {
          const double a = ours[v * count + i], b = out[(first + i) * satellites + v];
          if (a != b) difference_s = std::fmax(difference_s, std::abs(a - b));
          if (std::isnan(a) || std::isnan(b)) difference_s = infinity;
        }
    });
  }
  state.counters["max_abs_difference_s"] = difference_s;
  report(state, it);
}
#endif

/// For each task NAME: NAME/links.f64, with a row (a, b, delay of each slot) per link;
/// NAME/sources.f64; NAME/delays.f64, slots × sources × satellites; NAME/shape.json.
void export_to(const std::filesystem::path& folder) {
  for (const task& task : tasks) {
    const prepared_task& it = prepared(task);
    const std::filesystem::path path = folder / task.name;
    std::vector<double> links, delays_s;
    for (std::size_t i = 0; i < it.net.links().size(); ++i) {
      links.push_back(it.net.links()[i].a);
      links.push_back(it.net.links()[i].b);
      for (const auto& slot : it.hop_delays_s) links.push_back(slot[i]);
    }
    const sweep_router router(it.net);
    matrix memory = it.memory();
    for (std::size_t slot = 0; slot < it.net.slots(); ++slot)
      it.ours(router, slot, memory, [&](std::size_t, std::size_t count, auto ours) {
        for (std::size_t i = 0; i < count; ++i)
          for (std::size_t v = 0; v < it.net.size(); ++v) delays_s.push_back(ours[v * count + i]);
      });
    benchmarks::write(path / "links.f64", links);
    std::ofstream(path / "shape.json") << "{\"slots\": " << it.net.slots() << "}\n";
    benchmarks::write(path / "sources.f64", {it.sources.begin(), it.sources.end()});
    benchmarks::write(path / "delays.f64", delays_s);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const task& task : tasks) {
    const auto add = [&](const std::string& who, auto run) {
      benchmark::RegisterBenchmark((task.name + "/" + who).c_str(), run)
          ->Unit(benchmark::kMillisecond);
    };
    add("ours", [&](benchmark::State& state) { ours(state, task); });
#ifdef WITH_PEERS
    add("Boost.Graph", [&](auto& state) { peer(state, task, peers::boost_dijkstra); });
    add("LEMON", [&](auto& state) { peer(state, task, peers::lemon_dijkstra); });
#endif
  }
  return benchmarks::main(argc, argv, export_to);
}
