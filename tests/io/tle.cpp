#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/io/tle.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/temporary_folder.hpp"

namespace io_tle_test {
namespace {

using namespace orbitmoe;

const std::string name = "ONEWEB-0012\n";
const std::string line_1 =
    "1 44057U 19010A   24198.48520870  .00000061  00000+0  12659-3 0  9991\n";
const std::string line_2 =
    "2 44057  87.9108   8.3016 0002163  68.5094 291.6267 13.16593290259364\n";
const std::string two_lines = line_1 + line_2;
const std::string three_lines = name + two_lines;

// The line with other characters from a column on, counted from 1, and the checksum made good.
std::string with(std::string line, std::size_t column, std::string_view characters) {
  line.replace(column - 1, characters.size(), characters);
  int sum = 0;
  for (std::size_t i = 0; i < 68; ++i)
    sum += line[i] >= '0' && line[i] <= '9' ? line[i] - '0' : line[i] == '-';
  line[68] = static_cast<char>('0' + sum % 10);
  return line;
}

// Both lines with the same other catalogue number.
std::string with_catalogue_number(std::string_view number) {
  return with(line_1, 3, number) + with(line_2, 3, number);
}

element_set only_set(const std::string& text) {
  const element_records read = parse_tle(text);
  REQUIRE(read.sets.size() == 1);
  CHECK(read.skipped.empty());
  return read.sets[0];
}

TEST_CASE("tle: every field of a set", "[io][tle]") {
  const element_set set = only_set(three_lines);
  CHECK(set.name == "ONEWEB-0012");
  CHECK(set.catalogue_number == 44057);
  CHECK(set.international_designator == "2019-010A");
  CHECK(to_iso_8601(set.epoch) == "2024-07-16T11:38:42.031680");
  CHECK(set.inclination_deg == 87.9108);
  CHECK(set.raan_deg == 8.3016);
  CHECK(set.eccentricity == 0.0002163);
  CHECK(set.argument_of_perigee_deg == 68.5094);
  CHECK(set.mean_anomaly_deg == 291.6267);
  CHECK(set.mean_motion_rev_per_day == 13.16593290);
  CHECK(set.bstar == 0.12659e-3);
}

TEST_CASE("tle: names, ends of lines and blanks", "[io][tle]") {
  const element_set named = only_set(three_lines);
  element_set unnamed = named;
  unnamed.name = "";
  CHECK(only_set(two_lines) == unnamed);
  CHECK(only_set("0 " + three_lines) == named);
  CHECK(only_set("\xEF\xBB\xBF" + three_lines) == named);
  CHECK(only_set("\n \n" + three_lines + "\n\n") == named);
  CHECK(only_set(three_lines.substr(0, three_lines.size() - 1)) == named);
  std::string untidy;
  for (const char c : three_lines) untidy += c == '\n' ? std::string("  \t \r\n") : std::string{c};
  CHECK(only_set(untidy) == named);
  CHECK(only_set("0 0 \xC3\x89t\x01\n" + two_lines).name == "0 ??t?");
  CHECK(only_set("1HOPSAT\n" + two_lines).name == "1HOPSAT");

  const element_records mixed = parse_tle(two_lines + three_lines + "0 B\n" + two_lines);
  REQUIRE(mixed.sets.size() == 3);
  CHECK(mixed.sets[0].name.empty());
  CHECK(mixed.sets[1].name == "ONEWEB-0012");
  CHECK(mixed.sets[2].name == "B");
}

TEST_CASE("tle: catalogue numbers of five digits and Alpha-5", "[io][tle]") {
  const auto number = [](std::string_view text) {
    return only_set(with_catalogue_number(text)).catalogue_number;
  };
  CHECK(number("00005") == 5);
  CHECK(number("    5") == 5);
  CHECK(number("99999") == 99'999);
  CHECK(number("A0000") == 100'000);
  CHECK(number("E8493") == 148'493);
  CHECK(number("H9999") == 179'999);
  CHECK(number("J0000") == 180'000);
  CHECK(number("N0000") == 220'000);
  CHECK(number("P4018") == 234'018);
  CHECK(number("Z9999") == 339'999);
  for (const char* text :
       {"I0000", "O0000", "a0000", "AA000", "1A000", "     ", "12 45", "A 123"}) {
    CAPTURE(text);
    CHECK_INVALID(parse_tle(with_catalogue_number(text)),
                  "line 1, catalogue_number: found \"" + std::string(text) +
                      "\"; allowed: digits, or a capital letter but I and O before four"
                      " digits");
  }
}

TEST_CASE("tle: forms of numbers", "[io][tle]") {
  const auto bstar = [](const char* text) {
    return only_set(with(line_1, 54, text) + line_2).bstar;
  };
  CHECK(bstar("-11606-4") == -0.11606e-4);
  CHECK(bstar("+12345-9") == 0.12345e-9);
  CHECK(bstar(" 00000+0") == 0);
  CHECK(bstar(" 12345+2") == 12.345);
  CHECK(bstar(" 12345+9") == 0.12345e9);
  CHECK(only_set(line_1 + with(line_2, 9, "087.9108")).inclination_deg == 87.9108);
  CHECK(only_set(line_1 + with(line_2, 18, "  0.0000")).raan_deg == 0);
  CHECK_NOTHROW(only_set(with(line_1, 34, "-.00000061") + line_2));
  CHECK_NOTHROW(only_set(with(line_1, 63, "    12") + line_2));
}

TEST_CASE("tle: epochs and designators of both centuries", "[io][tle]") {
  const auto set = [](const char* designator, const char* epoch) {
    return only_set(with(with(line_1, 10, designator), 19, epoch) + line_2);
  };
  CHECK(to_iso_8601(set("58002B  ", "57001.00000000").epoch) == "1957-01-01T00:00:00.000000");
  CHECK(to_iso_8601(set("58002B  ", "56366.50000000").epoch) == "2056-12-31T12:00:00.000000");
  CHECK(to_iso_8601(set("58002B  ", "00366.99999999").epoch) == "2000-12-31T23:59:59.999136");
  CHECK(to_iso_8601(set("58002B  ", " 0  1.00000001").epoch) == "2000-01-01T00:00:00.000864");
  CHECK(set("58002B  ", "00001.00000000").international_designator == "1958-002B");
  CHECK(set("20001ABC", "00001.00000000").international_designator == "2020-001ABC");
  CHECK(set("        ", "00001.00000000").international_designator.empty());
}

TEST_CASE("tle: bad fields are named by line", "[io][tle]") {
  const auto bad_1 = [](std::size_t column, const char* text, const std::string& message) {
    CAPTURE(column, text);
    CHECK_INVALID(parse_tle(name + with(line_1, column, text) + line_2), "line 2, " + message);
  };
  const auto bad_2 = [](std::size_t column, const char* text, const std::string& message) {
    CAPTURE(column, text);
    CHECK_INVALID(parse_tle(name + line_1 + with(line_2, column, text)), "line 3, " + message);
  };
  bad_1(8, "X", "classification: found \"X\"; allowed: U, C, S or a blank");
  bad_1(10, "19 10A", "international_designator: found \"19 10A  \"");
  bad_1(10, "19010 ", "international_designator: found \"19010   \"");
  bad_1(10, "19010a", "international_designator: found");
  bad_1(19, "24000.0", "epoch, day of the year: found 0; allowed: an integer from 1 to 366");
  bad_1(19, "23366.0", "epoch, day of the year: found 366; allowed: an integer from 1 to 365");
  bad_1(19, "2x198.0", "epoch: found \"2x\"");
  bad_1(24, ",", "epoch: found \"24198,48520870\"; allowed: such as 24198.54979482");
  bad_1(30, " ", "epoch: found");
  bad_1(34, " .0000x061", "mean motion's first derivative: found \" .0000x061\"");
  bad_1(45, " 00000 0", "mean motion's second derivative: found \" 00000 0\"");
  bad_1(54, " 1265--3", "bstar: found \" 1265--3\"; allowed: a number such as  52306-4");
  bad_1(54, "112659-3", "bstar: found");
  bad_1(63, "4", "ephemeris type: found \"4\"; allowed: 0, 2, 3 or a blank");
  bad_1(65, " 9 9", "element set number: found \" 9 9\"");
  bad_1(18, "x", "columns: found");
  bad_2(3, "44058", "catalogue_number: found \"44058\"; allowed: 44057, as in line 1");
  bad_2(9, " 87.91 8", "inclination_deg: found \" 87.91 8\"; allowed: a number with a decimal");
  bad_2(9, "-87.9108", "inclination_deg: found -87.9108; allowed: a number from 0 to 180");
  bad_2(9, " 87 9108", "inclination_deg: found");
  bad_2(9, "     nan", "inclination_deg: found \"     nan\"");
  bad_2(18, "361.0000", "raan_deg: found 361;");
  bad_2(27, " 002163", "eccentricity: found \" 002163\"; allowed: seven digits");
  bad_2(35, "        ", "argument_of_perigee_deg: found \"        \"");
  bad_2(44, "     1e2", "mean_anomaly_deg: found");
  bad_2(53, "19.16593290", "mean_motion_rev_per_day: found 19.1659329;");
  bad_2(53, "-3.16593290", "mean_motion_rev_per_day: found -3.1659329;");
  bad_2(64, "2 936", "revolution number: found \"2 936\"");
  bad_2(34, "1", "columns: found");
}

TEST_CASE("tle: any other digit fails the checksum", "[io][tle]") {
  for (const std::size_t start : {std::size_t{0}, line_1.size()})
    for (std::size_t i = 2; i < 69; ++i) {
      const char good = two_lines[start + i];
      if (good < '0' || good > '9') continue;
      for (char digit = '0'; digit <= '9'; ++digit) {
        if (digit == good) continue;
        std::string text = two_lines;
        text[start + i] = digit;
        CAPTURE(start, i, digit);
        CHECK_INVALID(parse_tle(text), "checksum: found \"");
      }
    }
  CHECK_INVALID(parse_tle(with(line_1, 8, "U").replace(68, 1, "2") + line_2),
                "line 1, checksum: found \"2\"; allowed: 1");
  CHECK_INVALID(parse_tle(with(line_1, 8, "U").replace(68, 1, "x") + line_2),
                "line 1, checksum: found \"x\"; allowed: 1");
}

TEST_CASE("tle: cut off anywhere it is an error or one set less", "[io][tle]") {
  const std::string text = three_lines + three_lines;
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    const std::string cut = text.substr(0, length);
    if (length + 1 == text.size() || length + 1 == three_lines.size() ||
        length == three_lines.size()) {
      CHECK(parse_tle(cut).sets.size() == (length > three_lines.size() ? 2 : 1));
      continue;
    }
    CHECK_INVALID(parse_tle(cut), "; allowed: ");
    if (length == 0) continue;
    const element_records rest = parse_tle(cut, bad_records::skip);
    CHECK(rest.sets.size() == (length > three_lines.size() ? 1 : 0));
    CHECK(!rest.skipped.empty());
  }
}

TEST_CASE("tle: any byte changed to any other is read or refused", "[io][tle]") {
  for (std::size_t i = 0; i < three_lines.size(); ++i)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = three_lines;
      text[i] = static_cast<char>(byte);
      const element_records read = parse_tle(text, bad_records::skip);
      REQUIRE(read.sets.size() + read.skipped.size() >= 1);
      for (const element_set& set : read.sets) REQUIRE_NOTHROW(set.validate());
    }
}

TEST_CASE("tle: bad records are refused or listed", "[io][tle]") {
  const std::string text = "A\n" + two_lines + "lost\nB\n" + line_1 + with(line_2, 18, "361.0000") +
                           "C\n" + line_1 + "\nD\n" + two_lines + line_2 + "E\n" + two_lines +
                           "end\n";
  CHECK_INVALID(parse_tle(text),
                "line 4, name: found \"lost\"; allowed: a name before line 1 of an element set");
  const element_records read = parse_tle(text, bad_records::skip);
  REQUIRE(read.sets.size() == 3);
  CHECK(read.sets[1].name == "D");
  CHECK(read.sets[2].name == "E");
  CHECK(read.skipped ==
        std::vector<skipped_record>{
            {"line 4", "name: found \"lost\"; allowed: a name before line 1 of an element set"},
            {"line 7", "raan_deg: found 361; allowed: a number from 0 to 360"},
            {"line 8", "element set: found line 1 without line 2; allowed: both"},
            {"line 14", "element set: found line 2 without line 1; allowed: both"},
            {"line 18", "name: found \"end\"; allowed: a name before line 1 of an element set"}});
  CHECK_INVALID(parse_tle(""), "tle: found no line; allowed: one element set or more");
  CHECK_INVALID(parse_tle(" \n\r\n", bad_records::skip), "tle: found no line");
  CHECK_INVALID(parse_tle("No GP data found"), "line 1, name: found \"No GP data found\"");
  CHECK_INVALID(parse_tle(line_1 + line_2.substr(0, 60)),
                "line 2, length: found 60; allowed: 69 characters");
}

TEST_CASE("tle: errors of a file name the file", "[io][tle]") {
  const test::temporary_folder folder;
  write_file(folder / "sky.txt", three_lines + "lost\n");
  CHECK_INVALID(read_tle(folder / "sky.txt"), "sky.txt, line 4, name: found \"lost\"");
  CHECK(read_tle(folder / "sky.txt", bad_records::skip).sets.size() == 1);
  CHECK_INVALID(read_tle(folder / "none.txt"), "none.txt");
}

// The fields of a set in the columns of its lines.
std::pair<std::string, std::string> written(const element_set& set) {
  char one[80], two[80];
  const double day = seconds_between({set.epoch.days, 0}, set.epoch) / 86'400;
  std::snprintf(one, sizeof one, "%05u %.8f", set.catalogue_number, day);
  std::snprintf(two, sizeof two, "2 %05u %8.4f %8.4f %07.0f %8.4f %8.4f %11.8f",
                set.catalogue_number, set.inclination_deg, set.raan_deg, set.eccentricity * 1e7,
                set.argument_of_perigee_deg, set.mean_anomaly_deg, set.mean_motion_rev_per_day);
  return {one, two};
}

TEST_CASE("tle: real sets are read whole, each field as it is written", "[io][tle][data]") {
  if (!test::has_data()) return test::skip_without_data();
  std::size_t sets = 0;
  for (const char* file :
       {"tle/iridium-next_2024-07.txt", "tle/oneweb_2024-07.txt", "tle/starlink_2021-07.txt"}) {
    const std::string text = read_file(test::data(file));
    std::string_view rest = text;
    for (const element_set& set : parse_tle(text).sets) {
      const std::string_view title = detail::take_line(rest), one = detail::take_line(rest),
                             two = detail::take_line(rest);
      const auto [epoch, elements] = written(set);
      CAPTURE(set.name);
      REQUIRE(set.name == title);
      REQUIRE(epoch == std::string(one.substr(2, 5)) + " 0" + std::string(one.substr(23, 9)));
      REQUIRE(elements == two.substr(0, 63));
      ++sets;
    }
    CHECK(rest.empty());
  }
  CHECK(sets == 80 + 631 + 1665);
}

}  // namespace
}  // namespace io_tle_test
