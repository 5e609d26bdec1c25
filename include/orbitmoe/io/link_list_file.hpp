#pragma once

#include <charconv>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/links/concepts.hpp>
#include <orbitmoe/links/link_list.hpp>

namespace orbitmoe {
namespace detail {

/// A whole number of 0 or more in decimal digits alone.
/// @throws invalid_input  the text is none of at most 32 bits.
inline satellite_id id_in(std::string_view text, std::string_view place) {
  satellite_id id = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  if (read.ec != std::errc{} || read.ptr != end)
    throw invalid_input::value(place, shown(text), "a whole number from 0 to 4294967295");
  return id;
}

/// The link of a line that has been taken apart.
/// @throws invalid_input  these are not two different satellite ids.
inline laser_link link_of(const std::vector<std::string_view>& fields, const std::string& place) {
  if (fields.size() != 2)
    throw invalid_input::value(place, std::to_string(fields.size()) + " columns",
                               "two satellite ids");
  const laser_link link{id_in(fields[0], place + ", column 1"),
                        id_in(fields[1], place + ", column 2")};
  require(link.a != link.b, place, link.b, "two different satellites");
  return link;
}

}  // namespace detail

/// Links from text, one in each line: two satellite ids between blanks, as Hypatia's isls.txt has
/// them, or CSV under the header `a,b`. The order is kept, within a pair too; a pair that stands
/// twice is two links. Empty lines are passed over; a text without any link is an empty list. Which
/// satellites there are is for the timeline to check.
/// @throws invalid_input  a line is no such link: the message gives line and column.
/// @complexity  O(characters).
[[nodiscard]] inline link_list parse_link_list(std::string_view text) {
  link_list list;
  bool first = true, comma = false;
  detail::for_each_csv_line(
      text, [&](const std::vector<std::string_view>& fields, std::size_t line_number) {
        const bool header = first && fields.size() == 2 && fields[0] == "a" && fields[1] == "b";
        if (first) comma = header;
        first = false;
        if (header) return;
        const std::string place = detail::line_place(line_number);
        if (!comma && fields.size() != 1)
          throw invalid_input::value(place, "commas without a header",
                                     "two ids between blanks, or the header a,b before commas");
        list.pairs.push_back(detail::link_of(comma ? fields : detail::words_of(fields[0]), place));
      });
  return list;
}

/// Reads a file of links; errors name the file.
/// @throws invalid_input  as read_file and parse_link_list.
[[nodiscard]] inline link_list read_link_list(const std::filesystem::path& path) {
  return parse_file(path, parse_link_list);
}

}  // namespace orbitmoe
