#include "actors/event_ring.hpp"

#include <algorithm>

namespace errand {

namespace {

event_type type_of(const task_fact& fact) {
  return fact.progress ? event_type::progress : event_type_of(fact.state);
}

template <class T>
bool fits(const std::optional<T>& wanted, const T& value) {
  return !wanted || *wanted == value;
}

bool wants(const event_filter& filter, event_type type) {
  const auto& types = filter.types;
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

} // namespace

bool passes(const event_filter& filter, const task_fact& fact) {
  return fits(filter.task, fact.id) && fits(filter.queue, fact.queue)
         && fits(filter.kind, fact.kind) && wants(filter, type_of(fact));
}

bool passes(const event_filter& filter, const notice& what) {
  return !filter.task && !filter.kind && fits(filter.queue, what.queue) && wants(filter, what.type);
}

size_t select(const event_batch& batch, size_t begin, const event_filter& filter, size_t max,
              std::vector<event_record>& events) {
  const auto end = batch.size();
  for (; begin < end && events.size() < max; ++begin) {
    const auto id = batch.first + begin;
    // What is shown lives as long as its whole commit does.
    if (batch.facts) {
      const auto* fact = &(*batch.facts)[begin];
      if (passes(filter, *fact))
        events.push_back({id, type_of(*fact), batch.at, {batch.facts, fact}, {}});
    } else {
      const auto* what = &(*batch.notices)[begin];
      if (passes(filter, *what))
        events.push_back({id, what->type, batch.at, {}, {batch.notices, what}});
    }
  }
  return begin;
}

event_batch event_ring::add(timestamp at, facts_ptr facts) {
  return keep({next_, at, std::move(facts)});
}

event_batch event_ring::add(timestamp at, notices_ptr notices) {
  return keep({next_, at, {}, std::move(notices)});
}

event_batch event_ring::keep(event_batch batch) {
  next_ += batch.size();
  size_ += batch.size();
  batches_.push_back(batch);
  while (!batches_.empty() && size_ - batches_.front().size() >= capacity_) {
    size_ -= batches_.front().size();
    batches_.pop_front();
  }
  return batch;
}

event_slice event_ring::after(uint64_t after, const event_filter& filter, size_t max) const {
  event_slice slice;
  slice.last = newest();
  const auto oldest = next_ - size_;
  slice.gap = after + 1 < oldest || after > newest();
  const auto from = slice.gap ? oldest : after + 1;
  for (const auto& batch : batches_) {
    const auto end = batch.first + batch.size();
    if (end <= from)
      continue;
    const auto begin = static_cast<size_t>(std::max(from, batch.first) - batch.first);
    const auto seen = batch.first + select(batch, begin, filter, max, slice.events);
    if (seen < end || (slice.events.size() == max && seen < next_)) {
      slice.last = seen - 1;
      slice.more = true;
      break;
    }
  }
  return slice;
}

} // namespace errand
