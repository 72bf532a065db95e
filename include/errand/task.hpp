// What a program asks for, what becomes of it, and why it may be refused. Plain values.
#pragma once

#include <errand/time.hpp>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace errand {

/// A task's id in text form, a UUIDv7.
using TaskId = std::string;

enum class TaskState : uint8_t {
  scheduled, ///< Its time lies ahead.
  waiting,   ///< For the tasks that it comes after.
  queued,
  running,
  retrying,  ///< Failed, and runs again.
  succeeded, ///< Final, as the two below.
  failed,
  cancelled,
};

/// The word that HTTP has for it: "succeeded".
std::string_view to_string(TaskState state);

/// The wait after failure n: min_backoff * factor^(n-1), at most max_backoff, and that give or take
/// `jitter` of itself.
struct Retry {
  Seconds min_backoff{1};
  Seconds max_backoff{3600};
  double factor = 2;
  double jitter = 0.2;
};

/// At most one task with this key at a time.
struct Unique {
  enum class Until : uint8_t { started, final, window };
  enum class OnConflict : uint8_t {
    keep,    ///< The other task stands for the new one. HTTP calls it "return".
    replace, ///< The other is cancelled, unless it runs.
    reject,  ///< RequestError::Fault::not_unique.
  };
  std::string key;
  Until until = Until::final; ///< How long a task holds the key.
  Seconds window{0};          ///< From its acceptance on, for Until::window.
  OnConflict on_conflict = OnConflict::keep;
};

/// A task to be. Each field is that of POST /v1/tasks, with the same default, limits and meaning;
/// but http.max_body_bytes bounds what comes by HTTP alone. A program's args may be as large as
/// memory and SQLite (1 GB for all of a task) allow.
struct TaskSpec {
  std::string kind; ///< Which handler runs it. All else may be left as it is.
  nlohmann::json args = nlohmann::json::object();
  std::string queue = "default";
  int priority = 0;
  std::optional<Seconds> delay = {};      ///< At most one of `delay` and `run_at`.
  std::optional<Time> run_at = {};        ///< To the millisecond, as all times.
  std::optional<Seconds> expires_in = {}; ///< At most one of `expires_in` and `expires_at`.
  std::optional<Time> expires_at = {};
  Seconds timeout{3600};
  int max_attempts = 5;
  int max_crashes = 3;
  Retry retry = {};
  std::optional<Unique> unique = {};
  std::string group = {};

  /// Tasks that must have ended before. In a batch also "#0": the first task of the batch.
  std::vector<TaskId> after = {};
  bool run_after_failure = false; ///< Run also if one of those did not succeed.
  std::map<std::string, std::string> tags = {};
  std::string callback_url = {};
};

/// A task as it was when it was asked for.
struct Task {
  struct Error {
    std::string type; ///< "exception", "timeout", …
    std::string message;
    int attempt = 0; ///< Which one failed so.
  };
  struct Progress {
    double fraction = 0; ///< 0..1
    std::string message;
  };

  TaskId id;
  std::string kind;
  std::string queue;
  nlohmann::json args;
  int priority = 0;
  std::map<std::string, std::string> tags;
  TaskState state = TaskState::queued;
  Time created_at{};
  Time run_at{}; ///< When it became or becomes due.
  std::optional<Time> started_at;
  std::optional<Time> finished_at;
  int attempt = 0;                  ///< So many were started.
  nlohmann::json result;            ///< What its handler returned; null before.
  std::optional<Error> error;       ///< Of the last failure, or why its handler cancelled it.
  std::optional<Progress> progress; ///< What the last attempt told last.
  bool cancel_requested = false;
  std::string cancel_reason; ///< "requested", "expired", …; empty unless it is cancelled.

  bool is_final() const { return state >= TaskState::succeeded; }
};

/// Tasks that a clock makes.
struct Schedule {
  enum class Missed : uint8_t { skip, run_once, run_all }; ///< Fires that nobody made in time.
  enum class Overlap : uint8_t { allow, skip, cancel_previous }; ///< If the last still runs.

  std::string cron = {}; ///< Five fields, or "@daily"; or instead
  std::optional<Seconds> every = {};
  std::string time_zone = "UTC"; ///< In which `cron` is meant.
  TaskSpec task = {};
  Missed missed = Missed::run_once;
  Overlap overlap = Overlap::allow;
  bool paused = false;
};

/// Why what was asked for was not done. what() says it for people, with the value and what to do.
class RequestError : public std::runtime_error {
public:
  enum class Fault : uint8_t {
    invalid,      ///< What was asked for breaks a rule.
    not_found,    ///< There is no such task.
    wrong_state,  ///< The task is in a state in which that can't be done.
    not_unique,   ///< Another task holds the unique key.
    stopped,      ///< The server does not run, or is about to stop.
    store_full,   ///< The disk is full. Nothing was changed.
    store_failed, ///< Likewise, for another reason.
    timed_out,    ///< No answer in time; whether it was carried out is not known.
    full,         ///< So many closures are deferred already, or there is no thread for them.
  };

  RequestError(Fault fault, const std::string& what) : std::runtime_error(what), fault_(fault) {}

  Fault fault() const { return fault_; }

private:
  Fault fault_;
};

} // namespace errand
#pragma GCC visibility pop
