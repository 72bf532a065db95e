#include "actors/store_transaction.hpp"

#include "actors/store_leases.hpp"
#include "actors/store_upkeep.hpp"
#include "task/overloaded.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

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

/// Tells the SCHEDULER if the next due time became known or earlier.
void tell_scheduler(store_pointer self) {
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
void publish(store_pointer self, std::vector<served_claim> served,
             steady_time::duration commit_took) {
  auto& state = self->state;
  state.answers.send_all([self](const client_actor& client, answers_ptr answers) {
    self->send(client, answer_atom_v, std::move(answers));
  });
  stop_serving_unheard(self);
  for (auto& each : served) {
    for (const auto& attempt : each.attempts) {
      auto& fact = state.facts.emplace_back();
      fact = {attempt.ref.id, task_state::running, attempt.ref.attempt, attempt.kind,
              attempt.queue};
      fact.waited = attempt.waited;
    }
    state.claims.erase(each.pool);
    if (each.shares.empty())
      self->send(state.dispatcher, claimed_atom_v,
                 claimed_attempts{each.pool, std::move(each.attempts)});
    else
      self->send(state.lessor, leased_atom_v,
                 served_leases{each.pool, each.claim, std::move(each.shares)});
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
void withdraw(store_pointer self, const status& why) {
  auto& state = self->state;
  if (!state.failing)
    state.log->error("the store refuses to write; submits are answered with 503",
                     {{"reason", why.message()}});
  state.failing = true;
  self->send(state.statistics, refused_atom_v);
  state.answers.fail_all(why);
  state.answers.send_all([self](const client_actor& client, answers_ptr answers) {
    self->send(client, answer_atom_v, std::move(answers));
  });
  if (state.promote) {
    state.next_due = state.now() + report_retry_interval;
    self->send(state.scheduler, due_atom_v, due_time{state.next_due});
  }
  if (!std::exchange(state.sweep_set, true))
    self->delayed_send(self, report_retry_interval, sweep_atom_v);
}

served_claim serve(store_state& state, const claim_request& request) {
  auto result = state.db->claim(request, state.now());
  if (result.attempts.empty())
    note_earlier(state.more_at, result.more_at);
  return {0, std::move(result.attempts), {}, 0};
}

/// What the waiting claims get, if anything. Those that want the same begin in turn.
std::vector<served_claim> serve_claims(store_state& state) {
  std::vector<served_claim> served;
  auto next = state.claims.upper_bound(state.claimed_last);
  for (size_t i = 0; i < state.claims.size(); ++i, ++next) {
    if (next == state.claims.end())
      next = state.claims.begin();
    const auto& [pool, request] = *next;
    if (i == 0)
      state.claimed_last = pool;
    auto found = std::visit(overloaded{
                                [&](const claim_request& r) { return serve(state, r); },
                                [&](const lease_claim& r) { return serve_leases(state, r); },
                            },
                            request);
    found.pool = pool;
    if (!found.attempts.empty() || !found.shares.empty())
      served.push_back(std::move(found));
  }
  return served;
}

/// Tells the store if the wall clock was set: how long attempts run is no matter of that.
void notice_clock(store_pointer self) {
  auto& state = self->state;
  const auto steady = std::chrono::duration_cast<duration>(self->clock().now().time_since_epoch());
  const auto lead = state.now().time_since_epoch() - steady;
  if (!state.clock_lead)
    state.clock_lead = lead;
  const auto by = lead - *state.clock_lead;
  if (std::chrono::abs(by) < clock_step_min)
    return;
  state.db->clock_was_set(by);
  state.clock_lead = lead;
}

} // namespace

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

void join(store_pointer self) {
  auto& state = self->state;
  if (state.open)
    return;
  notice_clock(self);
  state.open = true;
  self->send(self, commit_atom_v);
  state.refused = state.db->begin();
  if (state.refused.ok())
    for (const auto& report : state.reports)
      write(state, report);
}

void keep_report(store_pointer self, store_state::report report) {
  auto& state = self->state;
  join(self);
  if (state.refused.ok())
    write(state, report);
  state.reports.push_back(std::move(report));
}

void commit(store_pointer self) {
  auto& state = self->state;
  std::vector<served_claim> served;
  auto result = state.refused;
  steady_time::duration took{};
  if (result.ok()) {
    // Only a commit that writes shows that the disk has room again.
    if (state.failing)
      state.db->write_probe(state.now());
    if (state.promote)
      move_due(self);
    if (!state.draining)
      served = serve_claims(state);
    for (auto& fact : state.db->consequences())
      remember(state, std::move(fact));
    const auto began = self->clock().now();
    result = state.db->commit();
    took = self->clock().now() - began;
  }
  state.open = false;
  if (result.ok())
    publish(self, std::move(served), took);
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
  state.unheard.clear();
  state.promote = false;
  state.made_waiting = false;
  state.due.reset();
  state.more_at.reset();
  for (auto& promise : state.drained)
    promise.deliver(done_atom_v);
  state.drained.clear();
}

} // namespace errand
