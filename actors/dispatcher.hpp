// DISPATCHER: gives attempts to idle workers, starts workers and replaces those that die. One claim
// at the STORE is open at a time; it waits there until there is something to run. Cooperative: it
// never blocks.
//
// While handlers return within milliseconds it claims ahead, so that one commit serves many tasks.
// What was claimed ahead and then waits behind a slow handler goes back to the store unharmed.
#pragma once

#include "actors/messages.hpp"
#include "task/logger.hpp"

#include <chrono>
#include <functional>
#include <vector>

namespace errand {

/// Starts worker number `worker_number` for this dispatcher.
using worker_factory = std::function<worker_actor(const dispatcher_actor&, worker_number)>;

struct dispatcher_options {
  size_t workers = 2;
  size_t claim_ahead_max = 256;
};

/// A batch that takes less is followed by one that is claimed twice as far ahead; one that takes
/// more than four times as long, by one half as far.
inline constexpr std::chrono::milliseconds quick_batch{5};

/// What waits longer in a batch goes back to the store. Also how often the DISPATCHER looks.
inline constexpr std::chrono::milliseconds longest_wait_in_batch{50};

/// How long handlers that were told to end get, once the drain's own time is over.
inline constexpr std::chrono::milliseconds cancel_grace{1000};

/// Everything the DISPATCHER remembers.
struct dispatcher_state {
  // Not an aggregate: CAF would else find that C++20 lets it start from a self pointer, and do it.
  dispatcher_state() = default;

  using clock_time = caf::actor_clock::time_point;

  struct worker {
    worker_actor actor;
    worker_number number = 0;
    attempt_batch_ptr batch; ///< What it works on; null while idle.
  };
  struct batch {
    attempt_batch_ptr attempts;
    clock_time handed_out;
  };

  store_actor store;
  worker_factory make_worker;
  dispatcher_options options;
  logger_ptr log;

  std::vector<worker> workers; ///< Number n at n - 1.
  std::vector<batch> batches;  ///< With something left to take, or somebody working on it.
  size_t ahead = 0;            ///< How far to claim ahead at the moment.
  bool claim_open = false;
  size_t claimed_for = 0; ///< Idle workers named in the open claim.
  bool sweep_set = false;

  std::optional<clock_time> drain_until;
  bool cancelled = false; ///< The drain's time was over, and the running were told to end.
  caf::typed_response_promise<done_atom, uint64_t> drained;

  static inline const char* name = "dispatcher";
};

dispatcher_actor::behavior_type
dispatcher(dispatcher_actor::stateful_pointer<dispatcher_state> self, store_actor store,
           worker_factory make_worker, dispatcher_options options, logger_ptr log);

} // namespace errand
