// What a handler is and what it is given.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace errand {

/// Thrown by a handler whose work would fail however often it were tried: the task is failed at
/// once, whatever its max_attempts, with the error type "permanent" and this text.
class PermanentError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Thrown by a handler that can't do its work now: the task runs again after `wait` (up to ten
/// years, and at once if it is negative). That is no failure and does not count as one.
class RetryLater : public std::runtime_error {
public:
  explicit RetryLater(std::chrono::duration<double> wait, const std::string& why = {})
      : std::runtime_error(why), wait_(wait) {}

  std::chrono::duration<double> wait() const { return wait_; }

private:
  std::chrono::duration<double> wait_;
};

/// Thrown by a handler whose task is not to be done any more: it is cancelled, with the reason
/// "handler" and this text as its error, of the type "cancelled". That is no failure, nothing
/// follows it, and tasks that come after it learn of it as of any other that was cancelled. Not for
/// a run that is told to end early (see TaskContext::cancelled()): a stopping server would put its
/// task back.
class CancelTask : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// One run of one task, seen from its handler. Lives as long as the call; to be used from the
/// handler's thread, save for cancelled(), which any thread may ask.
class TaskContext {
public:
  virtual ~TaskContext() = default;

  /// The task's id, in text form.
  virtual std::string id() const = 0;
  virtual const std::string& kind() const = 0;
  virtual const std::string& queue() const = 0;

  /// What the client sent as `args`.
  virtual const nlohmann::json& args() const = 0;

  /// The results of the tasks that this one comes after, by their ids: {"0193…": 5, …}; null for
  /// one that did not succeed (see on_dependency_failure) or was deleted. Empty if it comes after
  /// none. Read from the store when it is asked for the first time, which blocks on the disk and
  /// takes memory for all of them, and is kept for the rest of the run. Throws std::runtime_error
  /// if the store can't be read; a handler that lets that pass is tried again.
  virtual const nlohmann::json& upstream() = 0;

  /// 1 for the first run. A run may be a repetition even at 1 + crashes: work should be idempotent.
  virtual int attempt() const = 0;

  /// True once the run should end early: its deadline is over, a client cancelled the task, or the
  /// server is stopping and its patience is over. Asking costs a look at the clock, some 30 ns.
  /// Throw anything to end as told; a result that is returned all the same makes the task
  /// succeeded. A handler that never asks is not interrupted, and nobody waits for it for ever:
  /// some seconds after the deadline (Options::timeout_grace) the attempt is failed as "timeout",
  /// when the server stops the task is put back, and what the handler returns after that is
  /// ignored.
  virtual bool cancelled() const = 0;

  /// The W3C trace context that came with the submit, to be sent on to others; or empty.
  virtual const std::string& traceparent() const = 0;

  /// When this run's timeout_s is over.
  virtual std::chrono::system_clock::time_point deadline() const = 0;

  /// Blocks for that long, or until cancelled() or the deadline. False if it was cut short.
  virtual bool sleep_for(std::chrono::duration<double> time) = 0;

  /// A line for the task's own log (`GET /v1/tasks/{id}/log`), which is on the disk no later than
  /// the run's outcome, and for the server's log, with the task's id beside it. Line breaks make
  /// several lines. A line is kept up to 8 KiB and a task's log up to 10,000 lines and 1 MiB; what
  /// is not UTF-8 shows as U+FFFD. Does not block; any number of calls is fine.
  virtual void log(std::string_view line) = 0;

  /// How far the run is: fraction 0..1, and a word for people (kept up to 1 KiB), for the task's
  /// `progress` and for `GET /v1/events`. May be called as often as is handy: of many calls in a
  /// short time the store sees some 10 a second, and the last one before the run ends in any case.
  /// Does not block.
  virtual void progress(double fraction, std::string_view message = {}) = 0;
};

/// Runs on a worker's own thread and may block. What it returns becomes the task's result; what it
/// throws makes the attempt failed, with the exception's text as error, and the task runs again
/// after its backoff, save for the three exceptions above. So does a result that can't be written
/// as JSON, for it has text that is not UTF-8 or a discarded value. That numbers which are not
/// finite become null, and binary values objects, is nlohmann's way. Called from several threads
/// at once. Must not end its thread other than by returning or throwing.
using Handler = std::function<nlohmann::json(TaskContext&)>;

} // namespace errand
#pragma GCC visibility pop
