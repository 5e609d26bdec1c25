#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/io/picture.hpp>
#include <orbitmoe/links/plus_grid.hpp>
#include <orbitmoe/planner.hpp>

#include "support/catch.hpp"
#include "support/skies.hpp"

namespace io_picture_test {
namespace {

using namespace orbitmoe;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

/// Whether tags close in order around one root, and each ampersand belongs to an escape.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t roots = 0, at = 0;
  for (; at < xml.size() && xml[at] == '<'; at = xml.find('<', at)) {
    const std::size_t end = std::min(xml.find('>', at), xml.size() - 1);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find(' '));
    if (tag.empty() || tag.find('<') != std::string::npos || count(tag, "'") % 2 != 0) return false;
    if (open.empty() && ++roots > 1) return false;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
    at = end + 1;
    if (xml.find('>', at) < xml.find('<', at)) return false;
  }
  return roots > 0 && open.empty() &&
         count(xml, "&") == count(xml, "&amp;") + count(xml, "&lt;") + count(xml, "&gt;");
}

/// 3 planes × 4 slots, two layers of two experts.
const timeline& net() {
  static const timeline small = test::high_net(3, 4);
  return small;
}
activation_profile profile() { return activation_profile(Eigen::Matrix2d{{3, 1}, {1, 0}}); }
const placement plan{.gateways = {4, 7}, .experts = {{0, 8}, {3, 11}}};

/// The d of the ring.
std::string ring(const std::string& picture) {
  const std::size_t start = picture.find(" d='", picture.find("class='ring'")) + 4;
  return picture.substr(start, picture.find('\'', start) - start);
}

TEST_CASE("a picture has a mark for all that a plan says", "[io][picture]") {
  const std::string picture = svg_picture(net(), profile(), plan);
  CHECK(is_well_formed(picture));
  CHECK_FALSE(is_well_formed(picture + "<g></g>"));
  CHECK_FALSE(is_well_formed(picture.substr(0, picture.size() - 7)));
  CHECK(count(picture, "<circle") == 4 + 1);       // experts, and one in the legend
  CHECK(count(picture, "stroke='#1f2328'") == 5);  // gateways, ring, and both in the legend
  CHECK(count(picture, "h0") == 12 + 1);           // satellites
  CHECK(count(picture, "<title>layer 0, expert 0, 75.0 %: satellite 0 (plane 0, slot 0)<") == 1);
  CHECK(count(picture, "<title>layer 1, expert 1, 0.0 %: satellite 11 (plane 2, slot 3)<") == 1);
  CHECK(count(picture, "<title>layer 1, gateway: satellite 7 (plane 1, slot 3)<") == 1);
  CHECK(picture == svg_picture(net(), profile(), plan));
}

TEST_CASE("marks stand where their satellites are and are as large as they weigh",
          "[io][picture]") {
  // Cells of 24 px, slot 0 at the bottom; the heaviest has 0.46 of a cell, a quarter of it half as
  // much, and nothing a tenth.
  const std::string picture = svg_picture(net(), profile(), plan);
  CHECK_THAT(picture, test::containing("<circle cx='12.0' cy='84.0' r='9.6' fill='#fc6064'>"));
  CHECK_THAT(picture, test::containing("<circle cx='60.0' cy='84.0' r='5.5' fill='#fc6064'>"));
  CHECK_THAT(picture, test::containing("<circle cx='12.0' cy='12.0' r='11.0' fill='#0ca8b2'>"));
  CHECK_THAT(picture, test::containing("<circle cx='60.0' cy='12.0' r='2.4' fill='#0ca8b2'>"));
  CHECK_THAT(picture, test::containing("<rect x='25.4' y='73.4' width='21.1'"));
  CHECK_THAT(picture, test::containing("<rect x='25.4' y='1.4' width='21.1'"));
}

TEST_CASE("the ring leaves the picture where that is shorter", "[io][picture]") {
  // Slots 0 and 3 of four: out at the bottom, in at the top, and back.
  CHECK(ring(svg_picture(net(), profile(), plan)) ==
        "M36.0 84.0L36.0 108.0M36.0 -12.0L36.0 12.0"
        "M36.0 12.0L36.0 -12.0M36.0 108.0L36.0 84.0");
}

TEST_CASE("a ring goes over the border of the planes only where links do", "[io][picture]") {
  const auto piece_count = [](bool seam) {
    const walker_constellation sky{{.planes = 6, .satellites_per_plane = 4, .phasing = 0}};
    const timeline joined(sky, plus_grid{.seam = seam}, {.slots = 1});
    return count(
        ring(svg_picture(joined, profile(), {.gateways = {0, 20}, .experts = {{1, 2}, {21, 22}}})),
        "M");
  };
  CHECK(piece_count(false) == 2);
  CHECK(piece_count(true) == 4);
}

TEST_CASE("a title is shown and escaped", "[io][picture]") {
  const std::string picture = svg_picture(net(), profile(), plan, {.title = "<b> & 3 × 4 \x01'"});
  CHECK(is_well_formed(picture));
  CHECK(count(picture, ">&lt;b&gt; &amp; 3 × 4 ?'<") == 2);  // seen, and as the name of the picture
}

TEST_CASE("pictures of the smallest and of large skies", "[io][picture]") {
  const activation_profile one(make_matrix(1, 1, 1));
  for (const auto& [planes, per_plane] : {std::pair{1, 2}, std::pair{2, 1}}) {
    const std::string picture = svg_picture(test::high_net(planes, per_plane), one,
                                            {.gateways = {0}, .experts = {{1}}}, {.title = "two"});
    CHECK(is_well_formed(picture));
    CHECK(ring(picture).empty());
  }
  const moe_model model{.layers = 26, .experts = 64, .top_k = 6};
  const timeline large(walker_constellation{{.planes = 72, .satellites_per_plane = 72}},
                       plus_grid{}, {.slots = 1, .survival_probability = 1});
  const auto router = activation_profile::skewed(model, 1);
  const std::string picture = svg_picture(large, router, space_xnet{}.plan(large, model, router));
  CHECK(count(picture, "<circle") == 26 * 64 + 1);
  CHECK(picture.size() < 500'000);
}

TEST_CASE("a picture of what is no layout of this sky", "[io][picture]") {
  const auto bad = [](const placement& wrong, const char* message) {
    CHECK_INVALID(svg_picture(net(), profile(), wrong), message);
  };
  bad({}, "gateways: found 0; allowed: 2 ids, one per layer");
  bad({.gateways = {4, 7}, .experts = {{0, 8}}}, "experts: found 1; allowed: 2 rows");
  bad({.gateways = {4, 7}, .experts = {{0, 8}, {3}}}, "experts[1]: found 1; allowed: 2 ids");
  bad({.gateways = {4, 12}, .experts = plan.experts},
      "gateways[1]: found 12; allowed: a satellite");
  bad({.gateways = plan.gateways, .experts = {{0, 8}, {3, 4'294'967'295}}},
      "experts[1][1]: found 4294967295; allowed: a satellite in 0..11");
  bad({.gateways = {4, 4}, .experts = plan.experts}, "gateways[1]: found 4");
  const placement shared{.gateways = {4, 7}, .experts = {{0, 0}, {0, 0}}};
  CHECK(is_well_formed(svg_picture(net(), profile(), shared)));
  CHECK_INVALID(svg_picture(test::star(make_matrix(1, 11, 0.1)), profile(), plan),
                "sky: found no plane and slot of the satellites");
}

}  // namespace
}  // namespace io_picture_test
