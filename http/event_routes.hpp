// GET /v1/events: what happens, as server-sent events.
#pragma once

#include "http/router.hpp"

#include <chrono>

namespace errand {

/// A stream on which nothing happens says so that often.
void add_event_routes(router& to, std::chrono::milliseconds heartbeat_every);

} // namespace errand
