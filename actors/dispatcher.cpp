#include "actors/dispatcher.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"
#include "actors/worker.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

using self_pointer = dispatcher_actor::stateful_pointer<dispatcher_state>;

/// For run_atom: no slot of the batch is pinned to this worker.
constexpr uint64_t no_slot = UINT64_MAX;

using worker_entry = worker_table::worker;
using pool = dispatcher_state::pool;

pool& pool_of(self_pointer self, const worker_entry& worker) {
  return self->state.pools[worker.pool];
}

void start_worker(self_pointer self, const pool& in, worker_factory make,
                  unsigned quick_deaths = 0) {
  auto& worker = self->state.workers.add(in.number);
  worker.make = std::move(make);
  worker.started_at = self->clock().now();
  worker.quick_deaths = quick_deaths;
  worker.actor = worker.make(dispatcher_actor{self}, worker.number);
  self->monitor(worker.actor);
}

void watch_deadlines(self_pointer self) {
  if (self->state.overdue_set)
    return;
  self->state.overdue_set = true;
  self->delayed_send(self, overdue_step, overdue_atom_v);
}

void hand_out(self_pointer self, worker_entry& worker, attempt_batch_ptr batch, uint64_t slot) {
  worker.batch = batch;
  self->send(worker.actor, run_atom_v, std::move(batch), slot);
  watch_deadlines(self);
}

void sweep_later(self_pointer self) {
  if (self->state.sweep_set)
    return;
  self->state.sweep_set = true;
  self->delayed_send(self, longest_wait_in_batch, sweep_atom_v);
}

size_t batches_to_take_from(const pool& of) {
  return static_cast<size_t>(
      std::count_if(of.batches.begin(), of.batches.end(),
                    [](const auto& batch) { return !batch.attempts->exhausted(); }));
}

bool anything_to_take(const dispatcher_state& state) {
  return std::any_of(state.pools.begin(), state.pools.end(),
                     [](const pool& each) { return batches_to_take_from(each) > 0; });
}

std::vector<worker_entry*> idle_workers(self_pointer self, const pool& of) {
  std::vector<worker_entry*> idle;
  for (auto& worker : self->state.workers)
    if (worker.pool == of.number && worker.idle())
      idle.push_back(&worker);
  return idle;
}

/// Lets idle workers help with batches that have something left, oldest first.
void share(self_pointer self, pool& in) {
  for (auto& batch : in.batches)
    for (auto* worker : idle_workers(self, in))
      if (!batch.attempts->exhausted())
        hand_out(self, *worker, batch.attempts, no_slot);
}

/// Asks the store for work: for every idle worker, and ahead once the batches in hand run low. An
/// open claim stays, unless it was made for nobody and somebody is idle now.
void claim(self_pointer self, pool& by) {
  auto& state = self->state;
  if (state.drain_until || (by.claim_open && by.claimed_for > 0))
    return;
  claim_request request;
  for (const auto* worker : idle_workers(self, by))
    request.idle_workers.push_back(worker_name(worker->number));
  if (batches_to_take_from(by) < 2)
    request.ahead = by.ahead;
  if (request.idle_workers.empty() && (request.ahead == 0 || by.claim_open))
    return;
  request.filter = by.options.filter;
  by.claim_open = true;
  by.claimed_for = request.idle_workers.size();
  self->send(state.store, claim_atom_v, dispatcher_actor{self}, by.number, std::move(request));
}

/// Forgets batches that are through, and learns from the time they took.
void retire_batches(self_pointer self, pool& of) {
  auto& state = self->state;
  const auto now = self->clock().now();
  std::erase_if(of.batches, [&](const dispatcher_state::batch& batch) {
    const bool in_use = std::any_of(state.workers.begin(), state.workers.end(),
                                    [&](auto& worker) { return worker.batch == batch.attempts; });
    if (in_use || !batch.attempts->exhausted())
      return false;
    const auto took = now - batch.handed_out;
    if (took < quick_batch)
      of.ahead =
          std::min(state.options.claim_ahead_max, std::max(of.ahead * 2, of.options.workers));
    else if (took > 4 * quick_batch)
      of.ahead /= 2;
    return true;
  });
}

