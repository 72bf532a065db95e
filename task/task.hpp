// The values that everything else passes around: what a client asks for, the row it becomes, one
// run of it, and how that run ended. JSON travels as text; only its edges parse it.
#pragma once

#include "task/dependency.hpp"
#include "task/id.hpp"
#include "task/retry.hpp"
#include "task/state.hpp"
#include "task/time.hpp"
#include "task/unique.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace errand {

using tag_map = std::map<std::string, std::string>;

inline constexpr int default_max_attempts = 5;
inline constexpr int default_max_crashes = 3;

/// What a client asks for, already checked by the rules in task/spec_rules.hpp.
struct task_spec {
  std::string kind;             ///< Which handler runs it.
  std::string args_json = "{}"; ///< Handed to the handler as it is.
  std::string queue = "default";
  int priority = 0;                    ///< -100..100, higher first within a queue.
  std::optional<timestamp> run_at;     ///< Not before then; nothing means now.
  duration delay{0};                   ///< Added to the time of acceptance when run_at is not set.
  std::optional<timestamp> expires_at; ///< No attempt starts from then on.
  std::optional<duration> expires_in;  ///< The same, after acceptance, when expires_at is not set.
  duration timeout = std::chrono::hours(1); ///< Of one attempt.
  int max_attempts = default_max_attempts;  ///< With so many failures the task is failed.
  int max_crashes = default_max_crashes;    ///< With so many lost attempts the task is failed.
  retry_policy retry;
  std::optional<unique_rule> unique;
  std::string group;          ///< Whose it is, or empty.
  std::vector<task_id> after; ///< Waits until these have ended.
  dependency_policy on_dependency_failure = dependency_policy::cancel;
  tag_map tags;             ///< At most 16.
  std::string traceparent;  ///< W3C trace context of the submit, or empty.
  std::string callback_url; ///< Gets the task once it has ended; or empty.
};

/// What tells callback_url of a task's end is a task of its own, of this kind and queue. Its args
/// are {"task": id, "url": callback_url}.
inline constexpr const char* callback_kind = "errand.callback";
inline constexpr const char* callback_queue = "callbacks";

/// The error type of an attempt that took longer than its timeout.
inline constexpr const char* timeout_error = "timeout";

/// The error type of an attempt whose handler cancelled its task.
inline constexpr const char* cancelled_error = "cancelled";

/// Why the last attempt failed, or cancelled its task.
struct task_error {
  std::string type;    ///< "exception", "permanent", "timeout", "worker_lost", …
  std::string message; ///< For people.
  int attempt = 0;     ///< Which one.
};

/// How far an attempt says that it is.
struct task_progress {
  double fraction = 0; ///< 0..1.
  std::string message; ///< For people; may be empty.

  friend bool operator==(const task_progress&, const task_progress&) = default;
};

/// One run, as kept.
struct attempt_record {
  int number = 0; ///< 1 for the first.
  timestamp started_at{};
  std::optional<timestamp> finished_at;
  std::string worker;
  std::string outcome; ///< "running", "succeeded", "failed", "postponed", "lost",
                       ///< "cancelled".
  std::optional<task_error> error;
  std::optional<timestamp> next_run_at; ///< If the task was to run again at a time.
};

/// The row.
struct task {
  task_id id;
  task_state state = task_state::queued;
  task_spec spec;
  timestamp created_at{};
  timestamp run_at{}; ///< When it became or becomes due; equals created_at for "now".
  std::optional<timestamp> started_at;                ///< Of the last attempt.
  std::optional<timestamp> finished_at;               ///< Set in final states only.
  int attempt = 0;                                    ///< How many were started.
  int failures = 0;                                   ///< How many of them failed.
  int crashes = 0;                                    ///< How many of them were lost.
  bool cancel_requested = false;                      ///< A client does not want it any more.
  std::optional<errand::cancel_reason> cancel_reason; ///< Of a cancelled one.
  std::string worker; ///< Of the last attempt; empty before the first.
  std::optional<std::string> result_json;
  std::optional<task_error> error;
  std::optional<task_progress> progress; ///< What the last attempt told last.
  std::vector<attempt_record> attempts;  ///< Filled only when one task is asked for.
  std::string schedule;                  ///< Which one made it, or empty.
  std::optional<timestamp> nominal_at;   ///< When that meant it; nothing if by a client's order.
};

/// What came of a task that another one comes after.
struct upstream_result {
  task_id id;
  std::optional<std::string> result_json; ///< Nothing if it did not succeed, or is deleted.
};

/// Which run of which task: what a worker's report names. A report whose attempt is no longer the
/// running one changes nothing.
struct attempt_ref {
  task_id id;
  int attempt = 0;
};

/// One claimed run: all that a worker needs.
struct attempt_spec {
  attempt_ref ref;
  std::string kind;
  std::string args_json;
  std::string queue;
  duration timeout{};
  std::string traceparent;
  timestamp started_at{};
  duration waited{}; ///< From when it was due until then.
};

/// One line that a handler wrote: valid UTF-8 without a line break, at most log_line_max bytes.
struct log_line {
  timestamp at{};
  std::string text;
};

/// What a handler says of its attempt while it runs.
struct attempt_note {
  attempt_ref ref;
  std::optional<task_progress> progress;
  std::vector<log_line> lines;
};

/// A task keeps so much of what its handlers write: enough to see what went wrong, and so little
/// that a handler that logs in a loop fills neither the disk nor whoever reads it. Bytes are those
/// of the lines and a line break for each.
inline constexpr int64_t log_lines_max = 10'000;
inline constexpr int64_t log_bytes_max = 1 << 20;

/// A longer line is cut: it must not be all that fits into the log.
inline constexpr size_t log_line_max = 8 << 10;

/// A longer message of a progress is cut: each change of state writes it again with its row.
inline constexpr size_t progress_message_max = 1 << 10;

/// What a client may order of a task that is there.
enum class task_order : uint8_t {
  cancel,
  retry,
  remove,
  purge, ///< As remove, but only if it has not started.
};

/// How a run ended, in its handler's eyes.
enum class attempt_outcome : uint8_t {
  succeeded,
  failed,          ///< May run again, if max_attempts allows.
  failed_for_good, ///< Would fail however often it is tried.
  postponed,       ///< Is to run again later; not a failure.
  cancelled,       ///< The task is not to run any more; not a failure.
};

/// The same, as its worker tells it.
struct attempt_report {
  attempt_ref ref;
  attempt_outcome outcome = attempt_outcome::failed;
  std::string result_json = "null"; ///< If it succeeded.
  std::string error_type;           ///< If it did not.
  std::string error_message;
  duration postponed_by{0}; ///< If it is to run again that long after finished_at.
  std::optional<duration> retry_in =
      {};                 ///< If it failed and is not the last: instead of backoff().
  std::string worker;     ///< Who ran it.
  timestamp started_at{}; ///< When its handler began.
  timestamp finished_at{};
  std::optional<duration> ran =
      {}; ///< In between by a clock that nobody sets; nothing if the two times are all there is.
};

/// How long that attempt took. Never negative.
inline duration time_taken(const attempt_report& report) {
  return std::max(report.ran.value_or(report.finished_at - report.started_at), duration{0});
}

} // namespace errand
