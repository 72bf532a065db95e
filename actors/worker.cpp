#include "actors/worker.hpp"

namespace errand {

namespace {

using self_pointer = worker_actor::stateful_pointer<worker_state>;

/// False if the DISPATCHER did not wait for the handler any longer. It has spoken for the attempt
/// then, and may have put another worker in the place of this one.
bool run_and_report(self_pointer self, attempt_batch& batch, attempt_batch::slot& slot) {
  auto& state = self->state;
  const auto started_at = state.now();
  auto report = state.run(batch, slot);
  if (slot.given_up)
    return false;
  report.ref = slot.spec.ref;
  report.worker = worker_name(state.number);
  report.started_at = started_at;
  report.finished_at = state.now();
  report.ran =
      std::chrono::duration_cast<duration>(std::chrono::steady_clock::now() - slot.begun_at.load());
  self->send(state.store, finish_atom_v, std::move(report));
  slot.reported = true;
  return true;
}

} // namespace

std::string worker_name(worker_number number) {
  return "worker-" + std::to_string(number);
}

worker_actor::behavior_type worker(self_pointer self, worker_number number,
                                   dispatcher_actor dispatcher, store_actor store,
                                   attempt_runner run, wall_clock now) {
  self->state = {number, std::move(dispatcher), std::move(store), std::move(run), std::move(now)};
  return {
      [self](run_atom, const attempt_batch_ptr& batch, uint64_t pinned) {
        const auto me = self->state.number;
        bool go_on = true;
        if (pinned < batch->size())
          if (auto* mine = batch->take_pinned(pinned, me, std::chrono::steady_clock::now()))
            go_on = run_and_report(self, *batch, *mine);
        while (go_on) {
          auto* next = batch->take_next(me, std::chrono::steady_clock::now());
          go_on = next && run_and_report(self, *batch, *next);
        }
        self->send(self->state.dispatcher, idle_atom_v, me);
      },
  };
}

} // namespace errand
