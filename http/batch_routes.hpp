// POST /v1/tasks/batch: many tasks that are accepted together or not at all.
#pragma once

#include "http/known_kinds.hpp"
#include "http/router.hpp"

#include <string>
#include <vector>

namespace errand {

/// Tasks of other kinds than these earn warnings.
void add_batch_routes(router& to, known_kinds known);

} // namespace errand
