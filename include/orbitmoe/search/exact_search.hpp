#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/parallel.hpp>
#include <orbitmoe/search/layer_costs.hpp>

namespace orbitmoe::detail {

/// Branch and bound over gateways, then hosts layer by layer. A partial plan costs at least what is
/// placed and, for every other layer, its best placement that is still free.
class exact_search {
 public:
  exact_search(const layer_costs& costs, std::span<const slowest_of_orders> laws,
               const slot_terms& terms, std::size_t satellites, std::uint64_t steps_left,
               const run_options& run)
      : costs_(costs),
        laws_(laws),
        terms_(terms),
        satellites_(satellites),
        steps_left_(steps_left),
        choices_(laws.size() * satellites * satellites) {
    parallel_for(choices_.size(), run, [&](std::size_t i) {
      const auto gateway = static_cast<satellite_id>(i / satellites_ % satellites_);
      const auto next = static_cast<satellite_id>(i % satellites_);
      const slowest_of_orders& law = laws_[i / (satellites_ * satellites_)];
      if ((gateway == next) == (laws_.size() == 1)) choices_[i] = choices_of(law, gateway, next);
    });
    find_rest();
  }

  /// How a search ended.
  enum class status { found, no_plan, out_of_steps };

  /// Finds the least mean, then the first plan that has it.
  status run() {
    try_gateways(false);
    if (steps_left_ == 0) return status::out_of_steps;
    if (best_s_ == infinity) return status::no_plan;
    bar_s_ = std::nextafter(best_s_ * (1 + tie), infinity);
    stop_at_first_ = true;
    found_ = false;
    try_gateways(true);
    return found_ && first_hosts() ? status::found : status::out_of_steps;
  }

