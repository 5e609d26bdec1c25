#pragma once

#include <filesystem>
#include <string>

#include <orbitmoe/io/file.hpp>

#include "support/temporary_folder.hpp"

namespace orbitmoe::test {

/// A folder with satellites.csv: `planes` planes 20° apart with 10 satellites each, at 1,400 km,
/// the last a second satellite in slot 0 of plane 0.
class satellite_catalogue {
 public:
  explicit satellite_catalogue(int planes, const std::string& bstar = "0") {
    std::string text =
        "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,"
        "ARG_OF_PERICENTER,MEAN_ANOMALY,NORAD_CAT_ID,BSTAR\n";
    for (int p = 0; p < planes; ++p)
      for (int s = 0; s < 10; ++s) text += row(p, 36.0 * s, 1000 + 10 * p + s, bstar);
    text += row(0, 3, 9999, bstar);
    write_file(path(), text);
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "satellites.csv"; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }

 private:
  static std::string row(int plane, double anomaly_deg, int number, const std::string& bstar) {
    return "SAT " + std::to_string(number) + ",2024-001A,2024-07-16T0" + std::to_string(plane) +
           ":00:00,12.6,0.0001,70," + std::to_string(20 * plane) + ",0," +
           std::to_string(anomaly_deg) + ',' + std::to_string(number) + ',' + bstar + '\n';
  }
  test::temporary_folder folder_;
};

}  // namespace orbitmoe::test
