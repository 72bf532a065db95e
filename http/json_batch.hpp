// A batch of tasks as clients write it, and what they get back. Pure; any thread.
#pragma once

#include "actors/messages.hpp"
#include "http/problem.hpp"
#include "task/batch.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

struct written_batch {
  task_batch batch;
  std::vector<std::string> refs; ///< Of each of batch.tasks; empty if it has none.
};

using decoded_batch = std::variant<written_batch, problem>;

/// Reads {"tasks": […], "then": {…}}. Refuses as decode_spec() does, with pointers such as
/// "/tasks/3/priority", and what arrange() refuses.
decoded_batch decode_batch(std::string_view body);

/// Which id and state each task has. `warnings` appears only if there are any.
std::string encode_batch(const accepted_batch& accepted, const std::vector<std::string>& refs,
                         bool has_then, const std::vector<std::string>& warnings);

} // namespace errand
