// The kinds that this server has handlers for, and what to tell about others. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace errand {

class known_kinds {
public:
  explicit known_kinds(std::vector<std::string> kinds);

  bool contains(const std::string& kind) const;

  /// What an answer's `warnings` say about a task of that kind; empty if it is known.
  std::vector<std::string> warnings(const std::string& kind) const;

private:
  std::vector<std::string> kinds_; ///< Sorted.
};

} // namespace errand
