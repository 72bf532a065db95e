// The routes that a server has when its configuration names none.
#pragma once

#include "http/ingress_routes.hpp"

#include <vector>

namespace errand {

/// GET /sleep: answers "when i sleep" while a worker sleeps for 5 seconds.
std::vector<ingress_route> default_routes();

} // namespace errand
