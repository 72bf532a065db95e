// Questions and their answers; which tasks a page has is for list_query to find.
#include "store/sqlite_reader.hpp"

#include "store/list_query.hpp"
#include "store/queue_row.hpp"
#include "store/schedule_row.hpp"
#include "store/sqlite_question.hpp"
#include "store/task_row.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

/// What an id in `after` takes as text.
constexpr size_t id_size = 40;

status no_such_task(const task_id& id) {
  return {ec::not_found, "There is no task " + id.to_string()};
}

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
      ready_kinds_(connection_, "SELECT kind FROM counters WHERE queue = ? AND state = {queued}"),
      higher_(connection_, "SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_ready"
                           " WHERE state = {queued} AND queue = ? AND kind = ?"
                           " AND group_name IS ? AND priority > ? LIMIT ?)"),
      older_(connection_, "SELECT count(*) FROM (SELECT 1 FROM tasks INDEXED BY tasks_ready"
                          " WHERE state = {queued} AND queue = ? AND kind = ?"
                          " AND group_name IS ? AND priority = ? AND seq < ? LIMIT ?)"),
      log_owner_(connection_, "SELECT tail, state FROM tasks WHERE seq = ?"),
      log_(connection_, "SELECT n, at_us, attempt, line FROM task_log"
                        " WHERE seq = ? AND n > ? ORDER BY n"),
      counters_(connection_, "SELECT queue, state, sum(n) FROM counters GROUP BY queue, state"),
      ping_(connection_, "SELECT ms FROM clock_lag"),
      upstream_results_(connection_, select_upstream_results),
      waiting_(connection_, "SELECT n FROM waiting WHERE seq = ?"),
      pending_upstream_(connection_,
                        "SELECT d.upstream, d.tail, t.state FROM dependencies AS d"
                        " INDEXED BY dependencies_by_downstream JOIN tasks AS t"
                        " ON t.seq = d.upstream WHERE d.downstream = ? AND d.pending = 1"
                        " ORDER BY d.upstream LIMIT 10"),
      queue_names_(connection_, "SELECT queue FROM counters WHERE queue > ?1"
                                " UNION SELECT name FROM queues WHERE name > ?1"
                                " ORDER BY 1 LIMIT ?2"),
      queue_settings_(connection_,
                      std::string("SELECT ") + queue_columns + " FROM queues WHERE name = ?"),
      queue_counts_(connection_, "SELECT state, sum(n) FROM counters WHERE queue = ?"
                                 " GROUP BY state"),
      oldest_queued_(connection_, "SELECT min(tenth) * 100000 FROM queue_ages WHERE queue = ?"),
      total_counts_(connection_, "SELECT state, sum(n) FROM counters GROUP BY state"),
      oldest_of_all_(
          connection_,
          "SELECT min((SELECT min(tenth) FROM queue_ages WHERE queue = c.queue)) * 100000"
          " FROM (SELECT DISTINCT queue FROM counters WHERE state = {queued}) AS c"),
      // What runs is bounded by the workers and what is claimed ahead for them.
      running_(connection_, "SELECT seq, tail, group_name FROM tasks INDEXED BY tasks_by_state"
                            " WHERE state = {running} AND queue = ? ORDER BY seq"),
      bucket_(connection_, "SELECT tokens, tokens_at_us FROM queues"
                           " WHERE name = ? AND tokens IS NOT NULL"),
      leases_(connection_, "SELECT l.worker, t.seq, t.tail, t.attempt, t.kind, t.queue,"
                           " t.started_at_us, l.expires_at_us"
                           " FROM leases AS l JOIN tasks AS t ON t.seq = l.seq"
                           " ORDER BY l.seq LIMIT ?"),
      lease_count_(connection_, "SELECT count(*) FROM leases"),
      schedule_(connection_,
                std::string("SELECT ") + schedule_columns + " FROM schedules WHERE name = ?"),
      schedules_up_(connection_, std::string("SELECT ") + schedule_columns
                                     + " FROM schedules WHERE number > ? ORDER BY number LIMIT ?"),
      schedules_down_(connection_,
                      std::string("SELECT ") + schedule_columns
                          + " FROM schedules WHERE number < ? ORDER BY number DESC LIMIT ?") {}

status_or<task> sqlite_reader::get(const task_id& id) {
  return answered([&] {
    snapshot now(begin_, end_);
    return whole_task(id);
  });
}

