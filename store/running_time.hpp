// How long the attempts of each queue that run now have run so far, all together. Known in memory;
// at the start the running rows tell. Times are the wall clock's; what a jump of that clock adds to
// them is taken away again as soon as somebody tells of it. Writer's thread only.
#pragma once

#include "task/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace errand {

class running_time {
public:
  struct of_queue {
    int64_t attempts = 0;
    double seconds = 0; ///< Of all of them together.
  };

  /// As it is before any transaction. `task`: the sequence of its id.
  void load(std::string_view queue, int64_t task, timestamp began);

  /// An attempt of that task begins, or has ended. A task has one at a time.
  void begin(std::string_view queue, int64_t task, timestamp began);
  void end(std::string_view queue, int64_t task);

  of_queue until(timestamp now, std::string_view queue) const;

  /// When that attempt would have begun if the clock had always shown what it shows now. Nothing if
  /// none of that task runs.
  std::optional<timestamp> began(int64_t task) const;

  /// The clock was put forward by so much, or back.
  void clock_was_set(duration by) { zero_ += by; }

  /// The transaction came to its end: what it changed stays, or is forgotten.
  void committed() { changes_.clear(); }
  void rolled_back();

private:
  struct sum {
    int64_t attempts = 0;
    duration begins{}; ///< When they began, added up.
  };
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct change {
    std::string queue;
    int64_t task;
    duration began;
    bool ends;
  };

  duration since_zero(timestamp began);
  void add(std::string_view queue, int64_t task, duration began);
  void remove(std::string_view queue, int64_t task, duration began);
  sum& sum_of(std::string_view queue);

  /// What all begins are counted from, so that a clock that was set moves this alone.
  timestamp zero_{};
  std::unordered_map<std::string, sum, text_hash, std::equal_to<>> running_;
  std::unordered_map<int64_t, duration> began_; ///< By task.
  std::vector<change> changes_;
};

} // namespace errand
