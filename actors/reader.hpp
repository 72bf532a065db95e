// READER: answers questions about tasks on a thread and a connection of its own, so that a list,
// however long it takes, never slows a submit.
#pragma once

#include "actors/messages.hpp"

#include <memory>

namespace errand {

/// Everything the READER remembers.
struct reader_state {
  std::unique_ptr<store_reader> store;
  static inline const char* name = "reader";
};

/// To be spawned detached: it blocks on the disk.
reader_actor::behavior_type reader(reader_actor::stateful_pointer<reader_state> self,
                                   std::shared_ptr<std::unique_ptr<store_reader>> store);

} // namespace errand
