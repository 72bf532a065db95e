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
  status_or<task_counts> counts() override;
  status_or<std::vector<upstream_result>> upstream_results(const task_id& id) override;
  status_or<pending_upstream> waits_for(const task_id& id) override;
  status ping() override;

private:
  std::optional<task> find(int64_t sequence);
  std::vector<attempt_record> recorded_attempts(int64_t sequence);

  sqlite_connection connection_;
  sqlite_statement begin_, end_, task_, after_, attempts_, counters_, ping_;
  sqlite_statement upstream_results_, waiting_, pending_upstream_;
};

} // namespace errand
