// POST /v1/tasks, GET /v1/tasks/{id}, GET /v1/tasks: URL and body <-> one message.
#pragma once

#include "http/json_codec.hpp"
#include "http/known_kinds.hpp"
#include "http/router.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// A submit of a kind that is not known is accepted with a warning.
void add_task_routes(router& to, known_kinds known);

/// Whether that is application/json, with or without parameters.
bool is_json(std::string_view content_type);

/// 202 with the task and its Location; 200 if it is a duplicate.
reply accepted_reply(const task& accepted, const submit_notes& notes);

/// What a refusal of the READER or the STORE means to who asked for that task.
reply failed_look(const task_id& id, const status& why);

} // namespace errand
