#include "actors/store_actor.hpp"

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

void remember(store_state& state, std::optional<task_fact> fact) {
  if (!fact)
    return; // somebody else was first, and what is true stays so
  state.made_ready |= fact->state == task_state::queued;
  if (fact->run_at)
    state.due = std::min(state.due.value_or(*fact->run_at), *fact->run_at);
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

void submit(self_pointer self, const client_actor& client, request_number request,
            const task_spec& spec) {
  auto& state = self->state;
  if (state.draining) {
    self->send(client, answer_atom_v,
               one_answer(request, status{ec::draining, "The server is shutting down; nothing was "
                                                        "accepted. Send it again later."}));
    return;
  }
  join(self);
  auto added = state.refused.ok() ? state.db->insert(spec, state.now()) : std::nullopt;
  if (!added) {
    // The commit will fail and put its reason here.
    state.answers.add(client, {request, status{ec::store_failed, "The store did not take it."}});
    return;
  }
  const auto run_at =
      added->state == task_state::scheduled ? std::optional(added->run_at) : std::nullopt;
  remember(state,
           task_fact{added->id, added->state, 0, added->spec.kind, added->spec.queue, run_at});
  state.answers.add(client, {request, std::make_shared<const task>(std::move(*added))});
}

std::optional<status_or<task>> carry_out(store_state& state, const task_id& id, task_order what) {
  switch (what) {
  case task_order::cancel:
    return state.db->cancel(id, state.now());
  case task_order::retry:
    return state.db->renew(id, state.now());
  case task_order::remove:
    break;
  }
  return state.db->remove(id);
}

void order(self_pointer self, const client_actor& client, request_number request, const task_id& id,
           task_order what) {
  auto& state = self->state;
  join(self);
  auto done = state.refused.ok() ? carry_out(state, id, what) : std::nullopt;
  if (!done) {
    // The commit will fail and put its reason here.
    state.answers.add(client, {request, status{ec::store_failed, "The store did not do it."}});
    return;
  }
  if (!done->ok()) {
    state.answers.add(client, {request, done->why()});
    return;
  }
  auto& row = **done;
  const task_fact fact{row.id, row.state, row.attempt, row.spec.kind, row.spec.queue};
  if (what == task_order::remove) {
    // Who waits for its end need not wait any longer.
    if (!is_final(row.state))
      state.facts.push_back({row.id, task_state::cancelled, row.attempt, fact.kind, fact.queue});
    state.answers.add(client, {request, status{}});
    return;
  }
  if (row.state == task_state::running)
    state.to_cancel.push_back({row.id, row.attempt});
  else
    remember(state, fact);
  state.answers.add(client, {request, std::make_shared<const task>(std::move(row))});
}

/// Tells the SCHEDULER if the next due time became known or earlier.
void tell_scheduler(self_pointer self) {
  auto& state = self->state;
  if (state.promote)
    state.next_due = state.db->next_due();
  else if (!state.due || !state.scheduler || (state.next_due && *state.next_due <= *state.due))
    return;
  else
    state.next_due = state.due;
  self->send(state.scheduler, due_atom_v, due_time{state.next_due});
}

/// The commit is durable: now tell everybody.
void publish(self_pointer self, std::vector<attempt_spec> claimed) {
  auto& state = self->state;
  state.answers.send_all([self](const client_actor& client, answers_ptr answers) {
    self->send(client, answer_atom_v, std::move(answers));
  });
  for (const auto& attempt : claimed)
    state.facts.push_back(
        {attempt.ref.id, task_state::running, attempt.ref.attempt, attempt.kind, attempt.queue});
  if (!claimed.empty()) {
    self->send(state.dispatcher, claimed_atom_v, claimed_attempts{std::move(claimed)});
    state.claim_waits = false;
  }
  if (!state.to_cancel.empty() && state.dispatcher)
    self->send(state.dispatcher, cancel_atom_v, std::move(state.to_cancel));
  if (!state.facts.empty())
    self->send(state.events, facts_atom_v,
               std::make_shared<const std::vector<task_fact>>(std::move(state.facts)));
  if (!state.logged.empty())
    self->send(state.events, logged_atom_v, std::move(state.logged));
  tell_scheduler(self);
  state.reports.clear();
  state.made_ready = false;
  state.claim_is_new = false;
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
  if (!state.reports.empty() || state.claim_waits)
    self->delayed_send(self, report_retry_interval, sweep_atom_v);
}

void commit(self_pointer self) {
  auto& state = self->state;
  std::vector<attempt_spec> claimed;
  auto result = state.refused;
  if (result.ok()) {
    if (state.promote)
      for (auto& fact : state.db->promote_due(state.now(), promote_step))
        remember(state, std::move(fact));
    if (state.claim_waits && !state.draining && (state.made_ready || state.claim_is_new))
      claimed = state.db->claim(state.claim, state.now());
    result = state.db->commit();
  }
  state.open = false;
  if (result.ok())
    publish(self, std::move(claimed));
  else
    withdraw(self, result);
  state.facts.clear();
  state.logged.clear();
  state.to_cancel.clear();
  state.promote = false;
  state.due.reset();
  for (auto& promise : state.drained)
    promise.deliver(done_atom_v);
  state.drained.clear();
}

} // namespace

store_actor::behavior_type store_writer(self_pointer self,
                                        std::shared_ptr<std::unique_ptr<store>> db,
                                        events_actor events, wall_clock now, logger_ptr log) {
  auto& initial = self->state;
  initial.db = std::move(*db);
  initial.events = std::move(events);
  initial.now = std::move(now);
  initial.log = std::move(log);
  return {
      [self](submit_atom, const client_actor& client, request_number request,
             const task_spec_ptr& spec) { submit(self, client, request, *spec); },
      [self](order_atom, const client_actor& client, request_number request, const task_id& id,
             task_order what) { order(self, client, request, id, what); },
      [self](claim_atom, const dispatcher_actor& dispatcher, claim_request& request) {
        self->state.dispatcher = dispatcher;
        self->state.claim_waits = true;
        self->state.claim = std::move(request);
        self->state.claim_is_new = true;
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
