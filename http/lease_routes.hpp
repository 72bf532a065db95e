// POST /v1/leases and what is below: work for workers in any language.
#pragma once

#include "http/known_kinds.hpp"
#include "http/router.hpp"
#include "task/time.hpp"

namespace errand {

/// `known` hears of what workers offer to run.
void add_lease_routes(router& to, known_kinds known, wall_clock now);

} // namespace errand
