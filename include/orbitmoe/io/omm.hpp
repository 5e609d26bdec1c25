#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/error.hpp>
#include <orbitmoe/io/element_records.hpp>
#include <orbitmoe/io/file.hpp>
#include <orbitmoe/io/json.hpp>
#include <orbitmoe/io/text.hpp>

namespace orbitmoe {
namespace detail {

/// A value of an orbit mean message as text, or nothing; a number that JSON gives as one.
struct omm_value {
  std::optional<std::string_view> text;
  std::optional<double> number;
};

/// @throws invalid_input  there is no such number.
template<typename Find>
double omm_number(Find find, std::string_view key) {
  const omm_value value = find(key);
  std::optional<double> number = value.number;
  if (value.text) number = number_in(*value.text);
  if (!number || !std::isfinite(*number))
    throw invalid_input::value(key, value.text ? shown(*value.text) : "nothing", "a finite number");
  return *number;
}

template<typename Find>
std::uint32_t omm_catalogue_number(Find find) {
  const double number = omm_number(find, "NORAD_CAT_ID");
  require(number >= 0 && number <= 999'999'999 && number == std::floor(number), "NORAD_CAT_ID",
          number, "an integer from 0 to 999999999");
  return static_cast<std::uint32_t>(number);
}

/// @throws invalid_input  the message has the key and its value is not one of those allowed.
template<typename Find>
void omm_expect(Find find, std::string_view key, std::string_view allowed,
                std::string_view or_else) {
  const omm_value value = find(key);
  if (!value.text || value.text->empty()) return;
  if (*value.text != allowed && *value.text != or_else)
    throw invalid_input::value(key, shown(*value.text), allowed);
}

/// @param find  find(key) is the omm_value under a key, an empty one where there is none.
/// @throws invalid_input  a value that is needed is not there, is no number, or is outside its
/// range.
template<typename Find>
element_set read_omm_record(Find find) {
  omm_expect(find, "CENTER_NAME", "EARTH", "Earth");
  omm_expect(find, "REF_FRAME", "TEME", "TEME");
  omm_expect(find, "TIME_SYSTEM", "UTC", "UTC");
  omm_expect(find, "MEAN_ELEMENT_THEORY", "SGP4", "SGP/SGP4");
  const omm_value type = find("EPHEMERIS_TYPE");
  if (type.number || !type.text.value_or("").empty()) {
    const double found = omm_number(find, "EPHEMERIS_TYPE");
    require(found == 0 || found == 2 || found == 3, "EPHEMERIS_TYPE", found, "0, 2 or 3: SGP4");
  }
  element_set set;
  set.name = printable(find("OBJECT_NAME").text.value_or(""));
  set.international_designator = printable(find("OBJECT_ID").text.value_or(""));
  set.catalogue_number = omm_catalogue_number(find);
  const omm_value epoch = find("EPOCH");
  if (epoch.number)
    throw invalid_input::value("EPOCH", to_text(*epoch.number), "a string: 2024-07-16T15:03:24");
  set.epoch = within(
      "EPOCH", [&] { return parse_utc(epoch.text.value_or("")); }, ", ");
  set.mean_motion_rev_per_day = omm_number(find, "MEAN_MOTION");
  set.eccentricity = omm_number(find, "ECCENTRICITY");
  set.inclination_deg = omm_number(find, "INCLINATION");
  set.raan_deg = omm_number(find, "RA_OF_ASC_NODE");
  set.argument_of_perigee_deg = omm_number(find, "ARG_OF_PERICENTER");
  set.mean_anomaly_deg = omm_number(find, "MEAN_ANOMALY");
  set.bstar = omm_number(find, "BSTAR");
  set.validate();
  return set;
}

inline element_set read_omm_object(const ordered_json& record) {
  if (!record.is_object()) throw invalid_input::value("record", described(record), "an object");
  return read_omm_record([&](std::string_view key) -> omm_value {
    const auto member = record.find(std::string(key));
    if (member == record.end() || member->is_null()) return {};
    if (member->is_number()) return {{}, member->get<double>()};
    if (!member->is_string())
      throw invalid_input::value(key, described(*member), "a number or a string");
    return {member->get_ref<const std::string&>(), {}};
  });
}

/// The fields of a line of CSV; a field in quotes may hold commas, and quotes written twice.
/// @throws invalid_input  a quote is open at the end.
inline void read_quoted_fields(std::string_view line, std::vector<std::string>& fields) {
  fields.assign(1, "");
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string& field = fields.back();
    if (quoted && line[i] == '"' && line.substr(i + 1).starts_with('"'))
      field += line[i++];
    else if (line[i] == '"' && (quoted || field.empty()))
      quoted = !quoted;
    else if (line[i] == ',' && !quoted)
      fields.emplace_back();
    else
      field += line[i];
  }
  if (quoted) throw invalid_input::value("quotes", "one that is not closed", "pairs of quotes");
}

/// The header row of orbit mean messages in CSV.
/// @throws invalid_input  a column that is needed is missing, or a name stands twice.
inline std::vector<std::string> omm_columns(std::string_view line) {
  std::vector<std::string> columns;
  read_quoted_fields(line, columns);
  for (const char* const key :
       {"NORAD_CAT_ID", "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE",
        "ARG_OF_PERICENTER", "MEAN_ANOMALY", "BSTAR"})
    if (std::ranges::find(columns, key) == columns.end())
      throw invalid_input::value("header row", std::string("no column ") + key,
                                 "the keywords of an orbit mean message");
  for (auto column = columns.begin(); column != columns.end(); ++column)
    if (std::find(column + 1, columns.end(), *column) != columns.end())
      throw invalid_input::value("header row", "twice " + shown(*column), "each column once");
  return columns;
}

}  // namespace detail

