// JSON text <-> values: the one place that knows how a task looks on the wire. Pure; any thread.
// The front calls it between two requests, so it neither blocks nor builds a tree.
#pragma once

#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "task/task.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

using decoded_spec = std::variant<task_spec, problem>;

/// Reads what a client sends to submit a task. Refused are text that is not JSON (400: says where)
/// and JSON that is not a spec (422: all that is wrong, but nothing is read beyond 32 faults, 100
/// levels, or a number that no double can hold). `args` come without the whitespace between their
/// tokens but with every digit of their numbers, also those that no int64 or double keeps; handlers
/// see the nearest double. A run_at that has passed stays as it is (see due_at()).
decoded_spec decode_spec(std::string_view body);

/// What the answer to a submit tells beside the task.
struct submit_notes {
  bool duplicate = false; ///< The task was there before and stands for the one that was sent.
  std::vector<std::string> warnings;
};

/// A task as clients see it. `duplicate` and `warnings` appear only if there are any, `attempts`
/// only if asked for.
std::string encode_task(const task& row, bool with_attempts, const submit_notes& notes = {});

/// The same within an answer, without its attempts.
void write_task(json_writer& w, const task& row);

/// A field `warnings` of the open object, if there are any.
void write_warnings(json_writer& w, const std::vector<std::string>& warnings);

/// What was asked for of a task that is not there yet, as clients send it.
void write_spec(json_writer& w, const task_spec& spec);

/// One page of a list; `next` is what list_request::after of the next page has to be.
std::string encode_page(const std::vector<task>& tasks, std::optional<int64_t> next);

} // namespace errand
