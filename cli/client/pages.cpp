#include "cli/client/pages.hpp"

namespace errand::client {

json all_pages(const session& s, const std::string& path, const std::string& name) {
  json all{{name, json::array()}, {"next_cursor", nullptr}};
  json cursor;
  do {
    auto next = path;
    add_parameter(next, "limit", "1000");
    if (cursor.is_string())
      add_parameter(next, "cursor", cursor.get<std::string>());
    const auto page = s.server.get(next).value;
    for (const auto& each : value_of(page, name.c_str()))
      all[name].push_back(each);
    cursor = value_of(page, "next_cursor");
  } while (cursor.is_string());
  return all;
}

} // namespace errand::client
