#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/placement/placement.hpp>

namespace orbitmoe {

/// What a plan makes of a satellite.
enum class satellite_role { idle, expert, gateway };

namespace detail {

/// Names of the roles in files, by their number.
inline constexpr std::array<std::string_view, 3> role_names{"idle", "expert", "gateway"};

struct hosted_expert {
  std::size_t layer = 0, expert = 0;
  double activation = 0;  // weight in its layer, 0 to 1
};

/// All that a plan puts on a satellite.
struct satellite_duty {
  std::optional<std::size_t> gateway_of = {};  // a layer
  std::vector<hosted_expert> experts = {};     // by layer, then by expert

  [[nodiscard]] satellite_role role() const noexcept {
    return gateway_of        ? satellite_role::gateway
           : experts.empty() ? satellite_role::idle
                             : satellite_role::expert;
  }
  /// Sum over its experts.
  [[nodiscard]] double activation() const noexcept {
    double sum = 0;
    for (const hosted_expert& hosted : experts) sum += hosted.activation;
    return sum;
  }
};

/// The duty of each satellite. Any number of experts may share one.
/// @throws invalid_input  the plan does not fit: as placement::validate.
inline std::vector<satellite_duty> duties_of(std::size_t satellites,
                                             const activation_profile& activation,
                                             const placement& plan) {
  plan.validate(satellites,
                {.layers = static_cast<int>(activation.layers()),
                 .experts = static_cast<int>(activation.experts()),
                 .top_k = 1},
                65'536);
  std::vector<satellite_duty> duties(satellites);
  for (std::size_t l = 0; l < activation.layers(); ++l) {
    duties[plan.gateways[l]].gateway_of = l;
    for (std::size_t e = 0; e < activation.experts(); ++e)
      duties[plan.experts[l][e]].experts.push_back({l, e, activation.layer(l)[e]});
  }
  return duties;
}

/// @throws invalid_input  the sky is not of that size.
template<constellation Constellation>
void require_size(const Constellation& sky, std::size_t satellites) {
  require(sky.size() == satellites, "sky", static_cast<std::size_t>(sky.size()),
          std::to_string(satellites) + " satellites, as in the network");
}

/// Position as files may hold it [km].
/// @throws invalid_input  a coordinate is not finite.
template<constellation Constellation>
std::array<double, 3> finite_position_km(const Constellation& sky, satellite_id id, double t_s) {
  const Eigen::Vector3d position_km = sky.position_km(id, t_s);
  for (const double x : position_km)
    require(std::isfinite(x), "sky.position_km(" + std::to_string(id) + ", " + to_text(t_s) + ")",
            x, "finite coordinates");
  return {position_km[0], position_km[1], position_km[2]};
}

}  // namespace detail
}  // namespace orbitmoe
