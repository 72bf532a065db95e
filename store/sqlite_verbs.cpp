// The verbs that move tasks. Each finds its row by the state that it expects, and changes it in the
// same transaction; which state comes next is for next_state() to say.
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

task_state after(task_state state, task_event event) {
  const auto next = next_state(state, event);
  assert(next);
  return *next;
}

} // namespace

std::optional<sqlite_store::running_attempt> sqlite_store::find_running(const attempt_ref& ref) {
  sqlite_execution row(sql_.running_attempt, ref.id.sequence(), ref.id.tail(),
                       int64_t{ref.attempt});
  if (!row.next())
    return std::nullopt;
  const auto unique =
      row.is_null(8) ? std::nullopt : std::optional(static_cast<unique_until>(row.integer(8)));
  return running_attempt{row.text(0),
                         row.text(1),
                         static_cast<int>(row.integer(2)),
                         static_cast<int>(row.integer(3)),
                         static_cast<int>(row.integer(4)),
                         static_cast<int>(row.integer(5)),
                         row.maybe_text(6),
                         row.integer(7) != 0,
                         unique,
                         !row.is_null(9),
                         row.maybe_time(10),
                         row.integer(11) != 0,
                         row.text(12),
                         row.integer(13),
                         row.time(14),
                         row.integer(15) != 0,
                         duration(row.integer(16))};
}

task_fact sqlite_store::ended(const attempt_ref& ref, running_attempt attempt, task_state to,
                              timestamp now, duration ran) {
  counters_.move(attempt.queue, attempt.kind, task_state::running, to);
  running_time_.end(attempt.queue, ref.id.sequence());
  shares_.spent(attempt.queue, queues_.of(attempt.queue).weight,
                std::chrono::duration<double>(ran).count(), counters_.running(attempt.queue) > 0);
  groups_.end(attempt.queue, attempt.group);
  rejoin(attempt.queue, attempt.group);
  if (to == task_state::queued)
    line_up(attempt.queue, attempt.group, attempt.kind, attempt.priority, attempt.run_at);
  if (is_final(to) && attempt.holds_key && attempt.unique == unique_until::final)
    sqlite_execution(sql_.drop_key, ref.id.sequence()).run();
  if (is_final(to) && attempt.awaited)
    settle(ref.id.sequence(), to, now);
  if (is_final(to) && attempt.calls_back)
    call_back(ref.id, now);
  task_fact fact{ref.id, to, ref.attempt, std::move(attempt.kind), std::move(attempt.queue)};
  if (!is_final(to))
    fact.expires_at = attempt.expires_at;
  return fact;
}

task_fact sqlite_store::ended(const attempt_report& report, running_attempt attempt,
                              task_state to) {
  return ended(report.ref, std::move(attempt), to, report.finished_at, time_taken(report));
}

/// For an attempt that nobody has timed by a steady clock: by the wall clock, from when it was
/// claimed, and no longer than it may run.
duration sqlite_store::ran_unmeasured(int64_t task, duration timeout, timestamp now) const {
  const auto began = running_time_.began(task).value_or(now);
  return std::clamp(now - began, duration{0}, timeout);
}

std::optional<task_fact> sqlite_store::finish(const attempt_report& report) {
  return verb([&]() -> std::optional<task_fact> {
    auto attempt = find_running(report.ref);
    if (!attempt)
      return std::nullopt;
    auto fact = ended_as_reported(report, std::move(*attempt));
    fact.ran = time_taken(report);
    return fact;
  });
}

task_fact sqlite_store::ended_as_reported(const attempt_report& report, running_attempt attempt) {
  if (attempt.cancel_requested && report.outcome != attempt_outcome::succeeded
      && report.outcome != attempt_outcome::cancelled)
    return stopped(report, std::move(attempt));
  switch (report.outcome) {
  case attempt_outcome::succeeded:
    return succeeded(report, std::move(attempt));
  case attempt_outcome::postponed:
    return postponed(report, std::move(attempt));
  case attempt_outcome::cancelled:
    return called_off(report, std::move(attempt));
  case attempt_outcome::failed:
    if (attempt.failures + 1 < attempt.max_attempts)
      return failed(report, std::move(attempt));
    break;
  case attempt_outcome::failed_for_good:
    break;
  }
  return failed_last(report, std::move(attempt));
}

