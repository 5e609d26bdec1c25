#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace orbitmoe::detail {

/// Means of series that grow by one number each per slot, over all slots but the `drop` with the
/// largest numbers. A series with more than `drop` infinite numbers has an infinite mean.
class least_means {
 public:
  least_means(std::size_t series, std::size_t drop)
      : drop_(drop), kept_(series * (drop + 1), 0.0) {}

  void add(std::size_t series, double value) {
    double* const kept = kept_.data() + series * (drop_ + 1);  // a sum, and what is left out of it
    for (std::size_t i = 1; i <= drop_; ++i)
      if (value > kept[i]) std::swap(value, kept[i]);
    kept[0] += value;
  }
  [[nodiscard]] double mean(std::size_t series, std::size_t slots) const {
    return kept_[series * (drop_ + 1)] / static_cast<double>(slots - drop_);
  }

 private:
  std::size_t drop_;
  std::vector<double> kept_;
};

}  // namespace orbitmoe::detail
