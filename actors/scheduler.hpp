// SCHEDULER: turns passing time into verbs of the store. It holds no tasks, only the time at which
// the next one falls due, and how far it has come in deleting those that ended long ago.
// Cooperative: it never blocks.
#pragma once

#include "actors/messages.hpp"
#include "actors/retention.hpp"

#include <chrono>

namespace errand {

/// Everything the SCHEDULER remembers.
struct scheduler_state {
  // Not an aggregate: CAF would else find that C++20 lets it start from a self pointer, and do it.
  scheduler_state() = default;

  store_actor store;
  wall_clock now;
  std::optional<timestamp> next_due;
  timestamp looked_at{}; ///< What the clock showed last.
  uint64_t timer = 0;    ///< Number of the newest timer; older ones are stale when they fire.
  retention_pass pass{{}};
  steady_time pass_began;
  static inline const char* name = "scheduler";
};

/// Due times are wall-clock times and timers are not, so a set clock is noticed within that long.
inline constexpr std::chrono::milliseconds longest_timer{1000};

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         store_actor store, retention keep, wall_clock now);

} // namespace errand
