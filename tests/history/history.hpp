// What several clients asked of one server and were told, and whether all of it can be true: a
// call takes effect at one moment between its question and its answer, but which moment is unknown.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace errand::test {

/// From just before a client asked until just after it was answered.
struct interval {
  std::chrono::steady_clock::time_point asked, answered;

  bool is_before(const interval& other) const { return answered < other.asked; }

  /// Whether it may have taken effect after `first` and before `second` did.
  bool may_lie_between(const interval& first, const interval& second) const {
    return answered >= first.asked && asked <= second.answered;
  }
};

/// One answer about one task.
struct observation {
  enum class what {
    submitted, ///< 202.
    seen,      ///< In a look, a list, or the answer to a wait.
    cancelled, ///< 200 to a cancel.
    retried,   ///< 200 to a retry.
    removed,   ///< 204 to a delete.
    ended,     ///< 409 to a cancel: it had ended.
    live,      ///< 409 to a retry: it had not.
    missing,   ///< 404.
  };

  interval when;
  what kind = what::seen;
  std::string state; ///< As told; empty where the answer tells none.
};

/// All pages of one list.
struct listing {
  interval when;
  std::string state; ///< The filter; empty: all tasks.
  std::vector<std::string> tasks;
};

/// From the answer that gave somebody a lease until just before its end was asked for, and granted:
/// all that time nobody else may have had the task. Or from the begin of a handler to its end.
struct holding {
  std::chrono::steady_clock::time_point from, until;
};

struct history {
  std::map<std::string, std::vector<observation>> tasks; ///< By id.
  std::map<std::string, std::vector<holding>> holdings;  ///< By the task's id.
  std::map<std::string, std::vector<holding>> runs;      ///< By the queue: attempts of its tasks.
  std::map<std::string, size_t> limits; ///< By the queue: how many may run at a time.
  std::vector<listing> lists;

  void add(history&& other);
};

/// A sentence for each pair of answers that can't both be true.
std::vector<std::string> contradictions(const history& all);

} // namespace errand::test
