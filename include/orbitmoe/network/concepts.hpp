#pragma once

#include <concepts>
#include <span>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// Computes shortest delays over the links of a network.
///
/// | expression                              | meaning                                           |
/// |-----------------------------------------|---------------------------------------------------|
/// | R(net)                                  | prepares for the topology of a timeline           |
/// | r.delays_s(hop_delays_s, sources, out)  | fills out(v, i) with the least delay              |
/// |                                         | sources[i] → v [s]; out is satellites × sources,  |
/// |                                         | row-major                                         |
///
/// `hop_delays_s` has one delay [s] per link of `net.links()`, the same both ways, over 0, infinite
/// where the link is down. A pair of satellites may have several links, a source may come twice.
/// `out` has net.size() · sources.size() entries of any content; satellites that cannot be reached
/// get infinity.
///
/// Semantics (not checkable): exact; the const call is thread-safe; a source is 0 from itself. A
/// router that adds up delays from the source outward gives the same bits as all those here.
///
/// | model              | when                                                                    |
/// |--------------------|-------------------------------------------------------------------------|
/// | sweep_router       | the default: takes the quickest of the next three                       |
/// | grid_sweep_router  | rings along planes and links across, any of them down                   |
/// | graph_sweep_router | any other network; six sources or more at once                          |
/// | dijkstra_router    | any other network; fewer sources; to compare with                       |
template<typename R>
concept delay_router = std::constructible_from<R, const timeline&> &&
    requires(const R r, std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
             std::span<double> out) {
  r.delays_s(hop_delays_s, sources, out);
};

}  // namespace orbitmoe