/// Reads orbit mean messages in JSON, as CelesTrak and Space-Track write them: an array of objects,
/// or one object, whose values are numbers or strings. Keys that an element_set does not need are
/// passed over, but for those that say that the elements are not meant for SGP4.
///
/// @param policy  whether a bad record is an error or is listed beside those that were read.
/// @throws invalid_input  the text is no such JSON, whatever the policy; or a record is bad and the
///                        policy is to refuse it: the message gives its index, key, what was found
///                        and what is allowed.
/// @complexity  O(characters).
/// @see  CCSDS 502.0-B-3, "Orbit data messages" (2023), section 4; CelesTrak, "GP data formats".
[[nodiscard]] inline element_records parse_omm_json(std::string_view text,
                                                    bad_records policy = bad_records::refuse) {
  const ordered_json json = parse_json(text);
  if (!json.is_array() && !json.is_object())
    throw invalid_input::value("json", detail::described(json), "an array of objects or an object");
  element_records out;
  const std::size_t count = json.is_array() ? json.size() : 1;
  for (std::size_t i = 0; i < count; ++i)
    detail::add_record(out, policy, "[" + std::to_string(i) + "]",
                       [&] { return detail::read_omm_object(json.is_array() ? json[i] : json); });
  if (count == 0) throw invalid_input::value("json", "no record", "one or more");
  return out;
}

/// Reads orbit mean messages in CSV: a header row of keywords, then one message per line. Fields
/// may stand in quotes; line ends may be LF or CRLF; blank lines are passed over.
///
/// @param policy  whether a bad record is an error or is listed beside those that were read.
/// @throws invalid_input  the header row lacks a column that is needed or names one twice, or there
///                        is no record, whatever the policy; or a record is bad and the policy is
///                        to refuse it: the message gives line, column, what was found and what is
///                        allowed.
/// @complexity  O(characters).
/// @see  CelesTrak, "GP data formats".
[[nodiscard]] inline element_records parse_omm_csv(std::string_view text,
                                                   bad_records policy = bad_records::refuse) {
  element_records out;
  std::vector<std::string> columns, fields;
  detail::for_each_line(text, [&](std::string_view line, std::size_t number) {
    const std::string place = detail::line_place(number);
    if (columns.empty()) {
      columns = detail::within(
          place, [&] { return detail::omm_columns(line); }, ", ");
      return;
    }
    detail::add_record(out, policy, place, [&] {
      detail::read_quoted_fields(line, fields);
      detail::require(fields.size() == columns.size(), "columns", fields.size(),
                      std::to_string(columns.size()) + ", as in the header");
      return detail::read_omm_record([&](std::string_view key) -> detail::omm_value {
        const auto column = std::ranges::find(columns, key);
        if (column == columns.end()) return {};
        return {fields[static_cast<std::size_t>(column - columns.begin())], {}};
      });
    });
  });
  if (out.sets.empty() && out.skipped.empty())
    throw invalid_input::value("csv", "no record", "a header row, then one record or more");
  return out;
}

/// Reads orbit mean messages, JSON where the text begins with a bracket or a brace, CSV otherwise.
/// @throws invalid_input  as parse_omm_json and parse_omm_csv.
[[nodiscard]] inline element_records parse_omm(std::string_view text,
                                               bad_records policy = bad_records::refuse) {
  const std::string_view start = detail::without_byte_order_mark(text);
  const std::size_t first = std::min(start.find_first_not_of(" \t\r\n"), start.size());
  const bool is_json = start.substr(first).starts_with('[') || start.substr(first).starts_with('{');
  return is_json ? parse_omm_json(start, policy) : parse_omm_csv(text, policy);
}

/// Reads a file of orbit mean messages, JSON or CSV; errors name the file.
/// @throws invalid_input  as read_file and parse_omm.
[[nodiscard]] inline element_records read_omm(const std::filesystem::path& path,
                                              bad_records policy = bad_records::refuse) {
  return parse_file(path, [policy](std::string_view text) { return parse_omm(text, policy); });
}

}  // namespace orbitmoe
