// The life of a task: which event moves which state where. Nothing else decides that.
// docs/lifecycle.md draws the same table, and a test compares the two.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

/// Stored in rows: never renumber.
enum class task_state : uint8_t {
  scheduled = 1, ///< run_at lies ahead.
  waiting = 2,   ///< For the tasks it comes after.
  queued = 3,    ///< Ready; a worker may take it.
  running = 4,   ///< An attempt was recorded and belongs to a worker.
  retrying = 5,  ///< The last attempt failed; runs again at run_at.
  succeeded = 6, ///< Final.
  failed = 7,    ///< Final: attempts used up, or told not to retry, or lost too often.
  cancelled = 8, ///< Final.
};

/// Why a task was cancelled. Stored in rows: never renumber.
enum class cancel_reason : uint8_t {
  requested = 1,  ///< By a client.
  expired = 2,    ///< Its expires_at came before its attempt.
  replaced = 3,   ///< Another with its unique key took its place.
  dependency = 4, ///< A task that it comes after failed or was cancelled.
  handler = 5,    ///< By its own handler, or by the worker outside that had it.
};

inline constexpr std::array all_task_states = {
    task_state::scheduled, task_state::waiting,   task_state::queued, task_state::running,
    task_state::retrying,  task_state::succeeded, task_state::failed, task_state::cancelled,
};

/// What can happen to a task.
enum class task_event : uint8_t {
  due,           ///< run_at has come.
  claim,         ///< A worker gets it; an attempt begins.
  succeed,       ///< The attempt ended with a result.
  fail,          ///< The attempt failed, and another may follow.
  fail_last,     ///< As `fail`, but max_attempts is reached, or no other could do better.
  postpone,      ///< The handler asked to be run again later; that is no failure.
  lose,          ///< The attempt was lost with its worker or server, and may run again.
  lose_last,     ///< As `lose`, but max_crashes is reached.
  cancel,        ///< It is not running, and not wanted any more; see cancel_reason.
  stop,          ///< Its attempt ended without a result, and a client, or the handler itself, does
                 ///< not want it any more.
  renew,         ///< A client wants it to run once more.
  release,       ///< The attempt was given back before it did anything; it does not count.
  unblock,       ///< All that it waited for has ended.
  unblock_early, ///< As `unblock`, but run_at still lies ahead.
};

inline constexpr std::array all_task_events = {
    task_event::due,       task_event::claim,         task_event::succeed, task_event::fail,
    task_event::fail_last, task_event::postpone,      task_event::lose,    task_event::lose_last,
    task_event::cancel,    task_event::stop,          task_event::renew,   task_event::release,
    task_event::unblock,   task_event::unblock_early,
};

/// The state after `event`, or nothing if the event is refused in this state.
std::optional<task_state> next_state(task_state state, task_event event);

bool is_final(task_state state);

/// scheduled, waiting, queued: what a purge takes. Retrying is between two attempts.
bool has_not_started(task_state state);

/// The words of the API, the log and docs/lifecycle.md.
std::string_view to_string(task_state state);
std::string_view to_string(task_event event);
std::string_view to_string(cancel_reason reason);
std::optional<task_state> parse_task_state(std::string_view word);

} // namespace errand
