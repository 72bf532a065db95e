// The kinds that somebody runs: handlers of this server, and workers outside that named theirs.
// What is told about others. Copies share what they know. The front's thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace errand {

class known_kinds {
public:
  explicit known_kinds(const std::vector<std::string>& handled);

  /// Whether this server has a handler for it.
  bool is_handled(const std::string& kind) const { return known_->handled.contains(kind); }

  /// A worker outside would take these; none means all.
  void offer(const std::vector<std::string>& kinds);

  /// What an answer's `warnings` say about a task of that kind; empty if it is known.
  std::vector<std::string> warnings(const std::string& kind) const;

private:
  struct known {
    std::unordered_set<std::string> handled;
    std::unordered_set<std::string> offered;
    bool all_offered = false;
  };
  std::shared_ptr<known> known_;
};

} // namespace errand
