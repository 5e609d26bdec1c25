#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include <orbitmoe/io/file.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace io_file_test {
namespace {

using namespace orbitmoe;
using test::temporary_folder;
namespace fs = std::filesystem;

auto entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST_CASE("a file reads back as it was written", "[io][file]") {
  const temporary_folder folder;
  for (const std::string& text :
       {std::string(), std::string("line\r\n\0byte", 10), std::string(200'000, 'x')}) {
    write_file(folder / "a", text);
    CHECK(read_file(folder / "a") == text);
  }
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a file is written whole or not at all", "[io][file]") {
  const temporary_folder folder;
  write_file(folder / "a", "before");
  fs::create_directory(folder / "taken");
  write_file(folder / "taken/inside", "x");
  CHECK_INVALID(write_file(folder / "no/such/folder", "x"),
                "allowed: a file that can be written whole");
  CHECK_INVALID(write_file(folder / "taken", "x"), "a file that can be written whole");
  CHECK(read_file(folder / "a") == "before");
  CHECK(entries(folder.path()) == 2);  // nothing temporary stays behind
}

TEST_CASE("devices are written in place, links are followed", "[io][file]") {
  const temporary_folder folder;
  write_file("/dev/null", "x");
  CHECK(fs::is_character_file("/dev/null"));
  if (fs::exists("/dev/full")) CHECK_INVALID(write_file("/dev/full", "x"), "/dev/full");

  write_file(folder / "target", "before");
  fs::create_symlink(folder / "target", folder / "link");
  write_file(folder / "link", "after");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_file(folder / "target") == "after");
}

TEST_CASE("what cannot be read is named", "[io][file]") {
  const temporary_folder folder;
  CHECK_INVALID(read_file(folder / "missing"),
                "missing; allowed: a file that exists and can be read");
  CHECK_INVALID(read_file(folder.path()), "a file that exists and can be read");
  write_file(folder / "long", std::string(101, 'x'));
  CHECK_INVALID(read_file(folder / "long", 100), "long with more than 100 bytes");
  CHECK(read_file(folder / "long", 101).size() == 101);
}

TEST_CASE("a new text keeps the permissions of the file, and a link its target", "[io][file]") {
  const temporary_folder folder;
  write_file(folder / "secret", "before");
  fs::permissions(folder / "secret", fs::perms::owner_read | fs::perms::owner_write);
  write_file(folder / "secret", "after");
  CHECK(fs::status(folder / "secret").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  fs::create_symlink("later", folder / "link");
  write_file(folder / "link", "text");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_file(folder / "later") == "text");
}

TEST_CASE("a path in a message is one printable line", "[io][file]") {
  const std::string message =
      test::invalid_input_message([] { static_cast<void>(read_file("no\nsuch\x1b[31m")); });
  CHECK(message.find_first_of("\n\x1b") == std::string::npos);
}

TEST_CASE("whether a file can be written is known before", "[io][file]") {
  const temporary_folder folder;
  require_writable(folder / "new");
  CHECK(entries(folder.path()) == 0);
  write_file(folder / "old", "text");
  require_writable(folder / "old");
  CHECK(read_file(folder / "old") == "text");
  CHECK_NOTHROW(require_writable("/dev/null"));
  CHECK_INVALID(require_writable(folder.path()), "a file that can be written whole");
  CHECK_INVALID(require_writable(folder / "none" / "file"), "a file that can be written whole");
  CHECK_INVALID(require_writable(folder / std::string(300, 'y')), "allowed: a file that can be");
}

TEST_CASE("errors of a parser name the file", "[io][file]") {
  const temporary_folder folder;
  write_file(folder / "text", "7");
  const auto size = [](std::string_view text) { return text.size(); };
  CHECK(parse_file(folder / "text", size) == 1);
  const auto refuse = [](std::string_view text) -> int {
    throw invalid_input::value("line 2", text, "8");
  };
  CHECK_INVALID(parse_file(folder / "text", refuse), "text, line 2: found 7; allowed: 8");
  CHECK_INVALID(parse_file(folder / "none", size), "none; allowed: a file that exists");
  CHECK_INVALID(parse_file(folder / "text", size, 0), "text with more than 0 bytes");
}

}  // namespace
}  // namespace io_file_test
