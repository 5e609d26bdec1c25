#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/evaluate/evaluate.hpp>
#include <orbitmoe/model/concepts.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/model/slowest.hpp>
#include <orbitmoe/model/successive.hpp>
#include <orbitmoe/network/sweep.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>
#include <orbitmoe/planner.hpp>
#include <orbitmoe/random.hpp>
#include <orbitmoe/search/expert_order.hpp>
#include <orbitmoe/search/mean_delays.hpp>
#include <orbitmoe/search/optimal_layout.hpp>
#include <orbitmoe/search/ring_annealing.hpp>
#include <orbitmoe/search/ring_bound.hpp>

namespace orbitmoe {

/// When layout_search stops.
struct layout_options {
  static constexpr std::uint64_t max_moves = 1'000'000'000'000'000;
  std::uint64_t moves = 40'000'000;  ///< to try, but for some thousands; 0 to max_moves
  /// Wall-clock time of the moves, over 0 up to 1e6 [s], where they do not end before; empty: moves
  /// alone decide, and the same seed gives the same bits.
  std::optional<double> time_limit_s = {};
  /// Good enough is a layout if a lower bound on path latency, by mean delays, is below that of
  /// the layout by at most this share of it; 0 to 0.99. The bound is computed first, and the
  /// searches then run one after the other. Empty: there is no bound to wait for.
  std::optional<double> target_gap = {};
  std::stop_token stop = {};  ///< asked for, the best layout so far is the result
  /// Draws of outages that layouts are judged on beside those of the network, 0 to 100: the more,
  /// the less is a layout tuned to outages that will not come again.
  int more_outages = 4;
  bool operator==(const layout_options&) const = default;

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::require_between("moves", moves, std::uint64_t{0}, max_moves);
    if (time_limit_s)
      detail::require(*time_limit_s > 0 && *time_limit_s <= 1e6, "time_limit_s", *time_limit_s,
                      "a number over 0 and up to 1e6");
    if (target_gap) detail::require_between("target_gap", *target_gap, 0.0, 0.99);
    detail::require_between("more_outages", more_outages, 0, 100);
  }
};

/// Searches for a better layout of the whole ring: gateways and experts anywhere, no subnets.
///
/// Starts from Space-XNet's plan (from a random one where there is none) and anneals: moves one
/// gateway or host at a time to a satellite nearby, changing places with who is there; then again
/// and again a few layers that follow each other. Many moves are several such searches, of which
/// the best counts. Layouts are judged by mean delays, over the slots and over more draws of
/// outages, so that they are hardly tuned to those they were planned on. The result is the better
/// of the start and the best layout in the exact mean token latency of `evaluate`; a layout that
/// lacks routes in over 5 % of the slots more than the start does not count as better.
///
/// Where heavier experts are not always better nearer (trace), experts of a layer are exchanged at
/// the end until no exchange helps.
///
/// Where there are few enough plans, the best of all takes the place of the best layout found, in
/// about a second (@see optimal_layout).
///
/// Where a satellite may host several experts, those of one layer that follow each other by weight
/// share one; experts of two layers do not.
///
/// @see  Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220 (1983).
template<delay_router DelayRouter = sweep_router>
struct layout_search {
  layout_options options = {};
  /// Called during the search with the best layout so far and its path latency by mean delays [s],
  /// when it has become better; from one thread at a time, not for every single move. May be empty.
  /// An exception that it throws reaches the caller.
  std::function<void(const placement&, double)> on_better = {};

  /// Not drawn repeatedly: one seed, one layout.
  static constexpr bool is_random = false;

  /// @param plan_options  its seed is that of the search.
  /// @return  a placement, or the reason why there is no room for one.
  /// @throws invalid_input  as planner::plan and mean_delays; an option is outside its range.
  /// @complexity  O(slots · satellites) shortest-delay trees, then moves · E log E at most;
  ///              several searches run on several threads; memory satellites² floats. Same bits for
  ///              any number of threads where moves alone decide.
  template<typename Router>
  requires requires(const Router& router) { activation_of(router); }
  [[nodiscard]] outcome<placement> plan(const timeline& net, const moe_model& model,
                                        const Router& router, const plan_options& plan_options = {},
                                        const run_options& run = {}) const {
    options.validate();
    if constexpr (expert_router<Router>)
      return search(net, model, router, plan_options, run);
    else
      return search(net, model, successive(router, model), plan_options, run);
  }

