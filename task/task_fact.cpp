#include "task/task_fact.hpp"

namespace errand {

task_fact fact_of(const task& row) {
  task_fact fact{row.id, row.state, row.attempt, row.spec.kind, row.spec.queue};
  if (row.state == task_state::scheduled || row.state == task_state::retrying)
    fact.run_at = row.run_at;
  if (!is_final(row.state))
    fact.expires_at = row.spec.expires_at;
  return fact;
}

} // namespace errand
