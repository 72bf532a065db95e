// Deleting tasks that ended long ago, and giving their space back.
//
// Tasks are found in the order of acceptance, by the index that lists use: none can have ended
// before it was accepted, so the walk stops at the time that is asked for, and what it passes in
// vain is only what took long to end. An index on finished_at_us would spare that, and was measured
// to cost every task that ends 2 us more, a tenth of claim and finish together.
#include "store/clock.hpp"
#include "store/sqlite_store.hpp"
#include "store/task_row.hpp"

#include <algorithm>
#include <utility>

namespace errand {

namespace {

/// New tasks take free pages first, so some are kept: 4 MB, or a quarter of the file.
constexpr int64_t spare_pages = 1000;
constexpr int64_t spare_part = 4;

} // namespace

prune_result sqlite_store::prune(const prune_request& request) {
  return verb([&] {
    struct found {
      int64_t sequence;
      timestamp finished_at;
      std::string queue;
      std::optional<std::string> tags;
      std::string kind;
    };
    std::vector<found> looked_at;
    {
      sqlite_execution row(sql_.ended, request.state, request.after,
                           first_sequence(request.ended_before), request.ended_before,
                           static_cast<int64_t>(request.max));
      while (row.next())
        looked_at.push_back(
            {row.integer(0), row.time(1), row.text(2), row.maybe_text(3), row.text(4)});
    }
    prune_result result;
    int64_t newest = 0;
    for (const auto& each : looked_at) {
      if (each.finished_at >= request.ended_before)
        continue;
      erase(each.sequence, each.queue, each.kind, request.state, tags_from_json(each.tags));
      newest = each.sequence;
      ++result.pruned;
    }
    if (result.pruned > 0)
      sqlite_execution(sql_.put_newest_deleted, newest).run();
    if (looked_at.size() == request.max)
      result.next = looked_at.back().sequence;
    return result;
  });
}

/// The task and all that belongs to it. That its id may not be given again is up to the caller.
void sqlite_store::erase(int64_t sequence, std::string_view queue, std::string_view kind,
                         task_state state, const tag_map& tags) {
  for (const auto& [name, value] : tags)
    sqlite_execution(sql_.delete_tag, name, value, sequence).run();
  sqlite_execution(sql_.delete_dependencies, sequence).run();
  sqlite_execution(sql_.delete_attempts, sequence).run();
  sqlite_execution(sql_.delete_log, sequence).run();
  sqlite_execution(sql_.delete_long_args, sequence).run();
  sqlite_execution(sql_.delete_task, sequence).run();
  counters_.remove(queue, kind, state);
}

bool sqlite_store::shrink() {
  return verb([&] {
    const auto number = [](sqlite_statement& pragma) {
      sqlite_execution row(pragma);
      return row.next() ? row.integer(0) : 0;
    };
    const auto surplus = [&] {
      return number(sql_.free_pages) - std::max(spare_pages, number(sql_.pages) / spare_part);
    };
    const auto before = surplus();
    if (before <= 0)
      return false;
    sqlite_execution(sql_.give_back).run();
    const auto left = surplus();
    const bool more = left > 0 && left < before; // An older version's file gives nothing back.
    if (!more)
      checkpointer_.checkpoint_next_commit(); // which cuts the file
    return more;
  });
}

} // namespace errand
