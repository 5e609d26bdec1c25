#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <orbitmoe/error.hpp>
#include <orbitmoe/io/text.hpp>
#include <orbitmoe/matrix.hpp>
#include <orbitmoe/model/activation.hpp>
#include <orbitmoe/model/trace.hpp>

namespace orbitmoe {
namespace detail {

/// A table of numbers under a header row.
struct csv_table {
  std::vector<std::string_view> header;
  std::vector<std::vector<double>> rows;
  std::vector<std::size_t> lines;  // line of each row in the text, from 1
};

/// Reads a header row and rows of numbers of the same width. The views point into `text`.
/// @throws invalid_input  there is no header or no row; a row is ragged; a field is no finite
/// number.
inline csv_table read_csv_table(std::string_view text) {
  csv_table table;
  for_each_csv_line(text, [&](const std::vector<std::string_view>& fields,
                              std::size_t line_number) {
    const std::string place = line_place(line_number);
    if (table.header.empty()) {
      if (std::all_of(fields.begin(), fields.end(),
                      [](auto field) { return number_in(field).has_value(); }))
        throw invalid_input::value(place, "numbers only", "a header row that names the columns");
      table.header = fields;
      return;
    }
    if (fields.size() != table.header.size())
      throw invalid_input::value(place, std::to_string(fields.size()) + " columns",
                                 std::to_string(table.header.size()) + ", as in the header");
    std::vector<double> row;
    for (std::size_t i = 0; i < fields.size(); ++i)
      row.push_back(finite_in(fields[i], column_place(place, i)));
    table.rows.push_back(std::move(row));
    table.lines.push_back(line_number);
  });
  if (table.rows.empty())
    throw invalid_input::value("csv", "no row of numbers", "a header row, then one row or more");
  return table;
}

}  // namespace detail

/// Activation counts or frequencies from CSV text: a header row, then one row per layer with one
/// column per expert; an optional first column `layer` counts up by one.
/// @return  L × E numbers as they stand, for activation_profile.
/// @throws invalid_input  the text is no such table: the message gives line and column.
[[nodiscard]] inline matrix parse_activation_csv(std::string_view text) {
  const detail::csv_table table = detail::read_csv_table(text);
  const std::size_t skip = table.header.front() == "layer" ? 1 : 0;
  if (table.header.size() == skip)
    throw invalid_input::value("line 1", "no expert column", "one column per expert");
  matrix counts = make_matrix(table.rows.size(), table.header.size() - skip, 0);
  for (std::size_t l = 0; l < table.rows.size(); ++l) {
    const std::string place = detail::line_place(table.lines[l]);
    if (skip == 1)
      detail::require(table.rows[l][0] == table.rows[0][0] + static_cast<double>(l),
                      place + ", column layer", table.rows[l][0], "one more than the row before");
    for (std::size_t e = 0; e < column_count(counts); ++e) {
      const double count = table.rows[l][e + skip];
      if (count < 0)
        throw invalid_input::value(place + ", column " + std::to_string(e + skip + 1),
                                   detail::to_text(count), "0 or more");
      row(counts, l)[e] = count;
    }
  }
  return counts;
}

/// A token trace from CSV text: columns `L{layer}K{rank}` hold expert ids, one row per token; other
/// columns (such as seq and token) are passed over. Layers may start at any number.
/// @throws invalid_input  the text is no such table: the message gives line and column.
[[nodiscard]] inline token_trace parse_trace_csv(std::string_view text) {
  const detail::csv_table table = detail::read_csv_table(text);
  struct column {
    std::uint32_t layer, rank;
    std::size_t index;
    auto operator<=>(const column&) const = default;
  };
  std::vector<column> columns;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    const std::string_view name = table.header[i];
    column found{0, 0, i};
    if (!name.starts_with('L')) continue;
    const char* const end = name.data() + name.size();
    const auto layer = std::from_chars(name.data() + 1, end, found.layer);
    if (layer.ec != std::errc{} || layer.ptr == end || *layer.ptr != 'K') continue;
    const auto rank = std::from_chars(layer.ptr + 1, end, found.rank);
    if (rank.ec != std::errc{} || rank.ptr != end) continue;
    columns.push_back(found);
  }
  std::sort(columns.begin(), columns.end());
  const auto ranks =
      static_cast<std::size_t>(std::count_if(columns.begin(), columns.end(), [&](const column& c) {
        return c.layer == columns.front().layer;
      }));
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].rank != i % ranks || columns[i].layer != columns[i - i % ranks].layer ||
        (i % ranks == 0 && columns[i].layer != columns.front().layer + i / ranks) ||
        columns.size() % ranks != 0)
      throw invalid_input::value("line 1", detail::shown(table.header[columns[i].index]),
                                 "columns L{layer}K{rank}, the same ranks from 0 in each layer, "
                                 "layers without a gap");
  if (columns.empty())
    throw invalid_input::value("line 1", "no column L{layer}K{rank}",
                               "one for each layer and rank, such as L0K0");

  token_trace trace{.layers = columns.size() / ranks, .top_k = ranks, .experts = {}};
  trace.experts.reserve(table.rows.size() * columns.size());
  for (std::size_t t = 0; t < table.rows.size(); ++t)
    for (const column& c : columns) {
      const double id = table.rows[t][c.index];
      if (id < 0 || id >= 65'536 || id != std::floor(id))
        throw invalid_input::value(
            detail::line_place(table.lines[t]) + ", column " + std::string(table.header[c.index]),
            detail::to_text(id), "an expert id in 0..65535");
      trace.experts.push_back(static_cast<std::uint32_t>(id));
    }
  return trace;
}

}  // namespace orbitmoe
