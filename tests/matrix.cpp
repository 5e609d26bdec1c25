#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <orbitmoe/matrix.hpp>

#include "support/catch.hpp"

namespace matrix_test {
namespace {

using namespace orbitmoe;

// A read-only table gives read-only rows.
static_assert(
    std::is_same_v<decltype(row(std::declval<const matrix&>(), 0)), std::span<const double>>);
static_assert(std::is_same_v<decltype(row(std::declval<matrix&>(), 0)), std::span<double>>);

TEST_CASE("matrix: make_matrix has the shape and the value asked for") {
  const matrix table = make_matrix(2, 3, -1.5);
  CHECK(row_count(table) == 2);
  CHECK(column_count(table) == 3);
  CHECK((table.array() == -1.5).all());
}

TEST_CASE("matrix: rows are contiguous views") {
  matrix table = make_matrix(3, 4, 0);
  for (Eigen::Index i = 0; i < 3; ++i)
    for (Eigen::Index j = 0; j < 4; ++j) table(i, j) = static_cast<double>(10 * i + j);

  const auto second = row(std::as_const(table), 1);
  CHECK(std::vector(second.begin(), second.end()) == std::vector<double>{10, 11, 12, 13});
  CHECK(second.data() + second.size() == row(table, 2).data());

  row(table, 2)[3] = 99;
  CHECK(table(2, 3) == 99);
}

TEST_CASE("matrix: columns_of takes columns in the order asked for, some twice, some never") {
  matrix table(2, 3);
  table << 1, 2, 3,  //
      4, 5, 6;
  matrix expected(2, 4);
  expected << 3, 1, 3, 1,  //
      6, 4, 6, 4;
  CHECK(columns_of(table, std::vector<std::size_t>{2, 0, 2, 0}) == expected);
  CHECK(columns_of(table, std::vector<std::size_t>{0, 1, 2}) == table);
  const matrix none = columns_of(table, {});
  CHECK(row_count(none) == 2);
  CHECK(column_count(none) == 0);
}

TEST_CASE("matrix: tables without rows or columns") {
  const matrix no_rows = make_matrix(0, 3, 1), no_columns = make_matrix(3, 0, 1);
  CHECK(row_count(no_rows) == 0);
  CHECK(column_count(no_rows) == 3);
  CHECK(row(no_columns, 2).empty());
}

// A row of a temporary would dangle at once: `for (double x : row(ctx.path_latencies_s(), 0))`.
template<typename M>
concept has_rows = requires(M m) {
  row(static_cast<M>(m), std::size_t{});
};
static_assert(has_rows<matrix&>);
static_assert(has_rows<const matrix&>);
static_assert(!has_rows<matrix&&>);

}  // namespace
}  // namespace matrix_test
