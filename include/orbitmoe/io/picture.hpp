#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <orbitmoe/constellation/concepts.hpp>
#include <orbitmoe/io/sky_sheet.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/io/xml.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/moe_model.hpp>
#include <orbitmoe/network/timeline.hpp>
#include <orbitmoe/placement/placement.hpp>

namespace orbitmoe {

struct picture_options {
  std::string title = {};  ///< above the picture, UTF-8; empty: none
};

namespace detail {

/// Colour of a layer, 0xrrggbb: once round a wheel of hues, 30° apart in OKLCH and alike in
/// lightness.
inline std::uint32_t layer_rgb(std::size_t layer, std::size_t layers) {
  constexpr std::array<std::uint32_t, 12> wheel{0xfc6064, 0xfb7c05, 0xd89f0b, 0xaeb309,
                                                0x53c249, 0x0bb894, 0x0ca8b2, 0x0398cd,
                                                0x4380f8, 0x8c6aed, 0xbe5bce, 0xe5569f};
  const std::size_t from = layer * wheel.size() / layers, part = layer * wheel.size() % layers;
  std::uint32_t rgb = 0;
  for (const unsigned shift : {16U, 8U, 0U}) {
    const auto channel = [&](std::size_t k) { return wheel[k % wheel.size()] >> shift & 0xFF; };
    rgb = rgb << 8 | static_cast<unsigned>(
                         (channel(from) * (layers - part) + channel(from + 1) * part) / layers);
  }
  return rgb;
}

/// The same as `#rrggbb`.
inline std::string layer_colour(std::size_t layer, std::size_t layers) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%06x", static_cast<unsigned>(layer_rgb(layer, layers)));
  return text.data();
}

}  // namespace detail

