// What a running attempt takes for time, and how it sleeps: the machine's clocks, or those of a
// server whose time is moved by hand.
#pragma once

#include "actors/attempt_batch.hpp"
#include "task/time.hpp"

namespace errand {

class attempt_time {
public:
  virtual ~attempt_time() = default;

  /// By which begun_at and deadline() of slots are meant. Any thread.
  virtual steady_time now() const = 0;

  /// What lines of a log are stamped with. Any thread.
  virtual timestamp wall() const = 0;

  /// Lets time pass until `until`, or until `mine` (of `batch`) is cancelled; whether it is. From
  /// the attempt's thread.
  virtual bool wait_cancelled(attempt_batch& batch, const attempt_batch::slot& mine,
                              steady_time until) = 0;
};

/// The machine's clocks; wait_cancelled() blocks.
attempt_time& real_time();

} // namespace errand
