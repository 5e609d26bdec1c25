// A propagator of your own in place of the default: any struct that fits the concept `propagator`.
//
// Most SGP4 codes have one interface: a record made from elements, and a function that takes the
// minutes since the epoch and fills r[3] [km] and v[3] [km/s]. Here a small two-body propagator
// stands in for such a code. Prints how far it and secular_j2 are from the library's own sgp4.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/sgp4.hpp>
#include <orbitmoe/io/tle.hpp>
#include <orbitmoe/units.hpp>

using namespace orbitmoe;

// The code that is there already: two bodies, no oblateness, no drag.
struct two_body_record {
  element_set set;
  double n, a_km;  // [rad/min], [km]
};

two_body_record two_body_init(const element_set& set) {
  const double n = deg_to_rad(set.mean_motion_rev_per_day / 4);
  return {set, n, std::cbrt(wgs72::mu_km3_s2 * 3600 / (n * n))};
}

void two_body(const two_body_record& k, double minutes, double r[3], double v[3]) {
  const double mean = deg_to_rad(k.set.mean_anomaly_deg) + k.n * minutes, e = k.set.eccentricity;
  const double perigee = deg_to_rad(k.set.argument_of_perigee_deg), beta = std::sqrt(1 - e * e);
  const double node = deg_to_rad(k.set.raan_deg), tilt = deg_to_rad(k.set.inclination_deg);
  double E = mean;
  for (int i = 0; i < 20; ++i) E = mean + e * std::sin(E);  // for small eccentricities
  const double s = std::sin(E), c = std::cos(E), speed = k.a_km * k.n / 60 / (1 - e * c);
  const double rv[2][2] = {{k.a_km * (c - e), k.a_km * beta * s}, {-speed * s, speed * beta * c}};
  for (int i = 0; i < 2; ++i) {
    const double x = rv[i][0] * std::cos(perigee) - rv[i][1] * std::sin(perigee);
    const double y = rv[i][0] * std::sin(perigee) + rv[i][1] * std::cos(perigee);
    double* const out = i == 0 ? r : v;
    out[0] = std::cos(node) * x - std::sin(node) * std::cos(tilt) * y;
    out[1] = std::sin(node) * x + std::cos(node) * std::cos(tilt) * y;
    out[2] = std::sin(tilt) * y;
  }
}

// What you write: the three expressions of the concept around that code.
class own_propagator {
 public:
  explicit own_propagator(const element_set& set) : record_(two_body_init(set)) {}
  Eigen::Vector3d position_km(double since_epoch_s) const { return state(since_epoch_s, 0); }
  Eigen::Vector3d velocity_km_s(double since_epoch_s) const { return state(since_epoch_s, 1); }

 private:
  Eigen::Vector3d state(double since_epoch_s, int which) const {
    Eigen::Vector3d rv[2];
    two_body(record_, since_epoch_s / 60, rv[0].data(), rv[1].data());
    return rv[which];
  }
  two_body_record record_;
};
static_assert(propagator<own_propagator>);

// Four neighbours of one plane of Iridium NEXT.
constexpr const char* plane = R"(
1 41918U 17003B   24198.60687580  .00000067  00000+0  16879-4 0  9995
2 41918  86.3968  21.1884 0002303  98.7100 261.4356 14.34217715392817
1 41923U 17003G   24198.60053496  .00000116  00000+0  34307-4 0  9995
2 41923  86.3969  21.1952 0002375  85.6339 274.5128 14.34217928392838
1 41922U 17003F   24198.59419128  .00000174  00000+0  55053-4 0  9995
2 41922  86.3970  21.2120 0001941  99.2969 260.8446 14.34218029392851
1 41925U 17003J   24198.58784933  .00000034  00000+0  49394-5 0  9993
2 41925  86.3966  21.0749 0001902  96.6289 263.5124 14.34216120392850
)";

template<propagator P>
void compare(const char* name, const std::vector<element_set>& sets) {
  const element_sky<P> sky(sets, latest_epoch(sets));
  const element_sky<sgp4> truth(sets, sky.start());
  for (const double t_s : {0.0, 6 * 3600.0, 24 * 3600.0}) {
    const auto delay_s = [t_s](const auto& of, satellite_id id) {  // from the one before
      return (of.position_km(id, t_s) - of.position_km(id - 1, t_s)).norm() / light_speed_km_s;
    };
    double far_km = 0, wrong_s = 0;
    for (satellite_id id = 0; id < sky.size(); ++id) {
      far_km = std::max(far_km, (sky.position_km(id, t_s) - truth.position_km(id, t_s)).norm());
      if (id > 0) wrong_s = std::max(wrong_s, std::abs(delay_s(sky, id) - delay_s(truth, id)));
    }
    std::printf("%-11s %3.0f h  %5.0f km %5.0f us of %.0f\n", name, t_s / 3600, far_km,
                1e6 * wrong_s, 1e6 * delay_s(truth, 1));
  }
}

int main() {
  const std::vector<element_set> sets = parse_tle(plane).sets;
  std::puts("greatest errors of positions and of delays between neighbours, against sgp4");
  compare<secular_j2>("secular_j2", sets);
  compare<own_propagator>("two bodies", sets);
}
