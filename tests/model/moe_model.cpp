#include <limits>

#include <orbitmoe/model/moe_model.hpp>

#include "support/catch.hpp"

namespace model_moe_model_test {
namespace {

using namespace orbitmoe;

TEST_CASE("moe_model: presets have the published shapes") {
  const moe_model llama = presets::llama_moe_3_5b();
  CHECK(llama == moe_model{});
  CHECK(llama.layers == 32);
  CHECK(llama.experts == 8);
  CHECK(llama.top_k == 2);
  // One token: two experts per layer, the gateway, and an output matrix of 4,096 × 32,000. The
  // paper says 36.3 TFLOP for 4,096 tokens.
  const double token = 32 * (2 * llama.expert_flops + llama.gateway_flops) + 2.0 * 4096 * 32'000;
  CHECK(token * 4096 == test::approx(36.3e12, 0.002));

  const moe_model mixtral = presets::mixtral_8x7b();
  CHECK(mixtral.layers == 32);
  CHECK(mixtral.experts == 8);
  CHECK(mixtral.top_k == 2);
  CHECK(mixtral.expert_flops == 352'321'536);
  CHECK(mixtral.gateway_flops == 151'060'480);
  CHECK(mixtral.message_bits() == 4096 * 16);

  CHECK(presets::moe_model_named("llama-moe-3.5b") == llama);
  CHECK(presets::moe_model_named("mixtral-8x7b") == mixtral);
  CHECK_INVALID(presets::moe_model_named("gpt"),
                "preset: found \"gpt\"; allowed: \"llama-moe-3.5b\" or \"mixtral-8x7b\"");
}

TEST_CASE("moe_model: the bounds are valid") {
  CHECK_NOTHROW(moe_model{}.validate());
  CHECK_NOTHROW(moe_model{.layers = 1,
                          .experts = 1,
                          .top_k = 1,
                          .hidden_size = 1,
                          .expert_flops = 0,
                          .gateway_flops = 0,
                          .token_bytes = 0}
                    .validate());
  CHECK_NOTHROW(moe_model{.layers = 1000, .experts = 1048}.validate());
  CHECK_NOTHROW(moe_model{.layers = 16, .experts = 65'536, .top_k = 65'536}.validate());
}

TEST_CASE("moe_model: a member outside its range is named") {
  CHECK_INVALID(moe_model{.layers = 0}.validate(),
                "layers: found 0; allowed: an integer from 1 to 1000");
  CHECK_INVALID(moe_model{.layers = 1001}.validate(), "layers: found 1001");
  CHECK_INVALID(moe_model{.experts = 0}.validate(),
                "experts: found 0; allowed: an integer from 1 to 65536");
  CHECK_INVALID((moe_model{.layers = 1, .experts = 65'537}.validate()), "experts: found 65537");
  CHECK_INVALID((moe_model{.layers = 17, .experts = 65'536}.validate()),
                "experts: found 65536; allowed: layers × experts at most 2^20");
  CHECK_INVALID(moe_model{.top_k = 0}.validate(),
                "top_k: found 0; allowed: an integer from 1 to 8");
  CHECK_INVALID(moe_model{.top_k = 9}.validate(), "top_k: found 9");
  CHECK_INVALID(moe_model{.hidden_size = 0}.validate(),
                "hidden_size: found 0; allowed: an integer from 1 to 1000000000");
  CHECK_INVALID(moe_model{.expert_flops = -1}.validate(),
                "expert_flops: found -1; allowed: a number from 0 to 1e+18");
  CHECK_INVALID(moe_model{.gateway_flops = std::numeric_limits<double>::infinity()}.validate(),
                "gateway_flops: found inf; allowed: a number from 0 to 1e+18");
  CHECK_INVALID(moe_model{.token_bytes = std::numeric_limits<double>::quiet_NaN()}.validate(),
                "token_bytes: found nan; allowed: a number from 0 to 1000000000000");
}

}  // namespace
}  // namespace model_moe_model_test
