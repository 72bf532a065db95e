// A row of the table `schedules` as a value.
#pragma once

#include "store/sqlite_statement.hpp"
#include "task/schedule.hpp"

#include <string>

namespace errand {

/// What read_schedule() expects to be selected, in this order, from `schedules`.
extern const char* const schedule_columns;

schedule read_schedule(const sqlite_execution& row);

/// All of a spec but its arguments, as the row holds it; equal specs have equal texts.
std::string scheduled_task_to_json(const task_spec& spec);

} // namespace errand
