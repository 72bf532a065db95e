#include "actors/scheduler.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"

#include <algorithm>

namespace errand {

namespace {

using self_pointer = scheduler_actor::stateful_pointer<scheduler_state>;

/// Promotes what is due, or sets the timer for what will be. A clock that was put back makes some
/// of that due sooner than was told, such as what waits for a queue's rate; the store knows.
void look(self_pointer self) {
  auto& state = self->state;
  const auto timer = ++state.timer;
  if (!state.next_due)
    return;
  const auto now = state.now();
  const bool was_put_back = now < state.looked_at;
  state.looked_at = now;
  const auto left = *state.next_due - now;
  if (left <= duration{0} || was_put_back) {
    state.next_due.reset(); // the store's answer sets it anew
    self->send(state.store, promote_atom_v, scheduler_actor{self});
    return;
  }
  // Up, not down: waking a fraction of a millisecond early would only mean waking twice.
  const auto delay = std::min(std::chrono::ceil<std::chrono::milliseconds>(left), longest_timer);
  self->delayed_send(self, delay, sweep_atom_v, timer);
}

/// The next step of the pass. Each is a message of its own, so that others come between.
void tidy(self_pointer self) {
  auto& state = self->state;
  if (auto request = state.pass.next_prune(state.now()))
    self->send(state.store, prune_atom_v, scheduler_actor{self}, *request);
  else
    self->send(state.store, shrink_atom_v, scheduler_actor{self});
}

void begin_pass(self_pointer self) {
  self->state.pass_began = self->clock().now();
  tidy(self);
}

void tidied(self_pointer self, const upkeep_progress& progress) {
  auto& state = self->state;
  state.pass.step_done(progress.next);
  if (!state.pass.is_over())
    return tidy(self);
  const auto took = self->clock().now() - state.pass_began;
  self->delayed_send(self, std::max<steady_time::duration>(pass_pause, took * pass_pause_factor),
                     prune_atom_v);
}

} // namespace

scheduler_actor::behavior_type scheduler(self_pointer self, store_actor store, retention keep,
                                         wall_clock now) {
  self->state.store = std::move(store);
  self->state.now = std::move(now);
  self->state.pass = retention_pass(keep);
  self->send(self->state.store, promote_atom_v, scheduler_actor{self});
  begin_pass(self);
  return {
      [self](due_atom, const due_time& due) {
        self->state.next_due = due.next;
        look(self);
      },
      [self](sweep_atom, uint64_t timer) {
        if (timer == self->state.timer)
          look(self);
      },
      [self](prune_atom) { begin_pass(self); },
      [self](pruned_atom, const upkeep_progress& progress) { tidied(self, progress); },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request);
      },
  };
}

} // namespace errand
