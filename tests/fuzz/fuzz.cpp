// The readers under libFuzzer; the argument --reader=NAME chooses. See run.sh.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <span>
#include <string_view>

#include "readers.hpp"

namespace {
const orbitmoe::fuzz::reader* chosen = std::end(orbitmoe::fuzz::readers);
}

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::string_view flag = "--reader=";
  for (const std::string_view argument : std::span(*argv, static_cast<std::size_t>(*argc)))
    if (argument.starts_with(flag))
      chosen = std::ranges::find(orbitmoe::fuzz::readers, argument.substr(flag.size()),
                                 &orbitmoe::fuzz::reader::name);
  if (chosen != std::end(orbitmoe::fuzz::readers)) return 0;
  std::fputs("Which reader? --reader=NAME, with a name in readers.hpp\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen->accepts({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
