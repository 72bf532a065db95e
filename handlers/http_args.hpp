// What the args of a task of the kind `http` may be, and the request that they ask for. Pure.
#pragma once

#include "handlers/webhook_signature.hpp"
#include "task/status.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// One request, save for what the server adds to each.
struct http_message {
  std::string url;
  std::string method; ///< In capitals.
  header_list headers;
  std::optional<std::string> body;
};

struct http_args {
  http_message message;
  std::vector<int> expect_status; ///< Those that succeed; empty: 200 to 299.
};

/// Reads {"url", "method"?, "headers"?, "body"? or "json"?, "expect_status"?}; else tells all that
/// is wrong, with pointers into the args. A Content-Type is put where a body has none.
status_or<http_args> read_http_args(const nlohmann::json& args);

/// Whether two header names, or texts of such letters, are the same but for upper and lower case.
bool same_name(std::string_view a, std::string_view b);

/// The value of the header with that name, the first one; null if there is none.
const std::string* find_header(const header_list& headers, std::string_view name);

} // namespace errand
