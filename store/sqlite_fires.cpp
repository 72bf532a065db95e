// What schedules do when their times come. A fire adds its task and moves next_run_at in one
// transaction, so a crash neither doubles nor loses it; an index over schedule and nominal time
// keeps that promise against everything else.
#include "store/schedule_row.hpp"
#include "store/sqlite_store.hpp"

#include <utility>

namespace errand {

namespace {

/// A schedule that can't be looked at (its time zone is not known any more) is looked at again.
constexpr std::chrono::seconds stalled_for{60};

constexpr const char* missed_detail =
    "it could not be made within 60 s of its time (the server was down, or its clock was put"
    " forward), and missed is ";

/// The first nominal time to be made up for or made, after what is missed by now.
std::optional<timestamp> after_missed(const schedule& row, const timing& times, timestamp now) {
  const auto first = *row.next_run_at;
  const auto newest_missed = now - missed_after - duration{1};
  if (first > newest_missed)
    return first;
  switch (row.spec.missed) {
  case missed_policy::skip:
    break;
  case missed_policy::run_once: {
    const auto last = times.newest(first, newest_missed, 1);
    const auto next = times.next(last);
    return next && *next <= now ? next : last;
  }
  case missed_policy::run_all:
    return times.newest(first, newest_missed, missed_max);
  }
  return times.next(newest_missed);
}

} // namespace

schedule_fires sqlite_store::fire_due(timestamp now, size_t max) {
  return verb([&] {
    schedule_fires fires;
    std::vector<int64_t> due;
    {
      sqlite_execution row(schedule_sql_.due, now, static_cast<int64_t>(max));
      while (row.next())
        due.push_back(row.integer(0));
    }
    for (const auto number : due) {
      if (fires.looked_at >= max || failure_)
        break;
      fire_schedule(number, now, max, fires);
    }
    return fires;
  });
}

void sqlite_store::fire_schedule(int64_t number, timestamp now, size_t max, schedule_fires& fires) {
  std::optional<schedule> row;
  {
    sqlite_execution found(schedule_sql_.get, number);
    if (found.next())
      row = read_schedule(found);
  }
  if (!row || !row->next_run_at)
    return;
  const auto times = timing::of(row->spec, row->anchor);
  if (!times.ok())
    return stall(*row, times.why(), now, fires);
  const auto first = *row->next_run_at;
  row->next_run_at = after_missed(*row, *times, now);
  if (row->next_run_at != first) {
    skip_fire(*row, first, missed_detail + std::string(to_string(row->spec.missed)), fires);
    ++fires.looked_at;
  }
  while (row->next_run_at && *row->next_run_at <= now && fires.looked_at < max && !failure_) {
    fire(*row, *row->next_run_at, now, fires);
    row->next_run_at = times->next(*row->next_run_at);
    ++fires.looked_at;
  }
  if (!failure_)
    note_fire(*row, row->next_run_at);
}

void sqlite_store::fire(schedule& row, timestamp nominal, timestamp now, schedule_fires& fires) {
  {
    sqlite_execution made(schedule_sql_.made, row.name, nominal);
    if (made.next())
      return; // by an earlier schedule of this name, before the clock was put back
  }
  if (row.spec.overlap == overlap_policy::skip)
    if (const auto last = unfinished_task(row))
      return skip_fire(row, nominal,
                       "the schedule's task " + last->id.to_string() + " was "
                           + std::string(to_string(last->state)) + ", and overlap is skip",
                       fires);
  auto added = add_for(row, now, fires.to_cancel);
  if (!added)
    return; // The commit will fail.
  if (!added->ok())
    return skip_fire(row, nominal, added->why().message(), fires);
  auto& task = (*added)->task;
  if ((*added)->duplicate)
    return skip_fire(row, nominal, "task " + task.id.to_string() + " holds its unique key", fires);
  take_task(row, task, nominal, nominal);
  fires.facts.push_back({row.name, schedule_fact::what::fired, nominal, task.id});
}

/// The task is the schedule's: made at its nominal time, or by a client's order without one.
void sqlite_store::take_task(schedule& row, task& made, std::optional<timestamp> nominal,
                             timestamp at) {
  made.schedule = row.name;
  made.nominal_at = nominal;
  sqlite_execution(schedule_sql_.mark, row.name, nominal, made.id.sequence()).run();
  row.last_run_at = at;
  row.last_task = made.id;
  row.last_outcome = fire_outcome{at, fire_outcome::what::fired, {}};
  auto fact = fact_of(made);
  fact.is_new = true;
  consequences_.push_back(std::move(fact));
}

void sqlite_store::skip_fire(schedule& row, timestamp nominal, std::string why,
                             schedule_fires& fires) {
  fires.facts.push_back({row.name, schedule_fact::what::skipped, nominal, std::nullopt, why});
  row.last_outcome = fire_outcome{nominal, fire_outcome::what::skipped, std::move(why)};
}

void sqlite_store::stall(schedule& row, const status& why, timestamp now, schedule_fires& fires) {
  ++fires.looked_at;
  auto detail = "its " + why.message().substr(1); // behind the pointer's slash
  fires.facts.push_back(
      {row.name, schedule_fact::what::stalled, row.next_run_at, std::nullopt, detail});
  row.last_outcome = fire_outcome{now, fire_outcome::what::stalled, std::move(detail)};
  note_fire(row, now + stalled_for);
}

void sqlite_store::note_fire(const schedule& row, std::optional<timestamp> look_at) {
  std::optional<int64_t> sequence, tail, outcome;
  std::optional<timestamp> outcome_at;
  std::optional<std::string_view> detail;
  if (row.last_task) {
    sequence = row.last_task->sequence();
    tail = row.last_task->tail();
  }
  if (row.last_outcome) {
    outcome = static_cast<int64_t>(row.last_outcome->outcome);
    outcome_at = row.last_outcome->at;
    detail = row.last_outcome->detail;
  }
  sqlite_execution(schedule_sql_.fired, row.next_run_at, look_at, row.last_run_at, sequence, tail,
                   outcome, outcome_at, detail, row.number)
      .run();
}

/// The last task that it made, if that is still on its way.
std::optional<task> sqlite_store::unfinished_task(const schedule& row) {
  auto last = row.last_task ? find(*row.last_task) : std::nullopt;
  if (last && is_final(last->state))
    last.reset();
  return last;
}

void sqlite_store::cancel_unfinished(const schedule& row, timestamp now,
                                     std::vector<attempt_ref>& to_cancel) {
  const auto last = unfinished_task(row);
  const auto cancelled = last ? cancel(last->id, now) : std::nullopt;
  if (!cancelled || !cancelled->ok())
    return;
  const auto& task = **cancelled;
  if (task.state == task_state::running)
    to_cancel.push_back({task.id, task.attempt});
  else
    consequences_.push_back(fact_of(task));
}

/// Adds the schedule's task, and cancels the last one if `overlap` has it so; who is not added
/// cancels nobody.
std::optional<status_or<insertion>> sqlite_store::add_for(const schedule& row, timestamp now,
                                                          std::vector<attempt_ref>& to_cancel) {
  const auto& rule = row.spec.task.unique;
  const auto last =
      row.spec.overlap == overlap_policy::cancel_previous ? unfinished_task(row) : std::nullopt;
  const auto holder = last && rule ? key_holder(rule->key, now) : std::nullopt;
  // Its key is free once it is cancelled, if that ends it and no window goes on.
  const bool gives_way = holder && holder->id == last->id && last->state != task_state::running
                         && rule->until != unique_until::window;
  if (gives_way)
    cancel_unfinished(row, now, to_cancel);
  auto added = insert(row.spec.task, now);
  if (last && !gives_way && added && added->ok() && !(*added)->duplicate)
    cancel_unfinished(row, now, to_cancel);
  return added;
}

} // namespace errand
