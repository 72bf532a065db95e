// Events and their filters as include/errand/ has them <-> those inside. What programs ask for is
// read by the rules that HTTP's clients meet.
#pragma once

#include "actors/messages.hpp"

#include <errand/event.hpp>

namespace errand {

/// Throws RequestError (invalid), with all that is wrong.
event_filter to_inside(const EventFilter& filter);

Event to_outside(const event_record& event);

} // namespace errand
