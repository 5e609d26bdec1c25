#pragma once

#include <string>
#include <vector>

#include <orbitmoe/constellation/element_set.hpp>
#include <orbitmoe/error.hpp>

namespace orbitmoe {

/// What a reader of element sets does with a record that it cannot read.
enum class bad_records {
  refuse,  ///< throws invalid_input, which names the place
  skip     ///< goes on and lists it beside the others
};

/// A record that was not read.
struct skipped_record {
  std::string place;   ///< "line 12", counted from 1; in JSON "[17]", counted from 0
  std::string reason;  ///< what was found there and what is allowed
  bool operator==(const skipped_record&) const = default;
};

/// What a reader of element sets has read.
struct element_records {
  std::vector<element_set> sets;        ///< in the order of the text
  std::vector<skipped_record> skipped;  ///< empty where bad records are refused
  bool operator==(const element_records&) const = default;
};

namespace detail {

/// Adds the set that `parse` returns; `place`, read afterwards, is where it failed.
/// @throws invalid_input  `parse` throws it and bad records are refused.
template<typename Parse>
void add_record(element_records& out, bad_records policy, const std::string& place, Parse parse) {
  try {
    out.sets.push_back(parse());
  } catch (const invalid_input& error) {
    if (policy == bad_records::refuse) throw error.within(place, ", ");
    out.skipped.push_back({place, error.what()});
  }
}

}  // namespace detail
}  // namespace orbitmoe
