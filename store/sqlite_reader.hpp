// A reader of an SQLite store: one connection that never writes, and a snapshot per question.
// Belongs to the thread that asks; the writer goes on meanwhile.
#pragma once

#include "store/sqlite_connection.hpp"
#include "store/sqlite_statement.hpp"
#include "store/store.hpp"

namespace errand {

class sqlite_reader final : public store_reader {
public:
  /// Throws sqlite_error.
  explicit sqlite_reader(const sqlite_location& location);

  status_or<task> get(const task_id& id) override;
  status_or<task_page> list(const list_request& request) override;
  status_or<found_tasks> search(const search_request& request) override;
  status_or<task_place> place(const task_id& id) override;
  status_or<log_page> log(const log_request& request) override;
  status_or<task_counts> counts() override;
  status_or<store_totals> totals() override;
  status_or<queue_page> queues(const queue_list_request& request) override;
  status_or<queue_view> queue(const std::string& name) override;
  status_or<schedule_page> schedules(const schedule_list_request& request) override;
  status_or<schedule_view> schedule(const std::string& name) override;
  status_or<std::vector<upstream_result>> upstream_results(const task_id& id) override;
  status_or<std::vector<lease_view>> leases(size_t max) override;
  status ping() override;

private:
  pending_upstream pending_upstream_of(int64_t sequence);
  std::optional<task> find(int64_t sequence);
  status_or<task> whole_task(const task_id& id);
  std::optional<queue_settings> settings_of(const std::string& queue);
  running_beside running_beside_of(const task& row);
  std::optional<bucket_level> bucket_of(const std::string& queue);
  queue_view look_at_queue(const std::string& name);
  int64_t count_ready_before(const task& row);
  std::vector<attempt_record> recorded_attempts(int64_t sequence);

  sqlite_connection connection_;
  sqlite_statement begin_, end_, task_, after_, attempts_, ready_kinds_, higher_, older_,
      log_owner_, log_, counters_;
  sqlite_statement ping_;
  sqlite_statement upstream_results_, waiting_, pending_upstream_;
  sqlite_statement queue_names_, queue_settings_, queue_counts_, oldest_queued_, total_counts_,
      oldest_of_all_, running_, bucket_, leases_, lease_count_;
  sqlite_statement schedule_, schedules_up_, schedules_down_;
};

} // namespace errand
