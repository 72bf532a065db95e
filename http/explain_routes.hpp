// GET /v1/tasks/{id}/explain: why a task is not running right now.
#pragma once

#include "http/known_kinds.hpp"
#include "http/router.hpp"

#include <string>
#include <vector>

namespace errand {

void add_explain_routes(router& to, known_kinds known, wall_clock now);

} // namespace errand
