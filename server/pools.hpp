// Which pool of workers runs what.
#pragma once

#include "actors/dispatcher.hpp"

#include <errand/options.hpp>

#include <string>
#include <vector>

namespace errand {

/// The default pool, and those of `options`. A pool runs what its queues and kinds say, the default
/// one all that no other pool does, and each only what is of one of `kinds`: those that have
/// handlers. Except for pools of no workers: those get the program's, which may run anything.
std::vector<pool_options> worker_pools(const Options& options,
                                       const std::vector<std::string>& kinds);

/// Kinds that pools with workers name and that have no handler, one line each.
std::vector<std::string> kinds_without_handler(const Options& options,
                                               const std::vector<std::string>& kinds);

} // namespace errand
