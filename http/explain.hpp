// Why a task is not running right now, in words for people and codes for programs. Pure.
#pragma once

#include "actors/messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace errand {

/// What a server knows at one moment, as far as it matters to one task.
struct circumstances {
  task_place place;
  std::vector<worker_view> workers; ///< Also those outside that lease.
  lease_views_ptr leases;           ///< What those have, as far as it is shown; null: nothing.
  bool has_handler = true;          ///< This server has one for its kind.
  status store;                     ///< Why the store takes no writes; ok if it does.
  timestamp now{};
};

struct reason {
  std::string code;   ///< One of those in docs/http_api.md.
  std::string detail; ///< A sentence.
};

/// At least one, the most telling first.
std::vector<reason> explain(const circumstances& known);

/// Its place among the ready tasks of its queue, 1 for the first; nothing if it is not ready, or
/// further back than is counted.
std::optional<int64_t> position_in_queue(const task_place& place);

} // namespace errand
