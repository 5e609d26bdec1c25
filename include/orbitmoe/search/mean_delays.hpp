#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
#include <orbitmoe/search/least_means.hpp>

namespace orbitmoe {

/// Mean shortest delay between all pairs of satellites: what remains of a timeline when the slots
/// are forgotten. Symmetric but for rounding.
class mean_delays {
 public:
  /// The most satellites that it takes: 1 GiB of floats.
  static constexpr std::size_t max_satellites = 16'384;

  /// Means over the slots in which there is a path.
  /// @param message_bits  0 to 1e18.
  /// @param more_outages  seeds of draws of outages that count as well as those of the network.
  /// @throws invalid_input  more than max_satellites; message_bits or run.threads out of range.
  /// @complexity  O(draws · slots · satellites · Router); memory satellites² floats and draws ·
  ///              slots · links doubles. Same bits for any number of threads.
  template<delay_router Router = sweep_router>
  [[nodiscard]] static mean_delays over(const timeline& net, double message_bits,
                                        const run_options& run = {},
                                        std::span<const std::uint64_t> more_outages = {}) {
    return tabulated<Router>(net, message_bits, more_outages, run,
                             [](std::size_t series) { return finite_means(series); });
  }

  /// Means over all slots but the `drop` with the largest delays, for each pair; infinity where
  /// more of them have no path. Where at most `drop` slots are left out, no mean is below.
  /// @param drop  0 to slots − 1.
  /// @throws invalid_input  as over; drop is outside its range.
  template<delay_router Router = sweep_router>
  [[nodiscard]] static mean_delays least(const timeline& net, double message_bits, std::size_t drop,
                                         const run_options& run = {}) {
    detail::require_between("drop", drop, std::size_t{0}, net.slots() - 1);
    return tabulated<Router>(net, message_bits, {}, run, [drop](std::size_t series) {
      return detail::least_means(series, drop);
    });
  }

  [[nodiscard]] std::size_t size() const noexcept { return satellites_; }
  /// Mean delay to every satellite [s]; infinity where there never is a path.
  [[nodiscard]] std::span<const float> from(satellite_id id) const {
    return std::span(table_s_).subspan(id * satellites_, satellites_);
  }
  /// The satellites nearest to one, without itself, from near to far; `count` of them, or all.
  [[nodiscard]] std::vector<satellite_id> nearest(satellite_id id, std::size_t count) const {
    std::vector<satellite_id> others(satellites_);
    std::iota(others.begin(), others.end(), satellite_id{0});
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(id));
    count = std::min(count, others.size());
    const auto from_s = from(id);
    const auto end = others.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(others.begin(), end, others.end(), [&](satellite_id a, satellite_id b) {
      return from_s[a] != from_s[b] ? from_s[a] < from_s[b] : a < b;
    });
    others.erase(end, others.end());
    return others;
  }

 private:
  /// Means of series, each over its finite numbers; infinity where there is none.
  class finite_means {
   public:
    explicit finite_means(std::size_t series) : sums_(series, 0), counts_(series, 0) {}
    void add(std::size_t series, double value) {
      const bool finite = value < std::numeric_limits<double>::infinity();
      sums_[series] += finite ? value : 0;
      counts_[series] += finite ? 1 : 0;
    }
    [[nodiscard]] double mean(std::size_t series, std::size_t /*slots*/) const {
      return counts_[series] > 0 ? sums_[series] / counts_[series]
                                 : std::numeric_limits<double>::infinity();
    }

   private:
    std::vector<double> sums_, counts_;
  };

  explicit mean_delays(std::size_t satellites)
      : satellites_(satellites), table_s_(satellites * satellites) {}

  /// @param make_means  (number of series) → what collects one number per slot for each of them.
  template<typename Router, typename MakeMeans>
  static mean_delays tabulated(const timeline& net, double message_bits,
                               std::span<const std::uint64_t> more_outages, const run_options& run,
                               MakeMeans make_means) {
    detail::require(net.size() <= max_satellites, "satellites", net.size(),
                    "at most " + std::to_string(max_satellites) + " for a table of all pairs");
    detail::require_between("message_bits", message_bits, 0.0, 1e18);
    mean_delays table(net.size());
    const Router router(net);
    std::vector<std::vector<double>> hop_delays_s;
    const auto add_slots = [&](const timeline& drawn) {
      for (std::size_t slot = 0; slot < drawn.slots(); ++slot)
        hop_delays_s.push_back(drawn.hop_delays_s(slot, message_bits));
    };
    add_slots(net);
    for (const std::uint64_t seed : more_outages) add_slots(net.with_outages(seed));
    const std::size_t blocks = (net.size() + detail::lanes - 1) / detail::lanes;
    detail::parallel_for(blocks, run, [&](std::size_t b) {
      table.fill(router, hop_delays_s, b * detail::lanes,
                 std::min((b + 1) * detail::lanes, net.size()), make_means);
    });
    return table;
  }

  /// Rows [first, last) of the table.
  template<typename Router, typename MakeMeans>
  void fill(const Router& router, const std::vector<std::vector<double>>& hop_delays_s,
            std::size_t first, std::size_t last, MakeMeans make_means) {
    const std::size_t width = last - first, entries = satellites_ * width;
    std::vector<satellite_id> sources(width);
    std::iota(sources.begin(), sources.end(), static_cast<satellite_id>(first));
    matrix delays_s = make_matrix(satellites_, width, 0);
    auto means = make_means(entries);
    for (const std::vector<double>& slot : hop_delays_s) {
      router.delays_s(slot, sources, {delays_s.data(), entries});
      for (std::size_t i = 0; i < entries; ++i) means.add(i, delays_s.data()[i]);
    }
    for (std::size_t v = 0; v < satellites_; ++v)
      for (std::size_t i = 0; i < width; ++i)
        table_s_[(first + i) * satellites_ + v] =
            static_cast<float>(means.mean(v * width + i, hop_delays_s.size()));
  }

  std::size_t satellites_;
  std::vector<float> table_s_;
};

}  // namespace orbitmoe
