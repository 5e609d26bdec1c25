#pragma once

#include <concepts>
#include <span>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/timeline.hpp>

namespace orbitmoe {

/// The satellites that may host one layer: its gateway and its experts. Ids, ascending.
using subnet = std::vector<satellite_id>;

/// Assigns a subnet to each layer of the model.
///
/// | expression            | returns                        | meaning                           |
/// |-----------------------|--------------------------------|-----------------------------------|
/// | p.subnets(net, model) | outcome<std::vector<subnet>>   | subnet of layer l at index l, or  |
/// |                       |                                | the reason why there is none      |
///
/// Semantics (not checkable): pure; ids in [0, net.size()), each at most once in a subnet. Subnets
/// may overlap: the planner never puts two things on one satellite.
///
/// A random policy has `static constexpr bool is_random = true`.
///
/// Which one when:
/// - ring_partition       the default: token latency is a trip round a ring of neighbouring layers
/// - whole_constellation  no locality: the baseline to compare with
template<typename P>
concept partition_policy = std::semiregular<P> &&
    requires(const P p, const timeline& net, const moe_model& model) {
  { p.subnets(net, model) } -> std::convertible_to<outcome<std::vector<subnet>>>;
};

}  // namespace orbitmoe
