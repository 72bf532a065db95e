// Questions and their answers; which tasks a page has is for list_query to find.
#include "store/sqlite_reader.hpp"

#include "store/list_query.hpp"
#include "store/sqlite_error.hpp"
#include "store/task_row.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

/// Bytes of arguments and results after which a page ends early: a thousand tasks may hold a
/// gigabyte of them.
constexpr size_t page_size_max = 8 << 20;

constexpr size_t limit_max = 1000;

/// What an id in `after` takes as text.
constexpr size_t id_size = 40;

/// An index names a row that does not exist.
status damaged_index() {
  return {ec::store_failed,
          "The store's file is damaged: an index and its table differ; stop the server, keep a copy"
          " of the file with its -wal, then repair it with: sqlite3 FILE REINDEX"};
}

/// Turns what goes wrong in `question` into the status that the caller gets.
template <class Question>
auto answered(Question question) -> decltype(question()) {
  try {
    return question();
  } catch (const sqlite_error& error) {
    return error.why();
  } catch (const std::exception& error) {
    return status(ec::store_failed, std::string("The store failed: ") + error.what());
  }
}

/// All that is read while it lives is of one moment.
class snapshot {
public:
  snapshot(sqlite_statement& begin, sqlite_statement& end) : end_(end) {
    sqlite_execution(begin).run();
  }
  ~snapshot() {
    try {
      sqlite_execution(end_).run();
    } catch (const sqlite_error&) {
      // Nothing was written, so nothing is lost.
    }
  }
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

private:
  sqlite_statement& end_;
};

sqlite_connection open_for_reading(const sqlite_location& location) {
  sqlite_connection connection(location, sqlite_connection::access::existing);
  connection.execute("PRAGMA query_only = ON");
  return connection;
}

} // namespace

sqlite_reader::sqlite_reader(const sqlite_location& location)
    : connection_(open_for_reading(location)),
      begin_(connection_, "BEGIN"),
      end_(connection_, "COMMIT"),
      task_(connection_, std::string("SELECT ") + task_columns + " FROM tasks WHERE seq = ?"),
      after_(connection_, select_after),
      attempts_(connection_,
                "SELECT number, started_at_us, finished_at_us, worker, outcome, error_type,"
                " error_message, next_run_at_us FROM attempts WHERE seq = ? ORDER BY number"),
      counters_(connection_, "SELECT queue, state, n FROM counters"),
      ping_(connection_, "SELECT ms FROM clock_lag"),
      upstream_results_(connection_, "SELECT d.upstream, d.tail, t.result FROM dependencies AS d"
                                     " INDEXED BY dependencies_by_downstream LEFT JOIN tasks AS t"
                                     " ON t.seq = d.upstream AND t.state = {succeeded}"
                                     " WHERE d.downstream = ? ORDER BY d.upstream"),
      waiting_(connection_, "SELECT n FROM waiting WHERE seq = ?"),
      pending_upstream_(connection_,
                        "SELECT d.upstream, d.tail, t.state FROM dependencies AS d"
                        " INDEXED BY dependencies_by_downstream JOIN tasks AS t"
                        " ON t.seq = d.upstream WHERE d.downstream = ? AND d.pending = 1"
                        " ORDER BY d.upstream LIMIT 10") {}

status_or<task> sqlite_reader::get(const task_id& id) {
  return answered([&]() -> status_or<task> {
    snapshot now(begin_, end_);
    const auto sequence = id.sequence();
    auto found = find(sequence);
    if (!found || found->id != id)
      return status(ec::not_found, "There is no task " + id.to_string());
    found->attempts = recorded_attempts(sequence);
    const auto last = last_attempt(*found);
    if (last && (found->attempts.empty() || found->attempts.back().number != last->number))
      found->attempts.push_back(*last);
    return std::move(*found);
  });
}

std::optional<task> sqlite_reader::find(int64_t sequence) {
  sqlite_execution row(task_, sequence);
  if (!row.next())
    return std::nullopt;
  return read_task(row, after_);
}

std::vector<attempt_record> sqlite_reader::recorded_attempts(int64_t sequence) {
  std::vector<attempt_record> attempts;
  sqlite_execution row(attempts_, sequence);
  while (row.next()) {
    attempt_record attempt;
    attempt.number = static_cast<int>(row.integer(0));
    attempt.started_at = row.time(1);
    attempt.finished_at = row.time(2);
    attempt.worker = row.text(3);
    attempt.outcome = row.text(4);
    if (auto type = row.maybe_text(5))
      attempt.error = task_error{std::move(*type), row.text(6), attempt.number};
    attempt.next_run_at = row.maybe_time(7);
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

status_or<task_page> sqlite_reader::list(const list_request& request) {
  return answered([&]() -> status_or<task_page> {
    snapshot now(begin_, end_);
    const auto limit = std::clamp<size_t>(request.limit, 1, limit_max);
    const auto sequences = matching_tasks(connection_, request, limit + 1);
    task_page page;
    size_t size = 0;
    for (const auto sequence : sequences) {
      if (page.tasks.size() == limit || size > page_size_max) {
        page.next = page.tasks.back().id.sequence();
        break;
      }
      auto row = find(sequence);
      if (!row)
        return damaged_index();
      size += row->spec.args_json.size() + row->result_json.value_or("").size()
              + row->spec.after.size() * id_size;
      page.tasks.push_back(std::move(*row));
    }
    return page;
  });
}

status_or<task_counts> sqlite_reader::counts() {
  return answered([&]() -> status_or<task_counts> {
    task_counts counts;
    sqlite_execution row(counters_);
    while (row.next())
      counts[row.text(0)][row.state(1)] = row.integer(2);
    return counts;
  });
}

status_or<std::vector<upstream_result>> sqlite_reader::upstream_results(const task_id& id) {
  return answered([&]() -> status_or<std::vector<upstream_result>> {
    std::vector<upstream_result> results;
    sqlite_execution row(upstream_results_, id.sequence());
    while (row.next())
      results.push_back({task_id::from_parts(row.integer(0), row.integer(1)), row.maybe_text(2)});
    return results;
  });
}

status_or<pending_upstream> sqlite_reader::waits_for(const task_id& id) {
  return answered([&]() -> status_or<pending_upstream> {
    snapshot now(begin_, end_);
    pending_upstream found;
    {
      sqlite_execution row(waiting_, id.sequence());
      if (!row.next())
        return found;
      found.count = static_cast<size_t>(row.integer(0));
    }
    sqlite_execution row(pending_upstream_, id.sequence());
    while (row.next())
      found.first.push_back({task_id::from_parts(row.integer(0), row.integer(1)), row.state(2)});
    return found;
  });
}

status sqlite_reader::ping() {
  return answered([&] {
    sqlite_execution(ping_).run();
    return status();
  });
}

} // namespace errand
