// GET /v1/workers: who runs what.
#pragma once

#include "http/router.hpp"

namespace errand {

void add_worker_routes(router& to);

} // namespace errand
