#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <orbitmoe/model/activation.hpp>

#include "support/catch.hpp"

namespace model_activation_test {
namespace {

using namespace orbitmoe;

std::vector<double> descending(std::span<const double> weights) {
  std::vector<double> sorted(weights.begin(), weights.end());
  std::sort(sorted.rbegin(), sorted.rend());
  return sorted;
}

TEST_CASE("activation_profile: counts, frequencies and inclusion frequencies say the same") {
  const Eigen::MatrixXi counts{{5, 3, 2}, {0, 1, 3}};
  const activation_profile profile(counts);
  CHECK(profile.layers() == 2);
  CHECK(profile.experts() == 3);
  CHECK(profile.layer(0)[0] == test::approx(0.5));
  CHECK(profile.layer(0)[1] == test::approx(0.3));
  CHECK(profile.layer(0)[2] == test::approx(0.2));
  CHECK(profile.layer(1)[0] == 0);
  CHECK(profile.layer(1)[2] == test::approx(0.75));

  Eigen::MatrixXd inclusion = counts.cast<double>();
  inclusion.row(0) *= 2.0 / 10;
  inclusion.row(1) *= 2.0 / 4;
  CHECK(activation_profile(inclusion).weights().isApprox(profile.weights(), 1e-15));
}

TEST_CASE("activation_profile: normalised weights stay as they are, bit for bit") {
  random_stream random(1, "weights");
  for (int i = 0; i < 200; ++i) {
    matrix counts = make_matrix(3, 1 + random.uniform_index(70), 0);
    for (double& count : counts.reshaped()) count = random.uniform_01();
    const activation_profile profile(counts);
    for (std::size_t l = 0; l < 3; ++l) {
      double sum = 0;
      for (const double weight : profile.layer(l)) sum += weight;
      CHECK(sum == test::approx(1, 1e-14));
    }
    CHECK(activation_profile(profile.weights()) == profile);
  }
}

TEST_CASE("activation_profile: huge and tiny counts keep their proportions") {
  const matrix counts{{1.5e308, 0.5e308}, {3e-308, 1e-308}, {1, 1e-300}};
  const activation_profile profile(counts);
  CHECK(profile.layer(0)[0] == test::approx(0.75));
  CHECK(profile.layer(1)[0] == test::approx(0.75));
  CHECK(profile.layer(2)[1] == test::approx(1e-300));
  CHECK_INVALID(
      activation_profile(matrix{{1, 1e-301}}),
      "activation[0][1]: found 1e-301; allowed: 0, or at least 1e-300 of the layer's largest");
}

TEST_CASE("activation_profile: skewed is the published share, permuted per layer by the seed") {
  const moe_model model;
  const activation_profile profile = activation_profile::skewed(model, 1);
  const std::vector<double> share{.197, .176, .138, .118, .109, .100, .089, .074};
  double sum = 0;
  for (const double each : share) sum += each;
  for (std::size_t l = 0; l < profile.layers(); ++l) {
    const std::vector<double> sorted = descending(profile.layer(l));
    for (std::size_t r = 0; r < share.size(); ++r)
      CHECK(sorted[r] == test::approx(share[r] / sum, 1e-14));
  }
  // 32 layers in the same order would be no permutation at all.
  CHECK_FALSE(profile.weights().row(0) == profile.weights().row(1));
  CHECK(profile == activation_profile::skewed(model, 1));
  CHECK_FALSE(profile == activation_profile::skewed(model, 2));

  const moe_model wide{.layers = 2, .experts = 16};
  CHECK(activation_profile::skewed(wide, 7) == activation_profile::zipf(wide, 0.6, 7));
}

TEST_CASE("activation_profile: Zipf weights fall by rank, uniform ones do not") {
  const moe_model model{.layers = 3, .experts = 4};
  const activation_profile zipf = activation_profile::zipf(model, 1, 5);
  const double harmonic = 1 + 1. / 2 + 1. / 3 + 1. / 4;
  for (std::size_t l = 0; l < 3; ++l) {
    const std::vector<double> sorted = descending(zipf.layer(l));
    for (std::size_t r = 0; r < 4; ++r)
      CHECK(sorted[r] == test::approx(1 / (static_cast<double>(r + 1) * harmonic), 1e-14));
  }
  const activation_profile uniform = activation_profile::uniform(model);
  CHECK((uniform.weights().array() == 0.25).all());
  CHECK(uniform == activation_profile::zipf(model, 0, 99));
}

TEST_CASE("activation_profile: profiles of different shape are different") {
  CHECK_FALSE(activation_profile::uniform({.layers = 2, .experts = 3}) ==
              activation_profile::uniform({.layers = 3, .experts = 2}));
  CHECK_FALSE(activation_profile::uniform({.layers = 2, .experts = 3}) ==
              activation_profile::uniform({.layers = 3, .experts = 3}));
}

TEST_CASE("activation_profile: what is no weight is named by layer and expert") {
  const auto profile_of = [](double last) {
    matrix counts = make_matrix(2, 3, 1);
    counts(1, 2) = last;
    return activation_profile(counts);
  };
  CHECK_INVALID(activation_profile(matrix()), "activation: found 0; allowed: one weight or more");
  CHECK_INVALID(profile_of(-0.5),
                "activation[1][2]: found -0.5; allowed: a finite number, 0 or more");
  CHECK_INVALID(profile_of(std::numeric_limits<double>::quiet_NaN()),
                "activation[1][2]: found nan");
  CHECK_INVALID(profile_of(std::numeric_limits<double>::infinity()), "activation[1][2]: found inf");
  CHECK_INVALID(activation_profile(make_matrix(1, 3, 0)),
                "activation[0]: found 0; allowed: one weight or more over 0");
}

TEST_CASE("activation_profile: models and exponents outside their range are named") {
  const moe_model no_layer{.layers = 0}, too_wide{.experts = 8, .top_k = 9};
  CHECK_INVALID(activation_profile::skewed(no_layer, 1), "layers: found 0");
  CHECK_INVALID(activation_profile::skewed({.experts = 0}, 1), "experts: found 0");
  CHECK_INVALID(activation_profile::zipf(too_wide, 1, 1), "top_k: found 9");
  CHECK_INVALID(activation_profile::zipf({}, -1, 1),
                "zipf: found -1; allowed: a number from 0 to 10");
  CHECK_INVALID(activation_profile::zipf({}, 10.5, 1), "zipf: found 10.5");
  CHECK_NOTHROW(activation_profile::zipf({}, 10, 1));
}

TEST_CASE("activation_profile: a profile that does not fit the model is named") {
  const moe_model model{.layers = 2, .experts = 3, .top_k = 2};
  const activation_profile profile = activation_profile::uniform(model);
  CHECK_NOTHROW(profile.validate(model));
  CHECK_INVALID(profile.validate({.layers = 2, .experts = 0}), "experts: found 0");
  CHECK_INVALID(profile.validate({.layers = 2, .experts = 4}),
                "activation: found 2 layers × 3 experts; allowed: 2 layers × 4 experts, by "
                "model.layers and model.experts");
  CHECK_INVALID(profile.validate({.layers = 3, .experts = 3}),
                "activation: found 2 layers × 3 experts; allowed: 3 layers × 3 experts");
  CHECK_INVALID(activation_profile(matrix{{1, 1, 1}, {0, 1, 0}}).validate(model),
                "activation[1]: found 1; allowed: top_k = 2 or more experts in use");
}

}  // namespace
}  // namespace model_activation_test
