#include "task/event_type.hpp"

namespace errand {

event_type event_type_of(task_state state) {
  switch (state) {
  case task_state::scheduled:
    return event_type::scheduled;
  case task_state::waiting:
    return event_type::waiting;
  case task_state::queued:
    return event_type::queued;
  case task_state::running:
    return event_type::running;
  case task_state::retrying:
    return event_type::retrying;
  case task_state::succeeded:
    return event_type::succeeded;
  case task_state::failed:
    return event_type::failed;
  case task_state::cancelled:
    return event_type::cancelled;
  }
  return {};
}

std::string_view to_string(event_type type) {
  switch (type) {
  case event_type::scheduled:
    return "task.scheduled";
  case event_type::waiting:
    return "task.waiting";
  case event_type::queued:
    return "task.queued";
  case event_type::running:
    return "task.running";
  case event_type::progress:
    return "task.progress";
  case event_type::retrying:
    return "task.retrying";
  case event_type::succeeded:
    return "task.succeeded";
  case event_type::failed:
    return "task.failed";
  case event_type::cancelled:
    return "task.cancelled";
  case event_type::queue_changed:
    return "queue.changed";
  case event_type::queue_paused:
    return "queue.paused";
  case event_type::queue_resumed:
    return "queue.resumed";
  case event_type::queue_purged:
    return "queue.purged";
  }
  return {};
}

std::optional<event_type> parse_event_type(std::string_view word) {
  for (const auto type : all_event_types)
    if (to_string(type) == word)
      return type;
  return std::nullopt;
}

} // namespace errand
