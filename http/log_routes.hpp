// GET /v1/tasks/{id}/log: what a task's handlers wrote, as text or as it comes.
#pragma once

#include "http/router.hpp"

#include <chrono>

namespace errand {

/// A stream on which nothing happens says so that often.
void add_log_routes(router& to, std::chrono::milliseconds heartbeat_every);

} // namespace errand