/// Gives back what was claimed ahead and has not begun.
void give_back(self_pointer self, attempt_batch& batch) {
  if (auto refs = batch.withdraw(); !refs.empty())
    self->send(self->state.store, release_atom_v, std::move(refs));
}

/// Nobody wants these any more. Their tasks end with the attempt, however that ends.
void cancel(self_pointer self, const std::vector<attempt_ref>& refs) {
  std::vector<attempt_ref> never_began;
  for (const auto& ref : refs)
    for (auto& each : self->state.pools)
      for (auto& batch : each.batches)
        if (batch.attempts->cancel(ref) == attempt_batch::found::unclaimed)
          never_began.push_back(ref);
  if (!never_began.empty())
    self->send(self->state.store, release_atom_v, std::move(never_began));
}

/// Ends a drain when nothing runs any more, or when patience is over.
void drain_further(self_pointer self) {
  auto& state = self->state;
  if (!state.drain_until || !state.drained.pending())
    return;
  const auto busy = state.workers.busy();
  const auto now = self->clock().now();
  if (busy > 0 && now >= *state.drain_until && !state.cancelled) {
    state.cancelled = true;
    *state.drain_until = now + cancel_grace;
    for (auto& worker : state.workers) {
      if (!worker.busy())
        continue;
      // First, so that it stands in the STORE's mailbox before what the handlers say to the cancel.
      self->send(state.store, release_atom_v, worker.batch->unreported_by(worker.number));
      worker.batch->cancel(worker.number);
    }
    state.log->warn("handlers did not end in time; their tasks are put back",
                    {{"handlers", std::to_string(busy)}});
  }
  if (busy > 0 && now < *state.drain_until) {
    sweep_later(self);
    return;
  }
  for (auto& worker : state.workers)
    caf::anon_send_exit(worker.actor, caf::exit_reason::user_shutdown);
  state.drained.deliver(done_atom_v, uint64_t{busy + state.workers.stuck()});
}

void drain(self_pointer self, std::chrono::milliseconds patience) {
  auto& state = self->state;
  state.drain_until = self->clock().now() + patience;
  for (auto& each : state.pools)
    for (auto& batch : each.batches)
      give_back(self, *batch.attempts);
  drain_further(self);
}

void take_claimed(self_pointer self, pool& by, std::vector<attempt_spec> specs) {
  auto& state = self->state;
  by.claim_open = false;
  const auto idle = idle_workers(self, by);
  const auto pinned = std::min(idle.size(), specs.size());
  auto batch = std::make_shared<attempt_batch>(std::move(specs), pinned);
  if (state.drain_until) {
    give_back(self, *batch);
    return;
  }
  by.batches.push_back({batch, self->clock().now()});
  for (size_t i = 0; i < pinned; ++i)
    hand_out(self, *idle[i], batch, i);
  share(self, by);
  if (anything_to_take(state))
    sweep_later(self);
  claim(self, by);
}

void sweep(self_pointer self) {
  auto& state = self->state;
  state.sweep_set = false;
  const auto now = self->clock().now();
  for (auto& each : state.pools)
    for (auto& batch : each.batches) {
      if (batch.attempts->exhausted() || now - batch.handed_out < longest_wait_in_batch)
        continue;
      each.ahead = 0;
      give_back(self, *batch.attempts);
    }
  if (anything_to_take(state))
    sweep_later(self);
  for (auto& each : state.pools) {
    retire_batches(self, each);
    claim(self, each);
  }
  drain_further(self);
}

std::chrono::milliseconds restart_wait(unsigned quick_deaths) {
  if (quick_deaths < 2)
    return std::chrono::milliseconds{0};
  const auto doublings = std::min(quick_deaths - 2, 7U);
  return std::min(shortest_restart_wait * (1 << doublings), longest_restart_wait);
}

