// What happens in a server, as `GET /v1/events` tells it. Plain values.
#pragma once

#include <errand/task.hpp>
#include <errand/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace errand {

/// Something that happened and is durable.
struct Event {
  uint64_t id = 0;  ///< Counts up, not always by one; never used again, also after a restart.
  std::string type; ///< "task.succeeded", "queue.paused", … as HTTP calls it.
  Time at{};

  /// What it happened to; what does not apply is empty.
  TaskId task;
  std::string kind;
  std::string queue;
  std::string schedule;

  TaskState state = TaskState::queued;    ///< Of the task, if it is about one: what it came into.
  int attempt = 0;                        ///< Likewise: so many were started.
  std::optional<Task::Progress> progress; ///< "task.progress" only.
};

/// Which events are wanted: those that fit in every respect. What is empty fits all.
struct EventFilter {
  std::vector<std::string> types = {}; ///< Any of these.
  std::string queue = {};
  std::string kind = {};
  TaskId task = {};
};

} // namespace errand
#pragma GCC visibility pop
