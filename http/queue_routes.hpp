// /v1/queues: what queues are told, what they hold, and what went on in them lately.
#pragma once

#include "http/router.hpp"

namespace errand {

/// `now` is for ages.
void add_queue_routes(router& to, wall_clock now);

} // namespace errand
