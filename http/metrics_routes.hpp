// GET /metrics: what the server counts and holds, for Prometheus.
#pragma once

#include "http/router.hpp"

#include <string>

namespace errand {

/// `version` is the server's; `now` is for ages.
void add_metrics_routes(router& to, const std::string& version, wall_clock now);

} // namespace errand
