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
  state.made_waiting |= fact->state == task_state::waiting;
  if (fact->run_at)
    state.due = std::min(state.due.value_or(*fact->run_at), *fact->run_at);
  state.facts.push_back(std::move(*fact));
}

void write(store_state& state, const store_state::report& report) {
  remember(
      state,
      std::visit(
          overloaded{
              [&](const attempt_report& r) { return state.db->finish(r); },
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

/// Adds by `insert()` what came with a submit, and answers with what `accept` makes of that.
template <class Insert, class Accept>
void submit(self_pointer self, const client_actor& client, request_number request, Insert insert,
            Accept accept) {
  auto& state = self->state;
  if (state.draining) {
    self->send(client, answer_atom_v,
               one_answer(request, status{ec::draining, "The server is shutting down; nothing was "
                                                        "accepted. Send it again later."}));
    return;
  }
  join(self);
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
  state.answers.add(client, {request, accept(**added)});
}

task_ptr accept_one(store_state& state, insertion& added) {
  auto& row = added.task;
  if (!added.duplicate) {
    const auto run_at =
        row.state == task_state::scheduled ? std::optional(row.run_at) : std::nullopt;
    remember(state, task_fact{row.id, row.state, 0, row.spec.kind, row.spec.queue, run_at});
  }
  return std::make_shared<const task>(std::move(row));
}

accepted_batch_ptr accept_all(store_state& state, std::vector<task_fact>& added) {
  auto accepted = std::make_shared<accepted_batch>();
  accepted->tasks.reserve(added.size());
  for (auto& fact : added) {
    accepted->tasks.push_back({fact.id, fact.state});
    remember(state, std::move(fact));
  }
  return accepted;
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
  return state.db->remove(id, state.now());
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
    state.answers.add(client, {request, status{}});
    return;
  }
  if (row.state == task_state::running)
    state.to_cancel.push_back({row.id, row.attempt});
  else
    remember(state, fact);
  state.answers.add(client, {request, std::make_shared<const task>(std::move(row))});
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
  state.due = std::min(state.due.value_or(*state.recount_at), *state.recount_at);
}

/// Tells the SCHEDULER if the next due time became known or earlier.
void tell_scheduler(self_pointer self) {
  auto& state = self->state;
  begin_recounts(state);
  if (state.promote) {
    state.next_due = state.db->next_due();
    if (state.recount_at)
      state.next_due = std::min(state.next_due.value_or(*state.recount_at), *state.recount_at);
  } else if (!state.due || !state.scheduler || (state.next_due && *state.next_due <= *state.due))
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
  if (!claimed.empty()) {
    self->send(state.dispatcher, claimed_atom_v, claimed_attempts{std::move(claimed)});
    state.claim_waits = false;
  }
  if (!state.to_cancel.empty() && state.dispatcher)
    self->send(state.dispatcher, cancel_atom_v, std::move(state.to_cancel));
  if (!state.facts.empty())
    self->send(state.events, facts_atom_v,
               std::make_shared<const std::vector<task_fact>>(std::move(state.facts)));
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
    if (state.promote) {
      for (auto& fact : state.db->promote_due(state.now(), promote_step))
        remember(state, std::move(fact));
      recount(state);
    }
    for (auto& fact : state.db->consequences())
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
  state.to_cancel.clear();
  state.promote = false;
  state.made_waiting = false;
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
             const task_spec_ptr& spec) {
        auto& state = self->state;
        submit(
            self, client, request, [&] { return state.db->insert(*spec, state.now()); },
            [&](insertion& added) { return accept_one(state, added); });
      },
      [self](submit_atom, const client_actor& client, request_number request,
             const task_batch_ptr& batch) {
        auto& state = self->state;
        submit(
            self, client, request, [&] { return state.db->insert_batch(*batch, state.now()); },
            [&](std::vector<task_fact>& added) { return accept_all(state, added); });
      },
      [self](order_atom, const client_actor& client, request_number request, const task_id& id,
             task_order what) { order(self, client, request, id, what); },
      [self](claim_atom, const dispatcher_actor& dispatcher, claim_request& request) {
        self->state.dispatcher = dispatcher;
        self->state.claim_waits = true;
        self->state.claim = std::move(request);
        self->state.claim_is_new = true;
        join(self);
      },
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
