// TERMINATOR: ends the other actors in the order in which work flows, so that nothing accepted is
// dropped on the way: first the front (no new requests, what is in flight is answered), then claims
// (nothing is given out any more), then the workers (see DISPATCHER, drain), then the store (its
// last commit); then everybody exits.
#pragma once

#include "actors/messages.hpp"
#include "task/logger.hpp"

#include <caf/actor_addr.hpp>

#include <chrono>
#include <functional>

namespace errand {

/// What ends, in this order.
struct running_actors {
  /// The FRONT, or another actor that takes requests from outside. Ends with `drain_atom`.
  caf::typed_actor<caf::replies_to<drain_atom>::with<done_atom>> front;
  dispatcher_actor dispatcher;
  lessor_actor lessor;
  scheduler_actor scheduler;
  store_actor store;
  reader_actor reader;
  events_actor events;
  statistics_actor statistics;
};

/// How long the front gets to answer what is in flight, and the store for its last commit.
inline constexpr std::chrono::seconds front_patience{10};
inline constexpr std::chrono::seconds store_patience{10};

/// Everything the TERMINATOR remembers.
struct terminator_state {
  running_actors actors;
  logger_ptr log;
  uint64_t left_behind = 0; ///< Handlers that still run.
  caf::typed_response_promise<done_atom, uint64_t> done;
  static inline const char* name = "terminator";
};

/// Cooperative; quits once it has answered.
terminator_actor::behavior_type
terminator(terminator_actor::stateful_pointer<terminator_state> self, running_actors actors,
           logger_ptr log);

} // namespace errand
