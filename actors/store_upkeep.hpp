// What the STORE does because time has passed, in steps that others do not feel.
#pragma once

#include "actors/store_transaction.hpp"

namespace errand {

/// Moves what has fallen due or expired, ends pauses, fires schedules, and recounts now and then.
/// Within the open transaction.
void move_due(store_pointer self);

/// The first task that waits for others sets the time of the next recount.
void begin_recounts(store_state& state);

/// As much of a pass of deleting as fits into one step.
void prune(store_pointer self, prune_request request);

/// One step of giving space back.
void shrink(store_pointer self);

} // namespace errand
