// A row of the table `tasks` as a value. Pure but for the row that it reads.
#pragma once

#include "store/sqlite_statement.hpp"
#include "task/task.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// Arguments longer than this (bytes) live in long_args. Rows are rewritten with each change of
/// state, and cost as many bytes of the log each time.
inline constexpr size_t inline_args_max = 1024;

/// What `read_task` expects to be selected, in this order, from `tasks`.
extern const char* const task_columns;

/// Without `attempts`. `after` is a statement of select_after; it is run only for a task that comes
/// after others.
task read_task(const sqlite_execution& row, sqlite_statement& after);

/// The ids of the tasks that one comes after, the oldest first.
extern const char* const select_after;

/// Id, tail and result of each task that one comes after, the oldest first; no result if it did not
/// succeed, or is deleted.
extern const char* const select_upstream_results;

/// Tags as the row holds them; nothing for none.
std::optional<std::string> tags_to_json(const tag_map& tags);
tag_map tags_from_json(const std::optional<std::string>& text);

/// Policies as the row holds them; nothing for the default.
std::optional<std::string> retry_to_json(const retry_policy& policy);
retry_policy retry_from_json(const std::optional<std::string>& text);

/// The last attempt as the task's own row tells it; nothing before the first. Those that ended
/// while the task went on are in the table `attempts`, which is then right and this is not.
std::optional<attempt_record> last_attempt(const task& row);

/// The error type of an attempt that was lost with its worker or server, and what it tells people.
inline constexpr std::string_view worker_lost = "worker_lost";
inline constexpr std::string_view worker_lost_message =
    "the worker or the server that ran this attempt went down before it ended";

} // namespace errand
