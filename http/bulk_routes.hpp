// POST /v1/tasks/cancel, /retry and /delete: one order for every task that matches a filter.
#pragma once

#include "http/router.hpp"

namespace errand {

void add_bulk_routes(router& to);

} // namespace errand
