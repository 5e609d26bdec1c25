#include <vector>

#include <orbitmoe/constellation/walker.hpp>
#include <orbitmoe/links/link_list.hpp>
#include <orbitmoe/network/timeline.hpp>

#include "support/catch.hpp"
#include "support/networks.hpp"

namespace links_link_list_test {
namespace {

using namespace orbitmoe;

const walker_constellation sky{{.planes = 2, .satellites_per_plane = 3, .phasing = 0}};
const timeline_options one_slot{.slots = 1, .span_s = 1};

TEST_CASE("link_list: gives its links as they are, for any sky") {
  const link_list list{{{4, 1}, {0, 5}, {0, 1}}};
  CHECK(list.links(sky) == list.pairs);
  CHECK(list.links(test::drifting_sky{}) == list.pairs);
  CHECK(link_list{}.links(sky).empty());
}

TEST_CASE("link_list: the timeline keeps the order of the list") {
  const link_list list{{{4, 1}, {0, 5}, {0, 1}}};
  CHECK(timeline(sky, list, one_slot).links() == list.pairs);
}

TEST_CASE("link_list: the timeline checks the ends of every link") {
  const auto build = [](std::vector<laser_link> pairs) {
    return timeline(sky, link_list{pairs}, one_slot);
  };
  CHECK_INVALID(build({{0, 1}, {2, 6}}),
                "links[1]: found 2-6; allowed: two different satellites in 0..5");
  CHECK_INVALID(build({{7, 2}}), "links[0]: found 7-2;");
  CHECK_INVALID(build({{0, 1}, {1, 2}, {3, 3}}),
                "links[2]: found 3-3; allowed: two different satellites in 0..5");
}

}  // namespace
}  // namespace links_link_list_test
