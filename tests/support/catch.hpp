#pragma once

// Catch2 v2 (one header) or v3 (a library), whichever is installed, under names that both share.
// Tests include this header and never Catch2's own.

#include <exception>
#include <string>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <orbitmoe/error.hpp>

namespace orbitmoe::test {

/// Compares equal to numbers within `relative` of `value`; infinity equals itself, NaN nothing.
/// Near zero, allow an absolute difference instead: `approx(0).margin(1e-9)`.
inline auto approx(double value, double relative = 1e-12) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Approx(value).epsilon(relative);
#else
  return Catch::Detail::Approx(value).epsilon(relative);
#endif
}

/// Matcher of strings for CHECK_THAT and CHECK_THROWS_WITH.
inline auto containing(const std::string& text) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(text);
#else
  return Catch::Matchers::Contains(text);
#endif
}

/// The message of the invalid_input that `call` throws, or what happened instead.
template<typename Call>
std::string invalid_input_message(const Call& call) {
  try {
    call();
  } catch (const invalid_input& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("(not an invalid_input) ") + error.what();
  }
  return "(nothing thrown)";
}

}  // namespace orbitmoe::test

/// Checks that `expression` throws invalid_input and that `text` is in its message. Commas of the
/// expression must stand inside parentheses.
#define CHECK_INVALID(expression, text)                                                       \
  CHECK_THAT(::orbitmoe::test::invalid_input_message([&] { static_cast<void>(expression); }), \
             ::orbitmoe::test::containing(text))
