#include "actors/statistics.hpp"

#include "actors/answer.hpp"
#include "actors/tell_view.hpp"

namespace errand {

namespace {

using self_pointer = statistics_actor::stateful_pointer<statistics_state>;

void count(activity_log& log, const task_fact& fact, steady_time now) {
  if (fact.is_new)
    log.count(now, tally::submitted);
  if (const auto what = tally_of(fact))
    log.count(now, *what);
  if (fact.waited)
    log.waited(now, duration_histogram::bucket_of(*fact.waited));
  if (fact.ran)
    log.ran(now, duration_histogram::bucket_of(*fact.ran));
}

/// Makes room for another queue if it is time to look for some.
void forget_idle(statistics_state& state, steady_time now) {
  if (now < state.forget_at)
    return;
  state.forget_at = now + forget_interval;
  std::erase_if(state.queues,
                [&](const auto& entry) { return now - entry.second.last >= forget_after; });
}

/// Null if there are too many.
statistics_state::counted_queue* find_queue(statistics_state& state, const std::string& queue,
                                            steady_time now) {
  if (const auto found = state.queues.find(queue); found != state.queues.end())
    return &found->second;
  if (state.queues.size() >= max_counted_queues)
    forget_idle(state, now);
  if (state.queues.size() >= max_counted_queues)
    return nullptr;
  return &state.queues[queue];
}

void count(statistics_state& state, const std::vector<task_fact>& facts, steady_time now) {
  for (const auto& fact : facts) {
    if (fact.progress)
      continue;
    state.tasks.count(fact);
    count(state.all, fact, now);
    if (auto* queue = find_queue(state, fact.queue, now)) {
      queue->last = now;
      count(queue->log, fact, now);
    }
  }
}

statistics_view view(const statistics_state& state, const std::vector<std::string>& queues,
                     steady_time now) {
  statistics_view made{state.all.view(now), state.commits.summary(now), {}, state.since};
  for (const auto& queue : queues)
    if (const auto found = state.queues.find(queue); found != state.queues.end())
      made.queues.emplace(queue, found->second.log.view(now));
  return made;
}

} // namespace

statistics_actor::behavior_type statistics(self_pointer self, known_labels known, wall_clock now) {
  self->state.tasks = task_counters(known);
  self->state.since = now();
  return {
      [self](facts_atom, const facts_ptr& facts, duration commit_took) {
        const auto at = self->clock().now();
        self->state.commits.add(at, duration_histogram::bucket_of(commit_took));
        self->state.written.took.add(commit_took);
        self->state.written.changes.add(static_cast<int64_t>(facts->size()));
        count(self->state, *facts, at);
      },
      [self](refused_atom) { ++self->state.written.failed; },
      [self](stats_atom, const client_actor& client, request_number request,
             const std::vector<std::string>& queues) {
        self->send(client, answer_atom_v,
                   one_answer(request, std::make_shared<const statistics_view>(
                                           view(self->state, queues, self->clock().now()))));
      },
      [self](metrics_atom, const client_actor& client, request_number request,
             const std::vector<std::string>& queues) {
        auto& state = self->state;
        state.tasks.admit_queues(queues);
        self->send(client, answer_atom_v,
                   one_answer(request, std::make_shared<const metrics_view>(
                                           metrics_view{state.tasks, state.written, state.since,
                                                        read_process_figures()})));
      },
      [self](probe_atom, const client_actor& client, request_number request) {
        self->send(client, answer_atom_v, one_answer(request, status{}));
      },
      [self](mailbox_atom, const client_actor& client, request_number request) {
        tell_view(self, client, request, {{"queues", self->state.queues.size()}});
      },
  };
}

} // namespace errand