status_or<task_place> sqlite_reader::place(const task_id& id) {
  return answered([&]() -> status_or<task_place> {
    snapshot now(begin_, end_);
    auto found = whole_task(id);
    if (!found.ok())
      return found.why();
    task_place place;
    place.row = std::move(*found);
    if (place.row.state == task_state::queued)
      place.ready_before = count_ready_before(place.row);
    if (place.row.state == task_state::waiting)
      place.waits_for = pending_upstream_of(id.sequence());
    if (!is_final(place.row.state))
      place.queue = settings_of(place.row.spec.queue).value_or(queue_settings{});
    if (place.row.state == task_state::queued) {
      place.beside = running_beside_of(place.row);
      place.bucket = bucket_of(place.row.spec.queue);
    }
    return place;
  });
}

int64_t sqlite_reader::count_ready_before(const task& row) {
  const auto& spec = row.spec;
  const auto priority = int64_t{spec.priority};
  const auto group =
      spec.group.empty() ? std::nullopt : std::optional<std::string_view>(spec.group);
  std::vector<std::string> kinds;
  {
    sqlite_execution kind(ready_kinds_, spec.queue);
    while (kind.next())
      kinds.push_back(kind.text(0));
  }
  int64_t before = 0;
  const auto left = [&] { return place_counted_max + 1 - before; };
  const auto count = [&](sqlite_execution&& result) {
    if (result.next())
      before += result.integer(0);
  };
  for (const auto& kind : kinds) {
    count(sqlite_execution(higher_, spec.queue, kind, group, priority, left()));
    count(sqlite_execution(older_, spec.queue, kind, group, priority, row.id.sequence(), left()));
  }
  return before;
}

status_or<task> sqlite_reader::whole_task(const task_id& id) {
  const auto sequence = id.sequence();
  auto found = find(sequence);
  if (!found || found->id != id)
    return status(ec::not_found, "There is no task " + id.to_string());
  found->attempts = recorded_attempts(sequence);
  const auto last = last_attempt(*found);
  if (last && (found->attempts.empty() || found->attempts.back().number != last->number))
    found->attempts.push_back(*last);
  // The store keeps so many beside the one that stands in the task's own row.
  if (auto& all = found->attempts; all.size() > attempts_kept)
    all.erase(all.begin(), all.end() - static_cast<ptrdiff_t>(attempts_kept));
  return std::move(*found);
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
    const auto limit = std::clamp<size_t>(request.limit, 1, page_limit_max);
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

status_or<found_tasks> sqlite_reader::search(const search_request& request) {
  return answered([&]() -> status_or<found_tasks> {
    snapshot now(begin_, end_);
    return search_tasks(connection_, request);
  });
}

status_or<log_page> sqlite_reader::log(const log_request& request) {
  return answered([&]() -> status_or<log_page> {
    snapshot now(begin_, end_);
    const auto sequence = request.id.sequence();
    log_page page;
    {
      sqlite_execution owner(log_owner_, sequence);
      if (!owner.next() || owner.integer(0) != request.id.tail())
        return no_such_task(request.id);
      page.state = owner.state(1);
    }
    size_t size = 0;
    sqlite_execution row(log_, sequence, request.after);
    while (row.next()) {
      if (size >= request.max_bytes) {
        page.more = true;
        break;
      }
      page.lines.push_back(
          {row.integer(0), row.time(1), static_cast<int>(row.integer(2)), row.text(3)});
      size += page.lines.back().text.size() + 1;
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

status_or<std::vector<lease_view>> sqlite_reader::leases(size_t max) {
  return answered([&]() -> status_or<std::vector<lease_view>> {
    std::vector<lease_view> all;
    sqlite_execution row(leases_, static_cast<int64_t>(max));
    while (row.next())
      all.push_back(
          {row.text(0),
           {task_id::from_parts(row.integer(1), row.integer(2)), static_cast<int>(row.integer(3))},
           row.text(4),
           row.text(5),
           row.time(6),
           row.time(7)});
    return all;
  });
}

pending_upstream sqlite_reader::pending_upstream_of(int64_t sequence) {
  pending_upstream found;
  {
    sqlite_execution row(waiting_, sequence);
    if (!row.next())
      return found;
    found.count = static_cast<size_t>(row.integer(0));
  }
  sqlite_execution row(pending_upstream_, sequence);
  while (row.next())
    found.first.push_back({task_id::from_parts(row.integer(0), row.integer(1)), row.state(2)});
  return found;
}

status sqlite_reader::ping() {
  return answered([&] {
    sqlite_execution(ping_).run();
    return status();
  });
}

} // namespace errand
