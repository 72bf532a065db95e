// DISPATCHER: gives attempts to idle workers, starts workers and replaces those that die. Workers
// belong to pools, and each pool runs what its filter takes. Each has one claim open at the STORE
// at a time; it waits there until there is something to run. Cooperative: it never blocks.
//
// While handlers return within milliseconds it claims ahead, so that one commit serves many tasks.
// What was claimed ahead and then waits behind a slow handler goes back to the store unharmed.
#pragma once

#include "actors/messages.hpp"
#include "actors/worker_table.hpp"
#include "task/logger.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace errand {

/// A worker to start, beside those that its pool has.
struct worker_order {
  pool_number pool = 0;
  worker_factory make;
};

struct pool_options {
  std::string name;
  size_t workers = 2;     ///< To begin with.
  work_filter_ptr filter; ///< What they run; null: all.
};

struct dispatcher_options {
  std::vector<pool_options> pools; ///< At least one: the default pool is the first.
  size_t claim_ahead_max = 256;
  std::chrono::milliseconds timeout_grace{
      10'000};                   ///< From a deadline until the attempt is given up.
  size_t max_stuck_workers = 16; ///< So many of them are replaced.
};

/// A batch that takes less is followed by one that is claimed twice as far ahead; one that takes
/// more than four times as long, by one half as far.
inline constexpr std::chrono::milliseconds quick_batch{5};

/// What waits longer in a batch goes back to the store. Also how often the DISPATCHER looks.
inline constexpr std::chrono::milliseconds longest_wait_in_batch{50};

/// A worker that dies sooner after its start lived shortly. The first such death has no
/// consequence; from the second on, whoever comes next starts later, twice as much each time.
inline constexpr std::chrono::seconds short_life{1};
inline constexpr std::chrono::milliseconds shortest_restart_wait{100};
inline constexpr std::chrono::milliseconds longest_restart_wait{10'000};

/// How often the DISPATCHER looks for attempts to give up, while any is running.
inline constexpr std::chrono::milliseconds overdue_step{250};

/// How long handlers that were told to end get, once the drain's own time is over.
inline constexpr std::chrono::milliseconds cancel_grace{1000};

/// Everything the DISPATCHER remembers.
struct dispatcher_state {
  // Not an aggregate: CAF would else find that C++20 lets it start from a self pointer, and do it.
  dispatcher_state() = default;

  struct batch {
    attempt_batch_ptr attempts;
    steady_time handed_out;
  };

  /// Of a worker in the place of one that died. Kept here and not in the timer's message: CAF can't
  /// take that back, and its end would wait for the handles in it.
  struct restart {
    steady_time due;
    worker_order order;
    unsigned quick_deaths; ///< See worker_table::worker.
  };

  struct pool {
    pool_number number;
    pool_options options;
    std::vector<batch> batches; ///< With something left to take, or somebody working on it.
    size_t ahead = 0;           ///< How far to claim ahead at the moment.
    bool claim_open = false;
    size_t claimed_for = 0; ///< Idle workers named in the open claim.
  };

  store_actor store;
  worker_factory make_worker;
  dispatcher_options options;
  wall_clock now;
  logger_ptr log;

  std::vector<pool> pools;
  worker_table workers; ///< Of all pools.
  std::vector<restart> restarts;
  uint64_t lost_workers = 0; ///< That died, since the start.
  bool sweep_set = false;
  bool overdue_set = false; ///< The timer of overdue_step runs.

  std::optional<steady_time> drain_until;
  bool cancelled = false; ///< The drain's time was over, and the running were told to end.
  caf::typed_response_promise<done_atom, uint64_t> drained;

  static inline const char* name = "dispatcher";
};

dispatcher_actor::behavior_type
dispatcher(dispatcher_actor::stateful_pointer<dispatcher_state> self, store_actor store,
           worker_factory make_worker, dispatcher_options options, wall_clock now, logger_ptr log);

} // namespace errand
