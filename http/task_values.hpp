// The values of include/errand/ <-> those inside. What programs ask for is read by the very rules
// that HTTP's clients meet, as the JSON that they would send.
#pragma once

#include "task/batch.hpp"
#include "task/schedule.hpp"
#include "task/status.hpp"
#include "task/task.hpp"

#include <errand/task.hpp>

#include <string>
#include <vector>

namespace errand {

// Each throws RequestError (invalid), with all that is wrong.
task_spec to_inside(const TaskSpec& spec);
task_batch to_inside(const std::vector<TaskSpec>& specs);
schedule_spec to_inside(const Schedule& what);
task_id to_inside(const TaskId& id); ///< not_found if it can be none.

Task to_outside(const task& row);
TaskState to_outside(task_state state);

/// All that is wrong with what was asked for.
RequestError refused(const std::vector<field_error>& why);

/// Precondition: !why.ok().
RequestError to_outside(const status& why);

} // namespace errand
