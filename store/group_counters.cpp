#include "store/group_counters.hpp"

#include <cassert>

namespace errand {

void group_counters::load(std::string_view queue, std::string_view group, int64_t n) {
  add(queue, group, n);
}

void group_counters::change(std::string_view queue, std::string_view group, int64_t by) {
  if (group.empty())
    return;
  add(queue, group, by);
  changes_.push_back({{std::string(queue), std::string(group)}, by});
}

void group_counters::add(std::string_view queue, std::string_view group, int64_t by) {
  const auto found = running_.find(by_name::views{queue, group});
  if (found == running_.end()) {
    running_.emplace(names{queue, group}, by);
    return;
  }
  found->second += by;
  assert(found->second >= 0);
  if (found->second == 0)
    running_.erase(found);
}

int64_t group_counters::running(std::string_view queue, std::string_view group) const {
  const auto found = running_.find(by_name::views{queue, group});
  return found == running_.end() ? 0 : found->second;
}

void group_counters::rolled_back() {
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
    add(change->first.first, change->first.second, -change->second);
  changes_.clear();
}

} // namespace errand
