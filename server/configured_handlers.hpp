// The built-in kinds that settings shape (http, exec, email), and the server's own, for callbacks.
#pragma once

#include "handlers/callback_handler.hpp"
#include "handlers/http_sender.hpp"
#include "handlers/registry.hpp"

#include <errand/options.hpp>

#include <memory>

namespace errand {

/// Adds all of them to `registry`, save for those that it has already: a program's own handler
/// stands. `sender` and `look_up`, for callbacks, may be null if no task will run.
void add_server_handlers(handler_registry& registry, const Options& options,
                         std::shared_ptr<http_sender> sender, final_task_lookup look_up);

} // namespace errand