 private:
  /// Share of slots in which the layout may lack a route where the start has all.
  static constexpr double slots_to_lose = 0.05;

  /// Which experts share a host: those that follow each other by falling weight.
  struct ranking {
    std::vector<std::vector<std::size_t>> heaviest;  // experts of each layer
    std::size_t experts_per_host;

    [[nodiscard]] std::size_t hosts() const {
      return (heaviest.front().size() + experts_per_host - 1) / experts_per_host;
    }
    /// Satellites that a layer needs: its gateway and its hosts.
    [[nodiscard]] std::size_t width() const { return hosts() + 1; }

    /// P(the slowest expert is on the n-th host), where the heaviest are on the first.
    template<typename Router>
    [[nodiscard]] std::vector<double> slowest_host(const Router& router, std::size_t layer) const {
      const std::vector<double> slowest = slowest_by_weight(router, layer);
      std::vector<double> law(hosts(), 0);
      for (std::size_t j = 0; j < slowest.size(); ++j) law[j / experts_per_host] += slowest[j];
      return law;
    }

    /// @param satellites  of each layer's gateway and its hosts, the nearest first.
    [[nodiscard]] placement plan(const std::vector<satellite_id>& satellites) const {
      placement plan;
      for (std::size_t l = 0; l < heaviest.size(); ++l) {
        plan.gateways.push_back(satellites[l * width()]);
        plan.experts.emplace_back(heaviest[l].size());
        for (std::size_t j = 0; j < heaviest[l].size(); ++j)
          plan.experts[l][heaviest[l][j]] = satellites[l * width() + 1 + j / experts_per_host];
      }
      return plan;
    }
    /// The opposite of plan.
    [[nodiscard]] std::vector<satellite_id> posts(const placement& plan) const {
      std::vector<satellite_id> satellites;
      for (std::size_t l = 0; l < heaviest.size(); ++l) {
        satellites.push_back(plan.gateways[l]);
        for (std::size_t j = 0; j < heaviest[l].size(); j += experts_per_host)
          satellites.push_back(plan.experts[l][heaviest[l][j]]);
      }
      return satellites;
    }
  };

  template<expert_router Router>
  outcome<placement> search(const timeline& net, const moe_model& model, const Router& router,
                            const plan_options& plan_options, const run_options& run) const {
    detail::require_fit(router, model);
    const outcome<placement> published =
        planner<ring_partition, central_gateway, activation_sorted, DelayRouter>{}.plan(
            net, model, router, plan_options, detail::part_of(run, 0, 0.05));
    ranking ranked{{}, static_cast<std::size_t>(plan_options.experts_per_satellite)};
    for (std::size_t l = 0; l < router.activation().layers(); ++l)
      ranked.heaviest.push_back(heaviest_first(router.activation().layer(l)));
    const std::size_t needed = ranked.heaviest.size() * ranked.width();
    if (net.size() < needed)
      return infeasible{std::to_string(model.layers) + " layers need " + std::to_string(needed) +
                        " satellites, each 1 for its gateway and " +
                        std::to_string(ranked.hosts()) + " for " + std::to_string(model.experts) +
                        " experts, and there are " + std::to_string(net.size())};
    const placement start = published.feasible()
                                ? published.value()
                                : random_start(net.size(), ranked, plan_options.seed);
    if (options.moves == 0 || options.stop.stop_requested()) return start;
    const placement found = best_found(net, model, router, ranked, start, plan_options, run);
    const std::vector<placement> plans{start, found};
    const std::vector<latency_report> reports = evaluate<DelayRouter>(
        net, model, router, std::span(plans),
        {.tokens_per_slot = 0, .experts_per_satellite = plan_options.experts_per_satellite},
        detail::part_of(run, 0.95, 1));
    const bool lower = reports[1].mean_s < reports[0].mean_s;
    // A mean over few slots is no achievement.
    const bool reachable =
        reports[1].unreachable_fraction <= reports[0].unreachable_fraction + slots_to_lose;
    return lower && reachable ? found : start;
  }

