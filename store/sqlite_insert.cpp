// Adding tasks, one or a batch. All that can be refused is looked at before the first row is
// written, so nothing has to be taken back.
#include "store/clock.hpp"
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace errand {

std::optional<status_or<insertion>> sqlite_store::insert(const task_spec& spec, timestamp now) {
  return verb([&]() -> std::optional<status_or<insertion>> {
    const auto pointer_of = [](size_t i) { return "/after/" + std::to_string(i); };
    std::vector<field_error> faults;
    auto upstream = find_upstream(spec.after, pointer_of, faults);
    if (!faults.empty())
      return status(std::move(faults));
    if (spec.unique) {
      if (auto refusal = why_not_unique(*spec.unique, now))
        return std::move(*refusal);
      if (auto holder = make_room(*spec.unique, now))
        return insertion{std::move(*holder), true};
      upstream = find_upstream(spec.after, pointer_of, faults); // what gave way may be among them
    }
    return insertion{add(ids_.next(now), spec, std::move(upstream), false, now)};
  });
}

std::optional<status_or<std::vector<batch_insertion>>>
sqlite_store::insert_batch(const task_batch& batch, timestamp now) {
  return verb([&]() -> std::optional<status_or<std::vector<batch_insertion>>> {
    if (auto refusal = why_not(batch, now))
      return std::move(*refusal);
    std::vector<batch_insertion> inserted(batch.tasks.size());
    std::vector<task_id> ids;
    for (size_t place = 0; place < batch.tasks.size(); ++place)
      ids.push_back(ids_.next(now));
    for (const auto place : batch.order) {
      const auto& entry = batch.tasks[place];
      auto& [fact, duplicate] = inserted[place];
      std::optional<task> row;
      if (entry.spec.unique)
        row = make_room(*entry.spec.unique, now);
      duplicate = row.has_value();
      if (!row) {
        std::vector<field_error> none;
        auto upstream = find_upstream(entry.spec.after, {}, none);
        for (const auto sibling : entry.siblings)
          upstream.push_back({inserted[sibling].fact.id, inserted[sibling].fact.state,
                              !inserted[sibling].duplicate});
        row = add(ids[place], entry.spec, std::move(upstream), entry.awaited, now);
      }
      fact = fact_of(*row);
    }
    return inserted;
  });
}

/// What in a batch does not fit what is there.
std::optional<status> sqlite_store::why_not(const task_batch& batch, timestamp now) {
  std::vector<field_error> faults;
  std::set<std::string_view> keys;
  for (size_t place = 0; place < batch.tasks.size(); ++place) {
    const auto& spec = batch.tasks[place].spec;
    find_upstream(
        spec.after, [&](size_t i) { return batch.after_pointer(place, i); }, faults);
    if (spec.unique && !keys.insert(spec.unique->key).second && faults.size() < max_faults)
      faults.push_back({batch.pointer(place) + "/unique/key",
                        "is " + quoted(spec.unique->key)
                            + ", which another task of this batch has, too; leave one out"});
  }
  if (!faults.empty())
    return status(std::move(faults));
  for (size_t place = 0; place < batch.tasks.size(); ++place)
    if (const auto& unique = batch.tasks[place].spec.unique)
      if (auto refusal = why_not_unique(*unique, now))
        return status(refusal->code(), batch.pointer(place) + ": " + refusal->message());
  return std::nullopt;
}

task sqlite_store::add(const task_id& id, const task_spec& spec,
                       std::vector<upstream_task> upstream, bool awaited, timestamp now) {
  task row;
  row.id = id;
  row.spec = spec;
  row.spec.expires_at = expiry_at(spec, now);
  row.created_at = now;
  row.run_at = due_at(spec, now);
  row.state = row.run_at > now ? task_state::scheduled : task_state::queued;
  if (!upstream.empty())
    come_after(row, upstream, now);
  write(row, awaited);
  if (!upstream.empty())
    link(row, upstream);
  note_clock_lag(row);
  counters_.add(row.spec.queue, row.spec.kind, row.state);
  if (row.state == task_state::queued)
    line_up(row.spec.queue, row.spec.group, row.spec.kind, row.spec.priority, row.run_at);
  if (is_final(row.state) && !row.spec.callback_url.empty())
    call_back(row.id, now); // what it comes after had ended badly
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
  const auto group =
      spec.group.empty() ? std::nullopt : std::optional<std::string_view>(spec.group);
  std::optional<int64_t> policy;
  if (!spec.after.empty())
    policy = static_cast<int64_t>(spec.on_dependency_failure);
  sqlite_execution(sql_.insert, sequence, row.id.tail(), row.state, spec.queue,
                   int64_t{spec.priority}, spec.kind, args, tags, traceparent, spec.timeout,
                   spec.delay, spec.run_at, row.created_at, row.run_at, int64_t{spec.max_attempts},
                   int64_t{spec.max_crashes}, retry, spec.expires_at, group, policy,
                   int64_t{awaited}, row.finished_at, row.cancel_reason)
      .run();
  if (spec.unique) {
    const bool holds = !is_final(row.state) || spec.unique->until == unique_until::window;
    sqlite_execution(sql_.insert_unique, spec.unique->key, spec.unique->until, spec.unique->window,
                     spec.unique->on_conflict, holds ? std::optional(int64_t{1}) : std::nullopt,
                     sequence)
        .run();
  }
  if (!spec.callback_url.empty())
    sqlite_execution(sql_.put_callback_url, spec.callback_url, sequence).run();
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

} // namespace errand
