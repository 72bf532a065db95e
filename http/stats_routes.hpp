// GET /v1/stats: how much there is to do, and how fast it is done.
#pragma once

#include "http/router.hpp"

namespace errand {

/// `now` is for ages.
void add_stats_routes(router& to, wall_clock now);

} // namespace errand
