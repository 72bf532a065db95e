// The Prefer header (RFC 7240), as far as this server honours it.
#pragma once

#include "http/request.hpp"

#include <chrono>
#include <optional>

namespace errand {

/// Longest time that a client may have a request wait for a task.
inline constexpr std::chrono::seconds max_wait{300};

/// `wait=N` of the request's Prefer headers, at most max_wait. What can't be read is ignored, as
/// the RFC wants.
std::optional<std::chrono::seconds> preferred_wait(const http_request& request);

} // namespace errand
