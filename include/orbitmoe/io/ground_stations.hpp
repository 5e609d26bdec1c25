#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/ground/station.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/text.hpp>

namespace orbitmoe {

/// Ground stations from text: lines `gid,name,latitude_deg,longitude_deg,elevation_m` without a
/// header, as Hypatia has them; ids count up from 0. Further columns, such as the Cartesian
/// coordinates of Hypatia's extended files, are passed over, and so are empty lines.
/// @return  station of id i at index i.
/// @throws invalid_input  the text is no such table, or a coordinate is outside its range: the
///                        message gives line and column.
[[nodiscard]] inline std::vector<ground_station> parse_ground_stations(std::string_view text) {
  std::vector<ground_station> stations;
  detail::for_each_csv_line(
      text, [&](const std::vector<std::string_view>& fields, std::size_t line_number) {
        const std::string place = detail::line_place(line_number);
        if (fields.size() < 5)
          throw invalid_input::value(place, std::to_string(fields.size()) + " columns",
                                     "gid,name,latitude_deg,longitude_deg,elevation_m");
        const auto number = [&](std::size_t column) {
          return detail::finite_in(fields[column], detail::column_place(place, column));
        };
        detail::require(number(0) == static_cast<double>(stations.size()), place + ", column 1",
                        number(0), "the next id, " + std::to_string(stations.size()));
        stations.push_back({.name = std::string(fields[1]),
                            .latitude_deg = number(2),
                            .longitude_deg = number(3),
                            .elevation_m = number(4)});
        detail::within(
            place, [&] { stations.back().validate(); }, ", ");
      });
  if (stations.empty())
    throw invalid_input::value("stations", "no line", "one or more ground stations");
  return stations;
}

}  // namespace orbitmoe