  /// The best plan of all where there are few, or else the best of several searches.
  template<expert_router Router>
  placement best_found(const timeline& net, const moe_model& model, const Router& router,
                       const ranking& ranked, const placement& start,
                       const plan_options& plan_options, const run_options& run) const {
    if (const auto best = detail::optimal_if_small<DelayRouter>(
            net, model, router, plan_options.experts_per_satellite, slots_to_lose, run))
      return *best;
    const mean_delays delays =
        mean_delays::over<DelayRouter>(net, model.message_bits(), detail::part_of(run, 0.05, 0.2),
                                       unseen_outages(net, plan_options.seed));
    return best_of_searches(delays, router, ranked, start, plan_options.seed,
                            detail::part_of(run, 0.2, 0.95));
  }

  /// Seeds of more outages; none where nothing fails.
  [[nodiscard]] std::vector<std::uint64_t> unseen_outages(const timeline& net,
                                                          std::uint64_t seed) const {
    std::vector<std::uint64_t> seeds;
    for (int draw = 0; net.has_outages() && draw < options.more_outages; ++draw)
      seeds.push_back(
          random_stream::derive_seed(seed, "layout outages", static_cast<std::uint64_t>(draw)));
    return seeds;
  }

  /// Satellites drawn without replacement.
  static placement random_start(std::size_t satellites, const ranking& ranked, std::uint64_t seed) {
    std::vector<satellite_id> posts(satellites);
    std::iota(posts.begin(), posts.end(), satellite_id{0});
    random_stream(seed, "layout start").shuffle(posts);
    return ranked.plan(posts);
  }

  /// Searches side by side, what they have found and how far they are.
  class search_board {
   public:
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;

    search_board(const layout_search& asked, const ranking& ranked, detail::costed_posts start,
                 std::uint64_t searches, double enough_s, const run_options& run)
        : asked_(asked),
          ranked_(ranked),
          best_(std::move(start)),
          searches_(searches),
          best_search_(searches),
          enough_s_(enough_s),
          run_(run),
          over_(asked.options.moves == 0) {}

    /// The number of a search to begin with; nothing: that was all.
    std::optional<std::uint64_t> next_search() {
      const std::scoped_lock lock(mutex_);
      if (over_ || next_ == searches_) return {};
      return next_++;
    }

    /// A search has made so many moves more, and this is the best that it has found. @return
    /// whether it may go on.
    bool report(std::uint64_t search, std::uint64_t moves, const detail::costed_posts& found) {
      const std::scoped_lock lock(mutex_);
      moves_ += moves;
      double done = static_cast<double>(moves_) / static_cast<double>(asked_.options.moves);
      if (asked_.options.time_limit_s) {
        const double time_done = passed_s() / *asked_.options.time_limit_s;
        over_ |= time_done >= 1;
        done = std::max(done, time_done);
      }
      if (run_.progress && moves > 0) guarded([&] { run_.progress(std::min(done, 1.0)); });
      if (found.cost_s < best_.cost_s && asked_.on_better)
        guarded([&] { asked_.on_better(ranked_.plan(found.satellites), found.cost_s); });
      if (std::tie(found.cost_s, search) < std::tie(best_.cost_s, best_search_)) {
        best_ = found;
        best_search_ = search;
      }
      over_ |= best_.cost_s <= enough_s_ || asked_.options.stop.stop_requested();
      return !over_;
    }

    /// Since the first search began [s].
    [[nodiscard]] double passed_s() const { return seconds(clock::now() - started_).count(); }
    [[nodiscard]] const detail::costed_posts& best() const { return best_; }

   private:
    /// Calls what is the user's: its exception ends all searches.
    template<typename Call>
    void guarded(Call call) {
      try {
        call();
      } catch (...) {
        over_ = true;
        throw;
      }
    }

