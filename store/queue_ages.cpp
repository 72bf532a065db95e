#include "store/queue_ages.hpp"

namespace errand {

using tenths = std::chrono::duration<int64_t, std::deci>;

void queue_ages::change(std::string_view queue, timestamp due, int64_t by) {
  auto at = changed_.find(queue);
  if (at == changed_.end())
    at = changed_.emplace(queue, std::map<int64_t, int64_t>{}).first;
  at->second[std::chrono::floor<tenths>(due).time_since_epoch().count()] += by;
}

std::vector<queue_ages::row> queue_ages::changed() const {
  std::vector<row> rows;
  for (const auto& [queue, ages] : changed_)
    for (const auto& [tenth, by] : ages)
      if (by != 0)
        rows.push_back({queue, tenth, by});
  return rows;
}

} // namespace errand
