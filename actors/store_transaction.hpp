// The STORE's open transaction: what joins it, how it ends, and who is told after that.
#pragma once

#include "actors/store_actor.hpp"

namespace errand {

using store_pointer = store_actor::stateful_pointer<store_state>;

/// Moves `earliest` to `time` if that comes sooner.
void note_earlier(std::optional<timestamp>& earliest, const std::optional<timestamp>& time);

/// To be told after the commit. Nothing: somebody else was first, and what is true stays so.
void remember(store_state& state, std::optional<task_fact> fact);

/// Joins the open transaction, or opens one that ends when the mailbox has been read up to here.
void join(store_pointer self);

/// Writes it now, and again in the next transaction if the disk refuses this one.
void keep_report(store_pointer self, store_state::report report);

/// Ends the open transaction, and tells everybody what has become of it.
void commit(store_pointer self);

} // namespace errand
