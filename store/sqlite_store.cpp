// Opening, transactions, and adding tasks. What moves tasks is in sqlite_verbs.cpp.
#include "store/sqlite_store.hpp"

#include "store/clock.hpp"
#include "store/sqlite_reader.hpp"
#include "store/task_row.hpp"
#include "task/spec_rules.hpp"

#include <utility>

namespace errand {

sqlite_store::sqlite_store(sqlite_location location, std::optional<lock_file> lock,
                           sqlite_connection connection)
    : location_(std::move(location)),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      checkpointer_(connection_.handle()),
      sql_(connection_),
      ids_(connection_.integer("SELECT max(coalesce((SELECT max(seq) FROM tasks), 0), seq)"
                               " FROM newest_deleted")),
      clock_lag_ms_(connection_.integer("SELECT ms FROM clock_lag")) {
  sqlite_statement all(connection_, "SELECT queue, state, n FROM counters");
  sqlite_execution row(all);
  while (row.next())
    counters_.load(row.text(0), row.state(1), row.integer(2));
}

sqlite_store::~sqlite_store() {
  if (open_)
    roll_back();
}

status sqlite_store::begin() {
  assert(!open_);
  try {
    sqlite_execution(sql_.begin).run();
  } catch (const sqlite_error& error) {
    return error.why();
  }
  open_ = true;
  consequences_.clear();
  return {};
}

status sqlite_store::commit() {
  verb([&] {
    write_counters();
    sqlite_execution(sql_.commit).run();
    return true;
  });
  if (failure_) {
    roll_back();
    return *std::exchange(failure_, std::nullopt);
  }
  open_ = false;
  counters_.committed();
  return {};
}

void sqlite_store::roll_back() {
  open_ = false;
  counters_.rolled_back();
  try {
    // Some failures have rolled back already.
    if (connection_.in_transaction())
      sqlite_execution(sql_.rollback).run();
    clock_lag_ms_ = connection_.integer("SELECT ms FROM clock_lag");
  } catch (const sqlite_error&) {
    // What failed first is told; and as long as it does not work, the next begin() fails too.
  }
}

void sqlite_store::write_counters() {
  for (const auto& [queue, state, n] : counters_.changed()) {
    if (n > 0)
      sqlite_execution(sql_.put_counter, queue, state, n).run();
    else
      sqlite_execution(sql_.drop_counter, queue, state).run();
  }
}

std::optional<status_or<insertion>> sqlite_store::insert(const task_spec& spec, timestamp now) {
  return verb([&]() -> std::optional<status_or<insertion>> {
    std::vector<field_error> faults;
    auto upstream = find_upstream(
        spec.after, [](size_t i) { return "/after/" + std::to_string(i); }, faults);
    if (!faults.empty())
      return status(std::move(faults));
    return insertion{add(ids_.next(now), spec, std::move(upstream), false, now)};
  });
}

std::optional<status_or<std::vector<task_fact>>> sqlite_store::insert_batch(const task_batch& batch,
                                                                            timestamp now) {
  return verb([&]() -> std::optional<status_or<std::vector<task_fact>>> {
    // All is looked at before the first row is written, so nothing has to be taken back.
    std::vector<field_error> faults;
    std::vector<std::vector<upstream_task>> upstream;
    std::vector<task_id> ids;
    for (size_t place = 0; place < batch.tasks.size(); ++place)
      upstream.push_back(find_upstream(
          batch.tasks[place].spec.after, [&](size_t i) { return batch.after_pointer(place, i); },
          faults));
    if (!faults.empty())
      return status(std::move(faults));
    for (size_t place = 0; place < batch.tasks.size(); ++place)
      ids.push_back(ids_.next(now));

    std::vector<task_fact> facts(batch.tasks.size());
    for (const auto place : batch.order) {
      const auto& entry = batch.tasks[place];
      for (const auto sibling : entry.siblings)
        upstream[place].push_back({ids[sibling], facts[sibling].state, true});
      const auto row = add(ids[place], entry.spec, std::move(upstream[place]), entry.awaited, now);
      facts[place] = {row.id, row.state, 0, row.spec.kind, row.spec.queue};
      if (row.state == task_state::scheduled)
        facts[place].run_at = row.run_at;
    }
    return facts;
  });
}

task sqlite_store::add(const task_id& id, const task_spec& spec,
                       std::vector<upstream_task> upstream, bool awaited, timestamp now) {
  task row;
  row.id = id;
  row.spec = spec;
  row.created_at = now;
  row.run_at = due_at(spec, now);
  row.state = row.run_at > now ? task_state::scheduled : task_state::queued;
  if (!upstream.empty())
    come_after(row, upstream, now);
  write(row, awaited);
  if (!upstream.empty())
    link(row, upstream);
  note_clock_lag(row);
  counters_.add(row.spec.queue, row.state);
  return row;
}

void sqlite_store::write(const task& row, bool awaited) {
  const auto& spec = row.spec;
  const auto sequence = row.id.sequence();
  const bool long_args = spec.args_json.size() > inline_args_max;
  const auto args = long_args ? std::nullopt : std::optional<std::string_view>(spec.args_json);
  const auto tags = tags_to_json(spec.tags);
  const auto traceparent =
      spec.traceparent.empty() ? std::nullopt : std::optional<std::string_view>(spec.traceparent);
  const auto retry = retry_to_json(spec.retry);
  const auto policy = spec.after.empty() ? std::nullopt : std::optional(spec.on_dependency_failure);
  sqlite_execution(sql_.insert, sequence, row.id.tail(), row.state, spec.queue,
                   int64_t{spec.priority}, spec.kind, args, tags, traceparent, spec.timeout,
                   spec.delay, spec.run_at, row.created_at, row.run_at, int64_t{spec.max_attempts},
                   int64_t{spec.max_crashes}, retry, policy, int64_t{awaited}, row.finished_at,
                   row.cancel_reason)
      .run();
  if (long_args)
    sqlite_execution(sql_.insert_long_args, sequence, spec.args_json).run();
  for (const auto& [name, value] : spec.tags)
    sqlite_execution(sql_.insert_tag, name, value, sequence).run();
}

void sqlite_store::note_clock_lag(const task& row) {
  const auto lag_ms = milliseconds_ahead(row.id, row.created_at);
  if (lag_ms <= clock_lag_ms_)
    return;
  sqlite_execution(sql_.put_clock_lag, lag_ms).run();
  clock_lag_ms_ = lag_ms;
}

std::vector<task_fact> sqlite_store::consequences() {
  return std::exchange(consequences_, {});
}

std::optional<timestamp> sqlite_store::next_due() {
  try {
    sqlite_execution row(sql_.next_due);
    if (row.next())
      return row.time(0);
  } catch (const sqlite_error&) {
    // A store that can't be read: the verb that follows tells so.
  }
  return std::nullopt;
}

status_or<std::unique_ptr<store_reader>> sqlite_store::open_reader() {
  try {
    return std::unique_ptr<store_reader>(std::make_unique<sqlite_reader>(location_));
  } catch (const sqlite_error& error) {
    return error.why();
  }
}

} // namespace errand
