#include "actors/store_actor.hpp"

#include "actors/known_requests.hpp"
#include "actors/queue_notices.hpp"
#include "actors/retention.hpp"
#include "actors/schedule_notices.hpp"

#include <algorithm>

namespace errand {

namespace {

using self_pointer = store_actor::stateful_pointer<store_state>;

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>; // clang 14 does not find that out by itself

void note_earlier(std::optional<timestamp>& earliest, const std::optional<timestamp>& time) {
  if (time)
    earliest = std::min(earliest.value_or(*time), *time);
}

void remember(store_state& state, std::optional<task_fact> fact) {
  if (!fact)
    return; // somebody else was first, and what is true stays so
  state.made_waiting |= fact->state == task_state::waiting;
  note_earlier(state.due, fact->run_at);
  note_earlier(state.due, fact->expires_at);
  state.facts.push_back(std::move(*fact));
}

/// The fact is for others only if it tells of progress; that there is more in the log is told
/// apart.
std::optional<task_fact> keep_note(store_state& state, const attempt_note& note) {
  auto fact = state.db->note(note);
  if (fact && !note.lines.empty() && (state.logged.empty() || state.logged.back() != note.ref.id))
    state.logged.push_back(note.ref.id);
  return note.progress ? std::move(fact) : std::nullopt;
}

void write(store_state& state, const store_state::report& report) {
  remember(
      state,
      std::visit(
          overloaded{
              [&](const attempt_report& r) { return state.db->finish(r); },
              [&](const attempt_note& r) { return keep_note(state, r); },
              [&](const store_state::lost& r) { return state.db->lose(r.ref, state.now()); },
              [&](const store_state::released& r) { return state.db->release(r.ref, state.now()); },
          },
          report));
}

/// Joins the open transaction, or opens one that ends when the mailbox has been read up to here.
void join(self_pointer self) {
  auto& state = self->state;
  if (state.open)
    return;
  state.open = true;
  self->send(self, commit_atom_v);
  state.refused = state.db->begin();
  if (state.refused.ok())
    for (const auto& report : state.reports)
      write(state, report);
}

void report(self_pointer self, store_state::report report) {
  auto& state = self->state;
  join(self);
  if (state.refused.ok())
    write(state, report);
  state.reports.push_back(std::move(report));
}

/// Whether that request came before, and so is answered.
bool is_known(store_state& state, const client_actor& client, request_number request,
              const request_key_ptr& key) {
  if (!key || !state.refused.ok())
    return false;
  auto content = answer_to_known(*state.db, *key, state.now());
  if (!content)
    return false;
  state.answers.add(client, {request, std::move(*content)});
  return true;
}

/// For what has been carried out.
void add_answer(store_state& state, const client_actor& client, request_number request,
                const request_key_ptr& key, answer_content content) {
  if (key && key->reply)
    keep_reply(*state.db, key->reply(content), state.now());
  state.answers.add(client, {request, std::move(content)});
}

/// Adds by `insert()` what came with a submit, and answers with what `accept` makes of that.
template <class Insert, class Accept>
void submit(self_pointer self, const client_actor& client, request_number request,
            const request_key_ptr& key, Insert insert, Accept accept) {
  auto& state = self->state;
  if (state.draining) {
    self->send(client, answer_atom_v,
               one_answer(request, status{ec::draining, "The server is shutting down; nothing was "
                                                        "accepted. Send it again later."}));
    return;
  }
  join(self);
  if (is_known(state, client, request, key))
    return;
  auto added = state.refused.ok() ? insert() : std::nullopt;
  if (!added) {
    // The commit will fail and put its reason here.
    state.answers.add(client, {request, status{ec::store_failed, "The store did not take it."}});
    return;
  }
  if (!added->ok()) {
    state.answers.add(client, {request, added->why()});
    return;
  }
  add_answer(state, client, request, key, accept(**added));
}

insertion_ptr accept_one(store_state& state, insertion& added) {
  const auto& row = added.task;
  if (!added.duplicate) {
    const auto run_at =
        row.state == task_state::scheduled ? std::optional(row.run_at) : std::nullopt;
    task_fact fact{row.id, row.state,          0, row.spec.kind, row.spec.queue,
                   run_at, row.spec.expires_at};
    fact.is_new = true;
    remember(state, std::move(fact));
  }
  return std::make_shared<const insertion>(std::move(added));
}

accepted_batch_ptr accept_all(store_state& state, std::vector<batch_insertion>& added) {
  auto accepted = std::make_shared<accepted_batch>();
  accepted->tasks.reserve(added.size());
  for (auto& [fact, duplicate] : added) {
    accepted->tasks.push_back({fact.id, fact.state, duplicate});
    fact.is_new = !duplicate;
    if (!duplicate)
      remember(state, std::move(fact));
  }
  return accepted;
}

bool deletes(task_order what) {
  return what == task_order::remove || what == task_order::purge;
}

std::optional<status_or<task>> carry_out(store_state& state, const task_id& id, task_order what) {
  switch (what) {
  case task_order::cancel:
    return state.db->cancel(id, state.now());
  case task_order::retry:
    return state.db->renew(id, state.now());
  case task_order::purge:
    return state.db->purge(id, state.now());
  case task_order::remove:
    break;
  }
  return state.db->remove(id, state.now());
}

/// Carries it out in the open transaction, and notes what is to be told after the commit. Nothing
/// if the store failed.
std::optional<status_or<task>> obey(store_state& state, const task_id& id, task_order what) {
  auto done = state.refused.ok() ? carry_out(state, id, what) : std::nullopt;
  if (!done || !done->ok())
    return done;
  const auto& row = **done;
  if (deletes(what))
    return done;
  if (row.state == task_state::running) {
    state.to_cancel.push_back({row.id, row.attempt});
  } else {
    task_fact fact{row.id, row.state, row.attempt, row.spec.kind, row.spec.queue};
    if (!is_final(row.state))
      fact.expires_at = row.spec.expires_at;
    remember(state, std::move(fact));
  }
  return done;
}

/// The commit will fail and put its reason here.
const status not_done{ec::store_failed, "The store did not do it."};

void order(self_pointer self, const client_actor& client, request_number request, const task_id& id,
           task_order what, const request_key_ptr& key) {
  auto& state = self->state;
  join(self);
  if (is_known(state, client, request, key))
    return;
  auto done = obey(state, id, what);
  if (!done)
    state.answers.add(client, {request, not_done});
  else if (!done->ok())
    state.answers.add(client, {request, done->why()});
  else if (deletes(what))
    add_answer(state, client, request, key, status{});
  else
    add_answer(state, client, request, key, std::make_shared<const task>(std::move(**done)));
}

void configure_queue(self_pointer self, const client_actor& client, request_number request,
                     const queue_order& what, const request_key_ptr& key) {
  auto& state = self->state;
  join(self);
  if (is_known(state, client, request, key))
    return;
  auto done = state.refused.ok() ? state.db->configure_queue(what, state.now()) : std::nullopt;
  if (!done)
    return state.answers.add(client, {request, not_done});
  if (!done->ok())
    return state.answers.add(client, {request, done->why()});
  const auto& [before, after] = **done;
  if (after.paused_until)
    state.due = std::min(state.due.value_or(*after.paused_until), *after.paused_until);
  add_notices(what.queue, **done, state.notices);
  add_answer(state, client, request, key, std::make_shared<const queue_settings>(after));
}

/// Does `change()` to a schedule and answers with what became of it.
template <class Change>
void change_schedule(self_pointer self, const client_actor& client, request_number request,
                     const request_key_ptr& key, bool removes, Change change) {
  auto& state = self->state;
  join(self);
  if (is_known(state, client, request, key))
    return;
  std::optional<status_or<schedule_change>> done;
  if (state.refused.ok())
    done = change();
  if (!done)
    return state.answers.add(client, {request, not_done});
  if (!done->ok())
    return state.answers.add(client, {request, done->why()});
  auto& made = **done;
  add_notices(std::move(made.facts), state.notices);
  state.to_cancel.insert(state.to_cancel.end(), made.to_cancel.begin(), made.to_cancel.end());
  if (removes)
    return add_answer(state, client, request, key, status{});
  if (const auto& next = made.row.next_run_at)
    state.due = std::min(state.due.value_or(*next), *next);
  add_answer(state, client, request, key, std::make_shared<const schedule_change>(std::move(made)));
}

/// Makes tasks of schedules that are due, as many as fit into one step. If there are more, the next
/// due time has come, and the SCHEDULER asks at once for another.
void fire_schedules(self_pointer self) {
  auto& state = self->state;
  const auto end = self->clock().now() + upkeep_step_time;
  size_t looked_at = 0;
  do {
    auto fires = state.db->fire_due(state.now(), fire_step);
    looked_at = fires.looked_at;
    state.to_cancel.insert(state.to_cancel.end(), fires.to_cancel.begin(), fires.to_cancel.end());
    add_notices(std::move(fires.facts), state.notices);
  } while (looked_at == fire_step && self->clock().now() < end);
}

/// As many as fit into one step.
void order_several(self_pointer self, const client_actor& client, request_number request,
                   const std::vector<task_id>& ids, task_order what) {
  auto& state = self->state;
  join(self);
  orders_done result;
  const auto end = self->clock().now() + upkeep_step_time;
  for (const auto& id : ids) {
    const auto done = obey(state, id, what);
    if (!done)
      return state.answers.add(client, {request, not_done});
    ++result.tried;
    if (done->ok())
      ++result.done;
    if (self->clock().now() >= end)
      break;
  }
  state.answers.add(client, {request, result});
}

/// As much of the pass as fits into one step.
void prune(self_pointer self, prune_request request) {
  auto& state = self->state;
  join(self);
  upkeep_progress progress;
  const auto end = self->clock().now() + upkeep_step_time;
  size_t pruned = 0;
  request.max = prune_step / 10;
  do {
    if (!state.refused.ok())
      break;
    const auto result = state.db->prune(request);
    pruned += result.pruned;
    progress.next = result.next;
    request.after = result.next.value_or(0);
  } while (progress.next && pruned < prune_step && self->clock().now() < end);
  state.upkeep = progress;
}

void shrink(self_pointer self) {
  auto& state = self->state;
  join(self);
  state.upkeep.emplace();
  if (state.refused.ok() && state.db->shrink())
    state.upkeep->next = 0;
}

/// Makes a step of the recount if it is time for one. Nothing should ever be found.
void recount(store_state& state) {
  const auto now = state.now();
  if (!state.recount_at || now < *state.recount_at)
    return;
  const auto step = state.db->recount(state.recount_from, recount_max, now);
  for (const auto& id : step.repaired)
    state.log->error("a waiting task's count of what it waits for was wrong, and is put right",
                     {{"task", id.to_string()}});
  if (step.seen > 0 || state.recount_from > 0)
    state.recount_at = now + recount_interval;
  else
    state.recount_at.reset();
  state.recount_from = step.next.value_or(0);
}

/// The first task that waits sets the time of the next recount.
void begin_recounts(store_state& state) {
  if (!state.made_waiting || state.recount_at)
    return;
  state.recount_at = state.now() + recount_interval;
  note_earlier(state.due, state.recount_at);
}

/// Tells the SCHEDULER if the next due time became known or earlier.
void tell_scheduler(self_pointer self) {
  auto& state = self->state;
  begin_recounts(state);
  if (state.promote) {
    state.next_due = state.db->next_due();
    note_earlier(state.next_due, state.recount_at);
    note_earlier(state.next_due, state.more_at);
  } else if (note_earlier(state.due, state.more_at);
             !state.due || !state.scheduler || (state.next_due && *state.next_due <= *state.due))
    return;
  else
    state.next_due = state.due;
  self->send(state.scheduler, due_atom_v, due_time{state.next_due});
}

/// The commit is durable: now tell everybody.
void publish(self_pointer self, std::vector<claimed_attempts> claimed,
             steady_time::duration commit_took) {
  auto& state = self->state;
  state.answers.send_all([self](const client_actor& client, answers_ptr answers) {
    self->send(client, answer_atom_v, std::move(answers));
  });
  for (auto& each : claimed) {
    for (const auto& attempt : each.attempts) {
      auto& fact = state.facts.emplace_back();
      fact = {attempt.ref.id, task_state::running, attempt.ref.attempt, attempt.kind,
              attempt.queue};
      fact.waited = attempt.waited;
    }
    state.claims.erase(each.pool);
    self->send(state.dispatcher, claimed_atom_v, std::move(each));
  }
  if (!state.to_cancel.empty() && state.dispatcher)
    self->send(state.dispatcher, cancel_atom_v, std::move(state.to_cancel));
  const auto facts = std::make_shared<const std::vector<task_fact>>(std::move(state.facts));
  if (!facts->empty())
    self->send(state.events, facts_atom_v, facts);
  self->send(state.statistics, facts_atom_v, facts,
             std::chrono::duration_cast<duration>(commit_took));
  if (!state.notices.empty())
    self->send(state.events, notices_atom_v,
               std::make_shared<const std::vector<notice>>(std::move(state.notices)));
  if (!state.logged.empty())
    self->send(state.events, logged_atom_v, std::move(state.logged));
  tell_scheduler(self);
  state.reports.clear();
  if (state.failing)
    state.log->info("the store takes writes again");
  state.failing = false;
}

/// Nothing of the batch happened: tell the clients, keep what workers said, try that again.
void withdraw(self_pointer self, const status& why) {
  auto& state = self->state;
  if (!state.failing)
    state.log->error("the store refuses to write; submits are answered with 503",
                     {{"reason", why.message()}});
  state.failing = true;
  state.answers.fail_all(why);
  state.answers.send_all([self](const client_actor& client, answers_ptr answers) {
    self->send(client, answer_atom_v, std::move(answers));
  });
  if (state.promote) {
    state.next_due = state.now() + report_retry_interval;
    self->send(state.scheduler, due_atom_v, due_time{state.next_due});
  }
  if (!state.reports.empty() || !state.claims.empty())
    self->delayed_send(self, report_retry_interval, sweep_atom_v);
}

/// What the waiting claims get, if anything. Pools that want the same begin in turn.
std::vector<claimed_attempts> serve_claims(store_state& state) {
  std::vector<claimed_attempts> claimed;
  auto next = state.claims.upper_bound(state.claimed_last);
  for (size_t i = 0; i < state.claims.size(); ++i, ++next) {
    if (next == state.claims.end())
      next = state.claims.begin();
    const auto& [pool, request] = *next;
    if (i == 0)
      state.claimed_last = pool;
    auto result = state.db->claim(request, state.now());
    if (!result.attempts.empty())
      claimed.push_back({pool, std::move(result.attempts)});
    else
      note_earlier(state.more_at, result.more_at);
  }
  return claimed;
}

void commit(self_pointer self) {
  auto& state = self->state;
  std::vector<claimed_attempts> claimed;
  auto result = state.refused;
  steady_time::duration took{};
  if (result.ok()) {
    if (state.promote) {
      for (auto& fact : state.db->promote_due(state.now(), promote_step))
        remember(state, std::move(fact));
      for (auto& fact : state.db->expire(state.now(), promote_step))
        remember(state, std::move(fact));
      for (auto& [queue, settings] : state.db->end_pauses(state.now()))
        state.notices.push_back({event_type::queue_resumed, queue, settings});
      fire_schedules(self);
      recount(state);
    }
    if (!state.draining)
      claimed = serve_claims(state);
    for (auto& fact : state.db->consequences())
      remember(state, std::move(fact));
    const auto began = self->clock().now();
    result = state.db->commit();
    took = self->clock().now() - began;
  }
  state.open = false;
  if (result.ok())
    publish(self, std::move(claimed), took);
  else
    withdraw(self, result);
  if (state.upkeep) {
    // What the disk refused is not tried again before the next pass.
    self->send(state.scheduler, pruned_atom_v, result.ok() ? *state.upkeep : upkeep_progress{});
    state.upkeep.reset();
  }
  state.facts.clear();
  state.notices.clear();
  state.logged.clear();
  state.to_cancel.clear();
  state.promote = false;
  state.made_waiting = false;
  state.due.reset();
  state.more_at.reset();
  for (auto& promise : state.drained)
    promise.deliver(done_atom_v);
  state.drained.clear();
}

} // namespace

store_actor::behavior_type store_writer(self_pointer self,
                                        std::shared_ptr<std::unique_ptr<store>> db,
                                        events_actor events, statistics_actor statistics,
                                        wall_clock now, logger_ptr log) {
  auto& initial = self->state;
  initial.db = std::move(*db);
  initial.events = std::move(events);
  initial.statistics = std::move(statistics);
  initial.now = std::move(now);
  initial.log = std::move(log);
  return {
      [self](submit_atom, const client_actor& client, request_number request,
             const task_spec_ptr& spec, const request_key_ptr& key) {
        auto& state = self->state;
        submit(
            self, client, request, key, [&] { return state.db->insert(*spec, state.now()); },
            [&](insertion& added) { return accept_one(state, added); });
      },
      [self](submit_atom, const client_actor& client, request_number request,
             const task_batch_ptr& batch, const request_key_ptr& key) {
        auto& state = self->state;
        submit(
            self, client, request, key, [&] { return state.db->insert_batch(*batch, state.now()); },
            [&](std::vector<batch_insertion>& added) { return accept_all(state, added); });
      },
      [self](order_atom, const client_actor& client, request_number request, const task_id& id,
             task_order what,
             const request_key_ptr& key) { order(self, client, request, id, what, key); },
      [self](queue_atom, const client_actor& client, request_number request,
             const queue_order& what,
             const request_key_ptr& key) { configure_queue(self, client, request, what, key); },
      [self](schedule_atom, const client_actor& client, request_number request,
             const schedule_put_ptr& wanted) {
        auto& state = self->state;
        change_schedule(self, client, request, {}, false,
                        [&] { return state.db->put_schedule(*wanted, state.now()); });
      },
      [self](schedule_atom, const client_actor& client, request_number request,
             const schedule_command& command, const request_key_ptr& key) {
        auto& state = self->state;
        change_schedule(self, client, request, key, command.what == schedule_order::remove,
                        [&] { return state.db->order_schedule(command, state.now()); });
      },
      [self](keep_atom, const client_actor& client, request_number request,
             const kept_reply_ptr& reply) {
        auto& state = self->state;
        join(self);
        if (state.refused.ok())
          keep_reply(*state.db, *reply, state.now());
        state.answers.add(client, {request, status{}});
      },
      [self](orders_atom, const client_actor& client, request_number request,
             const found_tasks_ptr& which,
             task_order what) { order_several(self, client, request, which->ids, what); },
      [self](claim_atom, const dispatcher_actor& dispatcher, pool_number pool,
             claim_request& request) {
        self->state.dispatcher = dispatcher;
        self->state.claims.insert_or_assign(pool, std::move(request));
        join(self);
      },
      [self](note_atom, attempt_note& note) { report(self, std::move(note)); },
      [self](finish_atom, attempt_report& ended) { report(self, std::move(ended)); },
      [self](lose_atom, const std::vector<attempt_ref>& refs) {
        for (const auto& ref : refs)
          report(self, store_state::lost{ref});
      },
      [self](release_atom, const std::vector<attempt_ref>& refs) {
        for (const auto& ref : refs)
          report(self, store_state::released{ref});
      },
      [self](promote_atom, const scheduler_actor& scheduler) {
        self->state.scheduler = scheduler;
        self->state.promote = true;
        join(self);
      },
      [self](prune_atom, const scheduler_actor& scheduler, const prune_request& request) {
        self->state.scheduler = scheduler;
        prune(self, request);
      },
      [self](shrink_atom, const scheduler_actor& scheduler) {
        self->state.scheduler = scheduler;
        shrink(self);
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        join(self);
        self->state.answers.add(client, {request, status{}});
      },
      [self](commit_atom) { commit(self); },
      [self](sweep_atom) {
        if (self->state.failing)
          join(self);
      },
      [self](drain_atom) {
        auto promise = self->make_response_promise<done_atom>();
        self->state.draining = true;
        self->state.drained.push_back(promise);
        join(self);
        return promise;
      },
  };
}

} // namespace errand