/// Starts that worker, unless somebody has taken the dead one's place already.
void start_in_place(self_pointer self, const dispatcher_state::restart& what) {
  auto& in = self->state.pools[what.order.pool];
  if (self->state.workers.usable(in.number) < in.options.workers)
    start_worker(self, in, what.order.make, what.quick_deaths);
  share(self, in);
  claim(self, in);
}

void restart_due(self_pointer self) {
  auto& state = self->state;
  if (state.drain_until)
    return;
  const auto now = self->clock().now();
  const auto due = std::partition(state.restarts.begin(), state.restarts.end(),
                                  [=](const auto& each) { return each.due > now; });
  const std::vector<dispatcher_state::restart> whom(due, state.restarts.end());
  state.restarts.erase(due, state.restarts.end());
  for (const auto& each : whom)
    start_in_place(self, each);
}

void start_one_more(self_pointer self, const worker_order& order) {
  auto& state = self->state;
  if (state.drain_until)
    return;
  auto& in = state.pools.at(order.pool);
  ++in.options.workers;
  start_worker(self, in, order.make);
  share(self, in);
  claim(self, in);
}

void replace(self_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  auto* dead = state.workers.find(down.source);
  if (!dead || state.drain_until)
    return;
  const auto now = self->clock().now();
  const auto quick_deaths = now - dead->started_at < short_life ? dead->quick_deaths + 1 : 0;
  const auto wait = restart_wait(quick_deaths);
  state.log->error("a worker died and is replaced", {{"worker", worker_name(dead->number)},
                                                     {"reason", self->system().render(down.reason)},
                                                     {"in", std::to_string(wait.count()) + " ms"}});
  ++state.lost_workers;
  auto& in = pool_of(self, *dead);
  if (dead->batch) {
    if (auto refs = dead->batch->unreported_by(dead->number); !refs.empty())
      self->send(state.store, lose_atom_v, std::move(refs));
    // Its pinned slot may not have been taken, and nobody else would.
    give_back(self, *dead->batch);
  }
  const dispatcher_state::restart next{now + wait, {dead->pool, dead->make}, quick_deaths};
  state.workers.erase(*dead);
  retire_batches(self, in);
  if (wait == wait.zero())
    return start_in_place(self, next);
  state.restarts.push_back(next);
  self->delayed_send(self, wait, start_atom_v);
  share(self, in);
  claim(self, in);
}

/// Fails an attempt whose handler does not end, in the handler's place, and finds somebody to do
/// the work of its worker.
void give_up(self_pointer self, worker_entry& worker, attempt_batch::slot& slot) {
  auto& state = self->state;
  slot.given_up = true;
  slot.reported = true;
  worker.stuck = &slot;
  attempt_report report;
  report.ref = slot.spec.ref;
  report.outcome = attempt_outcome::failed;
  report.error_type = timeout_error;
  report.error_message =
      "The attempt reached its timeout_s, and its handler did not end when told.";
  report.worker = worker_name(worker.number);
  report.finished_at = state.now();
  report.ran = std::chrono::duration_cast<duration>(self->clock().now() - slot.begun_at.load());
  report.started_at = report.finished_at - *report.ran;
  self->send(state.store, finish_atom_v, std::move(report));
  const bool replaced = state.workers.stuck() <= state.options.max_stuck_workers;
  state.log->error("a handler ignores the end of its time; its worker is stuck",
                   {{"worker", worker_name(worker.number)},
                    {"task", slot.spec.ref.id.to_string()},
                    {"kind", slot.spec.kind},
                    {"replaced", replaced ? "yes" : "no, max_stuck_workers is reached"}});
  // What else was pinned to it or stands in its batch should not wait.
  give_back(self, *worker.batch);
  const auto& in = pool_of(self, worker);
  if (replaced && state.workers.usable(in.number) < in.options.workers)
    start_worker(self, in, worker.make);
}

