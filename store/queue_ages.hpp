// Since when the queued tasks of each queue are due, counted by tenths of a second: so the age of
// the oldest is one look at a small table, and the tasks need no index for it. Holds what the open
// transaction changes, to be added to the table when it commits. Writer's thread only.
#pragma once

#include "task/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

class queue_ages {
public:
  /// A task that fell due then has become ready, or is not any more.
  void add(std::string_view queue, timestamp due) { change(queue, due, 1); }
  void remove(std::string_view queue, timestamp due) { change(queue, due, -1); }

  struct row {
    std::string_view queue;
    int64_t tenth; ///< Of a second, since the epoch.
    int64_t by;    ///< So many more, or fewer; never 0.
  };

  /// What the transaction changes. Valid until the next call that changes something.
  std::vector<row> changed() const;

  /// The transaction came to its end, one way or the other.
  void clear() { changed_.clear(); }

private:
  void change(std::string_view queue, timestamp due, int64_t by);

  std::map<std::string, std::map<int64_t, int64_t>, std::less<>> changed_;
};

} // namespace errand
