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

void queue_counters::load(std::string_view queue, std::string_view kind, task_state state,
                          int64_t n) {
  const auto where = at(queue, kind);
  auto& tallied = where.kind->second;
  tallied.stored[slot(state)] = tallied.now[slot(state)] = n;
  adjust(*where.queue, state, n);
}

void queue_counters::add(std::string_view queue, std::string_view kind, task_state to) {
  change(at(queue, kind), to, 1);
}

void queue_counters::remove(std::string_view queue, std::string_view kind, task_state from) {
  change(at(queue, kind), from, -1);
}

void queue_counters::move(std::string_view queue, std::string_view kind, task_state from,
                          task_state to) {
  const auto where = at(queue, kind);
  change(where, from, -1);
  change(where, to, 1);
}

queue_counters::place queue_counters::at(std::string_view queue, std::string_view kind) {
  const auto found = queues_.find(queue);
  auto& entry = found != queues_.end() ? *found : *queues_.emplace(queue, queue_entry{}).first;
  auto& kinds = entry.second.kinds;
  const auto tallied = kinds.find(kind);
  return {&entry, tallied != kinds.end() ? &*tallied : &*kinds.emplace(kind, tally{}).first};
}

void queue_counters::change(const place& where, task_state state, int64_t by) {
  auto& tallied = where.kind->second;
  if (!tallied.changed) {
    tallied.changed = true;
    changed_.push_back(where);
  }
  auto& n = tallied.now[slot(state)];
  n += by;
  assert(n >= 0);
  adjust(*where.queue, state, by);
}

/// Keeps what is known of all kinds together.
void queue_counters::adjust(map::value_type& queue, task_state state, int64_t by) {
  auto& [name, entry] = queue;
  if (state == task_state::running)
    entry.running += by;
  if (state != task_state::queued)
    return;
  const bool had_some = entry.ready > 0;
  entry.ready += by;
  if (had_some == (entry.ready > 0))
    return;
  if (had_some)
    ready_.erase(name);
  else
    ready_.insert(name);
}

std::vector<queue_counters::row> queue_counters::changed() const {
  std::vector<row> rows;
  for (const auto& [queue, kind] : changed_)
    for (const auto state : all_task_states)
      if (const auto& tallied = kind->second;
          tallied.now[slot(state)] != tallied.stored[slot(state)])
        rows.push_back({queue->first, kind->first, state, tallied.now[slot(state)]});
  return rows;
}

void queue_counters::committed() {
  settle(true);
}

void queue_counters::rolled_back() {
  settle(false);
}

void queue_counters::settle(bool keep) {
  for (const auto& [queue, kind] : changed_) {
    auto& [stored, now, changed] = kind->second;
    changed = false;
    if (keep) {
      stored = now;
    } else {
      for (const auto state : all_task_states)
        adjust(*queue, state, stored[slot(state)] - now[slot(state)]);
      now = stored;
    }
    // Names of queues and kinds are the clients' to invent: none is remembered without a task.
    if (std::any_of(now.begin(), now.end(), [](int64_t n) { return n != 0; }))
      continue;
    auto& kinds = queue->second.kinds;
    kinds.erase(kinds.find(kind->first));
    if (kinds.empty())
      queues_.erase(queues_.find(queue->first));
  }
  changed_.clear();
}

std::vector<queue_counters::ready_kind> queue_counters::ready_kinds(std::string_view queue) const {
  std::vector<ready_kind> kinds;
  if (const auto found = queues_.find(queue); found != queues_.end())
    for (const auto& [kind, tallied] : found->second.kinds)
      if (const auto n = tallied.now[slot(task_state::queued)]; n > 0)
        kinds.push_back({kind, n});
  return kinds;
}

int64_t queue_counters::running(std::string_view queue) const {
  const auto found = queues_.find(queue);
  return found == queues_.end() ? 0 : found->second.running;
}

} // namespace errand
