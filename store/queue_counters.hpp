// How many tasks each queue has in each state, as the writer knows it in memory: what is in the
// table `counters`, plus what the open transaction changes. So nothing is ever counted anew, and
// which queues have ready tasks is known without asking the database. Writer's thread only.
#pragma once

#include "task/state.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace errand {

class queue_counters {
public:
  /// A row of the table, before any transaction.
  void load(std::string_view queue, task_state state, int64_t n);

  /// A task of `queue` was added (nothing -> to), moved (from -> to) or removed (from -> nothing).
  void add(std::string_view queue, task_state to);
  void remove(std::string_view queue, task_state from);
  void move(std::string_view queue, task_state from, task_state to);

  struct row {
    std::string_view queue;
    task_state state;
    int64_t n;
  };

  /// The table's rows that the transaction changes, with their new n; a row with 0 is to go. Valid
  /// until the next call that changes something.
  std::vector<row> changed() const;

  /// The transaction came to its end: what it changed stays, or is forgotten.
  void committed();
  void rolled_back();

  struct share {
    std::string_view queue; ///< Valid until committed() or rolled_back().
    size_t n;
  };

  /// Splits `n` among the queues that have tasks in state queued (and are in `only`, unless that is
  /// empty): they take turns, one task each, beginning after the queue that had the last turn.
  std::vector<share> share_out(size_t n, const std::vector<std::string>& only);

private:
  using by_state = std::array<int64_t, all_task_states.size() + 1>; // states count from 1

  struct tally {
    by_state stored{};
    by_state now{};
    bool changed = false;
  };

  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  using map = std::unordered_map<std::string, tally, text_hash, std::equal_to<>>;

  map::value_type& at(std::string_view queue);
  void change(map::value_type& entry, task_state state, int64_t by);
  void settle(bool keep);

  map queues_;
  std::vector<map::value_type*> changed_;
  std::set<std::string_view> ready_; ///< Keys of queues_ with tasks in state queued.
  std::string last_turn_;
};

} // namespace errand
