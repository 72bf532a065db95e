#include "store/fair_share.hpp"

#include <algorithm>
#include <queue>

namespace errand {

namespace {

struct contender {
  double start; ///< When its next turn begins.
  size_t index;
  size_t left;

  /// For a queue whose top begins first; of equals, the one that was named first.
  friend bool operator<(const contender& a, const contender& b) {
    return a.start != b.start ? a.start > b.start : a.index > b.index;
  }
};

} // namespace

std::vector<size_t> fair_share::next(size_t n, std::span<const candidate> candidates) {
  std::vector<contender> contenders;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto ended = ends_.find(candidates[i].queue);
    if (candidates[i].most > 0)
      contenders.push_back(
          {ended == ends_.end() ? now_ : std::max(now_, ended->second), i, candidates[i].most});
  }
  std::priority_queue<contender> waiting({}, std::move(contenders));
  std::vector<size_t> turns;
  while (turns.size() < n && !waiting.empty()) {
    auto next = waiting.top();
    waiting.pop();
    turns.push_back(next.index);
    now_ = next.start;
    const auto& [queue, weight, most] = candidates[next.index];
    next.start += 1 / weight;
    if (const auto ended = ends_.find(queue); ended != ends_.end())
      ended->second = next.start;
    else
      ends_.emplace(queue, next.start);
    if (--next.left > 0)
      waiting.push(next);
  }
  std::erase_if(ends_, [this](const auto& entry) { return entry.second <= now_; });
  return turns;
}

} // namespace errand
