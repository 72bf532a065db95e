#include "http/event_values.hpp"

#include "http/event_query.hpp"
#include "http/task_values.hpp"

namespace errand {

event_filter to_inside(const EventFilter& filter) {
  query_parameters query;
  for (const auto& type : filter.types)
    query.push_back({"types", type});
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      query.push_back({name, value});
  };
  add("queue", filter.queue);
  add("kind", filter.kind);
  add("task", filter.task);
  auto parsed = parse_event_query(query);
  if (const auto* wrong = std::get_if<std::vector<field_error>>(&parsed))
    throw refused(*wrong);
  return std::get<event_filter>(std::move(parsed));
}

Event to_outside(const event_record& event) {
  Event made;
  made.id = event.id;
  made.type = to_string(event.type);
  made.at = event.at;
  if (const auto* fact = event.fact.get()) {
    made.task = fact->id.to_string();
    made.kind = fact->kind;
    made.queue = fact->queue;
    made.state = to_outside(fact->state);
    made.attempt = fact->attempt;
    if (fact->progress)
      made.progress = Task::Progress{fact->progress->fraction, fact->progress->message};
    return made;
  }
  made.queue = event.notice->queue;
  if (const auto* schedule = event.notice->schedule.get()) {
    made.schedule = schedule->name;
    if (schedule->task)
      made.task = schedule->task->to_string();
  }
  return made;
}

} // namespace errand
