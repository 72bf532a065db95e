#include "http/front.hpp"

#include "http/actor_routes.hpp"
#include "http/batch_routes.hpp"
#include "http/bulk_routes.hpp"
#include "http/event_routes.hpp"
#include "http/explain_routes.hpp"
#include "http/health_routes.hpp"
#include "http/lease_routes.hpp"
#include "http/log_routes.hpp"
#include "http/metrics_routes.hpp"
#include "http/openapi_routes.hpp"
#include "http/queue_routes.hpp"
#include "http/schedule_routes.hpp"
#include "http/stats_routes.hpp"
#include "http/task_routes.hpp"
#include "http/worker_routes.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace errand {

namespace {

/// One timer at a time, and none while nobody is connected.
void arm_sweep(front_pointer self) {
  auto& state = self->state;
  if (state.clients->empty())
    return;
  const auto now = self->clock().now();
  const auto at =
      std::max(std::min(now + state.clients->sweep_interval(), state.requests->earliest_deadline()),
               now + deadline_step);
  if (state.sweep_at <= at)
    return;
  state.sweep_at = at;
  // Anonymous, since CAF 0.17 leaves the mailboxes of dead brokers open: a message from the front
  // to itself that comes too late would hold it, and it the message, for ever.
  caf::delayed_anon_send(front_actor{self}, at - now, sweep_atom_v);
}

void sweep(front_pointer self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  if (now < state.sweep_at)
    return; // A timer that an earlier one has made superfluous.
  state.sweep_at = steady_time::max();
  state.requests->sweep(now);
  state.clients->sweep(now);
  arm_sweep(self);
}

void tell_if_drained(front_pointer self) {
  auto& state = self->state;
  if (!state.drained.empty() && state.requests->empty() && state.clients->all_taken())
    for (auto& promise : std::exchange(state.drained, {}))
      promise.deliver(done_atom_v);
}

} // namespace

void add_all_routes(router& to, const front_setup& setup) {
  const known_kinds known(setup.known_kinds);
  add_task_routes(to, known, setup.redact);
  add_lease_routes(to, known, setup.now);
  add_batch_routes(to, known);
  add_log_routes(to, setup.heartbeat);
  add_event_routes(to, setup.heartbeat);
  add_bulk_routes(to);
  add_schedule_routes(to, known, setup.redact);
  add_queue_routes(to, setup.now);
  add_stats_routes(to, setup.now);
  add_explain_routes(to, known, setup.now);
  add_worker_routes(to);
  add_actor_routes(to);
  add_metrics_routes(to, setup.version, setup.now);
  add_health_routes(to, setup.version);
  add_openapi_routes(to, setup.version);
  add_ingress_routes(to, setup.ingress);
  add_program_routes(to, setup.program_routes);
}

front_actor::behavior_type front(front_pointer self, front_setup setup) {
  auto& state = self->state;
  state.requests =
      std::make_unique<exchanges>(self, std::move(setup.peers), std::move(setup.access),
                                  setup.options.max_in_flight, setup.log);
  state.clients =
      std::make_unique<connections>(self, setup.options, *state.requests, setup.now, setup.log);
  state.requests->respond_by(
      [self](caf::io::connection_handle to, exchange_number exchange, const reply& what) {
        self->state.clients->respond(to, exchange, what, self->clock().now());
      });
  state.requests->stream_to(*state.clients);
  add_all_routes(state.requests->routes(), setup);
  state.requests->count_requests();
  state.clients->accept_from(setup.listening);
  return {
      [self](caf::io::new_data_msg& msg) {
        self->state.clients->received(msg.handle, msg.buf, self->clock().now());
        arm_sweep(self);
      },
      [self](answer_atom, const answers_ptr& answers) {
        for (const auto& each : *answers)
          self->state.requests->answered(each);
        arm_sweep(self);
        tell_if_drained(self);
      },
      [self](const caf::io::new_connection_msg& msg) {
        self->state.clients->opened(msg.handle, self->clock().now());
        arm_sweep(self);
      },
      [self](const caf::io::connection_closed_msg& msg) {
        self->state.clients->closed(msg.handle, self->clock().now());
        tell_if_drained(self);
      },
      [](const caf::io::acceptor_closed_msg&) {},
      [self](const caf::io::data_transferred_msg& msg) {
        self->state.clients->sent(msg.handle, msg.remaining, self->clock().now());
        arm_sweep(self);
        tell_if_drained(self);
      },
      [self](sweep_atom) {
        sweep(self);
        tell_if_drained(self);
      },
      [self](drain_atom) {
        auto promise = self->make_response_promise<done_atom>();
        self->state.drained.push_back(promise);
        self->state.clients->drain(self->clock().now());
        self->state.requests->drain();
        arm_sweep(self);
        tell_if_drained(self);
        return promise;
      },
  };
}

} // namespace errand
