#include "tests/history/history.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace errand::test {

namespace {

using what = observation::what;

bool is_final(const std::string& state) {
  return state == "succeeded" || state == "failed" || state == "cancelled";
}

std::string told(const observation& it) {
  switch (it.kind) {
  case what::submitted:
    return "submitted";
  case what::seen:
    return "seen " + it.state;
  case what::cancelled:
    return "cancelled, then " + it.state;
  case what::retried:
    return "retried";
  case what::removed:
    return "deleted";
  case what::ended:
    return "too late to cancel";
  case what::live:
    return "too early to retry";
  case what::missing:
    return "not found";
  }
  return {};
}

/// Whether the task had ended in the moment of that answer.
bool tells_end(const observation& it) {
  return it.kind == what::ended || is_final(it.state);
}

bool tells_life(const observation& it) {
  return it.kind == what::live || (!it.state.empty() && !is_final(it.state));
}

/// Whether `second` can't follow `first` unless the task was retried between the two.
bool needs_retry(const observation& first, const observation& second) {
  if (tells_end(first) && tells_life(second))
    return true;
  if (is_final(first.state) && is_final(second.state))
    return first.state != second.state;
  // A running task that was cancelled can but end, and only by success or as cancelled.
  return first.kind == what::cancelled && first.state == "running" && !second.state.empty()
         && second.state != "running" && second.state != "succeeded" && second.state != "cancelled";
}

bool any_between(const std::vector<observation>& answers, what kind, const observation& first,
                 const observation& second) {
  return std::any_of(answers.begin(), answers.end(), [&](const observation& each) {
    return each.kind == kind && each.when.may_lie_between(first.when, second.when);
  });
}

void check_task(const std::string& id, const std::vector<observation>& answers,
                std::vector<std::string>& found) {
  const auto contradict = [&](const observation& first, const observation& second) {
    found.push_back(id + " was " + told(first) + " and afterwards " + told(second));
  };
  for (const auto& first : answers)
    for (const auto& second : answers) {
      if (!first.when.is_before(second.when))
        continue;
      if (first.kind == what::removed && second.kind != what::missing)
        contradict(first, second);
      if (second.kind == what::missing && first.kind == what::submitted
          && !any_between(answers, what::removed, first, second))
        contradict(first, second);
      // The answer to a retry tells the state after it.
      if (second.kind != what::retried && needs_retry(first, second)
          && !any_between(answers, what::retried, first, second))
        contradict(first, second);
    }
}

const observation* find_kind(const std::vector<observation>& answers, what kind) {
  const auto found = std::find_if(answers.begin(), answers.end(),
                                  [&](const observation& it) { return it.kind == kind; });
  return found == answers.end() ? nullptr : &*found;
}

/// Whether the task fitted the list's filter from before the list was asked for until after it was
/// answered.
bool must_be_in(const listing& list, const std::vector<observation>& answers) {
  const auto* submitted = find_kind(answers, what::submitted);
  const auto* removed = find_kind(answers, what::removed);
  if (!submitted || !submitted->when.is_before(list.when)
      || (removed && removed->when.asked <= list.when.answered))
    return false;
  if (list.state.empty())
    return true;
  if (!is_final(list.state))
    return false; // It may have been in another state in between.
  return std::any_of(answers.begin(), answers.end(), [&](const observation& before) {
    return before.state == list.state && before.when.is_before(list.when)
           && std::any_of(answers.begin(), answers.end(), [&](const observation& after) {
                return after.state == list.state && list.when.is_before(after.when)
                       && !any_between(answers, what::retried, before, after);
              });
  });
}

void check_list(const listing& list, const history& all, std::vector<std::string>& found) {
  const std::set<std::string> listed(list.tasks.begin(), list.tasks.end());
  if (listed.size() != list.tasks.size())
    found.push_back("a list of '" + list.state + "' has a task twice");
  for (const auto& [id, answers] : all.tasks)
    if (!listed.contains(id) && must_be_in(list, answers))
      found.push_back(id + " is missing in a list of '" + list.state + "'");
}

void check_holdings(const std::string& id, const std::vector<holding>& all,
                    std::vector<std::string>& found) {
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = i + 1; j < all.size(); ++j)
      if (all[i].from < all[j].until && all[j].from < all[i].until)
        found.push_back(id + " was leased to two at a time");
}

void check_limit(const std::string& queue, size_t limit, const std::vector<holding>& runs,
                 std::vector<std::string>& found) {
  std::multimap<std::chrono::steady_clock::time_point, int> changes;
  for (const auto& [from, until] : runs)
    changes.emplace(until, -1); // before those that begin in the same moment
  for (const auto& [from, until] : runs)
    changes.emplace(from, 1);
  int running = 0, most = 0;
  for (const auto& [when, change] : changes)
    most = std::max(most, running += change);
  if (static_cast<size_t>(most) > limit)
    found.push_back(queue + " ran " + std::to_string(most) + " at a time, not "
                    + std::to_string(limit) + " at most");
}

} // namespace

void history::add(history&& other) {
  for (auto& [id, answers] : other.tasks)
    std::move(answers.begin(), answers.end(), std::back_inserter(tasks[id]));
  for (auto& [id, more] : other.holdings)
    std::move(more.begin(), more.end(), std::back_inserter(holdings[id]));
  for (auto& [queue, more] : other.runs)
    std::move(more.begin(), more.end(), std::back_inserter(runs[queue]));
  limits.merge(other.limits);
  std::move(other.lists.begin(), other.lists.end(), std::back_inserter(lists));
}

std::vector<std::string> contradictions(const history& all) {
  std::vector<std::string> found;
  for (const auto& [id, answers] : all.tasks)
    check_task(id, answers, found);
  for (const auto& [id, holdings] : all.holdings)
    check_holdings(id, holdings, found);
  for (const auto& [queue, limit] : all.limits)
    if (const auto runs = all.runs.find(queue); runs != all.runs.end())
      check_limit(queue, limit, runs->second, found);
  for (const auto& list : all.lists)
    check_list(list, all, found);
  return found;
}

} // namespace errand::test
