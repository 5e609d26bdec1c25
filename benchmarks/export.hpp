#pragma once

// What the benchmarks share: programs that time, or with --export write numbers for their peers.

#include <benchmark/benchmark.h>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace benchmarks {

/// Writes doubles in the byte order of the machine.
inline void write(const std::filesystem::path& path, const std::vector<double>& numbers) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(numbers.size() * sizeof(double)));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// Runs the registered benchmarks, or export_to(FOLDER) if that is what the arguments ask for.
template<typename Export>
int main(int argc, char** argv, Export&& export_to) {
  try {
    if (argc == 3 && std::string_view(argv[1]) == "--export") {
      export_to(std::filesystem::path(argv[2]));
      return 0;
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}

}  // namespace benchmarks
