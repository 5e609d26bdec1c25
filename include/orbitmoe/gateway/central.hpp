#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <orbitmoe/gateway/concepts.hpp>

namespace orbitmoe {

/// The satellite in the middle of the subnet: of its n planes the one at index floor(n/2), and of
/// that plane's m members the one at index floor(m/2), both ascending and counted from 0.
///
/// @see  MODEL §5.
struct central_gateway {
  bool operator==(const central_gateway&) const = default;

  /// O(members log members) per layer. Infeasible where the constellation has no planes and slots,
  /// or where all members of a subnet are gateways already.
  [[nodiscard]] outcome<std::vector<satellite_id>> gateways(const gateway_context& ctx) const {
    const auto where = ctx.net.orbital_slots();
    if (where.empty())
      return infeasible{
          "the central gateway needs the plane and slot of each satellite, and the constellation "
          "has "
          "none"};
    return detail::gateways_in_turn(ctx, [&](std::size_t, std::vector<satellite_id> members) {
      std::sort(members.begin(), members.end(), [&](satellite_id a, satellite_id b) {
        return where[a].plane != where[b].plane ? where[a].plane < where[b].plane
                                                : where[a].slot < where[b].slot;
      });
      std::vector<std::size_t> starts;  // where each plane begins
      for (std::size_t i = 0; i < members.size(); ++i)
        if (i == 0 || where[members[i]].plane != where[members[i - 1]].plane) starts.push_back(i);
      const std::size_t plane = starts.size() / 2;
      const std::size_t end = plane + 1 < starts.size() ? starts[plane + 1] : members.size();
      return members[starts[plane] + (end - starts[plane]) / 2];
    });
  }
};
static_assert(gateway_policy<central_gateway>);

}  // namespace orbitmoe
