// What is told of a task to others, once it is durable.
#pragma once

#include "task/task.hpp"

#include <memory>
#include <optional>
#include <string>

namespace errand {

/// That a task came into a state; published after the commit.
struct task_fact {
  task_id id;
  task_state state = task_state::queued;
  int attempt = 0;
  std::string kind;
  std::string queue;
  std::optional<timestamp> run_at = {};     ///< When it falls due; scheduled and retrying only.
  std::optional<timestamp> expires_at = {}; ///< When it is cancelled, if no attempt began by then.

  /// If this is no change of state: what the running attempt said. Shared, since facts are many and
  /// few of them are of this sort.
  std::shared_ptr<const task_progress> progress = {};

  bool is_new = false;                 ///< It was accepted just now.
  std::optional<duration> waited = {}; ///< How long it was due before this attempt; running only.
  std::optional<duration> ran = {};    ///< How long the attempt took, when one has been reported.
};

/// That the task is where it is now, after something that was not one of its attempts.
task_fact fact_of(const task& row);

} // namespace errand
