// What a text of errand.toml becomes.
#pragma once

#include "server/settings.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>
#include <string>

namespace errand::test {

/// Beside the file there is `token` in ERRAND_TOKEN. Places in the file are told as "f:1:1".
inline loaded_settings load(const std::string& text, const std::string& token = {}) {
  const temp_folder folder;
  const auto path = folder.file("errand.toml");
  std::ofstream(path) << text;
  settings_sources sources;
  sources.config_file = path;
  sources.variables = {{"ERRAND_TOKEN", token}};
  auto loaded = load_settings(sources);
  const auto shorten = [&](std::string& told) {
    if (const auto at = told.find(path); at != told.npos)
      told.replace(at, path.size(), "f");
  };
  for (auto& error : loaded.errors)
    shorten(error);
  for (auto& origin : loaded.named_origins)
    shorten(origin.second);
  return loaded;
}

} // namespace errand::test
