#include "actors/dispatcher.hpp"

#include "actors/answer.hpp"
#include "actors/worker.hpp"

#include <algorithm>

namespace errand {

namespace {

using self_pointer = dispatcher_actor::stateful_pointer<dispatcher_state>;

/// For run_atom: no slot of the batch is pinned to this worker.
constexpr uint64_t no_slot = UINT64_MAX;

void start_worker(self_pointer self, dispatcher_state::worker& worker) {
  worker.actor = self->state.make_worker(dispatcher_actor{self}, worker.number);
  worker.batch = nullptr;
  self->monitor(worker.actor);
}

void hand_out(self_pointer self, dispatcher_state::worker& worker, attempt_batch_ptr batch,
              uint64_t slot) {
  worker.batch = batch;
  self->send(worker.actor, run_atom_v, std::move(batch), slot);
}

void sweep_later(self_pointer self) {
  if (self->state.sweep_set)
    return;
  self->state.sweep_set = true;
  self->delayed_send(self, longest_wait_in_batch, sweep_atom_v);
}

bool anything_to_take(const dispatcher_state& state) {
  return std::any_of(state.batches.begin(), state.batches.end(),
                     [](const auto& batch) { return !batch.attempts->exhausted(); });
}

/// Lets idle workers help with batches that have something left, oldest first.
void share(self_pointer self) {
  auto& state = self->state;
  for (auto& batch : state.batches)
    for (auto& worker : state.workers)
      if (!worker.batch && !batch.attempts->exhausted())
        hand_out(self, worker, batch.attempts, no_slot);
}

/// Asks the store for work: for every idle worker, and ahead once the batches in hand run low. An
/// open claim stays, unless it was made for nobody and somebody is idle now.
void claim(self_pointer self) {
  auto& state = self->state;
  if (state.drain_until || (state.claim_open && state.claimed_for > 0))
    return;
  claim_request request;
  for (const auto& worker : state.workers)
    if (!worker.batch)
      request.idle_workers.push_back(worker_name(worker.number));
  const auto in_hand = std::count_if(state.batches.begin(), state.batches.end(),
                                     [](auto& batch) { return !batch.attempts->exhausted(); });
  if (in_hand < 2)
    request.ahead = state.ahead;
  if (request.idle_workers.empty() && (request.ahead == 0 || state.claim_open))
    return;
  state.claim_open = true;
  state.claimed_for = request.idle_workers.size();
  self->send(state.store, claim_atom_v, dispatcher_actor{self}, std::move(request));
}

/// Forgets batches that are through, and learns from the time they took.
void retire_batches(self_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  std::erase_if(state.batches, [&](const dispatcher_state::batch& batch) {
    const bool in_use = std::any_of(state.workers.begin(), state.workers.end(),
                                    [&](auto& worker) { return worker.batch == batch.attempts; });
    if (in_use || !batch.attempts->exhausted())
      return false;
    const auto took = now - batch.handed_out;
    if (took < quick_batch)
      state.ahead =
          std::min(state.options.claim_ahead_max, std::max(state.ahead * 2, state.options.workers));
    else if (took > 4 * quick_batch)
      state.ahead /= 2;
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
    for (auto& batch : self->state.batches)
      if (batch.attempts->cancel(ref) == attempt_batch::found::unclaimed)
        never_began.push_back(ref);
  if (!never_began.empty())
    self->send(self->state.store, release_atom_v, std::move(never_began));
}

size_t busy_workers(const dispatcher_state& state) {
  return static_cast<size_t>(std::count_if(state.workers.begin(), state.workers.end(),
                                           [](auto& worker) { return worker.batch != nullptr; }));
}

/// Ends a drain when nothing runs any more, or when patience is over.
void drain_further(self_pointer self) {
  auto& state = self->state;
  if (!state.drain_until || !state.drained.pending())
    return;
  const auto busy = busy_workers(state);
  const auto now = self->clock().now();
  if (busy > 0 && now >= *state.drain_until && !state.cancelled) {
    state.cancelled = true;
    *state.drain_until = now + cancel_grace;
    for (auto& worker : state.workers) {
      if (!worker.batch)
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
  state.drained.deliver(done_atom_v, uint64_t{busy});
}

void drain(self_pointer self, std::chrono::milliseconds patience) {
  auto& state = self->state;
  state.drain_until = self->clock().now() + patience;
  for (auto& batch : state.batches)
    give_back(self, *batch.attempts);
  drain_further(self);
}

void take_claimed(self_pointer self, std::vector<attempt_spec> specs) {
  auto& state = self->state;
  state.claim_open = false;
  std::vector<dispatcher_state::worker*> idle;
  for (auto& worker : state.workers)
    if (!worker.batch)
      idle.push_back(&worker);
  const auto pinned = std::min(idle.size(), specs.size());
  auto batch = std::make_shared<attempt_batch>(std::move(specs), pinned);
  if (state.drain_until) {
    give_back(self, *batch);
    return;
  }
  state.batches.push_back({batch, self->clock().now()});
  for (size_t i = 0; i < pinned; ++i)
    hand_out(self, *idle[i], batch, i);
  share(self);
  if (anything_to_take(state))
    sweep_later(self);
  claim(self);
}

void sweep(self_pointer self) {
  auto& state = self->state;
  state.sweep_set = false;
  const auto now = self->clock().now();
  for (auto& batch : state.batches) {
    if (batch.attempts->exhausted() || now - batch.handed_out < longest_wait_in_batch)
      continue;
    state.ahead = 0;
    give_back(self, *batch.attempts);
  }
  if (anything_to_take(state))
    sweep_later(self);
  retire_batches(self);
  claim(self);
  drain_further(self);
}

void replace(self_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto dead = std::find_if(state.workers.begin(), state.workers.end(), [&](auto& worker) {
    return worker.actor.address() == down.source;
  });
  if (dead == state.workers.end() || state.drain_until)
    return;
  state.log->error("a worker died and is replaced", {{"worker", worker_name(dead->number)}});
  if (dead->batch) {
    if (auto refs = dead->batch->unreported_by(dead->number); !refs.empty())
      self->send(state.store, lose_atom_v, std::move(refs));
    // Its pinned slot may not have been taken, and nobody else would.
    give_back(self, *dead->batch);
  }
  start_worker(self, *dead);
  retire_batches(self);
  share(self);
  claim(self);
}

} // namespace

dispatcher_actor::behavior_type dispatcher(self_pointer self, store_actor store,
                                           worker_factory make_worker, dispatcher_options options,
                                           logger_ptr log) {
  auto& initial = self->state;
  initial.store = std::move(store);
  initial.make_worker = std::move(make_worker);
  initial.options = options;
  initial.log = std::move(log);
  self->set_down_handler([self](const caf::down_msg& down) { replace(self, down); });
  initial.workers.resize(options.workers);
  for (size_t i = 0; i < options.workers; ++i) {
    initial.workers[i].number = static_cast<worker_number>(i + 1);
    start_worker(self, initial.workers[i]);
  }
  claim(self);
  return {
      [self](claimed_atom, claimed_attempts& claimed) {
        take_claimed(self, std::move(claimed.attempts));
      },
      [self](cancel_atom, const std::vector<attempt_ref>& refs) { cancel(self, refs); },
      [self](idle_atom, worker_number number) {
        self->state.workers[number - 1].batch = nullptr;
        retire_batches(self);
        share(self);
        claim(self);
        drain_further(self);
      },
      [self](sweep_atom) { sweep(self); },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
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
