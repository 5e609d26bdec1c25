#pragma once

#include <cstddef>
#include <span>

#include <Eigen/Core>

namespace orbitmoe {

/// Dense table of doubles, row-major, so that a row is contiguous.
using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A rows × columns table filled with `value`.
[[nodiscard]] inline matrix make_matrix(std::size_t rows, std::size_t columns, double value) {
  return matrix::Constant(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
                          value);
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
[[nodiscard]] inline std::span<double> row(matrix& m, std::size_t i) {
  return {m.data() + i * column_count(m), column_count(m)};
}

}  // namespace orbitmoe
