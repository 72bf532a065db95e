// What clients may order of a task that is there: cancel it, run it once more, delete it.
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"

#include <utility>

namespace errand {

namespace {

status no_such_task(const task_id& id) {
  return {ec::not_found, "There is no task " + id.to_string()};
}

status refused(const task& row, const char* why) {
  return {ec::wrong_state,
          "Task " + row.id.to_string() + " is " + std::string(to_string(row.state)) + "; " + why};
}

} // namespace

std::optional<task> sqlite_store::find(const task_id& id) {
  sqlite_execution row(sql_.whole_task, id.sequence());
  if (!row.next())
    return std::nullopt;
  auto found = read_task(row, sql_.after);
  if (found.id != id)
    return std::nullopt;
  return found;
}

std::optional<status_or<task>> sqlite_store::cancel(const task_id& id, timestamp now) {
  return verb([&]() -> std::optional<status_or<task>> {
    auto row = find(id);
    if (!row)
      return no_such_task(id);
    const auto to = next_state(row->state, task_event::cancel);
    if (!to && row->state != task_state::running)
      return refused(*row, "only a task that has not ended can be cancelled");
    row->cancel_requested = true;
    if (to)
      cancel_row(*row, cancel_reason::requested, now);
    else
      sqlite_execution(sql_.request_cancel, cancel_reason::requested, id.sequence()).run();
    return std::move(*row);
  });
}

void sqlite_store::cancel_row(task& row, cancel_reason why, timestamp now) {
  const auto to = next_state(row.state, task_event::cancel);
  assert(to);
  const auto sequence = row.id.sequence();
  if (row.state == task_state::waiting)
    sqlite_execution(sql_.stop_waiting, sequence).run();
  counters_.move(row.spec.queue, row.spec.kind, row.state, *to);
  forget_age(row);
  row.state = *to;
  row.finished_at = now;
  row.cancel_reason = why;
  sqlite_execution(sql_.cancel, row.state, now, why, int64_t{row.cancel_requested}, sequence).run();
  settle(sequence, row.state, now);
  if (!row.spec.callback_url.empty())
    call_back(row.id, now);
}

/// Of a task that goes before it started.
void sqlite_store::forget_age(const task& row) {
  if (row.state == task_state::queued)
    ages_.remove(row.spec.queue, row.run_at);
}

std::optional<status_or<task>> sqlite_store::renew(const task_id& id, timestamp now) {
  return verb([&]() -> std::optional<status_or<task>> {
    auto row = find(id);
    if (!row)
      return no_such_task(id);
    const auto to = next_state(row->state, task_event::renew);
    if (!to)
      return refused(*row, "only a task that has ended can be retried");
    if (!take_key(*row, now))
      return status(ec::not_unique, "Task " + id.to_string() + " can't be retried: "
                                        + key_holder(row->spec.unique->key, now)->id.to_string()
                                        + " holds its unique key by now. Wait for its end");
    keep_last_attempt(*row);
    sqlite_execution(sql_.renew, *to, now, now, id.sequence()).run();
    counters_.move(row->spec.queue, row->spec.kind, row->state, *to);
    line_up(row->spec.queue, row->spec.group, row->spec.kind, row->spec.priority, now);
    return std::move(*find(id));
  });
}

/// The task's own row is about to forget how its last attempt ended.
void sqlite_store::keep_last_attempt(const task& row) {
  const auto last = last_attempt(row);
  if (!last)
    return;
  const auto sequence = row.id.sequence();
  {
    sqlite_execution kept(sql_.kept_attempt, sequence, int64_t{last->number});
    if (kept.next())
      return;
  }
  std::optional<std::string_view> type, message;
  if (last->error) {
    type = last->error->type;
    message = last->error->message;
  }
  sqlite_execution(sql_.record, sequence, int64_t{last->number}, last->started_at,
                   last->finished_at, last->worker, last->outcome, type, message, std::nullopt)
      .run();
  forget_attempts(sequence, int64_t{last->number});
}

std::optional<status_or<task>> sqlite_store::remove(const task_id& id, timestamp now) {
  return verb([&]() -> std::optional<status_or<task>> {
    auto row = find(id);
    if (!row)
      return no_such_task(id);
    if (row->state == task_state::running)
      return refused(*row, "cancel it, and delete it when it has ended");
    return delete_row(std::move(*row), now);
  });
}

std::optional<status_or<task>> sqlite_store::purge(const task_id& id, timestamp now) {
  return verb([&]() -> std::optional<status_or<task>> {
    auto row = find(id);
    if (!row)
      return no_such_task(id);
    if (!has_not_started(row->state))
      return refused(*row, "only what has not started is purged");
    return delete_row(std::move(*row), now);
  });
}

task sqlite_store::delete_row(task row, timestamp now) {
  const auto sequence = row.id.sequence();
  forget_age(row);
  erase(sequence, row.spec.queue, row.spec.kind, row.state, row.spec.tags);
  sqlite_execution(sql_.put_newest_deleted, sequence).run();
  if (row.state == task_state::waiting)
    sqlite_execution(sql_.stop_waiting, sequence).run();
  // Who waits for its end need not wait any longer.
  if (!is_final(row.state)) {
    consequences_.push_back(
        {row.id, task_state::cancelled, row.attempt, row.spec.kind, row.spec.queue});
    settle(sequence, task_state::cancelled, now);
  }
  return row;
}

} // namespace errand
