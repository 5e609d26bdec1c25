#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/search/mean_delays.hpp>
#include <orbitmoe/search/ring_layout.hpp>

namespace orbitmoe::detail {

/// A layout by the satellite of each post, and what it costs in mean delays [s].
struct costed_posts {
  std::vector<satellite_id> satellites;
  double cost_s = std::numeric_limits<double>::infinity();
};

/// Simulated annealing of a ring_layout: all of it, then a few layers at a time, warmed up again.
class ring_annealing {
 public:
  /// @param slowest  as for ring_layout; like delays, it must outlive this.
  ring_annealing(const mean_delays& delays, std::span<const std::vector<double>> slowest)
      : delays_(delays),
        slowest_(slowest),
        reach_(std::min<std::size_t>(12, delays.size() - 1)),
        nearest_(delays.size() * reach_) {
    for (satellite_id id = 0; id < delays.size(); ++id)
      std::ranges::copy(delays.nearest(id, reach_),
                        nearest_.begin() + static_cast<std::ptrdiff_t>(id * reach_));
  }

  [[nodiscard]] costed_posts costed(std::vector<satellite_id> posts) const {
    const double cost_s = ring_layout(delays_, slowest_, posts).total_s();
    return {std::move(posts), cost_s};
  }

  /// Moves of one search that are worth making; after twice as many, another is worth more.
  [[nodiscard]] std::uint64_t moves_per_search() const {
    return 140'000 * static_cast<std::uint64_t>(slowest_.size() * width());
  }

  /// The best layout found from a start.
  /// @param done  (moves made since the last call, best so far) → share of the search that is over,
  ///              rising to 1.
  template<typename Done>
  [[nodiscard]] costed_posts search(const costed_posts& start, random_stream& random,
                                    Done done) const {
    costed_posts best = start;
    double over = done(0, best);
    cool(best, 0, slowest_.size(), 0.05, over / share_of_all, random, [&] {
      over = done(moves_per_check, best);
      return over / share_of_all;
    });
    const std::size_t window = std::min<std::size_t>(6, slowest_.size());
    const double window_moves = 1000.0 * static_cast<double>(window * width());
    while (over < 1) {
      const std::size_t first = random.uniform_index(slowest_.size());
      double moves = 0;
      cool(best, first, window, 0.03, 0, random, [&] {
        over = done(moves_per_check, best);
        moves += moves_per_check;
        return over < 1 ? moves / window_moves : 1.0;
      });
    }
    return best;
  }

 private:
  static constexpr std::uint64_t moves_per_check = 2048;
  /// Share of a search for all layers at once.
  static constexpr double share_of_all = 0.5;

  /// Satellites of a layer: its gateway and its hosts.
  [[nodiscard]] std::size_t width() const { return slowest_.front().size() + 1; }

  /// Anneals the posts of some layers, from a warmth of `hot` mean layers down to a tenth of it.
  /// @param best   start, and result: no worse.
  /// @param over   share of the cooling that is over.
  /// @param share  () → the same after moves_per_check moves more.
  template<typename Share>
  void cool(costed_posts& best, std::size_t first_layer, std::size_t layers, double hot,
            double over, random_stream& random, Share share) const {
    ring_layout layout(delays_, slowest_, best.satellites);
    double total_s = layout.total_s();
    for (; over < 1; over = share()) {
      const double layer_s = best.cost_s / static_cast<double>(slowest_.size());
      const double warmth_s = hot * layer_s * std::pow(0.1, over);
      for (std::uint64_t n = 0; n < moves_per_check; ++n) {
        // A gateway or a host, and a satellite near to it or to one of its layer's two gateways.
        const std::size_t layer = (first_layer + random.uniform_index(layers)) % layout.layers();
        const std::size_t place =
            random.uniform_index(5) == 0 ? 0 : 1 + random.uniform_index(width() - 1);
        const auto post = static_cast<ring_layout::post>(layer * width() + place);
        const std::size_t around = random.uniform_index(5);
        const satellite_id centre =
            around == 0 ? layout.satellites()[post] : layout.gateway(layer + around % 2);
        const satellite_id to = nearest_[centre * reach_ + random.uniform_index(reach_)];
        total_s += layout.move(post, to, [&](double change_s) {
          return change_s <= 0 || random.uniform_01() < std::exp(-change_s / warmth_s);
        });
        if (total_s < best.cost_s * (1 - 1e-6)) best = {layout.satellites(), total_s};
      }
    }
  }

  const mean_delays& delays_;
  std::span<const std::vector<double>> slowest_;
  std::size_t reach_;  // satellites near each that moves lead to
  std::vector<satellite_id> nearest_;
};

}  // namespace orbitmoe::detail
