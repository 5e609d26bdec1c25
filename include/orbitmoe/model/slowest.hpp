#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/concepts.hpp>

namespace orbitmoe {

/// What policies may ask of an expert_router, whatever its type: its activation, and who is
/// slowest. It keeps a pointer to the router, which must outlive it.
class expert_law {
 public:
  template<expert_router Router>
  explicit expert_law(const Router& router)
      : activation_(&router.activation()),
        slowest_rank_(
            [&router](std::size_t layer, std::span<const std::size_t> order,
                      std::span<double> out) { router.slowest_rank(layer, order, out); }) {}

  [[nodiscard]] const activation_profile& activation() const noexcept { return *activation_; }
  /// @see expert_router.
  void slowest_rank(std::size_t layer, std::span<const std::size_t> order,
                    std::span<double> out) const {
    slowest_rank_(layer, order, out);
  }

 private:
  const activation_profile* activation_;
  std::function<void(std::size_t, std::span<const std::size_t>, std::span<double>)> slowest_rank_;
};

/// Law of the slowest expert of a layer whose experts are the quicker the heavier they are: entry j
/// is P(the slowest of the activated experts is the j-th heaviest); 0 for experts never activated.
template<expert_router Router>
[[nodiscard]] std::vector<double> slowest_by_weight(const Router& router, std::size_t layer) {
  const std::span<const double> weight = router.activation().layer(layer);
  const std::vector<std::size_t> heaviest = heaviest_first(weight);
  const std::size_t used = experts_in_use(weight).size();  // the first of them
  std::vector<double> law(heaviest.size(), 0);
  router.slowest_rank(layer, std::span(heaviest).first(used), std::span(law).first(used));
  return law;
}

namespace detail {

/// Experts from the quickest to the slowest, equals by index; `order` has room for each of `used`.
inline void sort_by_time(std::span<const std::size_t> used, std::span<const double> time_s,
                         std::span<std::size_t> order) {
  if (used.size() > 16) {
    std::copy(used.begin(), used.end(), order.begin());
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return time_s[a] != time_s[b] ? time_s[a] < time_s[b] : a < b;
    });
    return;
  }
  // Few experts are placed by counting those before them: no branch that the times decide.
  for (std::size_t j = 0; j < used.size(); ++j) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < j; ++i) place += time_s[used[i]] <= time_s[used[j]] ? 1 : 0;
    for (std::size_t i = j + 1; i < used.size(); ++i)
      place += time_s[used[i]] < time_s[used[j]] ? 1 : 0;
    order[place] = used[j];
  }
}

/// Exact mean time of the slowest activated expert of one layer [s]; infinity where an expert in
/// use cannot be reached.
/// @param law    model of expert_router, or an expert_law.
/// @param used   the experts of positive weight, by rising index.
/// @param order  room for each of them; rank likewise.
template<typename Law>
double mean_slowest_s(const Law& law, std::size_t layer, std::span<const double> time_s,
                      std::span<const std::size_t> used, std::span<std::size_t> order,
                      std::span<double> rank) {
  sort_by_time(used, time_s, order);
  if (time_s[order.back()] == std::numeric_limits<double>::infinity()) return time_s[order.back()];
  law.slowest_rank(layer, order, rank);
  double mean_s = 0;
  for (std::size_t j = 0; j < order.size(); ++j) mean_s += time_s[order[j]] * rank[j];
  return mean_s;
}

}  // namespace detail
}  // namespace orbitmoe
