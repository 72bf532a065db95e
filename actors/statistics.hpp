// STATISTICS: counts what committed facts tell: how many tasks were submitted, started, ended, how
// long they waited and ran, as a whole and by queue: about the last hour (activity_log), and since
// the start by queue and kind (task_counters). All in memory, and from nothing at start.
// Cooperative: it never blocks.
#pragma once

#include "actors/messages.hpp"

#include <string>
#include <unordered_map>

namespace errand {

/// Names of queues are the clients' to invent, and each costs up to 16 KB. What more queues do
/// counts for the server as a whole only, until another has done nothing for an hour.
inline constexpr size_t max_counted_queues = 1000;

/// How often queues are looked for in which nothing happens any more, at most.
inline constexpr std::chrono::minutes forget_interval{1};
inline constexpr std::chrono::hours forget_after{1};

/// Everything STATISTICS remembers.
struct statistics_state {
  struct counted_queue {
    activity_log log;
    steady_time last{}; ///< When something happened in it.
  };

  activity_log all;
  recent_durations commits;
  std::unordered_map<std::string, counted_queue> queues;
  steady_time forget_at{}; ///< Not sooner again.

  // Since the start.
  task_counters tasks;
  commit_counters written;
  timestamp since{};
  static inline const char* name = "statistics";
};

/// `known` are the names that this server itself has for queues and kinds.
statistics_actor::behavior_type
statistics(statistics_actor::stateful_pointer<statistics_state> self, known_labels known,
           wall_clock now);

} // namespace errand
