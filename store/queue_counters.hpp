// How many tasks each queue has of each kind in each state, as the writer knows it in memory: what
// is in the table `counters`, plus what the open transaction changes. So nothing is ever counted
// anew, and what is ready or runs in which queue is known without asking the database. Writer's
// thread only.
#pragma once

#include "task/state.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace errand {

class queue_counters {
public:
  /// A row of the table, before any transaction.
  void load(std::string_view queue, std::string_view kind, task_state state, int64_t n);

  /// A task was added (nothing -> to), moved (from -> to) or removed (from -> nothing).
  void add(std::string_view queue, std::string_view kind, task_state to);
  void remove(std::string_view queue, std::string_view kind, task_state from);
  void move(std::string_view queue, std::string_view kind, task_state from, task_state to);

  struct row {
    std::string_view queue;
    std::string_view kind;
    task_state state;
    int64_t n;
  };

  /// The table's rows that the transaction changes, with their new n; a row with 0 is to go. Valid
  /// until the next call that changes something.
  std::vector<row> changed() const;

  /// The transaction came to its end: what it changed stays, or is forgotten.
  void committed();
  void rolled_back();

  struct ready_kind {
    std::string_view kind;
    int64_t n;
  };

  /// Names of the queues that have tasks in state queued, in order. Those names, and what follows,
  /// are valid until the transaction ends.
  const std::set<std::string_view>& ready() const { return ready_; }
  std::vector<ready_kind> ready_kinds(std::string_view queue) const;

  int64_t running(std::string_view queue) const;

private:
  using by_state = std::array<int64_t, all_task_states.size() + 1>; // states count from 1

  struct tally {
    by_state stored{};
    by_state now{};
    bool changed = false;
  };
  using tallies = std::map<std::string, tally, std::less<>>;

  struct queue_entry {
    tallies kinds;
    int64_t ready = 0; ///< Of all kinds together, like `running`.
    int64_t running = 0;
  };

  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using map = std::unordered_map<std::string, queue_entry, text_hash, std::equal_to<>>;

  struct place {
    map::value_type* queue;
    tallies::value_type* kind;
  };

  place at(std::string_view queue, std::string_view kind);
  void change(const place& where, task_state state, int64_t by);
  void adjust(map::value_type& queue, task_state state, int64_t by);
  void settle(bool keep);

  map queues_;
  std::vector<place> changed_;
  std::set<std::string_view> ready_; ///< Keys of queues_.
};

} // namespace errand
