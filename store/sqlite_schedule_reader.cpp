// What is told of schedules.
#include "store/schedule_row.hpp"
#include "store/sqlite_question.hpp"
#include "store/sqlite_reader.hpp"
#include "task/utf8.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace errand {

namespace {

schedule_view view_of(schedule row) {
  auto runs = next_runs(row, next_runs_told);
  return {std::move(row), std::move(runs)};
}

} // namespace

status_or<schedule_view> sqlite_reader::schedule(const std::string& name) {
  return answered([&]() -> status_or<schedule_view> {
    sqlite_execution row(schedule_, name);
    if (!row.next())
      return status(ec::not_found, "There is no schedule " + quoted(name));
    return view_of(read_schedule(row));
  });
}

status_or<schedule_page> sqlite_reader::schedules(const schedule_list_request& request) {
  return answered([&]() -> status_or<schedule_page> {
    const auto limit = std::clamp<size_t>(request.limit, 1, page_limit_max);
    const auto begin = request.ascending ? int64_t{0} : std::numeric_limits<int64_t>::max();
    schedule_page page;
    size_t size = 0;
    sqlite_execution row(request.ascending ? schedules_up_ : schedules_down_,
                         request.after.value_or(begin), static_cast<int64_t>(limit + 1));
    while (row.next()) {
      if (page.schedules.size() == limit || size > page_size_max) {
        page.next = page.schedules.back().row.number;
        break;
      }
      page.schedules.push_back(view_of(read_schedule(row)));
      size += page.schedules.back().row.spec.task.args_json.size();
    }
    return page;
  });
}

} // namespace errand
