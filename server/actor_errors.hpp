// RequestError and what a WORKER of a program answers in place of a result, as errors of CAF and
// back. Any thread.
#pragma once

#include <errand/actors.hpp>

#include <string>

namespace errand {

caf::error to_error(const RequestError& refused);

/// Whether attempt_error() made it. Else it is CAF's, which says so of a WORKER that goes down, or
/// whatever else the WORKER answered.
bool is_attempt_error(const caf::error& why);

/// Throws what attempt_error() was made of. Precondition: is_attempt_error(why).
[[noreturn]] void throw_attempt_error(const caf::error& why);

/// Has the system show these errors with their texts.
void add_error_categories(caf::actor_system_config& config);

} // namespace errand
