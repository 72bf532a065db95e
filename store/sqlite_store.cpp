// Opening and transactions. Tasks are added in sqlite_insert.cpp and moved in sqlite_verbs.cpp.
#include "store/sqlite_store.hpp"

#include "store/sqlite_reader.hpp"

#include <algorithm>
#include <utility>

namespace errand {

sqlite_store::sqlite_store(sqlite_location location, std::optional<lock_file> lock,
                           sqlite_connection connection)
    : location_(std::move(location)),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      checkpointer_(connection_.handle()),
      sql_(connection_),
      schedule_sql_(connection_),
      lease_sql_(connection_),
      ids_(connection_.integer("SELECT max(coalesce((SELECT max(seq) FROM tasks), 0), seq)"
                               " FROM newest_deleted")),
      clock_lag_ms_(connection_.integer("SELECT ms FROM clock_lag")) {
  sqlite_statement all(connection_, "SELECT queue, kind, state, n FROM counters");
  sqlite_execution row(all);
  while (row.next())
    counters_.load(row.text(0), row.text(1), row.state(2), row.integer(3));
  load_queues();
  load_lines();
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
  ages_.clear();
  queues_.committed();
  buckets_.committed();
  groups_.committed();
  running_time_.committed();
  return {};
}

void sqlite_store::clock_was_set(duration by) {
  assert(!open_);
  running_time_.clock_was_set(by);
}

void sqlite_store::roll_back() {
  open_ = false;
  counters_.rolled_back();
  ages_.clear();
  queues_.rolled_back();
  buckets_.rolled_back();
  groups_.rolled_back();
  running_time_.rolled_back();
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
  for (const auto& [queue, kind, state, n] : counters_.changed()) {
    if (n > 0)
      sqlite_execution(sql_.put_counter, queue, kind, state, n).run();
    else
      sqlite_execution(sql_.drop_counter, queue, kind, state).run();
  }
  for (const auto& [queue, tenth, by] : ages_.changed()) {
    sqlite_execution(sql_.put_age, queue, tenth, by).run();
    if (by < 0)
      sqlite_execution(sql_.drop_age, queue, tenth).run();
  }
  for (const auto& [queue, tokens, at] : buckets_.changed())
    sqlite_execution(sql_.put_tokens, tokens, at, queue).run();
}

std::vector<task_fact> sqlite_store::consequences() {
  return std::exchange(consequences_, {});
}

std::optional<timestamp> sqlite_store::next_due() {
  try {
    auto next = queues_.next_end_of_pause();
    for (auto* query :
         {&sql_.next_due, &sql_.next_expiry, &schedule_sql_.next_due, &lease_sql_.next_expiry}) {
      sqlite_execution row(*query);
      if (row.next())
        next = std::min(next.value_or(row.time(0)), row.time(0));
    }
    return next;
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
