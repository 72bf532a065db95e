// The URL of a server, as a client takes it apart.
#pragma once

#include <optional>
#include <string>

namespace errand {

struct server_url {
  std::string origin; ///< "http://127.0.0.1:8002"
  std::string host;   ///< "127.0.0.1:8002", as the header Host has it
  std::string base;   ///< What stands before each path: "" or "/errand", without a slash at its end
};

/// Nothing unless it is an absolute http or https URL without user name, query and fragment.
std::optional<server_url> parse_server_url(const std::string& url);

} // namespace errand
