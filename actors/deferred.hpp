// Closures that wait in memory for a thread; deferred_threads has those.
#pragma once

#include "task/logger.hpp"

#include <errand/deferred.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>

namespace errand {

/// One closure. Any thread.
class Deferred::Job {
public:
  explicit Job(std::function<void()> closure) : closure_(std::move(closure)) {}

  State state() const;
  bool cancel();
  State wait() const;

  /// Runs it, unless it was cancelled. What it throws is told to `log`.
  void run(logger& log);

private:
  bool move_on(State from, State to);

  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  State state_ = State::waiting;
  std::function<void()> closure_; ///< Empty once it has ended, with all that it held.
  std::exception_ptr thrown_;
};

using deferred_job = std::shared_ptr<Deferred::Job>;

/// First come, first served, and bounded. Any thread.
class deferred_queue {
public:
  explicit deferred_queue(size_t max) : max_(max) {}

  enum class outcome { taken, full, closed };
  outcome add(deferred_job job);

  /// Blocks until there is one; null once the queue is closed.
  deferred_job next();

  /// The one that next() gave has ended.
  void ended();

  /// Takes no more, and cancels what waits. How many those were.
  size_t close();

  /// Blocks until nothing runs any more, or until then. How many still run.
  size_t wait_for_running(std::chrono::steady_clock::time_point until);

private:
  const size_t max_;
  std::mutex mutex_;
  std::condition_variable added_;
  std::condition_variable idle_;
  std::deque<deferred_job> waiting_;
  size_t running_ = 0;
  bool is_closed_ = false;
};

} // namespace errand