    const layout_search& asked_;
    const ranking& ranked_;
    detail::costed_posts best_;
    std::uint64_t searches_, best_search_, next_ = 0, moves_ = 0;
    double enough_s_;
    const run_options& run_;
    bool over_;
    clock::time_point started_ = clock::now();
    std::mutex mutex_;
  };

  /// The best of several searches, each with a random stream of its own.
  template<typename Router>
  placement best_of_searches(const mean_delays& delays, const Router& router, const ranking& ranked,
                             const placement& start, std::uint64_t seed,
                             const run_options& run) const {
    std::vector<std::vector<double>> slowest;
    for (std::size_t l = 0; l < start.gateways.size(); ++l)
      slowest.push_back(ranked.slowest_host(router, l));
    const detail::ring_annealing annealing(delays, slowest);
    const detail::costed_posts from = annealing.costed(ranked.posts(start));
    const std::uint64_t searches =
        std::max<std::uint64_t>(1, options.moves / annealing.moves_per_search());
    search_board board(*this, ranked, from, searches, good_enough_s(delays, slowest, run), run);
    const auto search = [&](std::uint64_t number) {
      random_stream random(seed, "layout", number);
      const double began_s = board.passed_s();
      std::uint64_t moves = 0;
      (void)annealing.search(from, random, [&](std::uint64_t made, const auto& found) {
        if (!board.report(number, made, found)) return 1.0;
        moves += made;
        const double share = static_cast<double>(moves) * static_cast<double>(searches) /
                             static_cast<double>(options.moves);
        if (!options.time_limit_s) return share;
        return std::max(share, (board.passed_s() - began_s) / (*options.time_limit_s - began_s));
      });
    };
    // Side by side, who comes first to a target is chance.
    const run_options workers{.threads =
                                  options.target_gap && !options.time_limit_s ? 1 : run.threads};
    const std::size_t threads = workers.threads > 0
                                    ? static_cast<std::size_t>(workers.threads)
                                    : std::max(1u, std::thread::hardware_concurrency());
    detail::parallel_for(threads, workers, [&](std::size_t) {
      while (const auto number = board.next_search()) search(*number);
    });
    return ordered(router, delays, ranked, board.best().satellites, workers)
        .plan(board.best().satellites);
  }

  /// Experts in the order that is best for the hosts, where that need not be by weight.
  template<typename Router>
  static ranking ordered(const Router& router, const mean_delays& delays, ranking ranked,
                         const std::vector<satellite_id>& satellites, const run_options& run) {
    if constexpr (!sorted_is_best<Router>)
      detail::parallel_for(ranked.heaviest.size(), {.threads = run.threads}, [&](std::size_t l) {
        const auto of_layer = std::span(satellites).subspan(l * ranked.width(), ranked.width());
        const auto here_s = delays.from(of_layer[0]);
        const auto next_s =
            delays.from(satellites[(l + 1) % ranked.heaviest.size() * ranked.width()]);
        std::vector<double> time_s;
        for (std::size_t j = 0; j < ranked.heaviest[l].size(); ++j) {
          const satellite_id host = of_layer[1 + j / ranked.experts_per_host];
          time_s.push_back(std::min(here_s[host] + next_s[host], 1e3f));
        }
        detail::improve_order(router, l, ranked.heaviest[l], time_s,
                              experts_in_use(router.activation().layer(l)).size());
      });
    return ranked;
  }

  /// A sum of path latencies that satisfies target_gap [s].
  double good_enough_s(const mean_delays& delays, const std::vector<std::vector<double>>& slowest,
                       const run_options& run) const {
    if (!options.target_gap) return 0;
    std::vector<std::size_t> kinds(slowest.size());
    std::iota(kinds.begin(), kinds.end(), std::size_t{0});
    detail::ring_bound bound(delays, slowest, kinds, 1, {.threads = run.threads});
    return bound.least_s(200, {.threads = run.threads}) / (1 - *options.target_gap);
  }
};

}  // namespace orbitmoe
