#include "actors/attempt_batch.hpp"

namespace errand {

namespace {

// Stands in `taken_by` of a slot that was withdrawn, so that no worker gets it.
constexpr worker_number withdrawn = UINT32_MAX;

} // namespace

attempt_batch::attempt_batch(std::vector<attempt_spec> specs, size_t pinned)
    : slots_(specs.size()), next_(pinned) {
  for (size_t i = 0; i < specs.size(); ++i)
    slots_[i].spec = std::move(specs[i]);
}

bool attempt_batch::take(slot& wanted, worker_number who) {
  worker_number nobody = 0;
  return wanted.taken_by.compare_exchange_strong(nobody, who);
}

attempt_batch::slot* attempt_batch::take_pinned(size_t index, worker_number who, steady_time now) {
  auto& wanted = slots_[index];
  if (!take(wanted, who))
    return nullptr;
  wanted.begun_at = now;
  return &wanted;
}

attempt_batch::slot* attempt_batch::take_next(worker_number who, steady_time now) {
  while (!exhausted()) {
    const auto index = next_.fetch_add(1);
    if (index >= slots_.size() || !take(slots_[index], who))
      continue;
    slots_[index].begun_at = now;
    return &slots_[index];
  }
  return nullptr;
}

std::vector<attempt_ref> attempt_batch::withdraw() {
  next_.store(slots_.size());
  std::vector<attempt_ref> refs;
  for (auto& each : slots_)
    if (take(each, withdrawn))
      refs.push_back(each.spec.ref);
  return refs;
}

std::vector<attempt_ref> attempt_batch::unreported_by(worker_number who) const {
  std::vector<attempt_ref> refs;
  for (const auto& each : slots_)
    if (each.taken_by == who && !each.reported)
      refs.push_back(each.spec.ref);
  return refs;
}

attempt_batch::slot* attempt_batch::running_of(worker_number who) {
  for (auto& each : slots_)
    if (each.taken_by == who && !each.reported && each.begun_at.load() != steady_time{})
      return &each;
  return nullptr;
}

void attempt_batch::cancel(worker_number who) {
  {
    std::lock_guard guard{mutex_};
    for (auto& each : slots_)
      if (each.taken_by == who && !each.reported)
        each.cancelled = true;
  }
  cancelled_changed_.notify_all();
}

attempt_batch::found attempt_batch::cancel(const attempt_ref& ref) {
  for (auto& each : slots_) {
    if (each.spec.ref.id != ref.id || each.spec.ref.attempt != ref.attempt)
      continue;
    if (take(each, withdrawn))
      return found::unclaimed;
    if (each.taken_by == withdrawn || each.reported)
      return found::nothing;
    {
      std::lock_guard guard{mutex_};
      each.cancelled = true;
    }
    cancelled_changed_.notify_all();
    return found::running;
  }
  return found::nothing;
}

bool attempt_batch::wait_cancelled(const slot& mine, steady_time until) {
  std::unique_lock guard{mutex_};
  return cancelled_changed_.wait_until(guard, until, [&mine] { return mine.cancelled.load(); });
}

} // namespace errand
