// GET /livez, /readyz, /version, and / for who looks around.
#pragma once

#include "http/router.hpp"

#include <string>

namespace errand {

/// How long the actors get to show that they live.
inline constexpr std::chrono::seconds probe_patience{2};

void add_health_routes(router& to, const std::string& version);

} // namespace errand