task_fact sqlite_store::succeeded(const attempt_report& report, running_attempt attempt) {
  const auto to = after(task_state::running, task_event::succeed);
  sqlite_execution(sql_.succeed, to, report.finished_at, report.started_at, report.worker,
                   report.result_json, report.ref.id.sequence())
      .run();
  return ended(report, std::move(attempt), to);
}

task_fact sqlite_store::stopped(const attempt_report& report, running_attempt attempt) {
  const auto to = after(task_state::running, task_event::stop);
  const auto sequence = report.ref.id.sequence();
  if (report.error_type.empty())
    sqlite_execution(sql_.succeed, to, report.finished_at, report.started_at, report.worker,
                     std::nullopt, sequence)
        .run();
  else
    sqlite_execution(sql_.fail, to, report.finished_at, report.started_at, report.worker,
                     report.error_type, report.error_message, sequence)
        .run();
  return ended(report, std::move(attempt), to);
}

task_fact sqlite_store::called_off(const attempt_report& report, running_attempt attempt) {
  const auto to = after(task_state::running, task_event::stop);
  sqlite_execution(sql_.call_off, to, report.finished_at, report.started_at, report.worker,
                   cancel_reason::handler, report.error_type, report.error_message,
                   report.ref.id.sequence())
      .run();
  return ended(report, std::move(attempt), to);
}

task_fact sqlite_store::failed_last(const attempt_report& report, running_attempt attempt) {
  const auto to = after(task_state::running, task_event::fail_last);
  sqlite_execution(sql_.fail, to, report.finished_at, report.started_at, report.worker,
                   report.error_type, report.error_message, report.ref.id.sequence())
      .run();
  return ended(report, std::move(attempt), to);
}

task_fact sqlite_store::failed(const attempt_report& report, running_attempt attempt) {
  const auto to = after(task_state::running, task_event::fail);
  const auto chance = std::uniform_real_distribution<>(0, 1)(random_);
  const auto wait = report.retry_in
                        ? *report.retry_in
                        : backoff(retry_from_json(attempt.retry), attempt.failures + 1, chance);
  const auto run_at = report.finished_at + wait;
  record(report, "failed", run_at);
  sqlite_execution(sql_.fail_again, to, run_at, report.started_at, report.worker, report.error_type,
                   report.error_message, report.ref.id.sequence())
      .run();
  auto fact = ended(report, std::move(attempt), to);
  fact.run_at = run_at;
  return fact;
}

task_fact sqlite_store::postponed(const attempt_report& report, running_attempt attempt) {
  const auto to = after(task_state::running, task_event::postpone);
  const auto run_at = report.finished_at + report.postponed_by;
  record(report, "postponed", run_at);
  sqlite_execution(sql_.postpone, to, run_at, report.started_at, report.worker,
                   report.ref.id.sequence())
      .run();
  auto fact = ended(report, std::move(attempt), to);
  fact.run_at = run_at;
  return fact;
}

/// Keeps an attempt that another will follow.
void sqlite_store::record(const attempt_report& report, std::string_view outcome,
                          timestamp next_run_at) {
  const auto sequence = report.ref.id.sequence();
  const auto number = int64_t{report.ref.attempt};
  const auto type =
      report.error_type.empty() ? std::nullopt : std::optional<std::string_view>(report.error_type);
  sqlite_execution(sql_.record, sequence, number, report.started_at, report.finished_at,
                   report.worker, outcome, type, report.error_message, next_run_at)
      .run();
  forget_attempts(sequence, number);
}

/// Older than the newest of them, which is `last`.
void sqlite_store::forget_attempts(int64_t sequence, int64_t last) {
  constexpr auto kept = static_cast<int64_t>(attempts_kept);
  if (last > kept)
    sqlite_execution(sql_.forget, sequence, last - kept).run();
}

