#include "store/running_time.hpp"

#include <algorithm>
#include <cassert>

namespace errand {

void running_time::load(std::string_view queue, int64_t task, timestamp began) {
  add(queue, task, since_zero(began));
}

void running_time::begin(std::string_view queue, int64_t task, timestamp began) {
  const auto at = since_zero(began);
  add(queue, task, at);
  changes_.push_back({std::string(queue), task, at, false});
}

void running_time::end(std::string_view queue, int64_t task) {
  const auto found = began_.find(task);
  assert(found != began_.end());
  if (found == began_.end())
    return;
  const auto began = found->second;
  remove(queue, task, began);
  changes_.push_back({std::string(queue), task, began, true});
}

running_time::of_queue running_time::until(timestamp now, std::string_view queue) const {
  const auto found = running_.find(queue);
  if (found == running_.end())
    return {};
  const auto& [attempts, begins] = found->second;
  const auto spent = attempts * (now - zero_) - begins;
  // The clock may have been put back, and nobody has told of it yet.
  return {attempts, std::max(0.0, std::chrono::duration<double>(spent).count())};
}

std::optional<timestamp> running_time::began(int64_t task) const {
  const auto found = began_.find(task);
  return found == began_.end() ? std::nullopt : std::optional(zero_ + found->second);
}

void running_time::rolled_back() {
  std::for_each(changes_.rbegin(), changes_.rend(), [this](const change& made) {
    if (made.ends)
      add(made.queue, made.task, made.began);
    else
      remove(made.queue, made.task, made.began);
  });
  changes_.clear();
}

/// The first that runs makes it zero: what is added up stays small, whatever year it is.
duration running_time::since_zero(timestamp began) {
  if (running_.empty() && changes_.empty())
    zero_ = began;
  return began - zero_;
}

void running_time::add(std::string_view queue, int64_t task, duration began) {
  began_.insert_or_assign(task, began);
  auto& all = sum_of(queue);
  ++all.attempts;
  all.begins += began;
}

void running_time::remove(std::string_view queue, int64_t task, duration began) {
  began_.erase(task);
  auto& all = sum_of(queue);
  all.begins -= began;
  if (--all.attempts == 0)
    running_.erase(running_.find(queue));
}

running_time::sum& running_time::sum_of(std::string_view queue) {
  auto found = running_.find(queue);
  if (found == running_.end())
    found = running_.emplace(queue, sum{}).first;
  return found->second;
}

} // namespace errand
