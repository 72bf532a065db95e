// Where a redirect leads, and what of a request goes along. Pure; any thread.
#pragma once

#include "handlers/http_args.hpp"
#include "task/status.hpp"

#include <string>
#include <string_view>

namespace errand {

/// Whether an answer with that status and a Location asks for the same thing elsewhere.
bool is_redirect(int status);

/// The request that follows such an answer to `message`. 303, and 301 and 302 to a POST, become a
/// GET without body, as browsers do; any other is repeated as it is. To another origin (scheme,
/// host or port) goes no header but those that describe the content and what is accepted: others
/// may hold what is meant for the first one alone. Refused are URLs that no task could name, and
/// the way from https to http.
status_or<http_message> redirected(const http_message& message, int status,
                                   const std::string& location);

/// Whether both URLs have the same scheme, host and port. False for what is no URL.
bool same_origin(const std::string& a, const std::string& b);

} // namespace errand
