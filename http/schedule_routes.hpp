// /v1/schedules: URL and body <-> one message.
#pragma once

#include "http/known_kinds.hpp"
#include "http/router.hpp"

#include <string>
#include <vector>

namespace errand {

/// A schedule whose task is of a kind that is not known is accepted with a warning.
void add_schedule_routes(router& to, known_kinds known);

} // namespace errand
