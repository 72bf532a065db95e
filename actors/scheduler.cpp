#include "actors/scheduler.hpp"

#include "actors/answer.hpp"

#include <algorithm>

namespace errand {

namespace {

using self_pointer = scheduler_actor::stateful_pointer<scheduler_state>;

/// Promotes what is due, or sets the timer for what will be.
void look(self_pointer self) {
  auto& state = self->state;
  const auto timer = ++state.timer;
  if (!state.next_due)
    return;
  const auto left = *state.next_due - state.now();
  if (left <= duration{0}) {
    state.next_due.reset(); // the store's answer sets it anew
    self->send(state.store, promote_atom_v, scheduler_actor{self});
    return;
  }
  // Up, not down: waking a fraction of a millisecond early would only mean waking twice.
  const auto delay = std::min(std::chrono::ceil<std::chrono::milliseconds>(left), longest_timer);
  self->delayed_send(self, delay, sweep_atom_v, timer);
}

} // namespace

scheduler_actor::behavior_type scheduler(self_pointer self, store_actor store, wall_clock now) {
  self->state.store = std::move(store);
  self->state.now = std::move(now);
  self->send(self->state.store, promote_atom_v, scheduler_actor{self});
  return {
      [self](due_atom, const due_time& due) {
        self->state.next_due = due.next;
        look(self);
      },
      [self](sweep_atom, uint64_t timer) {
        if (timer == self->state.timer)
          look(self);
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
  };
}

} // namespace errand
