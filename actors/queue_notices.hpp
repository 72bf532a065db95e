// What is published when a queue was told something. Pure.
#pragma once

#include "actors/messages.hpp"

#include <string>
#include <vector>

namespace errand {

/// Appends what others are to hear of this change: none if nothing changed.
void add_notices(const std::string& queue, const queue_change& change,
                 std::vector<notice>& notices);

} // namespace errand
