#pragma once

#include <string>
#include <string_view>

#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// Shape and cost of a Mixture-of-Experts language model, as far as placement needs it.
struct moe_model {
  int layers = 32;                     ///< L, MoE layers, 1 to 1,000
  int experts = 8;                     ///< E, experts per layer, 1 to 65,536; L·E at most 2^20
  int top_k = 2;                       ///< K, experts activated per token and layer, 1 to E
  int hidden_size = 4096;              ///< width of the residual stream, echoed; 1 to 1e9
  double expert_flops = 33'816'576;    ///< one expert, one token, 0 to 1e18 [FLOP]
  double gateway_flops = 201'392'128;  ///< attention and router of a layer, one token, 0 to 1e18
  double token_bytes = 8192;           ///< one token's hidden state, 0 to 1e12 [B]
  bool operator==(const moe_model&) const = default;

  /// Size of one message: a token's hidden state [bit].
  [[nodiscard]] double message_bits() const noexcept { return token_bytes * 8; }

  /// @throws invalid_input  a member is outside its range.
  void validate() const {
    using detail::require_between;
    require_between("layers", layers, 1, 1000);
    require_between("experts", experts, 1, 65'536);
    detail::require(layers * experts <= (1 << 20), "experts", experts,
                    "layers × experts at most 2^20");
    require_between("top_k", top_k, 1, experts);
    require_between("hidden_size", hidden_size, 1, 1'000'000'000);
    require_between("expert_flops", expert_flops, 0.0, 1e18);
    require_between("gateway_flops", gateway_flops, 0.0, 1e18);
    require_between("token_bytes", token_bytes, 0.0, 1e12);
  }
};

/// Models with published shapes. Expert FLOPs are 2·3·hidden·intermediate (gate, up and down
/// projections); gateway FLOPs are attention projections, scores over 4,096 tokens, 4·4096·hidden,
/// and the router, 2·hidden·experts; a token is its hidden state in 16 bits.
namespace presets {

/// LLaMA-MoE-3.5B (2/8): 32 layers × 8 experts, top-2; LLaMA-2-7B cut into slices of 1,376.
[[nodiscard]] constexpr moe_model llama_moe_3_5b() { return {}; }

/// Mixtral 8x7B: 32 layers × 8 experts, top-2; hidden 4,096, intermediate 14,336; 8 KV heads of 32.
[[nodiscard]] constexpr moe_model mixtral_8x7b() {
  return {.layers = 32,
          .experts = 8,
          .top_k = 2,
          .hidden_size = 4096,
          .expert_flops = 2.0 * 3 * 4096 * 14336,
          .gateway_flops =
              2.0 * (2 * 4096 * 4096 + 2 * 4096 * 1024) + 4.0 * 4096 * 4096 + 2.0 * 4096 * 8,
          .token_bytes = 2.0 * 4096};
}

/// A preset by the name that scenarios use.
/// @throws invalid_input  no preset has that name.
[[nodiscard]] inline moe_model moe_model_named(std::string_view name) {
  if (name == "llama-moe-3.5b") return llama_moe_3_5b();
  if (name == "mixtral-8x7b") return mixtral_8x7b();
  throw invalid_input::value("preset", detail::shown(name),
                             "\"llama-moe-3.5b\" or \"mixtral-8x7b\"");
}

}  // namespace presets
}  // namespace orbitmoe
