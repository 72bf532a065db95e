// What is asked and told about schedules. Plain values.
#pragma once

#include "task/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// A schedule as a client wants it, in place of one of that name if there is one.
struct schedule_put {
  std::string name;
  schedule_spec spec;
};

struct schedule_command {
  std::string name;
  schedule_order what = schedule_order::pause;
};

/// What happened to a schedule; published after the commit.
struct schedule_fact {
  enum class what : uint8_t { created, changed, paused, resumed, removed, fired, skipped, stalled };
  std::string name;
  what happened = what::fired;
  std::optional<timestamp> at = {}; ///< The nominal time, if it is about one.
  std::optional<task_id> task = {}; ///< That it made.
  std::string detail = {};          ///< Why it is skipped or stalled.
};

/// What became of a schedule_put or a schedule_command.
struct schedule_change {
  schedule row; ///< As it is now; if it was removed, as it was.
  std::vector<timestamp> next_runs = {};
  bool created = false;
  std::optional<task> ran = {};            ///< By an order to run: the task,
  bool duplicate = false;                  ///< which was there before and stands for another.
  std::vector<attempt_ref> to_cancel = {}; ///< Running, and to be stopped for the sake of that.
  std::vector<schedule_fact> facts = {};   ///< Empty if nothing has changed.
};

/// What was done for schedules that were due. What became of tasks is told by consequences().
struct schedule_fires {
  size_t looked_at = 0; ///< Nominal times; fewer than were allowed: nothing more is due.
  std::vector<attempt_ref> to_cancel = {};
  std::vector<schedule_fact> facts = {};
};

/// Nominal times that a schedule_view tells.
inline constexpr size_t next_runs_told = 5;

struct schedule_view {
  schedule row;
  std::vector<timestamp> next_runs; ///< Empty while it is paused.
};

struct schedule_list_request {
  bool ascending = false;            ///< Default: newest first.
  size_t limit = 100;                ///< 1..1000.
  std::optional<int64_t> after = {}; ///< schedule::number of the last row of the page before.
};

struct schedule_page {
  std::vector<schedule_view> schedules;
  std::optional<int64_t> next = {}; ///< For `after`, if there is more.
};

} // namespace errand
