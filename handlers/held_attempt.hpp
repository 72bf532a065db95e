// A TaskContext for an attempt that is no call of a handler: it keeps all that it needs alive.
#pragma once

#include "handlers/task_context.hpp"

#include <memory>

namespace errand {

/// What every attempt needs of the server.
struct attempt_surroundings {
  upstream_lookup look_up;
  logger_ptr log;
  note_sender send;
};

/// `slot` is in `batch`. Null if the stored args are not JSON.
std::shared_ptr<task_context> hold_attempt(attempt_batch_ptr batch, const attempt_batch::slot& slot,
                                           const attempt_surroundings& around);

} // namespace errand
