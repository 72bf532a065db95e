// EVENTS: fans committed facts out to whoever waits for them: to requests that wait for the end of
// a task, to those that follow a log, and, as numbered events, to subscribers. Cooperative: it
// never blocks. Who listens is told of a commit, or of a few that came together, in one message per
// CLIENT; a commit that concerns nobody costs its place in the ring.
#pragma once

#include "actors/event_ring.hpp"
#include "actors/messages.hpp"
#include "task/logger.hpp"

#include <map>
#include <vector>

namespace errand {

/// Most events in the answer to a subscription that resumes; then its subscriber has to ask on. So
/// one that reads slowly is given no more than it can take.
inline constexpr size_t resume_step = 500;

/// To hand a message of events to a subscriber costs its CLIENT some microseconds (a write to a
/// socket), so the next one comes no sooner than so long after it, times the number of subscribers:
/// with a thousand of them 20 ms. So streams never take most of the front's time from requests.
inline constexpr std::chrono::microseconds pace_per_subscriber{20};

/// Timers are no finer; what would wait for less is sent at once.
inline constexpr std::chrono::milliseconds shortest_pace{1};

/// Everything EVENTS remembers.
struct events_state {
  struct listener {
    client_actor client;
    request_number request;
    bool follows = false; ///< Wants to hear of the log, too.
  };

  std::map<task_id, std::vector<listener>> watchers;         ///< Of tasks that were not final yet.
  std::map<event_filter, std::vector<listener>> subscribers; ///< To what comes from now on.
  event_ring ring;
  std::vector<event_batch> unsent; ///< What subscribers have not been told yet.
  bool pacing = false;             ///< The timer runs until which they are told nothing.
  wall_clock now;
  logger_ptr log;
  static inline const char* name = "events";
};

/// Events are numbered from the wall-clock time in microseconds on, so that no number is used again
/// after a restart: no server commits a million changes a second on average.
events_actor::behavior_type events(events_actor::stateful_pointer<events_state> self, size_t buffer,
                                   wall_clock now, logger_ptr log);

} // namespace errand
