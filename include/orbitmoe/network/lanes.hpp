#pragma once

// Many shortest-delay problems side by side, in the vector registers of the target.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/matrix.hpp>

// Doubles in one vector register: AVX-512 has 8, AVX 4, SSE2, NEON and VSX 2. Where the compiler
// has no vectors, or on request, 1: plain doubles. The width never changes a result. It must be the
// same in all files of a program, and so must the target's flags.
#ifndef ORBITMOE_LANE_WIDTH
#if !defined(__GNUC__)
#define ORBITMOE_LANE_WIDTH 1
#elif defined(__AVX512F__)
#define ORBITMOE_LANE_WIDTH 8
#elif defined(__AVX__)
#define ORBITMOE_LANE_WIDTH 4
#else
#define ORBITMOE_LANE_WIDTH 2
#endif
#endif

#if ORBITMOE_LANE_WIDTH != 1 && ORBITMOE_LANE_WIDTH != 2 && ORBITMOE_LANE_WIDTH != 4 && \
    ORBITMOE_LANE_WIDTH != 8
#error "ORBITMOE_LANE_WIDTH: allowed are 1, 2, 4 and 8 doubles"
#endif

#if ORBITMOE_LANE_WIDTH > 2 && defined(__AVX__)
#include <immintrin.h>
#endif

// GCC unrolls no short loop at -O2 unless asked to, and a carry in memory costs more than its sum.
#if defined(__GNUC__) && !defined(__clang__)
#define ORBITMOE_UNROLL _Pragma("GCC unroll 16")
#else
#define ORBITMOE_UNROLL
#endif

namespace orbitmoe::detail {

/// Sources whose delays are computed at once: enough independent sums to hide their latency, few
/// enough that those of one satellite stay in registers.
inline constexpr std::size_t lanes = ORBITMOE_LANE_WIDTH >= 4 ? 32 : 16;

#if ORBITMOE_LANE_WIDTH == 1
using pack = double;
using pack_bits = std::uint64_t;
inline pack load_pack(const double* from) { return *from; }
inline void store_pack(const pack& from, double* to) { *to = from; }
inline void note_change(const pack& a, const pack& b, pack_bits& changed) { changed |= a != b; }
inline bool any(pack_bits changed) { return changed != 0; }
#else
using pack = double __attribute__((vector_size(8 * ORBITMOE_LANE_WIDTH)));
using pack_bits = long long __attribute__((vector_size(8 * ORBITMOE_LANE_WIDTH)));
using pack_in_memory __attribute__((vector_size(8 * ORBITMOE_LANE_WIDTH), aligned(8), may_alias)) =
    double;
inline pack load_pack(const double* from) { return *reinterpret_cast<const pack_in_memory*>(from); }
inline void store_pack(const pack& from, double* to) {
  *reinterpret_cast<pack_in_memory*>(to) = from;
}
inline void note_change(const pack& a, const pack& b, pack_bits& changed) {
  changed |= (pack_bits)a ^ (pack_bits)b;
}
inline bool any(const pack_bits& changed) {
#if ORBITMOE_LANE_WIDTH == 8 && defined(__AVX512F__)
  return _mm512_test_epi64_mask((__m512i)changed, (__m512i)changed) != 0;
#elif ORBITMOE_LANE_WIDTH == 4 && defined(__AVX__)
  return _mm256_testz_si256((__m256i)changed, (__m256i)changed) == 0;
#else
  long long all = 0;
  for (std::size_t i = 0; i < ORBITMOE_LANE_WIDTH; ++i) all |= changed[i];
  return all != 0;
#endif
}
#endif

/// One delay per lane [s], at one satellite, in registers.
class lane_delays {
 public:
  explicit lane_delays(const double* satellite) {
    ORBITMOE_UNROLL
    for (std::size_t i = 0; i < packs; ++i) pack_[i] = load_pack(satellite + i * width);
  }

  /// One hop on.
  void advance(double hop_delay_s) {
    ORBITMOE_UNROLL
    for (pack& each : pack_) each = each + hop_delay_s;
  }

  /// Both the satellite and the lanes keep the lesser delay.
  void meet(double* satellite) {
    ORBITMOE_UNROLL
    for (std::size_t i = 0; i < packs; ++i) {
      pack_[i] = lesser(pack_[i], load_pack(satellite + i * width));
      store_pack(pack_[i], satellite + i * width);
    }
  }

  /// As meet; notes in `changed` where the satellite's delay fell.
  void meet(double* satellite, pack_bits& changed) {
    ORBITMOE_UNROLL
    for (std::size_t i = 0; i < packs; ++i) {
      const pack before = load_pack(satellite + i * width);
      pack_[i] = lesser(pack_[i], before);
      note_change(before, pack_[i], changed);
      store_pack(pack_[i], satellite + i * width);
    }
  }

 private:
  static constexpr std::size_t width = ORBITMOE_LANE_WIDTH, packs = lanes / width;
  static_assert(lanes % width == 0);

  static pack lesser(const pack& a, const pack& b) { return a < b ? a : b; }

  pack pack_[packs];
};

/// Calls compute(sources, satellites × lanes delays) for all sources, `lanes` at a time, and puts
/// the delays into `out`, satellites × sources. The last source stands in for those that lack.
template<typename Compute>
void in_lanes(std::span<const satellite_id> sources, std::span<double> out, Compute&& compute) {
  using lane_sources = std::span<const satellite_id, lanes>;
  const bool aligned = reinterpret_cast<std::uintptr_t>(out.data()) % sizeof(pack) == 0;
  if (sources.size() == lanes && aligned) return compute(lane_sources(sources), out.data());
  if (sources.empty()) return;
  const std::size_t satellites = out.size() / sources.size();
  matrix delays_s = make_matrix(satellites, lanes, 0);
  for (std::size_t first = 0; first < sources.size(); first += lanes) {
    const std::size_t count = std::min(lanes, sources.size() - first);
    std::array<satellite_id, lanes> block;
    block.fill(sources[first + count - 1]);
    std::copy_n(sources.data() + first, count, block.begin());
    compute(lane_sources(block), delays_s.data());
    for (std::size_t v = 0; v < satellites; ++v)
      std::copy_n(delays_s.data() + v * lanes, count, out.data() + v * sources.size() + first);
  }
}

}  // namespace orbitmoe::detail

#undef ORBITMOE_UNROLL
