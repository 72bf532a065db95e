#include "store/queue_row.hpp"

namespace errand {

queue_settings read_queue_settings(const sqlite_execution& row, int first) {
  queue_settings settings;
  if (!row.is_null(first))
    settings.concurrency = row.integer(first);
  if (!row.is_null(first + 1))
    settings.group_concurrency = row.integer(first + 1);
  if (!row.is_null(first + 2))
    settings.rate = rate_limit{row.integer(first + 2), duration(row.integer(first + 3))};
  settings.weight = row.number(first + 4);
  settings.paused = row.integer(first + 5) != 0;
  settings.paused_until = row.maybe_time(first + 6);
  return settings;
}

} // namespace errand
