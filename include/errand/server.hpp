// The task server as an object.
#pragma once

#include <errand/handler.hpp>
#include <errand/options.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace errand {

/// Thrown by TaskServer::start(): the store, the port or an option does not allow it. what() says
/// which, with the value, and what to do.
class StartError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// One server: store, workers and HTTP. Several may live in one process, each with its own store
/// and port. Calls are to be made from one thread at a time, except request_stop().
class TaskServer {
public:
  explicit TaskServer(Options options);

  /// stop(), if it runs.
  ~TaskServer();

  TaskServer(const TaskServer&) = delete;
  TaskServer& operator=(const TaskServer&) = delete;

  /// Says what runs tasks of `kind` (1..128 of [A-Za-z0-9._:/-]); replaces an earlier handler, also
  /// a built-in one. Only before start(). Throws std::invalid_argument for a kind that is not so.
  void handle(std::string kind, Handler handler);

  /// Opens the store, puts back what was running when it was last closed, listens. Returns when
  /// requests are answered. Throws StartError, and then nothing was started.
  void start();

  /// start(), then blocks until SIGINT or SIGTERM (or request_stop()), then stop(). A second signal
  /// ends the process at once with exit status 128 + its number. True if stop() is.
  bool run();

  /// Stops accepting, answers what is in flight, waits up to drain_timeout for running handlers,
  /// tells the others through TaskContext::cancelled() and puts their tasks back. False if a
  /// handler still ran when it returned: its thread is left behind, and a main() should then leave
  /// by std::_Exit. A second call does nothing.
  bool stop();

  /// Makes run() go on to stop(). Any thread, also a handler's; returns at once.
  void request_stop();

  /// The port that it listens on; 0 before start().
  uint16_t port() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace errand
