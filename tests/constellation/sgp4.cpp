#include <cstddef>
#include <vector>

#include <Eigen/Core>

#include <orbitmoe/constellation/element_sky.hpp>
#include <orbitmoe/constellation/sgp4.hpp>
#include <orbitmoe/constellation/sgp4_walker.hpp>
#include <orbitmoe/io/tle.hpp>

#include "support/catch.hpp"

namespace constellation_sgp4_test {
namespace {

using namespace orbitmoe;
using Eigen::Vector3d;

// One satellite each of Iridium NEXT and OneWeb; the Starlinks that climbed and fell fastest; then
// sets of SGP4-VER.TLE, the verification set of AIAA 2006-6753, by what they exercise: a large
// eccentricity, drag, its linear terms alone, a small eccentricity, that of Spacetrack Report
// No. 3, a perigee under 156 km, a last day; and one with its perigee lowered below 98 km.
// clang-format off
constexpr const char* lines =
    "IRIDIUM 106\n"
    "1 41917U 17003A   24198.54979482  .00000166  00000+0  52306-4 0  9997\n"
    "2 41917  86.3968  21.3105 0002514  83.6357 276.5125 14.34217877392781\n"
    "ONEWEB-0017\n"
    "1 45132U 20008B   24198.49601972 -.00000431  00000+0 -12708-2 0  9996\n"
    "2 45132  87.8946 175.6219 0001800  80.4811 279.6520 13.10371055216186\n"
    "STARLINK-2533\n"
    "1 48294U 21036U   21209.91667824 -.01129076  00000-0 -77620-1 0  9997\n"
    "2 48294  53.0573  84.8617 0001670  60.6669 149.4836 15.08531492  3649\n"
    "STARLINK-1901\n"
    "1 46762U 20074Z   21209.99975503  .00393373  00000-0  21863-1 0  9998\n"
    "2 46762  53.0552 339.4065 0002091 104.1193 256.0030 15.11304223 42552\n"
    "VANGUARD 1\n"
    "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753\n"
    "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667\n"
    "DELTA 1 DEB\n"
    "1 06251U 62025E   06176.82412014  .00008885  00000-0  12808-3 0  3985\n"
    "2 06251  58.0579  54.0425 0030035 139.1568 221.1854 15.56387291  6774\n"
    "SL-12 DEB\n"
    "1 29238U 06022G   06177.28732010  .00766286  10823-4  13334-2 0   101\n"
    "2 29238  51.5595 213.7903 0202579  95.2503 267.9010 15.73823839  1061\n"
    "CBERS 2\n"
    "1 28057U 03049A   06177.78615833  .00000060  00000-0  35940-4 0  1836\n"
    "2 28057  98.4283 247.6961 0000884  88.1964 271.9322 14.35478080140550\n"
    "STR 3 TEST\n"
    "1 88888U          80275.98708465  .00073094  13844-3  66816-4 0    87\n"
    "2 88888  72.8435 115.9689 0086731  52.6988 110.5714 16.05824518  1058\n"
    "COSMOS 2405\n"
    "1 28350U 04020A   06167.21788666  .16154492  76267-5  18678-3 0  8894\n"
    "2 28350  64.9977 345.6130 0024870 260.7578  99.9590 16.47856722116490\n"
    "SL-14 DEB\n"
    "1 29141U 85108AA  06170.26783845  .99999999  00000-0  13519-0 0   718\n"
    "2 29141  82.4288 273.4882 0015848 277.2124  83.9133 15.93343074  6828\n"
    "LOW PERIGEE\n"
    "1 28350U 04020A   06167.21788666  .00000000  00000-0  18678-5 0  8891\n"
    "2 28350  64.9977 345.6130 0200000 260.7578  99.9590 16.20000000221499\n"
    ;
// clang-format on

// Where python3-sgp4 2.15 sees them: WGS 72, operation mode 'i'. None from its first error on.
struct golden_state {
  std::size_t set;
  double hours;  // after the epoch of the set
  double position_km[3], velocity_km_s[3];
};
// clang-format off
constexpr golden_state states[] = {
    {0, 0, {6669.175708333, 2601.611032768, 0.000051010}, {-0.179353632107, 0.433202770600, 7.448955981943}},
    {0, 6, {-5685.904815758, -2449.585684705, -3602.444817653}, {3.645236558970, 0.980249654219, -6.430796863748}},
    {0, 24, {-3492.415728957, -916.975515589, 6169.800828067}, {-5.952488412516, -2.523755247548, -3.735349552374}},
    {0, 72, {6724.824929785, 2453.235885175, -28.785933584}, {-0.141505211548, 0.447382280968, 7.449210095744}},
    {1, 0, {-7580.335322402, 580.360372237, 0.004443674}, {-0.011908163286, -0.265783287440, 7.237471159968}},
    {1, 6, {1139.173111331, -364.777952749, 7496.415840951}, {7.141491585139, -0.512143201144, -1.107775240568}},
    {1, 24, {-6239.187899338, 339.942850205, 4320.269007936}, {4.100390694964, -0.547433010624, 5.948309880184}},
    {1, 72, {1822.475251720, -430.187819175, 7357.059704972}, {7.005941309721, -0.544441100913, -1.763482017228}},
    {2, 0, {1553.021666365, -6144.317474433, -2786.775916126}, {4.264867971027, 3.450295774226, -5.241362009743}},
    {2, 6, {-3708.367644743, -3912.578716853, 4331.296484055}, {2.162454075887, -6.230924767063, -3.765165002393}},
    {2, 24, {2957.709458999, -4058.884355609, -4777.788978257}, {3.365434861451, 6.058663242769, -3.065922252882}},
    {2, 72, {4102.010815841, -872.333919167, -5536.447720668}, {2.107453239442, 7.257817632667, 0.418435813984}},
    {3, 0, {6469.933549213, -2431.054888352, -0.005474698}, {1.597778273352, 4.275316948891, 6.073143756648}},
    {3, 6, {-271.592330381, -4284.398086929, -5422.278872221}, {7.239643509300, -1.938514337509, 1.169514772335}},
    {3, 24, {5659.397408008, 594.443098540, 3907.671937684}, {-3.514723809445, 5.203868447419, 4.284065393266}},
    {3, 72, {-3221.255854845, 5155.583237909, 3261.351610525}, {-5.795517015569, -0.512212746173, -4.897343010458}},
    {4, 0, {7022.465292664, -1400.082967554, 0.039951554}, {1.893841014513, 6.405893759210, 4.534807250355}},
    {4, 6, {-7154.031202016, -3783.176825037, -3536.194122942}, {4.741887408996, -4.151817765374, -2.093935424907}},
    {4, 24, {-938.559239429, -6268.187488314, -4294.029247512}, {7.536105209256, -0.427127707124, 0.989878079559}},
    {4, 72, {-9060.473735694, 4658.709525023, 813.686731534}, {-2.232832782742, -4.110453489937, -3.157345433457}},
    {5, 0, {3988.310226994, 5498.966572352, 0.900558787}, {-3.290032737939, 2.357652819635, 6.496623474957}},
    {5, 6, {4993.626428356, 2890.549699000, -3600.401456269}, {0.347333428668, 5.707031557193, 5.070699637640}},
    {5, 24, {-2777.146823355, -5663.160317077, -2462.548891232}, {4.915493146039, 0.123328992091, -5.896495090702}},
    {5, 72, {946.926061559, -3781.660541684, -5557.691708881}, {6.254399271942, 4.057838682418, -1.722414218740}},
    {6, 0, {-5566.595128192, -3789.759911585, 67.603822453}, {2.873759366948, -3.825340522662, 6.023253925536}},
    {6, 6, {-6157.935468821, -2094.707987903, -1941.637309598}, {0.149900660859, -5.175192523207, 5.604262034415}},
    {6, 24, {-2629.550114488, 3400.980401577, -5344.382171288}, {-6.368548448364, -3.998963508932, 0.577253063768}},
    {6, 72, {4020.147891877, -2498.784749885, 4575.148162534}, {5.932686083833, 4.310765269577, -2.813099072440}},
    {7, 0, {-2715.282374856, -6619.264368891, -0.013414430}, {-1.008587273275, 0.422782002783, 7.385272941602}},
    {7, 6, {2801.256071573, 5455.039313331, -3692.128656945}, {-0.595095864424, -3.951923117077, -6.298799125078}},
    {7, 24, {688.160565937, 4124.876189636, 5794.559944490}, {2.810973664728, 5.479585562882, -4.224866315922}},
    {7, 72, {-2543.092025114, -6454.420575819, 1740.215621072}, {-0.387489084650, 2.093145283301, 7.157752749625}},
    {8, 0, {2328.969752621, -5995.220513379, 1719.972971916}, {2.912073281253, -0.983417955796, -7.090816210062}},
    {8, 6, {2456.107065334, -6071.938555030, 1222.897685538}, {2.679390040234, -0.448290811076, -7.228792154938}},
    {8, 24, {2742.553988317, -6079.670091229, -326.390126492}, {1.948497651478, 1.211072678443, -7.356193131278}},
    {8, 72, {2819.166962707, -4342.858277517, -4249.097093258}, {0.008861961385, 5.366169292043, -5.489839277897}},
    {9, 0, {6333.081231282, -1580.828523259, 90.693557204}, {0.714634423442, 3.224246549563, 7.083128132289}},
    {9, 6, {4788.223456270, 782.561692136, 4335.142846214}, {-4.954509025954, 3.683346463780, 4.804645838579}},
    {9, 24, {-4527.908718278, -723.291990411, -4527.446083187}, {5.121674217224, -3.909895426836, -4.500218555578}},
    {10, 0, {423.992955239, -6658.122561488, 136.130403564}, {1.006373612880, 0.217309983262, 7.662587892240}},
    {10, 6, {584.402958185, -6202.356058171, 1781.005360194}, {0.869250449619, 2.226927513957, 7.471676764710}},
    {11, 0, {6443.754690867, -1509.254861414, 298.164301968}, {0.578962488932, 3.227047628976, 7.016481394848}},
    {11, 6, {6275.791054774, -693.524449118, 2120.134214772}, {-1.686659181292, 3.638908093363, 6.574730396535}},
    {11, 24, {2630.961936485, 2009.346871009, 5845.713485019}, {-6.674397445371, 3.137085044903, 1.940968109840}},
    {11, 72, {-4911.829563495, 161.215754921, -4240.342956233}, {4.191964182273, -4.547088126590, -4.907303010215}},
};
// clang-format on

const std::vector<element_set> sets = parse_tle(lines).sets;

Vector3d vector(const double (&v)[3]) { return {v[0], v[1], v[2]}; }

TEST_CASE("sgp4: positions and velocities are those of another implementation") {
  for (const golden_state& golden : states) {
    const sgp4 orbit(sets[golden.set]);
    const double t_s = golden.hours * 3600;
    const double km = (orbit.position_km(t_s) - vector(golden.position_km)).norm();
    const double km_s = (orbit.velocity_km_s(t_s) - vector(golden.velocity_km_s)).norm();
    CAPTURE(sets[golden.set].name, golden.hours);
    CHECK(km < 1e-7);
    CHECK(km_s < 1e-10);
    CHECK(!orbit.decayed(t_s));
  }
}

TEST_CASE("sgp4: velocity is the change of position but for what the theory leaves out") {
  for (const element_set& set : sets) {
    const sgp4 orbit(set);
    for (const double t_s : {0.0, 1000.0, 20'000.0}) {
      CAPTURE(set.name, t_s);
      const Vector3d moved = orbit.position_km(t_s + 0.25) - orbit.position_km(t_s - 0.25);
      // The last day of a satellite: it falls by tens of kilometres an hour.
      const double limit_km_s = set.name == "SL-14 DEB" ? 0.02 : 3e-3;
      CHECK((moved / 0.5 - orbit.velocity_km_s(t_s)).norm() < limit_km_s);
    }
  }
}

TEST_CASE("sgp4: without drag and eccentricity it is the sky of sgp4_walker") {
  const sgp4_walker sky;
  for (const satellite_id id : {0U, 33U, 40U, 700U, 1155U}) {
    const auto [plane, slot] = sky.slot_of(id);
    element_set set;
    set.inclination_deg = 51.9;
    set.mean_motion_rev_per_day = 14.8;
    set.raan_deg = plane * 360.0 / 34;
    set.mean_anomaly_deg = (slot + (plane % 2 == 1 ? 0.5 : 0)) * 360 / 34;
    const sgp4 orbit(set);
    for (const double t_s : {0.0, 3000.0, 86'400.0}) {
      // SGP4 takes eccentricities of at least 1e-6.
      CHECK((orbit.position_km(t_s) - sky.position_km(id, t_s)).norm() < 0.02);
      CHECK((orbit.velocity_km_s(t_s) - sky.velocity_km_s(id, t_s)).norm() < 2e-5);
    }
  }
}

TEST_CASE("sgp4: a satellite that has come down has decayed and stays finite") {
  const sgp4 falling(sets[10]);
  CHECK(!falling.decayed(7 * 3600));
  CHECK(falling.decayed(7.2 * 3600));  // python3-sgp4: error 6 from 425 min on
  for (const double days : {2.0, 5.0, 7.0, 300.0, 36'525.0}) {
    CAPTURE(days);
    CHECK(falling.decayed(days * 86'400));
  }
  element_set shrinking = sets[0];
  shrinking.bstar = 0.01;
  CHECK(!sgp4(shrinking).decayed(0));
  CHECK(sgp4(shrinking).decayed(3e8));
  for (const element_set& set : sets)
    for (double days = -36'525; days <= 36'525; days += 487) {
      const sgp4 orbit(set);
      CAPTURE(set.name, days);
      CHECK(orbit.position_km(days * 86'400).allFinite());
      CHECK(orbit.velocity_km_s(days * 86'400).allFinite());
    }
}

TEST_CASE("sgp4: equatorial and retrograde orbits") {
  element_set set;
  set.eccentricity = 0.01;
  for (const double inclination_deg : {0.0, 1e-9, 90.0, 179.0, 180.0}) {
    set.inclination_deg = inclination_deg;
    const sgp4 orbit(set);
    CAPTURE(inclination_deg);
    CHECK((orbit.position_km(5000) - secular_j2(set).position_km(5000)).norm() < 40);
  }
}

TEST_CASE("sgp4: takes the place of secular_j2 in a sky") {
  const std::vector<element_set> two(sets.begin(), sets.begin() + 2);
  const element_sky<sgp4> sky(two, latest_epoch(two));
  CHECK(sky.position_km(1, 60) == sgp4(two[1]).position_km(sky.age_s(1) + 60));
}

TEST_CASE("sgp4: orbits that it does not cover") {
  element_set set;
  set.inclination_deg = -1;
  CHECK_INVALID(sgp4(set), "inclination_deg: found -1;");
  set = {};
  set.mean_motion_rev_per_day = 6.39;
  CHECK_INVALID(sgp4(set),
                "mean_motion_rev_per_day: found 6.39; allowed: one with a period under 225 "
                "minutes: deep space is left out");
  set.mean_motion_rev_per_day = 6.41;
  CHECK_NOTHROW(sgp4(set));
  set = {};
  set.eccentricity = 0.2;
  CHECK_INVALID(sgp4(set),
                "eccentricity: found 0.2; allowed: one whose perigee is above the surface of the "
                "Earth");
  set.eccentricity = 0;
  set.mean_motion_rev_per_day = 17.9;
  CHECK_INVALID(sgp4(set), "eccentricity: found 0;");
}

}  // namespace
}  // namespace constellation_sgp4_test
