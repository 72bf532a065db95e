// How many attempts of each group of a queue run: what group_concurrency limits. Known in memory;
// at the start the running rows tell. Writer's thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

class group_counters {
public:
  /// As it is before any transaction.
  void load(std::string_view queue, std::string_view group, int64_t n);

  /// An attempt of that group begins, or has ended. A task without a group is not counted.
  void begin(std::string_view queue, std::string_view group) { change(queue, group, 1); }
  void end(std::string_view queue, std::string_view group) { change(queue, group, -1); }

  int64_t running(std::string_view queue, std::string_view group) const;

  /// The transaction came to its end: what it changed stays, or is forgotten.
  void committed() { changes_.clear(); }
  void rolled_back();

private:
  using names = std::pair<std::string, std::string>; // of queue and group
  struct by_name {
    using is_transparent = void;
    using views = std::pair<std::string_view, std::string_view>;
    bool operator()(const views& a, const views& b) const { return a < b; }
  };

  void change(std::string_view queue, std::string_view group, int64_t by);
  void add(std::string_view queue, std::string_view group, int64_t by);

  std::map<names, int64_t, by_name> running_; ///< Never 0.
  std::vector<std::pair<names, int64_t>> changes_;
};

} // namespace errand
