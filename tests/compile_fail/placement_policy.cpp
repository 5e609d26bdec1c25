// A placement policy that almost fits: it returns the wrong kind of id. It must not compile, and
// the compiler must say which concept is not met and where, not how the inside of a planner fails.
#include <vector>

#include <orbitmoe/planner.hpp>

namespace {

struct my_policy {
#ifdef FITS
  using id = orbitmoe::satellite_id;
#else
  using id = int;
#endif
  [[nodiscard]] std::vector<id> place(const orbitmoe::layer_context& ctx) const {
    return std::vector<id>(ctx.experts());
  }
};

using my_planner =
    orbitmoe::planner<orbitmoe::ring_partition, orbitmoe::central_gateway, my_policy>;

}  // namespace
