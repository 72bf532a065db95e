// How long the attempts of each queue that run now have run so far, all together. Known in memory;
// at the start the running rows tell. Writer's thread only.
#pragma once

#include "task/time.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace errand {

class running_time {
public:
  struct of_queue {
    int64_t attempts = 0;
    double seconds = 0; ///< Of all of them together.
  };

  /// As it is before any transaction.
  void load(std::string_view queue, timestamp began);

  /// An attempt begins, or one that began then has ended.
  void begin(std::string_view queue, timestamp began) { change(queue, began, 1); }
  void end(std::string_view queue, timestamp began) { change(queue, began, -1); }

  of_queue until(timestamp now, std::string_view queue) const;

  /// The transaction came to its end: what it changed stays, or is forgotten.
  void committed() { changes_.clear(); }
  void rolled_back();

private:
  struct sum {
    int64_t attempts = 0;
    int64_t begins = 0; ///< When they began, in µs since `zero`, added up.
  };
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void change(std::string_view queue, timestamp began, int64_t by);
  void add(std::string_view queue, const sum& what);

  std::unordered_map<std::string, sum, text_hash, std::equal_to<>> running_;
  std::vector<std::pair<std::string, sum>> changes_;
};

} // namespace errand
