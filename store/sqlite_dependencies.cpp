// Tasks that come after others. Each waiting one has a count of the tasks that it still waits for;
// the transaction that ends one of those takes it down, so it is right after every commit.
#include "store/sqlite_store.hpp"

#include <algorithm>
#include <utility>

namespace errand {

struct sqlite_store::waiting_task {
  task_id id;
  std::string kind;
  std::string queue;
  timestamp run_at;
  dependency_policy policy;
  int attempt;
  std::string group;
  int64_t priority;
  bool calls_back;
};

std::vector<sqlite_store::upstream_task>
sqlite_store::find_upstream(const std::vector<task_id>& after,
                            const std::function<std::string(size_t)>& pointer_of,
                            std::vector<field_error>& faults) {
  std::vector<upstream_task> found;
  found.reserve(after.size());
  for (size_t i = 0; i < after.size() && faults.size() < max_faults; ++i) {
    sqlite_execution row(sql_.upstream_task, after[i].sequence());
    if (row.next() && row.integer(0) == after[i].tail())
      found.push_back({after[i], row.state(1), row.integer(2) != 0});
    else
      faults.push_back({pointer_of(i), "is " + after[i].to_string()
                                           + ", and there is no such task: it was never accepted,"
                                             " or it is deleted; leave it out"});
  }
  return found;
}

/// What the tasks that it comes after make of a new task, each of them counted once.
void sqlite_store::come_after(task& row, std::vector<upstream_task>& upstream, timestamp now) {
  std::sort(upstream.begin(), upstream.end());
  upstream.erase(std::unique(upstream.begin(), upstream.end()), upstream.end());
  row.spec.after.clear();
  for (const auto& [id, state, awaited] : upstream) {
    row.spec.after.push_back(id);
    if (!is_final(state) && row.state != task_state::cancelled) {
      row.state = task_state::waiting;
    } else if (is_final(state) && !satisfies(state, row.spec.on_dependency_failure)) {
      row.state = task_state::cancelled;
      row.finished_at = now;
      row.cancel_reason = cancel_reason::dependency;
    }
  }
}

void sqlite_store::link(const task& row, const std::vector<upstream_task>& upstream) {
  const auto sequence = row.id.sequence();
  int64_t pending_edges = 0;
  for (const auto& [id, state, awaited] : upstream) {
    const auto pending = int64_t{!is_final(state)};
    pending_edges += pending;
    sqlite_execution(sql_.link, id.sequence(), sequence, id.tail(), pending).run();
    if (!awaited)
      sqlite_execution(sql_.put_awaited, id.sequence()).run();
  }
  if (row.state == task_state::waiting)
    sqlite_execution(sql_.put_waiting, sequence, pending_edges).run();
}

void sqlite_store::settle(int64_t sequence, task_state ended, timestamp now) {
  // A list and no recursion: a chain may be longer than the stack is deep.
  std::vector<std::pair<int64_t, task_state>> all_ended{{sequence, ended}};
  while (!all_ended.empty()) {
    const auto [upstream, how] = all_ended.back();
    all_ended.pop_back();
    for (const auto downstream : release_dependents(upstream))
      if (settle_one(downstream, how, now))
        all_ended.emplace_back(downstream, task_state::cancelled);
  }
}

/// Those that come after a task and have not heard of its end.
std::vector<int64_t> sqlite_store::release_dependents(int64_t upstream) {
  std::vector<int64_t> downstream;
  {
    sqlite_execution row(sql_.dependents, upstream);
    while (row.next())
      downstream.push_back(row.integer(0));
  }
  if (!downstream.empty())
    sqlite_execution(sql_.settle, upstream).run();
  return downstream;
}

/// One of the tasks that `downstream` waits for has ended; true if that cancels it. One that does
/// not wait any more has ended, too, or was retried by hand, and does not care.
bool sqlite_store::settle_one(int64_t downstream, task_state ended, timestamp now) {
  int64_t left = 0;
  {
    sqlite_execution row(sql_.waiting_count, downstream);
    if (!row.next())
      return false;
    left = row.integer(0) - 1;
  }
  // Most of what fans in ends well and is not the last: that touches nothing but the count.
  if (left > 0 && ended == task_state::succeeded) {
    sqlite_execution(sql_.put_waiting, downstream, left).run();
    return false;
  }
  auto waiting = find_waiting(downstream);
  if (!waiting)
    return false;
  const bool stops = !satisfies(ended, waiting->policy);
  if (stops)
    cancel_waiting(std::move(*waiting), now);
  else if (left > 0)
    sqlite_execution(sql_.put_waiting, downstream, left).run();
  else
    unblock(std::move(*waiting), now);
  return stops;
}

std::optional<sqlite_store::waiting_task> sqlite_store::find_waiting(int64_t sequence) {
  sqlite_execution row(sql_.waiting_task, sequence);
  if (!row.next())
    return std::nullopt;
  return waiting_task{task_id::from_parts(sequence, row.integer(0)),
                      row.text(1),
                      row.text(2),
                      row.time(3),
                      static_cast<dependency_policy>(row.integer(4)),
                      static_cast<int>(row.integer(5)),
                      row.text(6),
                      row.integer(7),
                      row.integer(8) != 0};
}

void sqlite_store::cancel_waiting(waiting_task waiting, timestamp now) {
  const auto to = next_state(task_state::waiting, task_event::cancel);
  assert(to);
  const auto sequence = waiting.id.sequence();
  sqlite_execution(sql_.stop_waiting, sequence).run();
  sqlite_execution(sql_.cancel, *to, now, cancel_reason::dependency, int64_t{0}, sequence).run();
  counters_.move(waiting.queue, waiting.kind, task_state::waiting, *to);
  consequences_.push_back(
      {waiting.id, *to, waiting.attempt, std::move(waiting.kind), std::move(waiting.queue)});
  if (waiting.calls_back)
    call_back(waiting.id, now);
}

void sqlite_store::unblock(waiting_task waiting, timestamp now) {
  const bool early = waiting.run_at > now;
  const auto to =
      next_state(task_state::waiting, early ? task_event::unblock_early : task_event::unblock);
  assert(to);
  const auto sequence = waiting.id.sequence();
  const auto run_at = std::max(waiting.run_at, now);
  sqlite_execution(sql_.stop_waiting, sequence).run();
  sqlite_execution(sql_.unblock, *to, run_at, sequence).run();
  counters_.move(waiting.queue, waiting.kind, task_state::waiting, *to);
  if (!early)
    line_up(waiting.queue, waiting.group, waiting.kind, waiting.priority, run_at);
  task_fact fact{waiting.id, *to, waiting.attempt, std::move(waiting.kind),
                 std::move(waiting.queue)};
  if (early)
    fact.run_at = run_at;
  consequences_.push_back(std::move(fact));
}

recount_step sqlite_store::recount(int64_t from, size_t max, timestamp now) {
  return verb([&] {
    recount_step step;
    std::vector<int64_t> waiting;
    {
      sqlite_execution row(sql_.waiting_tasks, from, static_cast<int64_t>(max));
      while (row.next())
        waiting.push_back(row.integer(0));
    }
    size_t edges = 0;
    for (const auto sequence : waiting) {
      if (edges >= max) {
        step.next = sequence;
        return step;
      }
      edges += recount_one(sequence, now, step.repaired);
      ++step.seen;
    }
    if (waiting.size() == max)
      step.next = waiting.back() + 1;
    return step;
  });
}

/// How many pending dependencies the task was found to have.
size_t sqlite_store::recount_one(int64_t sequence, timestamp now, std::vector<task_id>& repaired) {
  size_t pending = 0;
  std::vector<std::pair<int64_t, task_state>> missed; // ended, and nobody told this task
  {
    sqlite_execution row(sql_.pending_edges, sequence);
    for (; row.next(); ++pending) {
      const auto state = row.is_null(1) ? task_state::cancelled : row.state(1);
      if (is_final(state))
        missed.emplace_back(row.integer(0), state);
    }
  }
  int64_t counted = 0;
  {
    sqlite_execution row(sql_.waiting_count, sequence);
    if (row.next())
      counted = row.integer(0);
  }
  if (missed.empty() && pending > 0 && counted == static_cast<int64_t>(pending))
    return pending;
  auto waiting = find_waiting(sequence);
  if (!waiting)
    return pending; // another repair of this step has ended its wait
  repaired.push_back(waiting->id);
  if (pending == 0) {
    unblock(std::move(*waiting), now);
    return pending;
  }
  sqlite_execution(sql_.put_waiting, sequence, static_cast<int64_t>(pending)).run();
  for (const auto& [upstream, state] : missed) {
    sqlite_execution(sql_.settle_edge, upstream, sequence).run();
    if (settle_one(sequence, state, now))
      settle(sequence, task_state::cancelled, now);
  }
  return pending;
}

} // namespace errand
