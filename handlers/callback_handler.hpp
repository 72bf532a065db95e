// The kind errand.callback: tells the callback_url of a task that it has ended. The store adds such
// a task with the end of the other one.
#pragma once

#include "handlers/http_sender.hpp"
#include "handlers/registry.hpp"
#include "task/id.hpp"
#include "task/status.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace errand {

/// The task as `GET /v1/tasks/{id}` shows it; nothing if it has not ended, which may be so again
/// after a client retried it. not_found if it is deleted. Called by all workers' threads; blocks.
using final_task_lookup = std::function<status_or<std::optional<std::string>>(const task_id& id)>;

/// Adds the kind. What is sent has the callback task's own id as its webhook-id, since a task that
/// is retried ends more than once, and tells of the other one in Errand-Task-Id. The result is
/// {"status": 204}, or null if there was nothing to tell because the task runs again.
void add_callback_handler(handler_registry& registry, std::shared_ptr<http_sender> sender,
                          final_task_lookup look_up);

} // namespace errand
