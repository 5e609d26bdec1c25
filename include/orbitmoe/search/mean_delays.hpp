#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/network/concepts.hpp>
#include <orbitmoe/network/lanes.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/parallel.hpp>

namespace orbitmoe {

/// Mean shortest delay between all pairs of satellites, over the slots in which there is a path:
/// what remains of a timeline when the slots are forgotten. Symmetric but for rounding.
class mean_delays {
 public:
  /// The most satellites that it takes: 1 GiB of floats.
  static constexpr std::size_t max_satellites = 16'384;

  /// @param message_bits  0 to 1e18.
  /// @throws invalid_input  more than max_satellites; message_bits or run.threads out of range.
  /// @complexity  O(slots · satellites · Router); memory satellites² floats. Same bits for any
  ///              number of threads.
  template<delay_router Router = sweep_router>
  [[nodiscard]] static mean_delays over(const timeline& net, double message_bits,
                                        const run_options& run = {}) {
    detail::require(net.size() <= max_satellites, "satellites", net.size(),
                    "at most " + std::to_string(max_satellites) + " for a table of all pairs");
    detail::require_between("message_bits", message_bits, 0.0, 1e18);
    mean_delays means(net.size());
    const Router router(net);
    std::vector<std::vector<double>> hop_delays_s;
    for (std::size_t slot = 0; slot < net.slots(); ++slot)
      hop_delays_s.push_back(net.hop_delays_s(slot, message_bits));
    const std::size_t blocks = (net.size() + detail::lanes - 1) / detail::lanes;
    detail::parallel_for(blocks, run, [&](std::size_t b) {
      means.fill(router, hop_delays_s, b * detail::lanes,
                 std::min((b + 1) * detail::lanes, net.size()));
    });
    return means;
  }

  [[nodiscard]] std::size_t size() const noexcept { return satellites_; }
  /// Mean delay to every satellite [s]; infinity where there never is a path.
  [[nodiscard]] std::span<const float> from(satellite_id id) const {
    return std::span(table_s_).subspan(id * satellites_, satellites_);
  }

 private:
  explicit mean_delays(std::size_t satellites)
      : satellites_(satellites), table_s_(satellites * satellites) {}

  /// Rows [first, last) of the table.
  template<typename Router>
  void fill(const Router& router, const std::vector<std::vector<double>>& hop_delays_s,
            std::size_t first, std::size_t last) {
    const std::size_t width = last - first, entries = satellites_ * width;
    std::vector<satellite_id> sources(width);
    std::iota(sources.begin(), sources.end(), static_cast<satellite_id>(first));
    matrix delays_s = make_matrix(satellites_, width, 0), sums_s = delays_s, counts = delays_s;
    for (const std::vector<double>& slot : hop_delays_s) {
      router.delays_s(slot, sources, {delays_s.data(), entries});
      for (std::size_t i = 0; i < entries; ++i) {
        const double delay_s = delays_s.data()[i];
        const bool reached = delay_s < std::numeric_limits<double>::infinity();
        sums_s.data()[i] += reached ? delay_s : 0;
        counts.data()[i] += reached ? 1 : 0;
      }
    }
    for (std::size_t v = 0; v < satellites_; ++v)
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t entry = v * width + i;
        table_s_[(first + i) * satellites_ + v] =
            counts.data()[entry] > 0
                ? static_cast<float>(sums_s.data()[entry] / counts.data()[entry])
                : std::numeric_limits<float>::infinity();
      }
  }

  std::size_t satellites_;
  std::vector<float> table_s_;
};

}  // namespace orbitmoe
