#include <cstdint>
#include <optional>
#include <string>

#include <orbitmoe/io/json.hpp>

#include "support/catch.hpp"

namespace io_json_test {
namespace {

using namespace orbitmoe;
using json = ordered_json;

TEST_CASE("JSON is parsed strictly", "[io][json]") {
  CHECK(parse_json(R"({"b": 1, "a": [2, {"b": 3}]})").dump() == R"({"b":1,"a":[2,{"b":3}]})");
  CHECK_INVALID(parse_json(""), "json: found parse error at line 1, column 1");
  CHECK_INVALID(parse_json("{\"a\": 1"), "json: found parse error at line 1");
  CHECK_INVALID(parse_json("{\"a\": 1} x"), "allowed: JSON text");
  CHECK_INVALID(parse_json("[NaN]"), "JSON text");
  CHECK_INVALID(parse_json("[1e999]"), "JSON text");
  CHECK_INVALID(parse_json("\"\xff\""), "JSON text");
  CHECK_INVALID(parse_json(R"({"a": 1, "b": {"a": 1, "a": 2}})"),
                "json: found the key \"a\" twice");
  CHECK_INVALID(parse_json(std::string(1'000'000, '[')), "nesting over 64 levels");
  CHECK(parse_json(std::string(60, '[') + std::string(60, ']')).is_array());
  const std::string message = test::invalid_input_message(
      [] { static_cast<void>(parse_json("{\"\n\x1b" + std::string(9999, 'x'))); });
  CHECK(message.size() < 300);
  CHECK(message.find_first_of("\n\x1b") == std::string::npos);
}

TEST_CASE("values are taken as the type asked for or not at all", "[io][json]") {
  using detail::json_value;
  CHECK(json_value<int>(json(-3), "x") == -3);
  CHECK(json_value<std::uint64_t>(json(18446744073709551615u), "x") == 18446744073709551615u);
  CHECK(json_value<double>(json(3), "x") == 3.0);
  CHECK(json_value<bool>(json(true), "x"));
  CHECK(json_value<std::string>(json("s"), "x") == "s");
  CHECK_INVALID(json_value<int>(json(3.0), "a.b"), "a.b: found 3.0; allowed: an integer");
  CHECK_INVALID(json_value<int>(json(3'000'000'000), "x"), "found 3000000000");
  CHECK_INVALID(json_value<std::uint64_t>(json(-1), "seed"),
                "seed: found -1; allowed: an integer from 0");
  CHECK_INVALID(json_value<double>(json("1"), "x"), "found \"1\"; allowed: a number");
  CHECK_INVALID(json_value<bool>(json(1), "x"), "found 1; allowed: true or false");
  CHECK_INVALID(json_value<std::string>(json(nullptr), "x"), "found null; allowed: a string");
  CHECK_INVALID(json_value<int>(json::array({1, 2}), "x"), "found an array of 2");
  CHECK_INVALID(json_value<int>(json::object(), "x"), "found an object");
  CHECK_INVALID(detail::json_array<int>(json(1), "x"), "x: found 1; allowed: an array");
  CHECK_INVALID(detail::json_array<int>(parse_json("[1, \"a\"]"), "x"), "x[1]: found \"a\"");
  CHECK_INVALID(detail::json_rows<int>(parse_json("[[1], [1, 2]]"), "x"),
                "x[1]: found 2; allowed: 1 entries, as in the first row");
  CHECK_INVALID(detail::json_rows<int>(json(1), "x"), "allowed: an array of rows");
}

TEST_CASE("an object gives up its members once, and no others", "[io][json]") {
  const json value = parse_json(R"({"a": 1, "b": null, "c": 2.5})");
  detail::object_reader reader(value, "top");
  int a = 0, kept = 7;
  std::optional<double> b = 1.0, c;
  reader.read("a", a);
  reader.read("kept", kept);
  reader.read("b", b);
  CHECK_INVALID(reader.finish(), "top.c: found an unknown key; allowed: a, b, kept");
  reader.read("c", c);
  CHECK_NOTHROW(reader.finish());
  CHECK(a == 1);
  CHECK(kept == 7);
  CHECK_FALSE(b.has_value());
  CHECK(c == 2.5);
  CHECK_INVALID(reader.at("missing"),
                "top.missing: found nothing; allowed: this key, which has no default");
  CHECK_INVALID(detail::object_reader(json(1), "links"), "links: found 1; allowed: an object");
  CHECK_INVALID(detail::object_reader(json(1), ""), "json: found 1; allowed: an object");
}

TEST_CASE("a placement goes out and comes in again", "[io][json]") {
  const placement plan{.gateways = {3, 1}, .experts = {{0, 2}, {4, 5}}};
  CHECK(to_json(plan).dump() == R"({"gateways":[3,1],"experts":[[0,2],[4,5]]})");
  CHECK(placement_from_json(parse_json(to_json(plan).dump())) == plan);
  CHECK_INVALID(placement_from_json(parse_json(R"({"gateways": [1]})")), "experts: found nothing");
  CHECK_INVALID(placement_from_json(parse_json(R"({"gateways": [-1], "experts": [[2]]})")),
                "gateways[0]: found -1; allowed: an integer from 0");
  CHECK_INVALID(
      placement_from_json(parse_json(R"({"gateways": [1], "experts": [[2]], "x": 1})"), "plan"),
      "plan.x: found an unknown key; allowed: experts, gateways");
}

}  // namespace
}  // namespace io_json_test
