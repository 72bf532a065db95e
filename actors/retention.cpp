#include "actors/retention.hpp"

#include <array>

namespace errand {

namespace {

constexpr std::array final_states{task_state::succeeded, task_state::failed, task_state::cancelled};

} // namespace

std::optional<prune_request> retention_pass::next_prune(timestamp now) {
  over_ = false;
  for (; stage_ < final_states.size(); ++stage_) {
    const auto state = final_states[stage_];
    if (const auto& age = state == task_state::succeeded ? keep_.succeeded : keep_.failed)
      return prune_request{state, now - *age, after_};
  }
  return std::nullopt;
}

void retention_pass::step_done(std::optional<int64_t> next) {
  after_ = next.value_or(0);
  if (next)
    return;
  over_ = stage_ == final_states.size();
  stage_ = over_ ? 0 : stage_ + 1;
}

} // namespace errand
