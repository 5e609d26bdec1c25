#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/constellation/utc_time.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/picture.hpp>
#include <orbitmoe/io/satellite_duties.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>

namespace orbitmoe {

struct czml_options {
  std::string title = "OrbitMoE";  ///< name of the document, UTF-8
  utc_time start = {};             ///< wall clock at t = 0; 2000-01-01T00:00:00 UTC unless given
  double step_s = 120;     ///< between samples of a position, 0.001 to 86,400 [s]; with the default
                           ///< a viewer is off by about 1 m in low orbits
  double speed = 60;       ///< seconds of the sky per second of the viewer, 0.001 to 1e6 [-]
  bool with_links = true;  ///< whether to draw the links

  /// @throws invalid_input  an option is outside its range.
  void validate() const {
    detail::within("start", [&] { start.validate(); });
    detail::require_between("step_s", step_s, 0.001, 86'400.0);
    detail::require_between("speed", speed, 0.001, 1e6);
  }
};

namespace detail {

inline constexpr std::size_t czml_samples_limit = 2'000'000, czml_runs_limit = 1'000'000;

/// The instant `seconds` after another, as CZML writes it.
/// @throws invalid_input  it is outside the years 1900 to 2199.
inline std::string utc_after(const utc_time& start, double seconds) {
  const double second = start.second_of_day + seconds, days = std::floor(second / 86'400);
  const utc_time time{start.days + static_cast<std::int32_t>(days),
                      std::max(0.0, second - 86'400 * days)};
  return within("start, after the time covered", [&] { return to_iso_8601(time); }) + 'Z';
}

inline ordered_json czml_colour(std::uint32_t rgb, int alpha = 255) {
  return {{"rgba", {rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF, alpha}}};
}

/// Colour of an activation from 0 to 1: Viridis, from dark violet over green to yellow.
inline std::uint32_t activation_rgb(double share) {
  constexpr std::array<std::uint32_t, 9> ramp{0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c,
                                              0x28ae80, 0x5ec962, 0xaddc30, 0xfde725};
  const double place = std::clamp(share, 0.0, 1.0) * (ramp.size() - 1);
  const std::size_t from = std::min(static_cast<std::size_t>(place), ramp.size() - 2);
  const double part = place - static_cast<double>(from);
  std::uint32_t rgb = 0;
  for (const unsigned shift : {16U, 8U, 0U}) {
    const auto channel = [&](std::size_t k) {
      return static_cast<double>(ramp[k] >> shift & 0xFF);
    };
    rgb = rgb << 8 | static_cast<std::uint32_t>(
                         std::lround(channel(from) * (1 - part) + channel(from + 1) * part));
  }
  return rgb;
}

/// Writes the packets of one document.
class czml_writer {
 public:
  czml_writer(const timeline& net, const czml_options& options)
      : net_(net),
        options_(options),
        start_(utc_after(options.start, 0)),
        span_(filled("$/$", start_, utc_after(options.start, net.span_s()))) {}

  [[nodiscard]] ordered_json document() const {
    return {{"id", "document"},
            {"name", utf8_text(options_.title)},
            {"version", "1.0"},
            {"clock",
             {{"interval", span_},
              {"currentTime", start_},
              {"multiplier", options_.speed},
              {"range", "LOOP_STOP"},
              {"step", "SYSTEM_CLOCK_MULTIPLIER"}}}};
  }

  /// Number of samples of a position: up to the first one after the end, for interpolation, and as
  /// many as it needs.
  [[nodiscard]] double sample_count() const {
    return std::max(6.0, std::floor(net_.span_s() / options_.step_s) + 2);
  }

  template<typename Constellation>
  [[nodiscard]] ordered_json position(const Constellation& sky, satellite_id id) const {
    ordered_json samples = ordered_json::array();
    for (std::size_t j = 0; j < static_cast<std::size_t>(sample_count()); ++j) {
      const double t_s = static_cast<double>(j) * options_.step_s;
      samples.push_back(t_s);
      for (const double x_km : finite_position_km(sky, id, t_s))
        samples.push_back(std::round(x_km * 1e6) / 1e3);
    }
    return {{"interpolationAlgorithm", "LAGRANGE"},
            {"interpolationDegree", 5},
            {"forwardExtrapolationType", "NONE"},
            {"referenceFrame", "INERTIAL"},
            {"epoch", start_},
            {"cartesian", std::move(samples)}};
  }

  /// @param heaviest  largest activation of a satellite, over 0.
  [[nodiscard]] ordered_json satellite(satellite_id id, const std::string& name,
                                       const satellite_duty& duty, std::size_t layers,
                                       double heaviest) const {
    ordered_json packet{{"id", filled("satellite-$", id)},
                        {"name", name},
                        {"parent", "satellites"},
                        {"availability", span_},
                        {"description", description(id, duty)}};
    const satellite_role role = duty.role();
    packet["point"] =
        role == satellite_role::gateway  ? point(12, layer_rgb(*duty.gateway_of, layers), 2)
        : role == satellite_role::expert ? point(8, activation_rgb(duty.activation() / heaviest), 1)
                                         : point(3, 0x8a9099, 0);
    if (role == satellite_role::gateway)
      packet["label"] = {{"text", filled("gateway of layer $", *duty.gateway_of)},
                         {"font", "13px sans-serif"},
                         {"horizontalOrigin", "LEFT"},
                         {"pixelOffset", {{"cartesian2", {12, 0}}}},
                         {"fillColor", czml_colour(0xffffff)}};
    return packet;
  }

  [[nodiscard]] ordered_json line(const std::string& id, const char* parent,
                                  const std::string& name, laser_link ends, ordered_json show,
                                  const ordered_json& colour, int width) const {
    const ordered_json references{filled("satellite-$#position", ends.a),
                                  filled("satellite-$#position", ends.b)};
    return {{"id", id},
            {"name", name},
            {"parent", parent},
            {"availability", span_},
            {"polyline",
             {{"show", std::move(show)},
              {"positions", {{"references", references}}},
              {"arcType", "NONE"},
              {"width", width},
              {"material", {{"solidColor", {{"color", colour}}}}}}}};
  }

  /// In how many intervals a link is up or down by turns.
  [[nodiscard]] std::size_t run_count(std::size_t link) const {
    std::size_t runs = 1;
    for (std::size_t k = 1; k < net_.slots(); ++k)
      if (is_up(link, k) != is_up(link, k - 1)) ++runs;
    return runs;
  }

  /// When a link is up: true, false, or a list of intervals that covers all slots.
  [[nodiscard]] ordered_json shown_when_up(std::size_t link) const {
    if (run_count(link) == 1) return is_up(link, 0);
    ordered_json intervals = ordered_json::array();
    std::string start = start_;
    for (std::size_t k = 1; k <= net_.slots(); ++k) {
      const bool is_last = k == net_.slots();
      if (!is_last && is_up(link, k) == is_up(link, k - 1)) continue;
      const std::string end = utc_after(options_.start, is_last ? net_.span_s() : net_.time_s(k));
      intervals.push_back(
          {{"interval", filled("$/$", start, end)}, {"boolean", is_up(link, k - 1)}});
      start = end;
    }
    return intervals;
  }

 private:
  [[nodiscard]] bool is_up(std::size_t link, std::size_t slot) const {
    return std::isfinite(net_.propagation_s(slot)[link]);
  }

  static ordered_json point(int size, std::uint32_t rgb, int outline) {
    ordered_json mark{{"pixelSize", size}, {"color", czml_colour(rgb)}};
    if (outline > 0) {
      mark["outlineColor"] = czml_colour(0xffffff);
      mark["outlineWidth"] = outline;
    }
    return mark;
  }

  [[nodiscard]] std::string description(satellite_id id, const satellite_duty& duty) const {
    std::string html = filled("<p>id $</p>", id);
    if (!net_.orbital_slots().empty())
      html += filled("<p>plane $, slot $</p>", net_.orbital_slots()[id].plane,
                     net_.orbital_slots()[id].slot);
    if (duty.gateway_of) html += filled("<p>gateway of layer $</p>", *duty.gateway_of);
    for (const hosted_expert& hosted : duty.experts)
      html += filled("<p>layer $, expert $: activation $ %</p>", hosted.layer, hosted.expert,
                     100 * hosted.activation);
    return duty.role() == satellite_role::idle ? html + "<p>hosts nothing</p>" : html;
  }

  const timeline& net_;
  const czml_options& options_;
  std::string start_, span_;
};

}  // namespace detail

/// A plan in its moving sky as a CZML document, for Cesium and other globes.
///
/// Packets: the document with its clock; "satellites", "links" and "ring", parents that a viewer
/// can hide; then
/// - "satellite-<id>": samples of the position in the inertial frame [m]; gateways large, labelled,
///   in the hue that svg_picture gives their layer; experts by activation, in Viridis; others small
///   and grey. Its name is that of its elements, their
///   catalogue number where they have none, else "satellite <id>"; its description is HTML: id,
///   plane and slot, layers, experts, activations;
/// - "link-<index>": a line, shown in the slots in which the link is up; links that never are, are
///   left out;
/// - "ring-<layer>": a line from the gateway of the layer to that of the next, always shown.
///
/// The inertial frame of the sky is taken for that of the viewer, ICRF. Element sets are of the
/// equator of date (TEME), which precession has turned by some 0.35° since 2000: real satellites
/// are drawn up to 40 km beside where they are over the ground.
///
/// @param net         its slots, span and links.
/// @param activation  L × E.
/// @param plan        L layers of E experts; any number of experts may share a satellite.
/// @return            an array of packets: write_file("sky.czml", czml(…).dump()). Equal for equal
///                    arguments.
/// @throws invalid_input  an option is outside its range; the sky is not of the network's size or
///                        gives a position that is not finite; the plan does not fit: as
///                        placement::validate; the time covered ends after 2199; there would be
///                        over 2,000,000 samples, or over 1,000,000 intervals of links.
/// @complexity  O(satellites · span/step + links · slots).
/// @see  CZML Guide, https://github.com/AnalyticalGraphicsInc/czml-writer/wiki/CZML-Guide.
template<constellation Constellation>
[[nodiscard]] ordered_json czml(const Constellation& sky, const timeline& net,
                                const activation_profile& activation, const placement& plan,
                                const czml_options& options = {}) {
  using detail::filled;
  options.validate();
  detail::require_size(sky, net.size());
  const auto duties = detail::duties_of(net.size(), activation, plan);
  const detail::czml_writer writer(net, options);
  const double samples = writer.sample_count() * static_cast<double>(net.size());
  detail::require(samples <= detail::czml_samples_limit, "step_s: satellites × samples", samples,
                  std::to_string(detail::czml_samples_limit) + " at most");
  std::size_t runs = 0;
  for (std::size_t i = 0; options.with_links && i < net.links().size(); ++i)
    runs += writer.run_count(i);
  detail::require(
      runs <= detail::czml_runs_limit, "links: intervals", runs,
      std::to_string(detail::czml_runs_limit) + " at most; with_links = false has none");
  double heaviest = 0;
  for (const detail::satellite_duty& duty : duties)
    heaviest = std::max(heaviest, duty.activation());

  ordered_json out{writer.document(),
                   {{"id", "satellites"}, {"name", "Satellites"}},
                   {{"id", "links"}, {"name", "Links"}},
                   {{"id", "ring"}, {"name", "Ring of gateways"}}};
  for (satellite_id id = 0; id < net.size(); ++id) {
    std::string name = filled("satellite $", id);
    if constexpr (requires { detail::satellite_name(sky.elements()[id]); })
      name = detail::satellite_name(sky.elements()[id]);
    out.push_back(writer.satellite(id, name, duties[id], activation.layers(), heaviest));
    out.back()["position"] = writer.position(sky, id);
  }
  for (std::size_t i = 0; options.with_links && i < net.links().size(); ++i) {
    const auto [a, b] = net.links()[i];
    if (ordered_json show = writer.shown_when_up(i); show != false)
      out.push_back(writer.line(filled("link-$", i), "links", filled("link $ – $", a, b), {a, b},
                                std::move(show), detail::czml_colour(0x9fb4cc, 110), 1));
  }
  for (std::size_t l = 0, layers = activation.layers(); layers > 1 && l < layers; ++l) {
    const std::size_t next = (l + 1) % layers;
    out.push_back(writer.line(filled("ring-$", l), "ring", filled("layer $ to layer $", l, next),
                              {plan.gateways[l], plan.gateways[next]}, true,
                              detail::czml_colour(detail::layer_rgb(l, layers)), 3));
  }
  return out;
}

}  // namespace orbitmoe
