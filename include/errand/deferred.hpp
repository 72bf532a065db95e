// A closure that was deferred: what TaskServer::defer() gives back.
#pragma once

#include <memory>

#pragma GCC visibility push(default)
namespace errand {

/// A handle on it. It runs whether this lives or not. Any thread.
class Deferred {
public:
  enum class State { waiting, running, done, failed, cancelled };

  class Job; // The server's side.
  explicit Deferred(std::shared_ptr<Job> job) : job_(std::move(job)) {}

  State state() const;

  /// It will not run. False if it began, or was cancelled, already. It keeps its place among those
  /// that wait until its turn.
  bool cancel();

  /// Blocks until it has ended one way or the other. Rethrows what it threw. Not from a closure
  /// that is deferred itself: those who run them may all be waiting then.
  State wait() const;

private:
  std::shared_ptr<Job> job_;
};

} // namespace errand
#pragma GCC visibility pop
