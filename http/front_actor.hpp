// The FRONT's interface, and whom it talks to.
#pragma once

#include "actors/messages.hpp"

#include <caf/io/system_messages.hpp>
#include <caf/io/typed_broker.hpp>
#include <caf/stateful_actor.hpp>

namespace errand {

/// FRONT: owns the connections, and asks the other actors in the name of HTTP clients.
using front_actor = client_actor::extend<
    // Accept no more, answer what is in flight, refuse what is new; answered when nothing is in
    // flight any more. Ends with an exit message.
    caf::replies_to<drain_atom>::with<done_atom>,
    // From itself: look for what takes too long.
    caf::reacts_to<sweep_atom>,
    // From CAF.
    caf::reacts_to<caf::io::new_connection_msg>, caf::reacts_to<caf::io::new_data_msg>,
    caf::reacts_to<caf::io::connection_closed_msg>, caf::reacts_to<caf::io::acceptor_closed_msg>,
    caf::reacts_to<caf::io::data_transferred_msg>>;

struct front_state;
using front_pointer = front_actor::stateful_broker_pointer<front_state>;

/// Whom the FRONT asks.
struct front_peers {
  store_actor store;
  reader_actor reader;
  events_actor events;
  dispatcher_actor dispatcher;
  scheduler_actor scheduler;
  statistics_actor statistics;
  lessor_actor lessor;
  clerk_actor clerk;
  tasks_handle tasks;
};

} // namespace errand
