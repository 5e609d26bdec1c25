#include "support/npy.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/io/npy.hpp>
#include <orbitmoe/random.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace io_npy_test {
namespace {

using namespace orbitmoe;
using test::npy_file;
using namespace std::string_literals;

/// The numbers of a file of one dimension with `data`.
std::vector<double> numbers(const std::string& type, const std::string& data) {
  const std::size_t width = static_cast<std::size_t>(type.back() - '0');
  return parse_npy(npy_file(type, false, "(" + std::to_string(data.size() / width) + ",)", data))
      .values;
}

TEST_CASE("arrays of every type", "[io][npy]") {
  using list = std::vector<double>;
  CHECK(numbers("|b1", "\0\1"s) == list{0, 1});
  CHECK(numbers("|i1", "\x7F\x80\xFF"s) == list{127, -128, -1});
  CHECK(numbers("|u1", "\x7F\x80\xFF"s) == list{127, 128, 255});
  CHECK(numbers("<i2", "\1\2\xFF\xFF"s) == list{513, -1});
  CHECK(numbers(">i2", "\1\2\xFF\xFE"s) == list{258, -2});
  CHECK(numbers("<u2", "\1\2\xFF\xFF"s) == list{513, 65'535});
  CHECK(numbers("<i4", "\0\0\0\x80\2\0\0\0"s) == list{-2'147'483'648.0, 2});
  CHECK(numbers(">u4", "\x80\0\0\1"s) == list{2'147'483'649.0});
  CHECK(numbers("<i8", "\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\xE0\xFF"s) ==
        list{9'007'199'254'740'992.0, -9'007'199'254'740'992.0});
  CHECK(numbers(">u8", "\0\0\0\0\0\1\0\0"s) == list{65'536});
  CHECK(numbers("<f4", "\0\0\xC0\x3F\0\0\0\x80"s) == list{1.5, -0.0});
  CHECK(numbers(">f4", "\x3F\xC0\0\0"s) == list{1.5});
  CHECK(numbers("<f8", "\0\0\0\0\0\0\xF8\x3F"s) == list{1.5});
  CHECK(numbers(">f8", "\xC0\x04\0\0\0\0\0\0"s) == list{-2.5});
  // 1, -2, largest, smallest normal, smallest, infinities
  CHECK(numbers("<f2", "\0\x3C\0\xC0\xFF\x7B\0\4\1\0\0\x7C\0\xFC"s) ==
        list{1, -2, 65'504, std::ldexp(1, -14), std::ldexp(1, -24),
             std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()});
  CHECK(std::isnan(numbers(">f2", "\x7C\1"s)[0]));
}

TEST_CASE("versions and orders and dimensions of arrays", "[io][npy]") {
  const npy_array expected{{2, 3}, {1, 2, 3, 4, 5, 6}};
  for (const int version : {1, 2, 3}) {
    CHECK(parse_npy(npy_file("|u1", false, "(2, 3)", "\1\2\3\4\5\6", version)) == expected);
    CHECK(parse_npy(npy_file("|u1", true, "(2, 3)", "\1\4\2\5\3\6", version)) == expected);
  }
  const npy_array cube{{2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  CHECK(parse_npy(npy_file("|i1", true, "(2, 3, 2)", "\0\6\2\x8\4\xA\1\7\3\x9\5\xB"s)) == cube);
  CHECK(parse_npy(npy_file("|u1", false, "()", "\7")) == npy_array{{}, {7}});
  CHECK(parse_npy(npy_file("|u1", true, "()", "\7")) == npy_array{{}, {7}});
  CHECK(parse_npy(npy_file("|u1", true, "(1, 1, 1, 1, 1, 1, 1, 2)", "\7\x8")).values ==
        std::vector<double>{7, 8});
}

TEST_CASE("headers as other writers have them", "[io][npy]") {
  for (const char* header :
       {"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n",
        "{'shape':(2,),'fortran_order':False,'descr':'|u1'}",
        "  { \"descr\" : \"<u1\" , \"shape\" : ( 2L , ) , \"fortran_order\" : True , }  \n"})
    CHECK(parse_npy(test::npy_with_header(header, "\1\2")) == npy_array{{2}, {1, 2}});
}

TEST_CASE("an array comes back as it was written", "[io][npy]") {
  random_stream stream(1, "npy");
  for (const std::vector<std::size_t>& shape : std::vector<std::vector<std::size_t>>{
           {}, {1}, {7}, {3, 4}, {2, 3, 4}, {1, 2, 1, 2, 1, 2, 1, 2}}) {
    npy_array array{.shape = shape, .values = {}};
    std::size_t count = 1;
    for (const std::size_t size : shape) count *= size;
    for (std::size_t i = 0; i < count; ++i) array.values.push_back(stream.uniform_01() - 0.5);
    const std::string bytes = to_npy(array);
    CHECK((bytes.size() - 8 * count) % 64 == 0);
    CHECK(parse_npy(bytes) == array);
  }
  // As numpy.save writes it.
  CHECK(to_npy({{1, 2}, {1, -2}}) ==
        "\x93NUMPY\1\0\x76\0"
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"s +
            std::string(58, ' ') + "\n\0\0\0\0\0\0\xF0\x3F\0\0\0\0\0\0\0\xC0"s);
  const test::temporary_folder folder;
  write_file(folder / "one.npy", to_npy({{2}, {1, 2}}));
  CHECK(read_npy(folder / "one.npy") == npy_array{{2}, {1, 2}});
}

TEST_CASE("what cannot be written as an array", "[io][npy]") {
  CHECK_INVALID(to_npy({{2, 3}, {1, 2}}),
                "shape: found 2 × 3; allowed: up to 8 dimensions with 2 values");
  CHECK_INVALID(to_npy({{0}, {}}), "shape: found 0");
  CHECK_INVALID(to_npy({{1, 1, 1, 1, 1, 1, 1, 1, 1}, {1}}), "shape: found 1 × 1");
}

TEST_CASE("bytes that are no array are named", "[io][npy]") {
  const auto bad = [](const std::string& bytes, const char* message) {
    CHECK_INVALID(parse_npy(bytes), message);
  };
  const auto bad_header = [&](const std::string& header, const char* message) {
    bad(test::npy_with_header(header, "\1"), message);
  };
  bad("", "npy magic: found \"\"; allowed: the bytes 93 4E 55 4D 50 59");
  bad("e0,e1\n1,2\n", "npy magic: found \"e0,e1?\"");
  bad("\x93NUMPY", "npy header: found 6 bytes in all; allowed: 8 or more");
  bad("\x93NUMPY\1\0\1"s, "npy header: found 9 bytes in all; allowed: 10 or more");
  bad("\x93NUMPY\4\0\0\0"s, "npy version: found 4.0; allowed: 1.0, 2.0 or 3.0");
  bad("\x93NUMPY\1\1\0\0"s, "npy version: found 1.1");
  bad("\x93NUMPY\2\0\xFF\xFF\xFF\xFF"s,
      "npy header: found 12 bytes in all; allowed: 4294967307 or more");

  bad_header("", "npy header: found its end; allowed: a dictionary");
  bad_header("[1, 2]", "npy header: found \"[1, 2]\"; allowed: a dictionary");
  bad_header("{}", "npy header: found a dictionary that lacks a key");
  bad_header("{'descr'", "npy header: found its end; allowed: ':'");
  bad_header("{'descr: 1}", "npy header: found \"'descr: 1}\"; allowed: a string in quotes");
  bad_header("{'descr': '|u1' 'shape'", "allowed: ',' or '}'");
  bad_header("{'fortran_order': 0", "npy header: found \"0\"; allowed: True or False");
  bad_header("{'order': 'C'}", "npy header: found the key \"order\"; allowed: descr");
  bad_header("{'descr': '|u1', 'descr': '|u1'}", "npy header: found the key \"descr\" twice");
  bad_header("{'descr': '|u1', 'fortran_order': False}", "lacks a key");
  bad_header("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x",
             "found \"x\"; allowed: nothing after the dictionary");
  bad_header("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}",
             "npy header: found \"[('a', '<f8')]");

  for (const char* type :
       {"<c8", "|O", "|S8", "<f16", "=f8", "|f8", "<i3", "<b2", "<M8[s]", "", "f8"})
    bad(npy_file(type, false, "(1,)", "\1"), "npy descr: found \"");

  const auto bad_shape = [&](const char* shape, const char* message) {
    bad(npy_file("<f8", false, shape, "12345678"), message);
  };
  bad_shape("1", "allowed: a tuple of sizes");
  bad_shape("(1)", "allowed: ',' after the only size");
  bad_shape("(1,,)", "allowed: a size, 1 or more");
  bad_shape("(-1,)", "npy header: found \"-1,), }");
  bad_shape("(1.5,)", "allowed: ',' after the only size");
  bad_shape("(99999999999999999999,)", "allowed: a size, 1 or more, that fits into memory");
  bad_shape("(0,)", "npy shape: found 0; allowed: sizes of 1 or more");
  bad_shape("(3, 0, 18446744073709551615)", "npy shape: found 3 × 0 ×");
  bad_shape("(1, 1, 1, 1, 1, 1, 1, 1, 1)", "npy shape: found 9 dimensions; allowed: 8 or fewer");
  bad_shape("(2,)", "npy data: found 8 bytes; allowed: 2, of 8 bytes each");
  bad_shape("(4294967296, 4294967296)", "npy data: found 8 bytes");
  bad_shape("(18446744073709551615,)", "npy data: found 8 bytes");
  bad_shape("(2305843009213693953,)", "npy data: found 8 bytes");  // 2^61 + 1: 8 bytes mod 2^64
  bad(npy_file("<f8", false, "(1,)", "123456789"), "npy data: found 9 bytes; allowed: 1, of 8");
  bad(npy_file("<f8", false, "(1,)", ""), "npy data: found 0 bytes");
  bad(npy_file("|u1", false, "(" + std::string(100'000, ' '), ""), "npy header");

  bad(npy_file("<i8", true, "(1, 2)", "\0\0\0\0\0\0\0\0\1\0\0\0\0\0\x20\0"s),
      "[0][1]: found an integer beyond 2^53; allowed: integers from -2^53 to 2^53");
  bad(npy_file("<i8", false, "(1,)", "\xFF\xFF\xFF\xFF\xFF\xFF\xDF\xFF"s), "[0]: found an integer");
  bad(npy_file("<i8", false, "(1,)", "\0\0\0\0\0\0\0\x80"s), "[0]: found an integer");
  bad(npy_file("<u8", false, "(1,)", std::string(8, '\xFF')), "[0]: found an integer");
}

TEST_CASE("an error of an array names its file", "[io][npy]") {
  const test::temporary_folder folder;
  write_file(folder / "bad.npy", "no");
  CHECK_INVALID(read_npy(folder / "bad.npy"), "bad.npy, npy magic: found \"no\"");
  CHECK_INVALID(read_npy(folder / "none.npy"), "none.npy; allowed: a file that exists");
}

TEST_CASE("an array cut short anywhere is refused", "[io][npy]") {
  for (const int version : {1, 2, 3}) {
    const std::string whole = npy_file("<i4", true, "(2, 1)", "\1\0\0\0\2\0\0\0"s, version);
    REQUIRE_NOTHROW(parse_npy(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK_INVALID(parse_npy(std::string_view(whole).substr(0, size)), "npy ");
    CHECK_INVALID(parse_npy(whole + '\0'), "npy data: found 9 bytes");
  }
}

TEST_CASE("an array with any bytes changed is read or refused", "[io][npy]") {
  random_stream stream(1, "npy");
  const std::string whole = npy_file("<f2", true, "(2, 3)", "abcdefghijkl");
  std::size_t read = 0, refused = 0;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string bytes = whole;
    for (std::size_t changes = 1 + stream.uniform_index(4); changes > 0; --changes)
      bytes[stream.uniform_index(bytes.size())] ^= static_cast<char>(1U << stream.uniform_index(8));
    try {
      const npy_array array = parse_npy(bytes);
      CHECK(detail::npy_count(array.shape) == array.values.size());
      ++read;
    } catch (const invalid_input&) {
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 100);
}

}  // namespace
}  // namespace io_npy_test
