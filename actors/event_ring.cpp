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

} // namespace

bool passes(const event_filter& filter, const task_fact& fact) {
  return fits(filter.task, fact.id) && fits(filter.queue, fact.queue)
         && fits(filter.kind, fact.kind)
         && (filter.types.empty()
             || std::find(filter.types.begin(), filter.types.end(), type_of(fact))
                    != filter.types.end());
}

size_t select(const event_batch& batch, size_t begin, const event_filter& filter, size_t max,
              std::vector<event_record>& events) {
  const auto& facts = *batch.facts;
  for (; begin < facts.size() && events.size() < max; ++begin)
    if (passes(filter, facts[begin]))
      // The fact lives as long as its whole commit does.
      events.push_back({batch.first + begin, type_of(facts[begin]), batch.at,
                        std::shared_ptr<const task_fact>(batch.facts, &facts[begin])});
  return begin;
}

event_batch event_ring::add(timestamp at, facts_ptr facts) {
  event_batch batch{next_, at, std::move(facts)};
  next_ += batch.facts->size();
  size_ += batch.facts->size();
  batches_.push_back(batch);
  while (!batches_.empty() && size_ - batches_.front().facts->size() >= capacity_) {
    size_ -= batches_.front().facts->size();
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
    const auto end = batch.first + batch.facts->size();
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
