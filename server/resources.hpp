// What the machine gives: cores for workers, file descriptors for connections.
#pragma once

#include "task/logger.hpp"

#include <cstddef>

namespace errand {

/// `configured`, or twice the cores and at least 2 if that is 0.
size_t worker_count(size_t configured);

/// Raises the process's soft limit of open files to its hard one, and gives how many of `wanted`
/// connections that leaves room for; warns if not all.
size_t affordable_connections(size_t wanted, logger& log);

} // namespace errand
