#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// Largest size that read_file accepts unless it is told another [B].
inline constexpr std::size_t default_file_limit = std::size_t{1} << 26;

/// The whole of a file, bytes as they are.
/// @param limit  largest size accepted [B].
/// @throws invalid_input  the path cannot be read as a file, or holds more than `limit`.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path,
                                           std::size_t limit = default_file_limit) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > limit)
      throw invalid_input::value(
          "file",
          detail::printable(path.string()) + " with more than " + std::to_string(limit) + " bytes",
          "at most that");
  }
  if (!in.eof() || std::filesystem::is_directory(path))
    throw invalid_input::value("file", detail::printable(path.string()),
                               "a file that exists and can be read");
  return text;
}

/// What `parse` makes of the text of a file; errors name the file.
/// @param parse  parse(text); the text is gone when it returns, so it returns no views of it.
/// @param limit  largest size accepted [B].
/// @throws invalid_input  as read_file, or `parse` throws it.
/// @example  const auto stations = parse_file("stations.csv", parse_ground_stations);
template<typename Parse>
[[nodiscard]] auto parse_file(const std::filesystem::path& path, Parse parse,
                              std::size_t limit = default_file_limit) {
  const std::string text = read_file(path, limit);
  return detail::within(
      detail::printable(path.string()), [&] { return parse(std::string_view(text)); }, ", ");
}

namespace detail {

/// Where a file is written before it takes its name: beside the file, or in place where that is no
/// regular file (a device, a pipe, a link to nothing yet).
struct file_target {
  std::filesystem::path target, written;

  explicit file_target(const std::filesystem::path& path) : target(path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const bool is_link = fs::is_symlink(path, error), exists = fs::exists(path, error);
    const bool in_place = exists ? !fs::is_regular_file(path, error) : is_link;
    if (is_link && !in_place) target = fs::canonical(path, error);
    written = target;
    if (in_place) return;
    std::random_device unique;
    std::ostringstream name;
    name << target.filename().string() << '.' << std::hex << unique() << unique() << ".part";
    written.replace_filename(name.str());
  }
  [[nodiscard]] bool in_place() const { return written == target; }
};

inline invalid_input not_writable(const std::filesystem::path& path) {
  return invalid_input::value("file", printable(path.string()), "a file that can be written whole");
}

}  // namespace detail

/// Checks that write_file can write a file, which stays as it is: for programs that work long
/// before they write.
/// @throws invalid_input  it cannot.
inline void require_writable(const std::filesystem::path& path) {
  const detail::file_target place(path);
  if (place.in_place()) {
    if (std::filesystem::is_directory(path)) throw detail::not_writable(path);
    return;
  }
  const bool ok = static_cast<bool>(std::ofstream(place.written, std::ios::binary));
  std::error_code error;
  std::filesystem::remove(place.written, error);
  if (!ok) throw detail::not_writable(path);
}

/// Writes a file whole or not at all: into a temporary file beside it, which then takes its name.
/// What is no regular file (a device, a pipe, a link to nothing yet) is written in place.
/// @throws invalid_input  the file cannot be written; what was there before is as it was.
inline void write_file(const std::filesystem::path& path, std::string_view text) {
  namespace fs = std::filesystem;
  const detail::file_target place(path);
  std::error_code error;
  std::ofstream out(place.written, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) {
    if (!place.in_place()) fs::remove(place.written, error);
    throw detail::not_writable(path);
  }
  if (place.in_place()) return;
  if (const auto before = fs::status(place.target, error); fs::exists(before))
    fs::permissions(place.written, before.permissions(), error);
  fs::rename(place.written, place.target, error);
  if (error) {
    fs::remove(place.written, error);
    throw detail::not_writable(path);
  }
}

}  // namespace orbitmoe