  /// Gateways, and hosts of the experts in use.
  [[nodiscard]] const std::vector<satellite_id>& gateways() const noexcept { return gateways_; }
  [[nodiscard]] const std::vector<std::vector<satellite_id>>& hosts() const noexcept {
    return hosts_;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr double tie = 1e-12;           // relative: rounding, not a difference
  static constexpr std::size_t max_rivals = 16;  // that a placement is compared with

  /// Placements of one layer between two gateways, by rising least_s.
  struct choices {
    std::vector<double> least_s;  // no plan with it has a lower term of the layer
    std::vector<satellite_set> hosts;
    std::vector<double> terms_s;  // of each
    [[nodiscard]] std::size_t size() const noexcept { return hosts.size(); }
  };

  /// Without most placements that are never better than another on the same hosts.
  [[nodiscard]] choices choices_of(const slowest_of_orders& law, satellite_id gateway,
                                   satellite_id next) const {
    std::vector<hosted_layer> placed;
    std::size_t same_hosts = 0;  // where those on the last set of hosts begin
    const auto no_better = [](const hosted_layer& a, const hosted_layer& b) {
      return std::ranges::equal(a.terms_s, b.terms_s, std::greater_equal{});
    };
    costs_.for_each(law, gateway, next, 0, [&](const hosted_layer& each) {
      if (placed.empty() || placed.back().hosts != each.hosts) same_hosts = placed.size();
      same_hosts = std::max(same_hosts, placed.size() - std::min(placed.size(), max_rivals));
      const auto rivals = std::ranges::subrange(
          placed.begin() + static_cast<std::ptrdiff_t>(same_hosts), placed.end());
      if (std::ranges::any_of(rivals, [&](const auto& rival) { return no_better(each, rival); }))
        return;
      const auto beaten =
          std::ranges::remove_if(rivals, [&](const auto& rival) { return no_better(rival, each); });
      placed.erase(beaten.begin(), beaten.end());
      placed.push_back(each);
    });
    std::ranges::stable_sort(placed, {}, &hosted_layer::least_s);
    choices sorted;
    for (const hosted_layer& each : placed) {
      sorted.least_s.push_back(each.least_s);
      sorted.hosts.push_back(each.hosts);
      sorted.terms_s.insert(sorted.terms_s.end(), each.terms_s.begin(), each.terms_s.end());
    }
    return sorted;
  }

  /// rest_[l](g, start): least cost of the layers from l on, if g is the gateway of layer l and
  /// start that of the first, and every layer has its best hosts.
  void find_rest() {
    const std::size_t n = satellites_;
    rest_.assign(laws_.size() + 1, make_matrix(n, n, infinity));
    for (std::size_t g = 0; g < n; ++g) row(rest_.back(), g)[g] = 0;
    for (std::size_t l = laws_.size(); l-- > 0;)
      for (std::size_t g = 0; g < n; ++g)
        for (std::size_t next = 0; next < n; ++next) {
          const choices& here = choices_[(l * n + g) * n + next];
          if (here.size() == 0) continue;
          for (std::size_t start = 0; start < n; ++start)
            row(rest_[l], g)[start] = std::min(
                row(rest_[l], g)[start], here.least_s.front() + row(rest_[l + 1], next)[start]);
        }
  }

  [[nodiscard]] const choices& choices_at(std::size_t l) const {
    return choices_[(l * satellites_ + gateways_[l]) * satellites_ +
                    gateways_[(l + 1) % gateways_.size()]];
  }
  void spend_step() { steps_left_ -= steps_left_ > 0 ? 1 : 0; }
  [[nodiscard]] bool over() const { return steps_left_ == 0 || (stop_at_first_ && found_); }

  /// Cost of the best placement without the satellites that are taken.
  [[nodiscard]] double least_free_s(const choices& of_layer, satellite_set taken) {
    for (std::size_t i = 0; i < of_layer.size(); ++i) {
      spend_step();
      if ((of_layer.hosts[i] & taken) == 0) return of_layer.least_s[i];
    }
    return infinity;
  }

  /// What any plan costs that begins with the gateways so far.
  [[nodiscard]] double least_with_gateways_s() {
    double sum_s = row(rest_[gateways_.size() - 1], gateways_.back())[gateways_.front()];
    if (gateways_.size() == laws_.size()) sum_s = 0;
    const std::size_t known = gateways_.size() - (gateways_.size() < laws_.size() ? 1 : 0);
    for (std::size_t l = 0; l < known; ++l) sum_s += least_free_s(choices_at(l), gateway_set_);
    return sum_s;
  }

  // NOLINTBEGIN(misc-no-recursion): as deep as the model has layers, which are 32 at most here.

  /// @param by_id  whether the lower ids come first, or the gateways that promise most.
  void try_gateways(bool by_id) {
    if (gateways_.size() == laws_.size()) {
      try_hosts(0, gateway_set_, std::vector<double>(terms_.size(), 0.0));
      return;
    }
    std::vector<std::pair<double, satellite_id>> promise;
    for (satellite_id id = 0; id < satellites_; ++id) {
      if ((gateway_set_ & set_of(id)) != 0) continue;
      push_gateway(id);
      promise.emplace_back(least_with_gateways_s(), id);
      pop_gateway();
    }
    if (!by_id) std::ranges::sort(promise);
    for (const auto& [least_s, id] : promise) {
      if (!(least_s < bar_s_)) continue;
      push_gateway(id);
      try_gateways(by_id);
      if (over()) return;
      pop_gateway();
    }
  }
  void push_gateway(satellite_id id) {
    gateways_.push_back(id);
    gateway_set_ |= set_of(id);
  }
  void pop_gateway() {
    gateway_set_ ^= set_of(gateways_.back());
    gateways_.pop_back();
  }

  [[nodiscard]] double least_of_later_s(std::size_t l, satellite_set taken) {
    double sum_s = 0;
    for (std::size_t later = l + 1; later < laws_.size(); ++later)
      sum_s += least_free_s(choices_at(later), taken);
    return sum_s;
  }

  [[nodiscard]] static std::vector<double> sum(std::span<const double> a,
                                               std::span<const double> b) {
    std::vector<double> out(a.size());
    std::ranges::transform(a, b, out.begin(), std::plus{});
    return out;
  }

  /// @param so_far_s  terms of the layers before l.
  void try_hosts(std::size_t l, satellite_set taken, const std::vector<double>& so_far_s) {
    if (l == laws_.size()) {
      const double mean_s = terms_.mean_s(so_far_s);
      if (!(mean_s < bar_s_)) return;
      found_ = true;
      best_s_ = std::min(best_s_, mean_s);
      if (!stop_at_first_) bar_s_ = mean_s * (1 - tie);
      return;
    }
    const double others_s = terms_.least_mean_s(so_far_s) + least_of_later_s(l, taken);
    const choices& of_layer = choices_at(l);
    for (std::size_t i = 0; i < of_layer.size(); ++i) {
      if (!(others_s + of_layer.least_s[i] < bar_s_) || over()) return;
      spend_step();
      if ((of_layer.hosts[i] & taken) != 0) continue;
      const auto terms_s = std::span(of_layer.terms_s).subspan(i * terms_.size(), terms_.size());
      try_hosts(l + 1, taken | of_layer.hosts[i], sum(so_far_s, terms_s));
    }
  }

  /// With the gateways as they are: the first hosts whose mean is below the bar, by expert.
  bool first_hosts() {
    double all_s = 0;
    for (std::size_t l = 0; l < laws_.size(); ++l)
      all_s += least_free_s(choices_at(l), gateway_set_);
    std::vector<std::vector<hosted_layer>> placed(laws_.size());
    for (std::size_t l = 0; l < laws_.size(); ++l) {
      const double others_s = all_s - least_free_s(choices_at(l), gateway_set_);
      costs_.for_each(laws_[l], gateways_[l], gateways_[(l + 1) % laws_.size()], gateway_set_,
                      [&](const hosted_layer& each) {
                        if (others_s + each.least_s < bar_s_ * (1 + tie)) placed[l].push_back(each);
                      });
      std::ranges::sort(placed[l], {}, &hosted_layer::order);
    }
    return take_first(placed, gateway_set_, std::vector<double>(terms_.size(), 0.0));
  }

  bool take_first(const std::vector<std::vector<hosted_layer>>& placed, satellite_set taken,
                  const std::vector<double>& so_far_s) {
    const std::size_t l = hosts_.size();
    if (l == laws_.size()) return terms_.mean_s(so_far_s) < bar_s_;
    const double others_s = terms_.least_mean_s(so_far_s) + least_of_later_s(l, taken);
    for (const hosted_layer& each : placed[l]) {
      spend_step();
      if (steps_left_ == 0) return false;
      if ((each.hosts & taken) != 0 || !(others_s + each.least_s < bar_s_ * (1 + tie))) continue;
      hosts_.push_back(each.order);
      if (take_first(placed, taken | each.hosts, sum(so_far_s, each.terms_s))) return true;
      hosts_.pop_back();
    }
    return false;
  }
  // NOLINTEND(misc-no-recursion)

  const layer_costs& costs_;
  std::span<const slowest_of_orders> laws_;
  slot_terms terms_;
  std::size_t satellites_;
  std::uint64_t steps_left_;
  std::vector<choices> choices_;  // layers × gateways × next gateways
  std::vector<matrix> rest_;      // layers and the end: gateways × first gateways
  double best_s_ = infinity;
  double bar_s_ = infinity;  // plans from here on are out
  bool stop_at_first_ = false, found_ = false;
  std::vector<satellite_id> gateways_;
  satellite_set gateway_set_ = 0;
  std::vector<std::vector<satellite_id>> hosts_;
};

}  // namespace orbitmoe::detail
