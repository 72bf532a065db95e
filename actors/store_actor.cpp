#include "actors/store_actor.hpp"

#include "actors/known_requests.hpp"
#include "actors/queue_notices.hpp"
#include "actors/retention.hpp"
#include "actors/schedule_notices.hpp"
#include "actors/store_leases.hpp"
#include "actors/store_transaction.hpp"
#include "actors/store_upkeep.hpp"
#include "actors/tell_view.hpp"

namespace errand {

namespace {

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
void submit(store_pointer self, const client_actor& client, request_number request,
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
    auto fact = fact_of(row);
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
  if (row.state == task_state::running)
    state.to_cancel.push_back({row.id, row.attempt});
  else
    remember(state, fact_of(row));
  return done;
}

/// The commit will fail and put its reason here.
const status not_done{ec::store_failed, "The store did not do it."};

void order(store_pointer self, const client_actor& client, request_number request,
           const task_id& id, task_order what, const request_key_ptr& key) {
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

void configure_queue(store_pointer self, const client_actor& client, request_number request,
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
  note_earlier(state.due, after.paused_until);
  add_notices(what.queue, **done, state.notices);
  add_answer(state, client, request, key, std::make_shared<const queue_settings>(after));
}

/// Does `change()` to a schedule and answers with what became of it.
template <class Change>
void change_schedule(store_pointer self, const client_actor& client, request_number request,
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
  note_earlier(state.due, made.row.next_run_at);
  add_answer(state, client, request, key, std::make_shared<const schedule_change>(std::move(made)));
}

/// Does to leases what `change()` does, and answers with what that returns; nothing: the store
/// failed.
template <class Change>
void change_leases(store_pointer self, const client_actor& client, request_number request,
                   const request_key_ptr& key, Change change) {
  auto& state = self->state;
  join(self);
  if (is_known(state, client, request, key))
    return;
  std::optional<answer_content> done;
  if (state.refused.ok())
    done = change();
  if (!done)
    return state.answers.add(client, {request, not_done});
  add_answer(state, client, request, key, std::move(*done));
}

/// As many as fit into one step.
void order_several(store_pointer self, const client_actor& client, request_number request,
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

actor_figures figures(const store_state& state) {
  return {{"waiting_claims", state.claims.size()},
          {"kept_reports", state.failing ? state.reports.size() : 0}};
}

} // namespace

store_actor::behavior_type store_writer(store_pointer self,
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
        auto& state = self->state;
        if (state.closed)
          return;
        state.dispatcher = dispatcher;
        state.claims.insert_or_assign(pool, std::move(request));
        join(self);
      },
      [self](lease_atom, const lessor_actor& lessor, pool_number crew, lease_claim& claim) {
        auto& state = self->state;
        if (state.closed)
          return;
        state.lessor = lessor;
        if (claim.waiting.empty()) {
          state.claims.erase(crew);
          return;
        }
        state.claims.insert_or_assign(crew, std::move(claim));
        join(self);
      },
      [self](note_atom, const client_actor& client, request_number request,
             const lease_signs_ptr& signs, const request_key_ptr& key) {
        change_leases(self, client, request, key, [&]() -> std::optional<answer_content> {
          auto states = keep_leases(self->state, *signs);
          if (!states)
            return std::nullopt;
          return std::make_shared<const std::vector<lease_state>>(std::move(*states));
        });
      },
      [self](finish_atom, const client_actor& client, request_number request,
             const lease_ends_ptr& ends, const request_key_ptr& key) {
        change_leases(self, client, request, key, [&]() -> std::optional<answer_content> {
          return std::make_shared<const std::vector<std::optional<task_state>>>(
              end_leases(self->state, *ends));
        });
      },
      [self](release_atom, const client_actor& client, request_number request,
             const std::string& worker) {
        change_leases(self, client, request, {}, [&]() -> std::optional<answer_content> {
          const auto n = release_leases(self->state, worker);
          return orders_done{n, n};
        });
      },
      [self](release_atom, const std::vector<lease_token>& tokens) {
        join(self);
        if (self->state.refused.ok())
          release_leases(self->state, tokens);
      },
      [self](note_atom, attempt_note& note) { keep_report(self, std::move(note)); },
      [self](finish_atom, attempt_report& ended) { keep_report(self, std::move(ended)); },
      [self](lose_atom, const std::vector<attempt_ref>& refs) {
        for (const auto& ref : refs)
          keep_report(self, store_state::lost{ref});
      },
      [self](release_atom, const std::vector<attempt_ref>& refs) {
        for (const auto& ref : refs)
          keep_report(self, store_state::released{ref});
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
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request, figures(self->state));
      },
      [self](commit_atom) { commit(self); },
      [self](sweep_atom) {
        self->state.sweep_set = false;
        if (self->state.failing)
          join(self);
      },
      [self](close_atom) {
        // What is put back from now on has the same number when it is claimed again, and the report
        // of a handler that was told to end would be taken for the new attempt's.
        self->state.closed = true;
        self->state.claims.clear();
        return done_atom_v;
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
