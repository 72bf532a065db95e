// Options -> what http/access goes by, and what there is to warn of.
#pragma once

#include "http/access.hpp"
#include "http/listener.hpp"
#include "task/logger.hpp"

#include <errand/options.hpp>

namespace errand {

/// Precondition: wrong_options() finds nothing wrong.
access_setup make_access_setup(const Options& options);

/// Says in the log when a server that others can reach has no token: that it answers none of them,
/// or all.
void warn_of_access(const Options& options, const listener& listening, logger& log);

} // namespace errand
