#include "store/fair_share.hpp"

#include <algorithm>
#include <queue>

namespace errand {

namespace {

/// How much the last attempt says of the next.
constexpr double newest_part = 0.25;

struct contender {
  double start; ///< When its next turn begins.
  double cost;  ///< Of a turn, in virtual time.
  size_t index;
  size_t left;

  /// For a queue whose top begins first; of equals, the one that was named first.
  friend bool operator<(const contender& a, const contender& b) {
    return a.start != b.start ? a.start > b.start : a.index > b.index;
  }
};

} // namespace

fair_share::account& fair_share::account_of(std::string_view queue) {
  if (const auto found = accounts_.find(queue); found != accounts_.end())
    return found->second;
  auto& made = accounts_.emplace(queue, account{}).first->second;
  made.charged = now_;
  return made;
}

std::vector<size_t> fair_share::next(size_t n, std::span<const candidate> candidates) {
  std::vector<contender> contenders;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto& each = candidates[i];
    if (each.most == 0)
      continue;
    auto& its = account_of(each.queue);
    its.runs = each.running > 0;
    const auto runs = each.running_time + static_cast<double>(each.running) * its.usual;
    auto start = its.charged + runs / each.weight;
    if (start < now_ && its.contended < calls_) {
      its.charged += now_ - start;
      start = now_;
    }
    its.contended = calls_ + 1;
    contenders.push_back({start, its.usual / each.weight, i, each.most});
  }
  std::priority_queue<contender> waiting({}, std::move(contenders));
  std::vector<size_t> turns;
  while (turns.size() < n && !waiting.empty()) {
    auto next = waiting.top();
    waiting.pop();
    turns.push_back(next.index);
    now_ = std::max(now_, next.start);
    next.start += next.cost;
    accounts_.find(candidates[next.index].queue)->second.runs = true;
    if (--next.left > 0)
      waiting.push(next);
  }
  ++calls_;
  std::erase_if(accounts_, [this](const auto& entry) {
    return !entry.second.runs && entry.second.charged <= now_;
  });
  return turns;
}

void fair_share::spent(std::string_view queue, double weight, double seconds, bool runs) {
  auto& its = account_of(queue);
  const auto cost = std::max(seconds, least_cost);
  its.charged = std::min(its.charged + cost / weight, now_ + most_owed / weight);
  its.usual += newest_part * (std::min(cost, most_owed) - its.usual);
  its.runs = runs;
}

} // namespace errand
