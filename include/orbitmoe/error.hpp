#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace orbitmoe {

/// Bad input: a parameter, what was found and what is allowed, in one line.
///
/// Everything that the library rejects at its boundary is one of these, made by a named factory.
/// `what()` reads `<parameter>: found <found>; allowed: <allowed>`.
class invalid_input : public std::invalid_argument {
 public:
  /// A parameter whose value is not allowed.
  static invalid_input value(std::string_view parameter, std::string_view found,
                             std::string_view allowed) {
    return {std::string(parameter), std::string(found), std::string(allowed)};
  }

  /// The same error, seen from the container of the parameter: `planes` becomes `prefix.planes`.
  [[nodiscard]] invalid_input within(std::string_view prefix,
                                     std::string_view separator = ".") const {
    if (parameter_.starts_with('[')) separator = "";
    return {std::string(prefix) + std::string(separator) + parameter_, found_, allowed_};
  }

  [[nodiscard]] const std::string& parameter() const noexcept { return parameter_; }
  [[nodiscard]] const std::string& found() const noexcept { return found_; }
  [[nodiscard]] const std::string& allowed() const noexcept { return allowed_; }

 private:
  invalid_input(std::string parameter, std::string found, std::string allowed)
      : std::invalid_argument(parameter + ": found " + found + "; allowed: " + allowed),
        parameter_(std::move(parameter)),
        found_(std::move(found)),
        allowed_(std::move(allowed)) {}

  std::string parameter_, found_, allowed_;
};

/// Thrown when the value of an infeasible outcome is taken; `what()` is the reason.
class infeasible_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Why something cannot be done: a sentence that names what is needed and what is there.
struct infeasible {
  std::string reason;
  bool operator==(const infeasible&) const = default;
};

/// A value, or the reason why there is none.
///
/// Infeasibility is an answer, not a failure: ask `feasible()` and read `reason()`. A caller who
/// takes the value as if it were there gets `infeasible_error` with the same reason.
///
/// @example  const placement plan = space_xnet{}.plan(net, model, router);       // throws if none
///           // or, without exceptions:
///           if (auto result = space_xnet{}.plan(net, model, router); !result.feasible())
///             std::cerr << result.reason();
template<typename T>
class outcome {
 public:
  outcome(T value) : value_(std::move(value)) {}
  outcome(infeasible why) : reason_(std::move(why.reason)) {}

  [[nodiscard]] bool feasible() const noexcept { return value_.has_value(); }
  /// Empty when feasible.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  /// @throws infeasible_error  there is no value; the message is `reason()`.
  [[nodiscard]] const T& value() const& {
    if (!value_) throw infeasible_error(reason_);
    return *value_;
  }
  [[nodiscard]] T value() && {
    if (!value_) throw infeasible_error(reason_);
    return std::move(*value_);
  }
  /// @throws infeasible_error  there is no value.
  operator T() const& { return value(); }
  operator T() && { return std::move(*this).value(); }

 private:
  std::optional<T> value_;
  std::string reason_;
};

namespace detail {

/// A number as an error message shows it: the shortest text that reads back as the same number,
/// without an exponent where people would write none.
template<typename Number>
std::string to_text(Number value) {
  char buffer[40];
  if constexpr (std::floating_point<Number>)
    if (const double size = std::abs(value); size >= 1e-4 && size < 1e15)
      return {buffer,
              std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr};
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

/// A number with few digits, for people.
inline std::string rounded(double value, int decimals = 1) {
  const double scale = std::pow(10, decimals);
  return to_text(std::round(value * scale) / scale + 0.0);
}

/// Foreign text as a message may show it: one line, printable, at most `limit` characters and
/// "...".
inline std::string printable(std::string_view text, std::size_t limit = 200) {
  std::string out;
  for (const char c : text.substr(0, limit)) out += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > limit) out += "...";
  return out;
}

/// The same in quotes.
inline std::string shown(std::string_view text) { return '"' + printable(text, 60) + '"'; }

/// @throws invalid_input  `ok` is false.
template<typename Number>
void require(bool ok, std::string_view parameter, Number found, std::string_view allowed) {
  if (!ok) throw invalid_input::value(parameter, to_text(found), allowed);
}

/// @throws invalid_input  `value` is outside [low, high], or not a number.
template<typename Number>
void require_between(std::string_view parameter, Number value, Number low, Number high) {
  if (value >= low && value <= high) return;
  const char* kind = std::integral<Number> ? "an integer from " : "a number from ";
  throw invalid_input::value(parameter, to_text(value),
                             kind + to_text(low) + " to " + to_text(high));
}

/// Runs `work`; an invalid_input that it throws is re-thrown with `prefix` before its parameter.
template<typename Work>
decltype(auto) within(std::string_view prefix, Work&& work, std::string_view separator = ".") {
  try {
    return std::forward<Work>(work)();
  } catch (const invalid_input& error) {
    throw error.within(prefix, separator);
  }
}

}  // namespace detail
}  // namespace orbitmoe
