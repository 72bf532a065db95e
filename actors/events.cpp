#include "actors/events.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"

#include <string>

namespace errand {

namespace {

using self_pointer = events_actor::stateful_pointer<events_state>;
using listeners = std::vector<events_state::listener>;

void write_to_log(logger& log, const task_fact& fact) {
  const std::string what = fact.progress ? "progress" : std::string(to_string(fact.state));
  log.debug("task " + what, {{"task", fact.id.to_string()},
                             {"kind", fact.kind},
                             {"queue", fact.queue},
                             {"attempt", std::to_string(fact.attempt)}});
}

void send(self_pointer self, answer_box& answers) {
  answers.send_all([self](const client_actor& client, answers_ptr batch) {
    self->send(client, answer_atom_v, std::move(batch));
  });
}

/// Removes that listener from the list at `key`, and the list with its last one.
template <class Map>
void forget(Map& lists, const typename Map::key_type& key, const client_actor& client,
            request_number request) {
  const auto found = lists.find(key);
  if (found == lists.end())
    return;
  std::erase_if(found->second, [&](const events_state::listener& each) {
    return each.request == request && each.client == client;
  });
  if (found->second.empty())
    lists.erase(found);
}

void tell_watchers(events_state& state, const std::vector<task_fact>& facts, answer_box& answers) {
  for (const auto& fact : facts) {
    if (state.watchers.empty())
      return;
    if (!is_final(fact.state))
      continue;
    const auto found = state.watchers.find(fact.id);
    if (found == state.watchers.end())
      continue;
    for (const auto& watcher : found->second)
      answers.add(watcher.client, {watcher.request, status{}});
    state.watchers.erase(found);
  }
}

/// Who wants the same gets the same slice. Returns how many were told.
int64_t tell_subscribers(events_state& state, answer_box& answers) {
  int64_t told = 0;
  for (const auto& [filter, subscribers] : state.subscribers) {
    event_slice slice;
    for (const auto& batch : state.unsent)
      select(batch, 0, filter, SIZE_MAX, slice.events);
    if (slice.events.empty())
      continue;
    told += static_cast<int64_t>(subscribers.size());
    slice.last = state.ring.newest();
    const auto shared = std::make_shared<const event_slice>(std::move(slice));
    for (const auto& subscriber : subscribers)
      answers.add(subscriber.client, {subscriber.request, shared});
  }
  state.unsent.clear();
  return told;
}

void send_unsent(self_pointer self) {
  auto& state = self->state;
  if (state.unsent.empty())
    return;
  answer_box answers;
  const auto pace = tell_subscribers(state, answers) * pace_per_subscriber;
  send(self, answers);
  if (state.pacing || pace < shortest_pace)
    return;
  state.pacing = true;
  self->delayed_send(self, pace, sweep_atom_v);
}

/// As soon as the pace allows.
void tell_later(self_pointer self, const event_batch& batch) {
  auto& state = self->state;
  if (state.subscribers.empty())
    return;
  state.unsent.push_back(batch);
  if (!state.pacing)
    send_unsent(self);
}

void happened(self_pointer self, const facts_ptr& facts) {
  auto& state = self->state;
  if (state.log->enabled(log_level::debug))
    for (const auto& fact : *facts)
      write_to_log(*state.log, fact);
  const auto batch = state.ring.add(state.now(), facts);
  answer_box answers;
  tell_watchers(state, *facts, answers);
  send(self, answers);
  tell_later(self, batch);
}

void happened(self_pointer self, const notices_ptr& notices) {
  auto& state = self->state;
  for (const auto& each : *notices)
    if (each.schedule)
      state.log->debug(std::string(to_string(each.type)), {{"schedule", each.schedule->name}});
    else
      state.log->debug(std::string(to_string(each.type)), {{"queue", each.queue}});
  tell_later(self, state.ring.add(state.now(), notices));
}

void logged(self_pointer self, const std::vector<task_id>& tasks) {
  answer_box answers;
  for (const auto& id : tasks) {
    const auto found = self->state.watchers.find(id);
    if (found == self->state.watchers.end())
      continue;
    for (const auto& watcher : found->second)
      if (watcher.follows)
        answers.add(watcher.client, {watcher.request, status{}});
  }
  send(self, answers);
}

void subscribe(self_pointer self, const client_actor& client, request_number request,
               const subscription& wanted) {
  auto& state = self->state;
  send_unsent(self); // it stands in the ring, and so in what this one gets now
  const auto after = wanted.after.value_or(state.ring.newest());
  auto slice = state.ring.after(after, wanted.filter, resume_step);
  if (!slice.more)
    state.subscribers[wanted.filter].push_back({client, request});
  self->send(client, answer_atom_v,
             one_answer(request, std::make_shared<const event_slice>(std::move(slice))));
}

actor_figures figures(const events_state& state) {
  uint64_t subscribers = 0;
  for (const auto& [filter, of] : state.subscribers)
    subscribers += of.size();
  return {{"watched_tasks", state.watchers.size()}, {"subscribers", subscribers}};
}

} // namespace

events_actor::behavior_type events(self_pointer self, size_t buffer, wall_clock now,
                                   logger_ptr log) {
  auto& initial = self->state;
  initial.ring = event_ring(static_cast<uint64_t>(now().time_since_epoch().count()), buffer);
  initial.now = std::move(now);
  initial.log = std::move(log);
  return {
      [self](facts_atom, const facts_ptr& facts) { happened(self, facts); },
      [self](notices_atom, const notices_ptr& notices) { happened(self, notices); },
      [self](logged_atom, const std::vector<task_id>& tasks) { logged(self, tasks); },
      [self](watch_atom, const client_actor& client, request_number request, const task_id& id) {
        self->state.watchers[id].push_back({client, request});
      },
      [self](follow_atom, const client_actor& client, request_number request, const task_id& id) {
        self->state.watchers[id].push_back({client, request, true});
      },
      [self](unwatch_atom, const client_actor& client, request_number request, const task_id& id) {
        forget(self->state.watchers, id, client, request);
      },
      [self](subscribe_atom, const client_actor& client, request_number request,
             const subscription& wanted) { subscribe(self, client, request, wanted); },
      [self](leave_atom, const client_actor& client, request_number request,
             const event_filter& filter) {
        forget(self->state.subscribers, filter, client, request);
      },
      [self](sweep_atom) {
        self->state.pacing = false;
        send_unsent(self);
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request, figures(self->state));
      },
  };
}

} // namespace errand
