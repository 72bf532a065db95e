// How an actor stands, told by itself.
//
// A mailbox of CAF 0.17 knows its length, but asking it moves what has come into the queue that its
// owner reads from, without a lock: only the owner may, in its own thread, and may in the middle of
// a message, since the order stays. So nobody looks at another's mailbox. Who wants to know sends a
// message; that one waits behind what was there before, and when it is read, what stands behind it
// is the length told. How long it waited is the other half of the answer, and the asker has it.
#pragma once

#include "actors/answer.hpp"

#include <utility>

namespace errand {

/// The messages that wait for this actor besides the one that it reads; to be called while it reads
/// one. (A mailbox that nobody reads from is blocked, and would stay so.)
template <class Self>
size_t mailbox_length(Self* self) {
  return self->mailbox().size();
}

/// Answers mailbox_atom.
template <class Self>
void tell_view(Self* self, const client_actor& client, request_number request,
               actor_figures figures = {}) {
  self->send(client, answer_atom_v,
             one_answer(request, std::make_shared<const actor_view>(
                                     actor_view{mailbox_length(self), std::move(figures)})));
}

} // namespace errand
