// The kind `http`, which sends a request for its task, and what it shares with callbacks.
#pragma once

#include "handlers/http_sender.hpp"
#include "handlers/registry.hpp"

#include <errand/options.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace errand {

/// `version` goes into the User-Agent. What of `options` is not allowed is left out: a server with
/// wrong options does not start.
http_sender_options sender_options(const HttpTaskOptions& options, std::string_view version);

/// Adds the kind `http`: args as read_http_args() takes them, the result as result_of() makes it.
void add_http_handler(handler_registry& registry, std::shared_ptr<http_sender> sender);

/// Errand-Task-Id, Errand-Attempt and, if there is one, traceparent. `about`: the id of the task
/// that the request tells of.
header_list task_headers(const TaskContext& task, const std::string& about);

/// Returns if the answer is a success. Throws PermanentError if it would be the same next time, and
/// else a typed_error, with the wait that it asks for, if it asks for one.
void require_success(const http_answer& answer, const std::vector<int>& expected);

} // namespace errand
