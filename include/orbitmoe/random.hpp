#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace orbitmoe {

/// A stream of random numbers: the same on every platform, compiler and thread count.
///
/// One seed feeds many independent streams, each named by its purpose and up to two indices, so
/// that drawing more tokens never changes the outages. The engine is MT19937-64, whose output the
/// standard fixes; distributions are Boost's, because the standard library's differ between
/// vendors.
///
/// @example  random_stream outages(seed, "outages", slot);
///           const bool up = outages.uniform_01() < 0.95;
class random_stream {
 public:
  /// @param seed     any value.
  /// @param purpose  name of the stream, such as "outages".
  /// @param i        index within the purpose, such as the time slot or the repetition; j likewise.
  explicit random_stream(std::uint64_t seed, std::string_view purpose, std::uint64_t i = 0,
                         std::uint64_t j = 0)
      : engine_(derive_seed(seed, purpose, i, j)) {}

  /// Uniform in [0, 1).
  [[nodiscard]] double uniform_01() { return boost::random::uniform_01<double>()(engine_); }

  /// Uniform in {0, …, count − 1}; count ≥ 1.
  [[nodiscard]] std::size_t uniform_index(std::size_t count) {
    return boost::random::uniform_int_distribution<std::uint64_t>(0, count - 1)(engine_);
  }

  /// Puts the elements into uniformly random order (Fisher–Yates). O(n).
  template<typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t n = values.size(); n > 1; --n)
      std::swap(values[n - 1], values[uniform_index(n)]);
  }

  /// The seed of a stream: FNV-1a over the name, splitmix64 finaliser over the rest.
  [[nodiscard]] static std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose,
                                                 std::uint64_t i = 0, std::uint64_t j = 0) {
    std::uint64_t name = 0xcbf29ce484222325u;
    for (const char c : purpose) name = (name ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return mix(mix(mix(mix(seed) ^ name) ^ i) ^ j);
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  boost::random::mt19937_64 engine_;
};

}  // namespace orbitmoe
