#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <Eigen/Core>

namespace orbitmoe {

/// Dense table of doubles, row-major, so that a row is contiguous.
using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A rows × columns table filled with `value`.
[[nodiscard]] inline matrix make_matrix(std::size_t rows, std::size_t columns, double value) {
  matrix m(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  std::fill_n(m.data(), rows * columns, value);
  return m;
}

[[nodiscard]] inline std::size_t row_count(const matrix& m) {
  return static_cast<std::size_t>(m.rows());
}
[[nodiscard]] inline std::size_t column_count(const matrix& m) {
  return static_cast<std::size_t>(m.cols());
}

/// Row i of a table, as a view; i in [0, rows).
[[nodiscard]] inline std::span<const double> row(const matrix& m, std::size_t i) {
  return {m.data() + i * column_count(m), column_count(m)};
}
std::span<const double> row(const matrix&& m, std::size_t i) = delete;  // it would dangle
[[nodiscard]] inline std::span<double> row(matrix& m, std::size_t i) {
  return {m.data() + i * column_count(m), column_count(m)};
}

/// The columns of a table at the given indices, in their order; an index may repeat.
[[nodiscard]] inline matrix columns_of(const matrix& m, std::span<const std::size_t> indices) {
  matrix out = make_matrix(row_count(m), indices.size(), 0);
  for (std::size_t i = 0; i < row_count(m); ++i)
    for (std::size_t j = 0; j < indices.size(); ++j) row(out, i)[j] = row(m, i)[indices[j]];
  return out;
}

}  // namespace orbitmoe
