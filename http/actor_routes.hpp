// GET /v1/actors: how the parts of the server stand, and what waits in their mailboxes.
#pragma once

#include "http/router.hpp"

namespace errand {

void add_actor_routes(router& to);

} // namespace errand
