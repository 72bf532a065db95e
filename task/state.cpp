// The table of a task's life. Pure; any thread.
#include "task/state.hpp"

#include <algorithm>
#include <cassert>

namespace errand {

namespace {

struct transition {
  task_state from;
  task_event event;
  task_state to;
};

/// Everything that may happen. What is not here is refused; so only `renew` leaves a final state.
constexpr std::array transitions = {
    transition{task_state::scheduled, task_event::due, task_state::queued},
    transition{task_state::retrying, task_event::due, task_state::queued},
    transition{task_state::queued, task_event::claim, task_state::running},
    transition{task_state::running, task_event::succeed, task_state::succeeded},
    transition{task_state::running, task_event::fail, task_state::retrying},
    transition{task_state::running, task_event::fail_last, task_state::failed},
    transition{task_state::running, task_event::postpone, task_state::retrying},
    transition{task_state::running, task_event::lose, task_state::queued},
    transition{task_state::running, task_event::lose_last, task_state::failed},
    transition{task_state::scheduled, task_event::cancel, task_state::cancelled},
    transition{task_state::waiting, task_event::cancel, task_state::cancelled},
    transition{task_state::queued, task_event::cancel, task_state::cancelled},
    transition{task_state::retrying, task_event::cancel, task_state::cancelled},
    transition{task_state::running, task_event::stop, task_state::cancelled},
    transition{task_state::succeeded, task_event::renew, task_state::queued},
    transition{task_state::failed, task_event::renew, task_state::queued},
    transition{task_state::cancelled, task_event::renew, task_state::queued},
    transition{task_state::running, task_event::release, task_state::queued},
    transition{task_state::waiting, task_event::unblock, task_state::queued},
    transition{task_state::waiting, task_event::unblock_early, task_state::scheduled},
};

} // namespace

std::optional<task_state> next_state(task_state state, task_event event) {
  for (const auto& row : transitions)
    if (row.from == state && row.event == event)
      return row.to;
  return std::nullopt;
}

bool is_final(task_state state) {
  return state == task_state::succeeded || state == task_state::failed
         || state == task_state::cancelled;
}

bool has_not_started(task_state state) {
  return state == task_state::scheduled || state == task_state::waiting
         || state == task_state::queued;
}

std::string_view to_string(task_state state) {
  switch (state) {
  case task_state::scheduled:
    return "scheduled";
  case task_state::waiting:
    return "waiting";
  case task_state::queued:
    return "queued";
  case task_state::running:
    return "running";
  case task_state::retrying:
    return "retrying";
  case task_state::succeeded:
    return "succeeded";
  case task_state::failed:
    return "failed";
  case task_state::cancelled:
    return "cancelled";
  }
  assert(!"a task_state outside of its enum");
  return "";
}

std::string_view to_string(task_event event) {
  switch (event) {
  case task_event::due:
    return "due";
  case task_event::claim:
    return "claim";
  case task_event::succeed:
    return "succeed";
  case task_event::fail:
    return "fail";
  case task_event::fail_last:
    return "fail_last";
  case task_event::postpone:
    return "postpone";
  case task_event::lose:
    return "lose";
  case task_event::lose_last:
    return "lose_last";
  case task_event::cancel:
    return "cancel";
  case task_event::stop:
    return "stop";
  case task_event::renew:
    return "renew";
  case task_event::release:
    return "release";
  case task_event::unblock:
    return "unblock";
  case task_event::unblock_early:
    return "unblock_early";
  }
  assert(!"a task_event outside of its enum");
  return "";
}

std::string_view to_string(cancel_reason reason) {
  switch (reason) {
  case cancel_reason::requested:
    return "requested";
  case cancel_reason::expired:
    return "expired";
  case cancel_reason::replaced:
    return "replaced";
  case cancel_reason::dependency:
    return "dependency";
  case cancel_reason::handler:
    return "handler";
  }
  assert(!"a cancel_reason outside of its enum");
  return "";
}

std::optional<task_state> parse_task_state(std::string_view word) {
  const auto found = std::find_if(all_task_states.begin(), all_task_states.end(),
                                  [&](task_state state) { return to_string(state) == word; });
  if (found == all_task_states.end())
    return std::nullopt;
  return *found;
}

} // namespace errand
