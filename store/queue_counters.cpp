// Counting is an addition per verb; names are looked up by view, so no verb allocates for them.
#include "store/queue_counters.hpp"

#include <algorithm>
#include <cassert>

namespace errand {

namespace {

size_t slot(task_state state) {
  return static_cast<size_t>(state);
}

} // namespace

void queue_counters::load(std::string_view queue, task_state state, int64_t n) {
  auto& [name, tallied] = at(queue);
  tallied.stored[slot(state)] = tallied.now[slot(state)] = n;
  if (state == task_state::queued && n > 0)
    ready_.insert(name);
}

void queue_counters::add(std::string_view queue, task_state to) {
  change(at(queue), to, 1);
}

void queue_counters::remove(std::string_view queue, task_state from) {
  change(at(queue), from, -1);
}

void queue_counters::move(std::string_view queue, task_state from, task_state to) {
  auto& entry = at(queue);
  change(entry, from, -1);
  change(entry, to, 1);
}

queue_counters::map::value_type& queue_counters::at(std::string_view queue) {
  const auto found = queues_.find(queue);
  return found != queues_.end() ? *found : *queues_.emplace(queue, tally{}).first;
}

void queue_counters::change(map::value_type& entry, task_state state, int64_t by) {
  auto& [queue, tallied] = entry;
  if (!tallied.changed) {
    tallied.changed = true;
    changed_.push_back(&entry);
  }
  auto& n = tallied.now[slot(state)];
  const bool had_some = n > 0;
  n += by;
  assert(n >= 0);
  if (state == task_state::queued && had_some != (n > 0)) {
    if (n > 0)
      ready_.insert(queue);
    else
      ready_.erase(queue);
  }
}

std::vector<queue_counters::row> queue_counters::changed() const {
  std::vector<row> rows;
  for (const auto* entry : changed_)
    for (const auto state : all_task_states)
      if (entry->second.now[slot(state)] != entry->second.stored[slot(state)])
        rows.push_back({entry->first, state, entry->second.now[slot(state)]});
  return rows;
}

void queue_counters::committed() {
  settle(true);
}

void queue_counters::rolled_back() {
  settle(false);
}

void queue_counters::settle(bool keep) {
  for (auto* entry : changed_) {
    auto& [queue, tallied] = *entry;
    auto& [stored, now, changed] = tallied;
    changed = false;
    if (keep) {
      stored = now;
    } else {
      now = stored;
      if (now[slot(task_state::queued)] > 0)
        ready_.insert(queue);
      else
        ready_.erase(queue);
    }
    // Names of queues are the clients' to invent: none is remembered without a task.
    if (std::all_of(now.begin(), now.end(), [](int64_t n) { return n == 0; })) {
      assert(!ready_.contains(queue));
      queues_.erase(queues_.find(queue));
    }
  }
  changed_.clear();
}

std::vector<queue_counters::share> queue_counters::share_out(size_t n,
                                                             const std::vector<std::string>& only) {
  std::set<std::string_view> asked;
  for (const auto& queue : only)
    if (const auto found = ready_.find(queue); found != ready_.end())
      asked.insert(*found);
  const auto& ring = only.empty() ? ready_ : asked;

  // One task each while there are turns left; what a queue lacks goes to the others in the next
  // round. At most n queues can get anything, so no more are looked at.
  std::vector<share> shares;
  std::vector<size_t> available;
  auto next = ring.upper_bound(last_turn_);
  for (size_t i = 0; i < std::min(n, ring.size()); ++i, ++next) {
    if (next == ring.end())
      next = ring.begin();
    shares.push_back({*next, 0});
    available.push_back(
        static_cast<size_t>(queues_.find(*next)->second.now[slot(task_state::queued)]));
  }
  std::string_view last;
  for (bool gave = true; gave && n > 0;) {
    gave = false;
    for (size_t i = 0; i < shares.size() && n > 0; ++i) {
      if (shares[i].n == available[i])
        continue;
      ++shares[i].n;
      --n;
      last = shares[i].queue;
      gave = true;
    }
  }
  if (!last.empty())
    last_turn_ = last;
  return shares;
}

} // namespace errand
