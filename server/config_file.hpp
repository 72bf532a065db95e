// Reads errand.toml into values with places. What the keys mean is for settings.hpp to say. Used
// once, before anything starts.
#pragma once

#include "server/setting.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// One value of the file; a table shows up through its values, or by itself if it is empty.
struct config_entry {
  std::string key; ///< With its tables' names: "http.port". Parts that need it are quoted.
  std::vector<std::string> path; ///< The same, part by part and as it is.
  given_value value;
  std::string key_place;   ///< "errand.toml:3:1": line and column, from 1.
  std::string value_place; ///< "errand.toml:3:8"
  bool is_empty_table = false;
};

struct config_file {
  std::vector<config_entry> entries; ///< In the file's order.
  std::string error; ///< Why it could not be read, or is no TOML, with the place; else empty.
};

/// What an array of tables holds, and all within it.
struct config_tree {
  nlohmann::json value;                      ///< Dates and times as text.
  std::map<std::string, std::string> places; ///< By JSON pointer: "/0/args/seconds".
  std::vector<std::string> errors;           ///< What JSON has no form for, with its place.

  /// Of the value there, or of what it would stand in.
  const std::string& place_of(std::string pointer) const;
};

/// Blocks on the disk. Takes at most 1 MiB.
config_file read_config_file(const std::string& path);

/// The same of text that is in memory; `name` stands for it in places.
config_file parse_config(std::string_view text, const std::string& name);

} // namespace errand