void look_for_overdue(self_pointer self) {
  auto& state = self->state;
  state.overdue_set = false;
  const auto now = self->clock().now();
  for (auto& worker : state.workers) {
    if (!worker.busy())
      continue;
    auto* slot = worker.batch->running_of(worker.number);
    if (slot && now >= slot->deadline() + state.options.timeout_grace)
      give_up(self, worker, *slot);
  }
  if (state.workers.busy() > 0)
    watch_deadlines(self);
  for (auto& each : state.pools) {
    share(self, each);
    claim(self, each);
  }
  drain_further(self);
}

void became_idle(self_pointer self, worker_number number) {
  auto& state = self->state;
  auto* worker = state.workers.find(number);
  if (!worker)
    return;
  auto& in = pool_of(self, *worker);
  worker->batch = nullptr;
  if (std::exchange(worker->stuck, nullptr)) {
    state.log->warn("a stuck worker came back", {{"worker", worker_name(number)}});
    if (state.workers.usable(in.number) > in.options.workers) {
      caf::anon_send_exit(worker->actor, caf::exit_reason::user_shutdown);
      state.workers.erase(*worker);
    }
  }
  retire_batches(self, in);
  share(self, in);
  claim(self, in);
  drain_further(self);
}

std::vector<worker_view> views(const dispatcher_state& state, steady_time now) {
  std::vector<worker_view> all;
  for (const auto& worker : state.workers) {
    auto& view = all.emplace_back();
    view.name = worker_name(worker.number);
    view.pool = state.pools[worker.pool].options.name;
    view.runs = state.pools[worker.pool].options.filter;
    const auto* slot = worker.stuck;
    if (!slot && worker.batch)
      slot = worker.batch->running_of(worker.number);
    if (!slot)
      continue;
    view.state = worker.stuck ? worker_view::what::stuck : worker_view::what::running;
    view.attempt = slot->spec.ref;
    view.kind = slot->spec.kind;
    view.queue = slot->spec.queue;
    view.since = state.now() - std::chrono::duration_cast<duration>(now - slot->begun_at.load());
  }
  return all;
}

actor_figures figures(const dispatcher_state& state) {
  return {{"workers", state.workers.size()},
          {"stuck_workers", state.workers.stuck()},
          {"lost_workers", state.lost_workers}};
}

} // namespace

dispatcher_actor::behavior_type dispatcher(self_pointer self, store_actor store,
                                           worker_factory make_worker, dispatcher_options options,
                                           wall_clock now, logger_ptr log) {
  auto& initial = self->state;
  initial.store = std::move(store);
  initial.make_worker = std::move(make_worker);
  initial.options = std::move(options);
  initial.now = std::move(now);
  initial.log = std::move(log);
  self->set_down_handler([self](const caf::down_msg& down) { replace(self, down); });
  for (const auto& pool : initial.options.pools)
    initial.pools.push_back({static_cast<pool_number>(initial.pools.size()), pool, {}});
  for (auto& each : initial.pools) {
    for (size_t i = 0; i < each.options.workers; ++i)
      start_worker(self, each, initial.make_worker);
    claim(self, each);
  }
  return {
      [self](claimed_atom, claimed_attempts& claimed) {
        take_claimed(self, self->state.pools[claimed.pool], std::move(claimed.attempts));
      },
      [self](cancel_atom, const std::vector<attempt_ref>& refs) { cancel(self, refs); },
      [self](idle_atom, worker_number number) { became_idle(self, number); },
      [self](start_atom, const worker_order_ptr& order) { start_one_more(self, *order); },
      [self](start_atom) { restart_due(self); },
      [self](sweep_atom) { sweep(self); },
      [self](overdue_atom) { look_for_overdue(self); },
      [self](workers_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v,
                   one_answer(request, std::make_shared<const std::vector<worker_view>>(
                                           views(self->state, self->clock().now()))));
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request, figures(self->state));
      },
      [self](drain_atom, uint64_t patience_ms) {
        self->state.drained = self->make_response_promise<done_atom, uint64_t>();
        auto promise = self->state.drained;
        drain(self, std::chrono::milliseconds{patience_ms});
        return promise;
      },
  };
}

} // namespace errand
