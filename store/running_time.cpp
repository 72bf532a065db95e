#include "store/running_time.hpp"

#include <algorithm>
#include <cassert>
#include <ranges>

namespace errand {

namespace {

/// 2026-01-01T00:00:00Z: begins are small enough for 10,000 of them to be added up.
constexpr timestamp zero{std::chrono::seconds{1'767'225'600}};

int64_t since_zero(timestamp time) {
  return (time - zero).count();
}

} // namespace

void running_time::load(std::string_view queue, int64_t task, timestamp began) {
  add(queue, task, began);
}

void running_time::begin(std::string_view queue, int64_t task, timestamp began) {
  add(queue, task, began);
  changes_.push_back({std::string(queue), task, began, false});
}

void running_time::end(std::string_view queue, int64_t task) {
  const auto began = this->began(task);
  assert(began);
  if (!began)
    return;
  remove(queue, task, *began);
  changes_.push_back({std::string(queue), task, *began, true});
}

running_time::of_queue running_time::until(timestamp now, std::string_view queue) const {
  const auto found = running_.find(queue);
  if (found == running_.end())
    return {};
  const auto& [attempts, begins] = found->second;
  const auto spent = duration(attempts * since_zero(now) - begins);
  // The clock may have been put back, and nobody has told of it yet.
  return {attempts, std::max(0.0, std::chrono::duration<double>(spent).count())};
}

std::optional<timestamp> running_time::began(int64_t task) const {
  const auto found = began_.find(task);
  return found == began_.end() ? std::nullopt : std::optional(found->second);
}

void running_time::clock_was_set(duration by) {
  assert(changes_.empty());
  for (auto& [task, began] : began_)
    began += by;
  for (auto& [queue, all] : running_)
    all.begins += all.attempts * by.count();
}

void running_time::rolled_back() {
  for (const auto& [queue, task, began, ends] : std::views::reverse(changes_)) {
    if (ends)
      add(queue, task, began);
    else
      remove(queue, task, began);
  }
  changes_.clear();
}

void running_time::add(std::string_view queue, int64_t task, timestamp began) {
  began_.insert_or_assign(task, began);
  auto& all = sum_of(queue);
  ++all.attempts;
  all.begins += since_zero(began);
}

void running_time::remove(std::string_view queue, int64_t task, timestamp began) {
  began_.erase(task);
  auto& all = sum_of(queue);
  all.begins -= since_zero(began);
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
