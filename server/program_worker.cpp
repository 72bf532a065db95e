#include "server/program_worker.hpp"

#include "actors/worker.hpp"
#include "handlers/registry.hpp"
#include "server/actor_errors.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace errand {

namespace {

using self_pointer = worker_actor::stateful_pointer<program_worker_state>;

void take_next(self_pointer self);

/// The attempt has ended, and the next one's turn has come; unless the DISPATCHER did not wait for
/// this one any longer, and has put another worker in the place of this.
void report(self_pointer self, attempt_report what) {
  auto& state = self->state;
  auto& slot = *std::exchange(state.slot, nullptr);
  state.context.reset();
  if (slot.given_up) {
    state.batch.reset();
    self->send(state.dispatcher, idle_atom_v, state.number);
    return;
  }
  what.ref = slot.spec.ref;
  what.worker = worker_name(state.number);
  what.started_at = state.started_at;
  what.finished_at = state.now();
  what.ran =
      std::chrono::duration_cast<duration>(std::chrono::steady_clock::now() - slot.begun_at.load());
  self->send(state.store, finish_atom_v, std::move(what));
  slot.reported = true;
  take_next(self);
}

/// As a handler that did that would end it.
void end(self_pointer self, const Handler& what_it_did) {
  const auto context = self->state.context;
  auto ended = run_guarded(what_it_did, *context);
  context->flush();
  report(self, std::move(ended));
}

/// The hand answered an error of which nothing tells whether the hand means it or CAF says so since
/// the hand goes down: an exception is answered before, and in the words of any other error. Every
/// actor answers this question, unless it has gone down by then; that takes this with it.
void end_if_alive(self_pointer self, const std::string& why) {
  self->request(caf::actor_cast<caf::actor>(self->state.hand), caf::infinite, caf::sys_atom_v,
                caf::get_atom_v, std::string("info"))
      .then(
          [self, why](caf::ok_atom, const std::string&, const caf::strong_actor_ptr&,
                      const std::string&) {
            end(self, [&](TaskContext&) -> nlohmann::json { throw std::runtime_error(why); });
          },
          [](const caf::error&) {});
}

void begin(self_pointer self, attempt_batch::slot& slot) {
  auto& state = self->state;
  state.slot = &slot;
  state.started_at = state.now();
  state.context = hold_attempt(state.batch, slot, state.around);
  if (!state.context)
    return report(self, bad_args());
  self->request(state.hand, caf::infinite, run_atom_v, Attempt{state.context})
      .then(
          [self](const TaskResult& result) {
            end(self, [&](TaskContext&) { return result.value; });
          },
          [self](const caf::error& why) {
            if (is_attempt_error(why))
              end(self, [&](TaskContext&) -> nlohmann::json { throw_attempt_error(why); });
            else
              end_if_alive(self, self->system().render(why));
          });
}

void take_next(self_pointer self) {
  auto& state = self->state;
  if (auto* next = state.batch->take_next(state.number, std::chrono::steady_clock::now()))
    return begin(self, *next);
  state.batch.reset();
  self->send(state.dispatcher, idle_atom_v, state.number);
}

} // namespace

program_worker_state::~program_worker_state() {
  caf::anon_send_exit(hand, caf::exit_reason::user_shutdown);
}

worker_actor::behavior_type program_worker(self_pointer self, worker_number number,
                                           dispatcher_actor dispatcher, store_actor store,
                                           WorkerActor hand, attempt_surroundings around,
                                           wall_clock now) {
  auto& initial = self->state;
  initial.number = number;
  initial.dispatcher = std::move(dispatcher);
  initial.store = std::move(store);
  initial.hand = std::move(hand);
  initial.around = std::move(around);
  initial.now = std::move(now);
  self->monitor(initial.hand);
  self->set_down_handler([self](const caf::down_msg& down) { self->quit(down.reason); });
  return {
      [self](run_atom, attempt_batch_ptr& batch, uint64_t pinned) {
        auto& state = self->state;
        state.batch = std::move(batch);
        if (pinned < state.batch->size())
          if (auto* mine =
                  state.batch->take_pinned(pinned, state.number, std::chrono::steady_clock::now()))
            return begin(self, *mine);
        take_next(self);
      },
  };
}

} // namespace errand