std::optional<task_fact> sqlite_store::lose(const attempt_ref& ref, timestamp now) {
  return verb([&]() -> std::optional<task_fact> {
    auto attempt = find_running(ref);
    if (!attempt)
      return std::nullopt;
    const bool stop = attempt->cancel_requested;
    const bool last = !stop && attempt->crashes + 1 >= attempt->max_crashes;
    const auto to = after(task_state::running, stop   ? task_event::stop
                                               : last ? task_event::lose_last
                                                      : task_event::lose);
    const auto sequence = ref.id.sequence();
    if (last) {
      sqlite_execution(sql_.lose_last, to, now, worker_lost, worker_lost_message, sequence).run();
    } else {
      sqlite_execution(sql_.record_lost, now, worker_lost, worker_lost_message, sequence).run();
      forget_attempts(sequence, int64_t{ref.attempt});
      sqlite_execution(sql_.lose, to, stop ? std::optional(now) : std::nullopt, sequence).run();
    }
    const auto ran = ran_unmeasured(sequence, attempt->timeout, now);
    return ended(ref, std::move(*attempt), to, now, ran);
  });
}

std::optional<task_fact> sqlite_store::release(const attempt_ref& ref, timestamp now) {
  return verb([&]() -> std::optional<task_fact> {
    auto attempt = find_running(ref);
    if (!attempt)
      return std::nullopt;
    const bool stop = attempt->cancel_requested;
    const auto to = after(task_state::running, stop ? task_event::stop : task_event::release);
    sqlite_execution(sql_.release, to, stop ? std::optional(now) : std::nullopt, ref.id.sequence())
        .run();
    const bool dropped_key = attempt->unique == unique_until::started && !attempt->holds_key;
    // Most have not begun, and waited in a batch.
    auto fact = ended(ref, std::move(*attempt), to, now, duration{0});
    --fact.attempt; // It does not count.
    if (const auto& rate = queues_.of(fact.queue).rate)
      buckets_.put_back(fact.queue, *rate, now);
    if (dropped_key && !stop)
      take_key(*find(ref.id), now); // As if it had not started; unless another has it by now.
    return fact;
  });
}

std::vector<task_fact> sqlite_store::promote_due(timestamp now, size_t max) {
  return verb([&] {
    struct standing {
      task_state state;
      std::string group;
      int64_t priority;
      timestamp due;
    };
    std::vector<task_fact> facts;
    std::vector<standing> from;
    {
      sqlite_execution row(sql_.due, now, static_cast<int64_t>(max));
      while (row.next()) {
        const auto id = task_id::from_parts(row.integer(0), row.integer(1));
        from.push_back({row.state(2), row.text(6), row.integer(7), row.time(8)});
        facts.push_back({id, after(from.back().state, task_event::due),
                         static_cast<int>(row.integer(3)), row.text(4), row.text(5)});
      }
    }
    for (size_t i = 0; i < facts.size(); ++i) {
      const auto& fact = facts[i];
      sqlite_execution(sql_.promote, fact.state, fact.id.sequence()).run();
      const auto& [state, group, priority, due] = from[i];
      counters_.move(fact.queue, fact.kind, state, fact.state);
      line_up(fact.queue, group, fact.kind, priority, due);
    }
    return facts;
  });
}

std::vector<task_fact> sqlite_store::expire(timestamp now, size_t max) {
  return verb([&] {
    std::vector<task> expired;
    {
      sqlite_execution row(sql_.expired, now, static_cast<int64_t>(max));
      while (row.next())
        expired.push_back(read_task(row, sql_.after));
    }
    std::vector<task_fact> facts;
    for (auto& row : expired) {
      cancel_row(row, cancel_reason::expired, now);
      facts.push_back(fact_of(row));
    }
    return facts;
  });
}

std::vector<task_fact> sqlite_store::recover(timestamp now) {
  std::vector<attempt_ref> running;
  verb([&] {
    sqlite_execution row(sql_.running);
    while (row.next())
      running.push_back(
          {task_id::from_parts(row.integer(0), row.integer(1)), static_cast<int>(row.integer(2))});
    return true;
  });
  std::vector<task_fact> facts;
  for (const auto& ref : running)
    if (auto fact = lose(ref, now))
      facts.push_back(std::move(*fact));
  if (failure_)
    facts.clear();
  return facts;
}

} // namespace errand
