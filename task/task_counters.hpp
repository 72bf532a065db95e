// What tasks did since the server started, by queue and kind, for whoever watches it over time:
// counters that only grow. Bounded whatever names clients invent. Pure.
//
// activity_log beside it tells of the last minute and hour, without a memory of one's own.
#pragma once

#include "task/activity.hpp"
#include "task/bucket_histogram.hpp"
#include "task/label_names.hpp"
#include "task/task_fact.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace errand {

/// So many names of queues, and of kinds, have labels of their own beside those that the server
/// knows; the rest is "other". Each queue and each kind makes a histogram, some 20 series.
inline constexpr size_t max_label_names = 50;

/// So many pairs of a queue and a kind are told apart, each some six series; of further ones only
/// the queue is told, and the kind as "other".
inline constexpr size_t max_label_pairs = 500;

/// Names that always have labels of their own.
struct known_labels {
  std::vector<std::string> queues;
  std::vector<std::string> kinds;
};

class task_counters {
public:
  task_counters() : task_counters(known_labels{}) {}
  explicit task_counters(const known_labels& known);

  /// What one fact tells; progress is none.
  void count(const task_fact& fact);

  /// Gives these queues labels, as far as there is room: they hold tasks.
  void admit_queues(const std::vector<std::string>& queues);

  /// What that queue is told as.
  const std::string& label_of_queue(const std::string& queue) const {
    return queues_.name(queues_.find(queue));
  }

  struct pair {
    size_t queue; ///< Its place in queues().
    size_t kind;  ///< Its place in kinds().
    tallies n;
  };

  const std::vector<pair>& pairs() const { return pairs_; }
  const label_names& queues() const { return queues_; }
  const label_names& kinds() const { return kinds_; }

  /// How long tasks were due before their attempts began, by place in queues(); and how long
  /// attempts took, by place in kinds(). Those without a value may be missing at the end.
  const std::vector<bucket_histogram>& waited() const { return waited_; }
  const std::vector<bucket_histogram>& ran() const { return ran_; }

private:
  pair& pair_of(const task_fact& fact);

  label_names queues_;
  label_names kinds_;
  std::vector<pair> pairs_;
  std::unordered_map<uint64_t, size_t> places_; ///< In `pairs_`, by both places.
  size_t last_ = 0;                             ///< Facts of one commit are mostly of one sort.
  std::vector<bucket_histogram> waited_;
  std::vector<bucket_histogram> ran_;
};

} // namespace errand
