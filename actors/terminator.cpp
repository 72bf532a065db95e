#include "actors/terminator.hpp"

namespace errand {

namespace {

using self_pointer = terminator_actor::stateful_pointer<terminator_state>;

void warn(self_pointer self, const char* what, const caf::error& why) {
  self->state.log->warn(what, {{"reason", self->system().render(why)}});
}

void end_all(self_pointer self) {
  auto& actors = self->state.actors;
  const auto reason = caf::exit_reason::user_shutdown;
  caf::anon_send_exit(actors.front, reason);
  caf::anon_send_exit(actors.scheduler, reason);
  caf::anon_send_exit(actors.dispatcher, reason);
  caf::anon_send_exit(actors.lessor, reason);
  caf::anon_send_exit(actors.store, reason);
  caf::anon_send_exit(actors.reader, reason);
  caf::anon_send_exit(actors.events, reason);
  caf::anon_send_exit(actors.statistics, reason);
  self->state.done.deliver(done_atom_v, self->state.left_behind);
  self->quit(reason);
}

void drain_store(self_pointer self) {
  self->request(self->state.actors.store, store_patience, drain_atom_v)
      .then([self](done_atom) { end_all(self); },
            [self](const caf::error& why) {
              warn(self, "the store's last commit did not come in time", why);
              end_all(self);
            });
}

void drain_workers(self_pointer self, uint64_t patience_ms) {
  // The dispatcher keeps to its patience by itself; the deadline here is for a dispatcher that
  // died.
  const auto deadline = std::chrono::milliseconds{patience_ms} + std::chrono::seconds{10};
  self->request(self->state.actors.dispatcher, deadline, drain_atom_v, patience_ms)
      .then(
          [self](done_atom, uint64_t left_behind) {
            self->state.left_behind = left_behind;
            drain_store(self);
          },
          [self](const caf::error& why) {
            warn(self, "the workers could not be stopped", why);
            drain_store(self);
          });
}

/// What the STORE has served so far stands in their mailboxes when this is answered, so whatever
/// they give back of it stands before the STORE's own drain.
void close_claims(self_pointer self, uint64_t patience_ms) {
  const auto go_on = [self, patience_ms](const caf::error& why) {
    warn(self, "tasks may have been given out in vain", why);
    drain_workers(self, patience_ms);
  };
  self->request(self->state.actors.store, store_patience, close_atom_v)
      .then(
          [self, patience_ms, go_on](done_atom) {
            self->request(self->state.actors.lessor, store_patience, close_atom_v)
                .then([self, patience_ms](done_atom) { drain_workers(self, patience_ms); }, go_on);
          },
          go_on);
}

} // namespace

terminator_actor::behavior_type terminator(self_pointer self, running_actors actors,
                                           logger_ptr log) {
  self->state.actors = std::move(actors);
  self->state.log = std::move(log);
  return {
      [self](drain_atom, uint64_t patience_ms) {
        self->state.done = self->make_response_promise<done_atom, uint64_t>();
        auto promise = self->state.done;
        self->request(self->state.actors.front, front_patience, drain_atom_v)
            .then([self, patience_ms](done_atom) { close_claims(self, patience_ms); },
                  [self, patience_ms](const caf::error& why) {
                    warn(self, "not every request in flight could be answered", why);
                    close_claims(self, patience_ms);
                  });
        return promise;
      },
  };
}

} // namespace errand
