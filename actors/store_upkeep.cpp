#include "actors/store_upkeep.hpp"

#include "actors/retention.hpp"
#include "actors/schedule_notices.hpp"

namespace errand {

namespace {

/// Makes tasks of schedules that are due, as many as fit into one step. If there are more, the next
/// due time has come, and the SCHEDULER asks at once for another.
void fire_schedules(store_pointer self) {
  auto& state = self->state;
  const auto end = self->clock().now() + upkeep_step_time;
  size_t looked_at = 0;
  do {
    auto fires = state.db->fire_due(state.now(), fire_step);
    looked_at = fires.looked_at;
    state.to_cancel.insert(state.to_cancel.end(), fires.to_cancel.begin(), fires.to_cancel.end());
    add_notices(std::move(fires.facts), state.notices);
  } while (looked_at == fire_step && self->clock().now() < end);
}

/// Makes a step of the recount if it is time for one. Nothing should ever be found.
void recount(store_state& state) {
  const auto now = state.now();
  if (!state.recount_at || now < *state.recount_at)
    return;
  const auto step = state.db->recount(state.recount_from, recount_max, now);
  for (const auto& id : step.repaired)
    state.log->error("a waiting task's count of what it waits for was wrong, and is put right",
                     {{"task", id.to_string()}});
  if (step.seen > 0 || state.recount_from > 0)
    state.recount_at = now + recount_interval;
  else
    state.recount_at.reset();
  state.recount_from = step.next.value_or(0);
}

} // namespace

void move_due(store_pointer self) {
  auto& state = self->state;
  for (auto& fact : state.db->promote_due(state.now(), promote_step))
    remember(state, std::move(fact));
  for (auto& fact : state.db->expire(state.now(), promote_step))
    remember(state, std::move(fact));
  auto leases = state.db->end_expired_leases(state.now(), promote_step);
  for (auto& fact : leases.facts)
    remember(state, std::move(fact));
  state.unheard = std::move(leases.unheard);
  for (auto& [queue, settings] : state.db->end_pauses(state.now()))
    state.notices.push_back({event_type::queue_resumed, queue, settings});
  fire_schedules(self);
  recount(state);
}

void begin_recounts(store_state& state) {
  if (!state.made_waiting || state.recount_at)
    return;
  state.recount_at = state.now() + recount_interval;
  note_earlier(state.due, state.recount_at);
}

void prune(store_pointer self, prune_request request) {
  auto& state = self->state;
  join(self);
  upkeep_progress progress;
  const auto end = self->clock().now() + upkeep_step_time;
  size_t pruned = 0;
  request.max = prune_step / 10;
  do {
    if (!state.refused.ok())
      break;
    const auto result = state.db->prune(request);
    pruned += result.pruned;
    progress.next = result.next;
    request.after = result.next.value_or(0);
  } while (progress.next && pruned < prune_step && self->clock().now() < end);
  state.upkeep = progress;
}

void shrink(store_pointer self) {
  auto& state = self->state;
  join(self);
  state.upkeep.emplace();
  if (state.refused.ok() && state.db->shrink())
    state.upkeep->next = 0;
}

} // namespace errand