/// A layout as an SVG picture: planes across, slots up, each layer in a hue of its own. Experts are
/// discs whose area is proportional to their weight (a dot where that would be too small to see),
/// gateways are squares, and a line joins them to a ring. Where the way is shorter so, it leaves at
/// an edge and comes back at the opposite one: top and bottom, and the sides where links join the
/// last plane to the first. Each mark has a tooltip with its layer, weight and satellite.
///
/// @param net         only its planes, slots and links matter; one time slot will do.
/// @param activation  L × E.
/// @param plan        L layers of E experts; any number of experts may share a satellite.
/// @return            well-formed XML that needs no other file.
/// @throws invalid_input  the constellation has no planes and slots, or their numbers reach that of
///                        the satellites; the plan does not fit: as placement::validate.
/// @complexity  O(satellites + links + L·E·log(L·E)).
/// @example  write_file("layout.svg", svg_picture(net, router, plan, {.title = "mine"}));
[[nodiscard]] inline std::string svg_picture(const timeline& net,
                                             const activation_profile& activation,
                                             const placement& plan,
                                             const picture_options& options = {}) {
  using detail::filled, detail::sky_sheet;
  const std::size_t layers = activation.layers(), experts = activation.experts();
  const sky_sheet sky(net);
  plan.validate(
      net.size(),
      {.layers = static_cast<int>(layers), .experts = static_cast<int>(experts), .top_k = 1},
      65'536);

  // Lengths in px; the origin of the sheet is its upper left corner.
  const int cell = std::clamp(544 / std::max(sky.planes, sky.slots), 10, 24);
  const int sheet_width = sky.planes * cell, sheet_height = sky.slots * cell;
  const int legend_width = 510, width = 54 + std::max(sheet_width, legend_width) + 16;
  const int left = 54 + std::max(0, legend_width - sheet_width) / 2;
  const int top = std::max(options.title.empty() ? 16 : 44, 66 - sheet_height / 2);
  const int legend = top + sheet_height + 60;
  const double dot = 0.18 * cell, pen = 0.14 * cell, side = 0.88 * cell;
  const auto x = [&](int plane) { return (plane + 0.5) * cell; };
  const auto y = [&](int slot) { return sheet_height - (slot + 0.5) * cell; };
  const auto colour = [&](std::size_t l) { return detail::layer_colour(l, layers); };
  const auto host = [&](satellite_id id) {
    const auto [plane, slot] = sky.places[id];
    return filled("satellite $ (plane $, slot $)", id, plane, slot);
  };

  // The picture's marks, which the legend shows again.
  const matrix& weights = activation.weights();
  const double heaviest = *std::max_element(weights.data(), weights.data() + weights.size());
  const auto disc = [&](double at_x, double at_y, double weight, std::size_t l,
                        const std::string& text) {
    const double radius = std::max(0.1, 0.46 * std::sqrt(weight / heaviest)) * cell;
    return filled("<circle cx='$' cy='$' r='$' fill='$'><title>$</title></circle>\n", at_x, at_y,
                  radius, colour(l), text);
  };
  const auto square = [&](double at_x, double at_y, std::size_t l, const std::string& text) {
    return filled(
        "<g><title>$</title><rect x='$' y='$' width='$' height='$' fill='$' stroke='#1f2328' "
        "stroke-width='$'/><text x='$' y='$' text-anchor='middle' font-weight='bold' "
        "font-size='$'>$</text></g>\n",
        text, at_x - side / 2, at_y - side / 2, side, side, colour(l), 0.09 * cell, at_x,
        at_y + 0.18 * cell, 0.5 * cell, l);
  };
  const auto path = [](const char* name, const char* stroke, double thick, const std::string& way) {
    return filled("<path class='$' stroke='$' stroke-width='$' stroke-linecap='round' d='$'/>\n",
                  name, stroke, thick, way);
  };
  const auto label = [](double at_x, double at_y, const std::string& text) {
    return filled("<text x='$' y='$'>$</text>\n", at_x, at_y + 4.5, text);
  };

  std::string out = filled(
      "<svg xmlns='http://www.w3.org/2000/svg' width='$' height='$' viewBox='0 0 $ $' "
      "font-family='Helvetica, Arial, sans-serif' font-size='13' fill='#1f2328'>\n",
      width, legend + 76, width, legend + 76);
  const std::string title = detail::xml_text(options.title);
  if (!title.empty()) out += filled("<title>$</title>\n", title);
  out += "<rect width='100%' height='100%' fill='#ffffff'/>\n";
  if (!title.empty())
    out += filled("<text x='$' y='28' font-size='17' font-weight='bold'>$</text>\n", left, title);

  out += filled(
      "<g transform='translate($ $)'>\n"
      "<rect width='$' height='$' fill='#f8f9fb' stroke='#d0d7de'/>\n<g text-anchor='middle'>\n",
      left, top, sheet_width, sheet_height);
  const auto tick_step = [](int size) {
    int step = 1;
    for (int k = 0; size > 9 * step; ++k) step = step * (k % 3 == 1 ? 5 : 4) / 2;
    return step;
  };
  for (int plane = 0; plane < sky.planes; plane += tick_step(sky.planes))
    out += label(x(plane), sheet_height + 13, std::to_string(plane));
  out += label(sheet_width / 2.0, sheet_height + 31, "plane");
  out += filled(
      "<text transform='translate(-36 $) rotate(-90)'>slot along the orbit</text>\n</g>\n"
      "<g text-anchor='end'>\n",
      sheet_height / 2);
  for (int slot = 0; slot < sky.slots; slot += tick_step(sky.slots))
    out += label(-7, y(slot), std::to_string(slot));
  out += "</g>\n";

  // Lines of no length with round ends: a dot in a dozen bytes.
  std::string dots, ring;
  for (const auto [plane, slot] : sky.places) dots += filled("M$ $h0", x(plane), y(slot));
  out += path("satellites", "#b9c0c9", dot, dots);

  struct expert {
    std::size_t l, e;
    double weight;
  };
  std::vector<expert> all;
  for (std::size_t l = 0; l < layers; ++l)
    for (std::size_t e = 0; e < experts; ++e) all.push_back({l, e, activation.layer(l)[e]});
  std::ranges::stable_sort(all, std::ranges::greater{}, &expert::weight);  // small ones on top
  for (const auto& [l, e, weight] : all) {
    const satellite_id id = plan.experts[l][e];
    out += disc(x(sky.places[id].plane), y(sky.places[id].slot), weight, l,
                filled("layer $, expert $, $ %: $", l, e, 100 * weight, host(id)));
  }

  for (std::size_t l = 0; layers > 1 && l < layers; ++l)
    sky.for_each_piece(sky.places[plan.gateways[l]], sky.places[plan.gateways[(l + 1) % layers]],
                       [&](sky_sheet::place from, sky_sheet::place to) {
                         ring += filled("M$ $L$ $", x(from.plane), y(from.slot), x(to.plane),
                                        y(to.slot));
                       });
  // The inner svg cuts off what leaves the sheet.
  out += filled("<svg width='$' height='$'>\n$</svg>\n", sheet_width, sheet_height,
                path("ring", "#1f2328", pen, ring));
  for (std::size_t l = 0; l < layers; ++l) {
    const satellite_id id = plan.gateways[l];
    out += square(x(sky.places[id].plane), y(sky.places[id].slot), l,
                  filled("layer $, gateway: $", l, host(id)));
  }

  constexpr int column = 296;
  out += filled("</g>\n<g transform='translate($ $)'>\n", (width - legend_width) / 2, legend);
  out += square(16, 0, 0, "gateway") + label(40, 0, "gateway of a layer");
  out += path("sample", "#1f2328", pen, filled("M$ 0h32", column));
  out += label(column + 44, 0, "ring of gateways");
  out += disc(16, 26, heaviest, 0, "expert");
  out += label(40, 26, filled("expert; area: activation, here $ %", 100 * heaviest));
  out += path("sample", "#b9c0c9", dot, filled("M$ 26h0", column + 16));
  out += label(column + 44, 26, "satellite that hosts nothing") + label(8, 52, "layer 0");
  const std::size_t steps = std::min<std::size_t>(layers, 100), step = 400 / steps;
  for (std::size_t k = 0; k < steps; ++k)
    out += filled("<rect x='$' y='45' width='$' height='14' fill='$'/>\n", 62 + k * step, step,
                  colour(k * layers / steps));
  out += label(70.0 + static_cast<double>(steps * step), 52, std::to_string(layers - 1));
  return out + "</g>\n</svg>\n";
}

}  // namespace orbitmoe
