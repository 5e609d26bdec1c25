// Gives each reader the files in its folder of the corpus, those named refused-* to refuse.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "readers.hpp"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  using orbitmoe::fuzz::readers;
  int failures = 0, files = 0;
  const auto fail = [&](const fs::path& path, const char* what) {
    std::printf("%s: %s\n", path.string().c_str(), what);
    ++failures;
  };
  const fs::path corpus = argc == 2 ? argv[1] : "corpus";
  for (const auto& [name, accepts] : readers) {
    int accepted = 0;
    for (const auto& file : fs::directory_iterator(corpus / name)) {
      const bool refused = file.path().filename().string().starts_with("refused-");
      if (accepts(orbitmoe::read_file(file)) == refused)
        fail(file, refused ? "not refused" : "refused");
      accepted += refused ? 0 : 1;
      ++files;
    }
    if (accepted == 0) fail(corpus / name, "no file to accept");
  }
  for (const auto& folder : fs::directory_iterator(corpus))
    if (std::ranges::find(readers, folder.path().filename().string(),
                          &orbitmoe::fuzz::reader::name) == std::end(readers))
      fail(folder, "no reader of this name");
  std::printf("%d files, %d failures\n", files, failures);
  return failures == 0 ? 0 : 1;
}
