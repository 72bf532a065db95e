// What each double says to what it is asked. Internal to peer_doubles.
#pragma once

#include "tests/protocol/peer_state.hpp"

namespace errand::test {

using state_ptr = std::shared_ptr<peer_doubles::shared_state>;

store_actor::behavior_type store_behavior(store_actor::pointer self, state_ptr state);
reader_actor::behavior_type reader_behavior(reader_actor::pointer self, state_ptr state);
events_actor::behavior_type events_behavior(events_actor::pointer self, state_ptr state);
dispatcher_actor::behavior_type dispatcher_behavior(dispatcher_actor::pointer self,
                                                    state_ptr state);
scheduler_actor::behavior_type scheduler_behavior(scheduler_actor::pointer self, state_ptr state);
statistics_actor::behavior_type statistics_behavior(statistics_actor::pointer self,
                                                    state_ptr state);
lessor_actor::behavior_type lessor_behavior(lessor_actor::pointer self, state_ptr state);
clerk_actor::behavior_type clerk_behavior(clerk_actor::pointer self, state_ptr state);
tasks_handle::behavior_type tasks_behavior(tasks_handle::pointer self, state_ptr state);

} // namespace errand::test
