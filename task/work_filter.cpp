#include "task/work_filter.hpp"

#include <algorithm>

namespace errand {

namespace {

bool fits(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

bool work_set::contains(std::string_view queue, std::string_view kind) const {
  return fits(queues, queue) && fits(kinds, kind);
}

bool work_filter::takes(std::string_view queue, std::string_view kind) const {
  return wanted.contains(queue, kind)
         && std::none_of(reserved.begin(), reserved.end(),
                         [&](const work_set& set) { return set.contains(queue, kind); });
}

} // namespace errand
