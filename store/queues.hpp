// What is asked and told about queues as such: their settings, how many tasks they have, how long
// these wait. Plain values.
#pragma once

#include "task/queue_settings.hpp"
#include "task/state.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// What a client wants of a queue.
struct queue_order {
  enum class what : uint8_t { put, pause, resume };
  std::string queue;
  what order = what::put;
  queue_settings settings = {};        ///< All of them; of `put`.
  std::optional<timestamp> until = {}; ///< When the pause ends by itself; of `pause`.
};

/// What became of that.
struct queue_change {
  queue_settings before;
  queue_settings after;
};

/// A queue whose pause has ended by itself.
struct resumed_queue {
  std::string queue;
  queue_settings settings; ///< As they are now.
};

/// Names of queues are the clients' to invent, and their settings stand in memory.
inline constexpr size_t max_configured_queues = 10'000;

/// A queue that is used or has settings.
struct queue_view {
  std::string name;
  queue_settings settings;
  std::map<task_state, int64_t> counts; ///< Tasks by state; those with none are left out.

  /// When the task that is queued for the longest time fell due, to a tenth of a second. None if
  /// none is queued.
  std::optional<timestamp> oldest_queued = {};
};

/// All queues together.
struct store_totals {
  std::map<task_state, int64_t> counts; ///< As queue_view has them.
  std::optional<timestamp> oldest_queued = {};
  int64_t leases = 0; ///< Attempts that workers outside have.
};

struct queue_list_request {
  size_t limit = 100;                    ///< 1..1000.
  std::optional<std::string> after = {}; ///< Name of the last queue of the page before.
};

/// By name.
struct queue_page {
  std::vector<queue_view> queues;
  std::optional<std::string> next = {}; ///< For `after`, if there is more.
};

} // namespace errand
