// What is published of schedules. Pure.
#pragma once

#include "actors/messages.hpp"

#include <vector>

namespace errand {

/// Appends what others are to hear of these.
void add_notices(std::vector<schedule_fact> facts, std::vector<notice>& notices);

} // namespace errand
