// The built-in kinds that settings shape: http, exec, email.
#pragma once

#include "handlers/http_sender.hpp"
#include "handlers/registry.hpp"

#include <errand/options.hpp>

#include <memory>

namespace errand {

/// Adds them to `registry`, save for those that it has already: a program's own handler stands.
/// `sender` is shared with the callbacks; it may be null if no task will run.
void add_configured_handlers(handler_registry& registry, const Options& options,
                             std::shared_ptr<http_sender> sender);

} // namespace errand
