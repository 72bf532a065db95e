#include "store/running_time.hpp"

#include <algorithm>

namespace errand {

namespace {

/// 2026-01-01T00:00:00Z: begins are small enough for 10,000 of them to be added up.
constexpr timestamp zero{std::chrono::seconds{1'767'225'600}};

int64_t since_zero(timestamp time) {
  return (time - zero).count();
}

} // namespace

void running_time::load(std::string_view queue, timestamp began) {
  add(queue, {1, since_zero(began)});
}

running_time::of_queue running_time::until(timestamp now, std::string_view queue) const {
  const auto found = running_.find(queue);
  if (found == running_.end())
    return {};
  const auto& [attempts, begins] = found->second;
  const auto spent = duration(attempts * since_zero(now) - begins);
  // The clock may have been put back.
  return {attempts, std::max(0.0, std::chrono::duration<double>(spent).count())};
}

void running_time::change(std::string_view queue, timestamp began, int64_t by) {
  const sum what{by, by * since_zero(began)};
  add(queue, what);
  changes_.emplace_back(queue, what);
}

void running_time::rolled_back() {
  for (const auto& [queue, what] : changes_)
    add(queue, {-what.attempts, -what.begins});
  changes_.clear();
}

void running_time::add(std::string_view queue, const sum& what) {
  auto found = running_.find(queue);
  if (found == running_.end())
    found = running_.emplace(queue, sum{}).first;
  found->second.attempts += what.attempts;
  found->second.begins += what.begins;
  if (found->second.attempts == 0)
    running_.erase(found);
}

} // namespace errand
