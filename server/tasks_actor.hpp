// TASKS: the server's face to actors of the program. Asks the STORE, the READER and EVENTS as their
// client, and answers in the values of include/errand/. Cooperative: it never blocks.
#pragma once

#include "actors/messages.hpp"

#include <errand/actors.hpp>

#include <functional>
#include <map>

namespace errand {

/// TASKS, as the rest of the server sees it.
using inner_tasks_actor = TasksActor::extend<
    // What the actors that it asks answer.
    caf::reacts_to<answer_atom, answers_ptr>,
    // The server is about to stop: refuse whoever waits for the end of a task.
    caf::reacts_to<drain_atom>,
    // As tasks_handle.
    caf::reacts_to<probe_atom, client_actor, request_number>,
    caf::reacts_to<mailbox_atom, client_actor, request_number>>;

/// Everything TASKS remembers.
struct tasks_state {
  tasks_state() = default; // see dispatcher_state

  /// Something that it asked.
  struct question {
    std::function<void(const answer_content&)> answered; ///< Each time, with what is no failure.
    std::function<void(const caf::error&)> refused;
    bool is_patient = false;     ///< Its answer comes when a task has ended.
    bool is_over_at_once = true; ///< Else there may be more answers.
  };

  struct listening {
    EventListener listener;
    event_filter filter;
  };

  store_actor store;
  reader_actor reader;
  events_actor events;
  request_number last = 0;
  std::map<request_number, question> open;
  std::map<request_number, listening> subscriptions;
  bool is_draining = false;
  static inline const char* name = "tasks";
};

inner_tasks_actor::behavior_type tasks(inner_tasks_actor::stateful_pointer<tasks_state> self,
                                       store_actor store, reader_actor reader, events_actor events);

} // namespace errand
