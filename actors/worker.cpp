#include "actors/worker.hpp"

namespace errand {

namespace {

using self_pointer = worker_actor::stateful_pointer<worker_state>;

void run_and_report(self_pointer self, attempt_batch& batch, attempt_batch::slot& slot) {
  auto& state = self->state;
  const auto started_at = state.now();
  auto report = state.run(batch, slot);
  report.ref = slot.spec.ref;
  report.worker = worker_name(state.number);
  report.started_at = started_at;
  report.finished_at = state.now();
  self->send(state.store, finish_atom_v, std::move(report));
  slot.reported = true;
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
        if (pinned < batch->size())
          if (auto* mine = batch->take_pinned(pinned, me))
            run_and_report(self, *batch, *mine);
        while (auto* next = batch->take_next(me))
          run_and_report(self, *batch, *next);
        self->send(self->state.dispatcher, idle_atom_v, me);
      },
  };
}

} // namespace errand
