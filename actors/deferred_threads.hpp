// The threads that run deferred closures.
#pragma once

#include "actors/deferred.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace errand {

/// DEFERRED WORKERs: each runs closures of one queue until that is closed. They are threads and not
/// actors of CAF, which counts one that the system has no thread for, and waits for it at its end.
class deferred_threads {
public:
  /// A thread that runs `work`. Throws std::system_error if there can be none.
  using starter = std::function<std::thread(std::function<void()> work)>;

  /// They may outlive this, with the queue and the log.
  deferred_threads(std::shared_ptr<deferred_queue> from, size_t count, logger_ptr log,
                   starter start = start_thread);

  /// Those that still run go on by themselves.
  ~deferred_threads();

  deferred_threads(const deferred_threads&) = delete;
  deferred_threads& operator=(const deferred_threads&) = delete;

  /// Starts those that do not run yet, as far as the system allows; the first time that it does not
  /// is logged. False if none runs. Any thread.
  bool start();

  /// Blocks until all have ended. Precondition: the queue is closed, and no closure runs.
  void join();

private:
  static std::thread start_thread(std::function<void()> work);

  const std::shared_ptr<deferred_queue> from_;
  const size_t count_;
  const logger_ptr log_;
  const starter start_;
  std::mutex mutex_; ///< Of what follows.
  std::vector<std::thread> threads_;
  bool has_warned_ = false;
};

} // namespace errand
