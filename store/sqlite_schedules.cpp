// What clients tell schedules.
#include "store/schedule_row.hpp"
#include "store/sqlite_store.hpp"
#include "task/utf8.hpp"

#include <utility>

namespace errand {

namespace {

std::optional<int64_t> period_of(const schedule_spec& spec) {
  if (spec.every > duration{0})
    return spec.every.count();
  return std::nullopt;
}

std::optional<std::string_view> expression_of(const schedule_spec& spec) {
  if (spec.every > duration{0})
    return std::nullopt;
  return std::string_view(spec.cron);
}

bool same_times(const schedule_spec& a, const schedule_spec& b) {
  return a.every == b.every && a.cron == b.cron
         && (a.every > duration{0} || a.time_zone == b.time_zone);
}

bool same(const schedule_spec& a, const schedule_spec& b) {
  return same_times(a, b) && a.time_zone == b.time_zone && a.missed == b.missed
         && a.overlap == b.overlap && a.paused == b.paused && a.task.args_json == b.task.args_json
         && scheduled_task_to_json(a.task) == scheduled_task_to_json(b.task);
}

} // namespace

std::optional<schedule> sqlite_store::find_schedule(const std::string& name) {
  sqlite_execution row(schedule_sql_.find, name);
  if (!row.next())
    return std::nullopt;
  return read_schedule(row);
}

/// When it is to be looked at is its next nominal time, whatever delayed that before.
void sqlite_store::write_schedule(schedule& row) {
  const auto& spec = row.spec;
  const auto task = scheduled_task_to_json(spec.task);
  const auto missed = static_cast<int64_t>(spec.missed);
  const auto overlap = static_cast<int64_t>(spec.overlap);
  const auto paused = int64_t{spec.paused};
  if (row.number > 0) {
    sqlite_execution(schedule_sql_.put, expression_of(spec), period_of(spec), row.anchor,
                     spec.time_zone, task, spec.task.args_json, missed, overlap, paused,
                     row.updated_at, row.next_run_at, row.next_run_at, row.number)
        .run();
    return;
  }
  sqlite_execution(schedule_sql_.add, row.name, expression_of(spec), period_of(spec), row.anchor,
                   spec.time_zone, task, spec.task.args_json, missed, overlap, paused,
                   row.created_at, row.updated_at, row.next_run_at, row.next_run_at)
      .run();
  row.number = find_schedule(row.name)->number;
}

std::optional<status_or<schedule_change>> sqlite_store::put_schedule(const schedule_put& wanted,
                                                                     timestamp now) {
  return verb([&]() -> std::optional<status_or<schedule_change>> {
    const auto before = find_schedule(wanted.name);
    if (before && same(before->spec, wanted.spec))
      return schedule_change{*before, next_runs(*before, next_runs_told)};

    auto row = before.value_or(schedule{});
    row.name = wanted.name;
    row.spec = wanted.spec;
    row.updated_at = now;
    if (!before)
      row.created_at = now;
    if (!before || before->spec.every != row.spec.every)
      row.anchor = now;
    const auto times = timing::of(row.spec, row.anchor);
    if (!times.ok())
      return times.why();
    // Who sends the same times again, perhaps with another task, does not put off the next fire.
    if (row.spec.paused)
      row.next_run_at.reset();
    else if (!before || before->spec.paused || !same_times(before->spec, row.spec))
      row.next_run_at = times->next(now);
    write_schedule(row);

    schedule_change change{row, next_runs(row, next_runs_told), !before};
    using what = schedule_fact::what;
    change.facts.push_back({row.name, before ? what::changed : what::created});
    if (before && before->spec.paused != row.spec.paused)
      change.facts.push_back({row.name, row.spec.paused ? what::paused : what::resumed});
    return change;
  });
}

std::optional<status_or<schedule_change>>
sqlite_store::order_schedule(const schedule_command& command, timestamp now) {
  return verb([&]() -> std::optional<status_or<schedule_change>> {
    auto row = find_schedule(command.name);
    if (!row)
      return status(ec::not_found, "There is no schedule " + quoted(command.name));
    switch (command.what) {
    case schedule_order::pause:
      return pause_schedule(std::move(*row), true, now);
    case schedule_order::resume:
      return pause_schedule(std::move(*row), false, now);
    case schedule_order::run:
      return run_schedule(std::move(*row), now);
    case schedule_order::remove:
      break;
    }
    sqlite_execution(schedule_sql_.drop, row->number).run();
    schedule_change change{std::move(*row)};
    change.facts.push_back({command.name, schedule_fact::what::removed});
    return change;
  });
}

/// What would have come during the pause does not.
status_or<schedule_change> sqlite_store::pause_schedule(schedule row, bool paused, timestamp now) {
  if (row.spec.paused == paused)
    return schedule_change{row, next_runs(row, next_runs_told)};
  const auto times = timing::of(row.spec, row.anchor);
  if (!paused && !times.ok())
    return times.why();
  row.spec.paused = paused;
  row.updated_at = now;
  row.next_run_at = paused ? std::nullopt : times->next(now);
  write_schedule(row);
  schedule_change change{row, next_runs(row, next_runs_told)};
  change.facts.push_back(
      {row.name, paused ? schedule_fact::what::paused : schedule_fact::what::resumed});
  return change;
}

std::optional<status_or<schedule_change>> sqlite_store::run_schedule(schedule row, timestamp now) {
  if (row.spec.overlap == overlap_policy::skip)
    if (const auto last = unfinished_task(row))
      return status(ec::wrong_state, "Schedule " + row.name
                                         + " runs one task at a time (overlap is"
                                           " \"skip\"), and its task "
                                         + last->id.to_string() + " is "
                                         + std::string(to_string(last->state))
                                         + "; wait for its end, or cancel it");
  schedule_change change;
  auto added = add_for(row, now, change.to_cancel);
  if (!added)
    return std::nullopt;
  if (!added->ok())
    return added->why();
  change.duplicate = (*added)->duplicate;
  if (!change.duplicate) {
    take_task(row, (*added)->task, std::nullopt, now);
    note_fire(row, row.next_run_at);
    change.facts.push_back({row.name, schedule_fact::what::fired, std::nullopt, (*added)->task.id});
  }
  change.ran = std::move((*added)->task);
  change.next_runs = next_runs(row, next_runs_told);
  change.row = std::move(row);
  return change;
}

} // namespace errand
