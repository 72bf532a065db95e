// WORKER: a thread of its own that runs handlers, one at a time, and tells the truth about it.
// Takes attempts from the batch that the DISPATCHER hands it; reports each to the STORE at once.
#pragma once

#include "actors/messages.hpp"

#include <functional>
#include <string>

namespace errand {

/// Runs one attempt and says how it ended; may block, must not throw. `worker`, `ref` and the times
/// of the report are filled in by the WORKER.
using attempt_runner = std::function<attempt_report(attempt_batch&, const attempt_batch::slot&)>;

/// "worker-1": what rows and logs call that worker.
std::string worker_name(worker_number number);

/// Everything the WORKER remembers.
struct worker_state {
  worker_number number = 0;
  dispatcher_actor dispatcher;
  store_actor store;
  attempt_runner run;
  wall_clock now;
  static inline const char* name = "worker";
};

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self,
                                   worker_number number, dispatcher_actor dispatcher,
                                   store_actor store, attempt_runner run, wall_clock now);

} // namespace errand
