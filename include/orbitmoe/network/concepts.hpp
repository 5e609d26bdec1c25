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
/// `hop_delays_s` has one delay [s] per link of `net.links()`, infinite where the link is down;
/// satellites that cannot be reached get infinity.
///
/// Semantics (not checkable): exact; the const call is thread-safe; a source is 0 from itself.
///
/// | model              | when                                                                    |
/// |--------------------|-------------------------------------------------------------------------|
/// | sweep_router       | always: the default; takes one of the next two                          |
/// | grid_sweep_router  | rings along planes and links across, any of them down                   |
/// | graph_sweep_router | any other network                                                       |
/// | dijkstra_router    | to compare with; a few sources on a large network without locality      |
template<typename R>
concept delay_router = std::constructible_from<R, const timeline&> &&
    requires(const R r, std::span<const double> hop_delays_s, std::span<const satellite_id> sources,
             std::span<double> out) {
  r.delays_s(hop_delays_s, sources, out);
};

}  // namespace orbitmoe
