// STORE: the only writer, on a thread of its own. Its mailbox is the batch: the first verb opens a
// transaction and sends the actor itself a `commit`; whatever stands in the mailbox before that
// joins; then one commit, and everybody is answered. Under load batches grow, idle latency is one
// commit. Nothing is told to anybody before the commit that makes it true.
//
// What happens when the disk refuses: clients get the failure, and nothing of the batch was done;
// workers' reports are kept and go first in the next transaction, since the work was done. So are
// the notes of running attempts: what a handler says while the disk is full is what people look for
// afterwards, and each attempt says only so much (see handlers/task_context.hpp).
#pragma once

#include "actors/answer.hpp"
#include "actors/messages.hpp"
#include "task/logger.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace errand {

/// Everything the STORE remembers.
struct store_state {
  struct lost {
    attempt_ref ref;
  };
  struct released {
    attempt_ref ref;
  };
  using report = std::variant<attempt_report, attempt_note, lost, released>;

  std::unique_ptr<store> db;
  events_actor events;
  statistics_actor statistics;
  wall_clock now;
  logger_ptr log;

  // The open transaction.
  bool open = false;
  status refused;               ///< Why it could not even begin.
  answer_box answers;           ///< For after the commit.
  std::vector<task_fact> facts; ///< Likewise.
  std::vector<notice> notices;  ///< Likewise.
  std::vector<task_id> logged;  ///< Likewise: tasks whose logs have grown.
  std::vector<report> reports;  ///< In this transaction, or refused by the disk in an earlier one.
  bool made_waiting = false;    ///< Tasks were added that wait for others.
  std::vector<attempt_ref> to_cancel;    ///< Running, and wanted by nobody any more.
  std::set<std::string> unheard;         ///< Workers that let leases pass; see store_leases.hpp.
  bool promote = false;                  ///< The SCHEDULER waits for the next due time.
  std::optional<timestamp> due;          ///< When time moves a task next, of those that moved now.
  std::optional<timestamp> more_at;      ///< When a limit lets a waiting claim have something.
  std::optional<upkeep_progress> upkeep; ///< The SCHEDULER waits for that.
  std::vector<caf::typed_response_promise<done_atom>> drained;

  // Across transactions.
  dispatcher_actor dispatcher; ///< Who claimed last.
  lessor_actor lessor;         ///< Likewise.
  std::map<pool_number, std::variant<claim_request, lease_claim>>
      claims;                         ///< That wait for something to run.
  pool_number claimed_last = 0;       ///< The pool whose claim was looked at first.
  std::optional<duration> clock_lead; ///< Of the wall clock over the steady one, when last set.
  scheduler_actor scheduler;
  std::optional<timestamp> next_due;                ///< What the SCHEDULER was told last.
  std::optional<timestamp> recount_at{timestamp{}}; ///< Not set while no task waits for others.
  int64_t recount_from = 0;                         ///< Where the next step begins.
  bool closed = false;                              ///< Nothing is claimed any more.
  bool draining = false;                            ///< Nothing is accepted any more.
  bool failing = false;                             ///< The last commit failed.
  bool sweep_set = false;                           ///< The timer of report_retry_interval runs.

  static inline const char* name = "store";
};

/// How long the disk gets before it is tried again on its own: with what is kept, or a probe.
inline constexpr std::chrono::milliseconds report_retry_interval{500};

/// A wall clock that has gone so far beside the steady one was set.
inline constexpr std::chrono::milliseconds clock_step_min{100};

/// How often a step of the recount is made while tasks wait for others, and how large it is.
inline constexpr std::chrono::seconds recount_interval{60};
inline constexpr size_t recount_max = 5000;

/// So many nominal times of schedules at once, until the time for one step is over.
inline constexpr size_t fire_step = 32;

/// Most tasks that one transaction moves because they fell due, and because they expired.
inline constexpr size_t promote_step = 1000;

/// To be spawned detached: it blocks on the disk. `*db` is moved from.
store_actor::behavior_type store_writer(store_actor::stateful_pointer<store_state> self,
                                        std::shared_ptr<std::unique_ptr<store>> db,
                                        events_actor events, statistics_actor statistics,
                                        wall_clock now, logger_ptr log);

} // namespace errand
