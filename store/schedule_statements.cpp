#include "store/schedule_statements.hpp"

#include "store/schedule_row.hpp"

namespace errand {

schedule_statements::schedule_statements(sqlite_connection& c)
    : find(c, std::string("SELECT ") + schedule_columns + " FROM schedules WHERE name = ?"),
      add(c, "INSERT INTO schedules(name, cron, every_us, anchor_us, time_zone, task, args, missed,"
             " overlap, paused, created_at_us, updated_at_us, next_run_at_us, look_at_us)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      put(c, "UPDATE schedules SET cron = ?, every_us = ?, anchor_us = ?, time_zone = ?, task = ?,"
             " args = ?, missed = ?, overlap = ?, paused = ?, updated_at_us = ?,"
             " next_run_at_us = ?, look_at_us = ? WHERE number = ?"),
      drop(c, "DELETE FROM schedules WHERE number = ?"),
      fired(c, "UPDATE schedules SET next_run_at_us = ?, look_at_us = ?, last_run_at_us = ?,"
               " last_task = ?, last_task_tail = ?, outcome = ?, outcome_at_us = ?,"
               " outcome_detail = ? WHERE number = ?"),
      due(c, "SELECT number FROM schedules INDEXED BY schedules_due"
             " WHERE look_at_us IS NOT NULL AND look_at_us <= ? ORDER BY look_at_us LIMIT ?"),
      next_due(c, "SELECT look_at_us FROM schedules INDEXED BY schedules_due"
                  " WHERE look_at_us IS NOT NULL ORDER BY look_at_us LIMIT 1"),
      get(c, std::string("SELECT ") + schedule_columns + " FROM schedules WHERE number = ?"),
      mark(c, "UPDATE tasks SET schedule = ?, nominal_at_us = ? WHERE seq = ?"),
      made(c, "SELECT 1 FROM tasks INDEXED BY tasks_by_nominal_time"
              " WHERE schedule = ? AND nominal_at_us = ?") {}

} // namespace errand
