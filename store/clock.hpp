// Between a task's id and the time at which it was created: an id's first 48 bits are that time in
// milliseconds, or a later one where the clock was put back, since ids never fall. Pure.
#pragma once

#include "task/id.hpp"
#include "task/time.hpp"

namespace errand {

/// The smallest task_id::sequence() of that millisecond.
inline int64_t first_sequence(timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count() * 4096;
}

/// How far the id's time is ahead of the time of creation; 0 while the clock never fell.
inline int64_t milliseconds_ahead(const task_id& id, timestamp created_at) {
  return (id.sequence() - first_sequence(created_at)) / 4096;
}

} // namespace errand
