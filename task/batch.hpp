// Tasks that are accepted together or not at all, and may come after each other: from what a client
// wrote to what the store takes. Pure.
#pragma once

#include "task/spec_rules.hpp"
#include "task/status.hpp"
#include "task/task.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace errand {

/// Tasks in one batch, not counting its `then`.
inline constexpr size_t max_batch = 10'000;

/// One task of a batch, as written.
struct batch_entry {
  struct sibling {
    size_t place; ///< Where in the array `after`.
    std::string ref;
  };
  task_spec spec;                ///< Its `after` holds the ids alone.
  std::vector<sibling> siblings; ///< What else stands in `after`, in order.
  std::string ref;               ///< What others of the batch call it, or empty.
};

/// A batch that is sound in itself: whether all ids exist is for the store to say.
struct task_batch {
  struct entry {
    task_spec spec;
    std::vector<size_t> siblings; ///< Places in `tasks` of those that it comes after, too.
    std::vector<size_t> places;   ///< Where each of spec.after was written; empty: just so.
    bool awaited = false;         ///< Others of the batch come after it.
  };

  std::vector<entry> tasks;  ///< As the client ordered them; last the one to run after all others.
  bool has_then = false;     ///< Whether there is that last one.
  std::vector<size_t> order; ///< Places in `tasks`, each behind those that it comes after.

  /// What a client calls that task in a JSON pointer: "/tasks/3" or "/then".
  std::string pointer(size_t place) const;

  /// Where the client wrote number `i` of that task's spec.after.
  std::string after_pointer(size_t place, size_t i) const;
};

/// Finds what each ref means and puts the tasks in order: that of the client as far as it goes.
/// Invalid, with the faults' pointers, if a ref is used twice or unknown, or tasks wait for each
/// other in a circle.
status_or<task_batch> arrange(std::vector<batch_entry> tasks, std::optional<batch_entry> then);

} // namespace errand
