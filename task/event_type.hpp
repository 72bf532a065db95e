// What events are called: "task.queued" and its kin, one for each state that a task comes into, and
// "task.progress"; and what happens to a queue as such, "queue.paused" and its kin.
#pragma once

#include "task/state.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace errand {

enum class event_type : uint8_t {
  scheduled,
  waiting,
  queued,
  running,
  progress,
  retrying,
  succeeded,
  failed,
  cancelled,
  queue_changed, ///< Was given other limits, another rate or weight.
  queue_paused,  ///< Or its pause was given another end.
  queue_resumed,
  queue_purged,
};

inline constexpr std::array all_event_types = {
    event_type::scheduled,     event_type::waiting,      event_type::queued,
    event_type::running,       event_type::progress,     event_type::retrying,
    event_type::succeeded,     event_type::failed,       event_type::cancelled,
    event_type::queue_changed, event_type::queue_paused, event_type::queue_resumed,
    event_type::queue_purged,
};

/// That a task came into this state.
event_type event_type_of(task_state state);

std::string_view to_string(event_type type);
std::optional<event_type> parse_event_type(std::string_view word);

} // namespace errand
