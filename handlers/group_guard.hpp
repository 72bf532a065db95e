// Sees to it that process groups do not outlive this process, however that ends, by SIGKILL, too: a
// process of its own, the guard, waits for the end and kills the groups that are listed then. Linux
// 5.9 or newer.
#pragma once

#include "handlers/unique_fd.hpp"

#include <cstddef>
#include <mutex>
#include <sys/types.h>
#include <utility>

namespace errand {

/// Starts its guard with the first place that is taken, and another if that one is gone, which
/// knows what the first one knew: the list is in memory that both processes share. So no message
/// between them can be late, lost, or too many for a pipe. Any thread may call it; it must outlive
/// its places.
class group_guard {
public:
  /// A place in the list, for one group. Belongs to one thread.
  class place {
  public:
    place() = default; ///< None at all: enter() and clear() do nothing.
    ~place() { clear(); }
    place(place&& other) noexcept
        : slot_(std::exchange(other.slot_, nullptr)), error_(other.error_) {}
    place& operator=(place&& other) noexcept;

    /// Why it is none: an errno, ENOSPC if the list is full; 0 if it is one.
    int error() const { return error_; }

    /// From now on that group dies with this process. To be called by the group's leader, between
    /// fork and exec, before it looks whether its parent still lives: who passes that look is in
    /// the list in time. A store to memory and nothing else.
    void enter(pid_t group) const;

    /// The group is let go, and the place is none any more. To be called when the group has ended,
    /// but before its leader is reaped: after that the number may be another's.
    void clear();

  private:
    friend group_guard;
    explicit place(pid_t* slot) : slot_(slot) {}

    pid_t* slot_ = nullptr; ///< In the list.
    int error_ = 0;
  };

  group_guard() = default;

  /// Ends the guard and reaps it.
  ~group_guard();

  group_guard(const group_guard&) = delete;
  group_guard& operator=(const group_guard&) = delete;

  /// Makes a process if no guard runs. If that fails there is no place, and the next call tries
  /// again. Does not throw.
  place take_place();

private:
  bool runs() const;
  int start(); ///< An errno, or 0.

  std::mutex mutex_;
  pid_t* list_ = nullptr; ///< Shared with the guard. 0: free; -1: taken; else a group.
  size_t next_ = 0;       ///< Where to look for a free one.
  pid_t guard_ = -1;
  unique_fd lifeline_; ///< Nobody writes to this pipe: its end is what the guard waits for.
};

} // namespace errand
