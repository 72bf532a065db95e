// What is told of queues: from counters and settings, a few rows for each queue.
#include "store/queue_row.hpp"
#include "store/sqlite_question.hpp"
#include "store/sqlite_reader.hpp"

#include <algorithm>
#include <utility>

namespace errand {

/// Nothing if it has none of its own.
std::optional<queue_settings> sqlite_reader::settings_of(const std::string& queue) {
  sqlite_execution row(queue_settings_, queue);
  if (!row.next())
    return std::nullopt;
  return read_queue_settings(row, 0);
}

running_beside sqlite_reader::running_beside_of(const task& task) {
  constexpr size_t told = 10;
  running_beside found;
  sqlite_execution row(running_, task.spec.queue);
  while (row.next()) {
    const auto note = [id = task_id::from_parts(row.integer(0), row.integer(1))](
                          int64_t& n, std::vector<task_id>& first) {
      ++n;
      if (first.size() < told)
        first.push_back(id);
    };
    note(found.in_queue, found.first_in_queue);
    if (!task.spec.group.empty() && row.text(2) == task.spec.group)
      note(found.in_group, found.first_in_group);
  }
  return found;
}

std::optional<bucket_level> sqlite_reader::bucket_of(const std::string& queue) {
  sqlite_execution row(bucket_, queue);
  if (!row.next())
    return std::nullopt;
  return bucket_level{row.number(0), row.time(1)};
}

queue_view sqlite_reader::look_at_queue(const std::string& name) {
  queue_view view{name, settings_of(name).value_or(queue_settings{}), {}};
  {
    sqlite_execution row(queue_counts_, name);
    while (row.next())
      view.counts[row.state(0)] = row.integer(1);
  }
  if (view.counts.contains(task_state::queued)) {
    sqlite_execution row(oldest_queued_, name);
    if (row.next())
      view.oldest_queued = row.maybe_time(0);
  }
  return view;
}

status_or<store_totals> sqlite_reader::totals() {
  return answered([&]() -> status_or<store_totals> {
    snapshot now(begin_, end_);
    store_totals totals;
    {
      sqlite_execution row(total_counts_);
      while (row.next())
        totals.counts[row.state(0)] = row.integer(1);
    }
    {
      sqlite_execution row(oldest_of_all_);
      if (row.next())
        totals.oldest_queued = row.maybe_time(0);
    }
    sqlite_execution row(lease_count_);
    if (row.next())
      totals.leases = row.integer(0);
    return totals;
  });
}

status_or<queue_page> sqlite_reader::queues(const queue_list_request& request) {
  return answered([&]() -> status_or<queue_page> {
    snapshot now(begin_, end_);
    const auto limit = std::clamp<size_t>(request.limit, 1, page_limit_max);
    const std::string after = request.after.value_or("");
    std::vector<std::string> names;
    {
      sqlite_execution row(queue_names_, after, static_cast<int64_t>(limit + 1));
      while (row.next())
        names.push_back(row.text(0));
    }
    queue_page page;
    if (names.size() > limit) {
      names.pop_back();
      page.next = names.back();
    }
    for (const auto& name : names)
      page.queues.push_back(look_at_queue(name));
    return page;
  });
}

status_or<queue_view> sqlite_reader::queue(const std::string& name) {
  return answered([&]() -> status_or<queue_view> {
    snapshot now(begin_, end_);
    auto view = look_at_queue(name);
    if (view.counts.empty() && !settings_of(name))
      return status(ec::not_found,
                    "There is no queue " + name + ": it has neither tasks nor settings");
    return view;
  });
}

} // namespace errand
