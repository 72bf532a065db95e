// EVENTS: fans committed facts out to whoever waits for them. Cooperative: it never blocks.
#pragma once

#include "actors/messages.hpp"
#include "task/logger.hpp"

#include <map>
#include <vector>

namespace errand {

/// Everything EVENTS remembers.
struct events_state {
  struct watcher {
    client_actor client;
    request_number request;
  };

  std::map<task_id, std::vector<watcher>> watchers; ///< Of tasks that were not final yet.
  logger_ptr log;
  static inline const char* name = "events";
};

events_actor::behavior_type events(events_actor::stateful_pointer<events_state> self,
                                   logger_ptr log);

} // namespace errand
