// SIGINT and SIGTERM as something to wait for, instead of handlers that run anywhere.
#pragma once

#include <csignal>
#include <optional>

namespace errand {

/// Ignores SIGPIPE and SIGXFSZ in the whole process: a closed peer and a file size limit are told
/// by the calls that meet them.
void ignore_failed_writes();

/// Blocks both signals in this thread and in those it starts later, and reads them from a file
/// descriptor. Gives the thread its old mask back in the end.
class stop_signals {
public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Blocks until a signal comes, and gives its number, or until `other_fd` can be read: nothing.
  std::optional<int> wait(int other_fd);

private:
  sigset_t old_mask_;
  int fd_;
};

/// An event that any thread can set and that stop_signals::wait can wait for beside signals.
class wake_event {
public:
  wake_event();
  ~wake_event();
  wake_event(const wake_event&) = delete;
  wake_event& operator=(const wake_event&) = delete;

  void set();
  int fd() const { return fd_; }

private:
  int fd_;
};

} // namespace errand
