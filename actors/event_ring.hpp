// The newest events, numbered, for subscribers that come back. Whole commits are kept as they came
// and the oldest go first, so that a commit costs the same however much it changed. EVENTS' own.
#pragma once

#include "actors/messages.hpp"

#include <deque>

namespace errand {

/// What one commit changed: its facts, or its notices, have the numbers from `first` on.
struct event_batch {
  uint64_t first = 0;
  timestamp at{};
  facts_ptr facts;          ///< Either this
  notices_ptr notices = {}; ///< or that; the other is null.

  size_t size() const { return facts ? facts->size() : notices->size(); }
};

bool passes(const event_filter& filter, const task_fact& fact);
bool passes(const event_filter& filter, const notice& what);

/// Appends to `events` what passes of the batch from place `begin` on, until `max` stand there.
/// Returns the place behind the last one that was looked at.
size_t select(const event_batch& batch, size_t begin, const event_filter& filter, size_t max,
              std::vector<event_record>& events);

class event_ring {
public:
  event_ring() = default;

  /// Numbers begin at `first`. At least the newest `capacity` events are kept, and no commit
  /// without which they still are; none at all with 0.
  event_ring(uint64_t first, size_t capacity) : next_(first), capacity_(capacity) {}

  /// Numbers these and keeps them.
  event_batch add(timestamp at, facts_ptr facts);
  event_batch add(timestamp at, notices_ptr notices);

  /// The number of the newest event; before the first, the number before it.
  uint64_t newest() const { return next_ - 1; }

  /// What passes of the events after number `after`, up to `max` of them. With a gap if events
  /// after that number were dropped, or this ring never gave it.
  event_slice after(uint64_t after, const event_filter& filter, size_t max) const;

private:
  event_batch keep(event_batch batch);

  uint64_t next_ = 1;
  size_t capacity_ = 0;
  size_t size_ = 0;
  std::deque<event_batch> batches_;
};

} // namespace errand
