// WORKER that has its attempts run by an actor of the program (WorkerActor), and speaks for it to
// the DISPATCHER and the STORE. It dies with that actor: the DISPATCHER supervises both in one.
// Cooperative: it never blocks.
#pragma once

#include "actors/messages.hpp"
#include "handlers/held_attempt.hpp"

#include <errand/actors.hpp>

namespace errand {

/// Everything it remembers.
struct program_worker_state {
  program_worker_state() = default; // see dispatcher_state
  ~program_worker_state();          ///< Ends the program's actor.

  worker_number number = 0;
  dispatcher_actor dispatcher;
  store_actor store;
  WorkerActor hand; ///< Who does the work.
  attempt_surroundings around;
  wall_clock now;

  // Of the attempt that the hand has.
  attempt_batch_ptr batch;
  attempt_batch::slot* slot = nullptr;
  std::shared_ptr<task_context> context;
  timestamp started_at{};

  static inline const char* name = "program_worker";
};

worker_actor::behavior_type
program_worker(worker_actor::stateful_pointer<program_worker_state> self, worker_number number,
               dispatcher_actor dispatcher, store_actor store, WorkerActor hand,
               attempt_surroundings around, wall_clock now);

} // namespace errand
