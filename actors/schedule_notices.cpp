#include "actors/schedule_notices.hpp"

#include <utility>

namespace errand {

namespace {

event_type type_of(schedule_fact::what happened) {
  switch (happened) {
  case schedule_fact::what::created:
    return event_type::schedule_created;
  case schedule_fact::what::changed:
    return event_type::schedule_changed;
  case schedule_fact::what::paused:
    return event_type::schedule_paused;
  case schedule_fact::what::resumed:
    return event_type::schedule_resumed;
  case schedule_fact::what::removed:
    return event_type::schedule_deleted;
  case schedule_fact::what::fired:
    return event_type::schedule_fired;
  case schedule_fact::what::skipped:
    return event_type::schedule_skipped;
  case schedule_fact::what::stalled:
    return event_type::schedule_stalled;
  }
  return {};
}

} // namespace

void add_notices(std::vector<schedule_fact> facts, std::vector<notice>& notices) {
  for (auto& fact : facts) {
    notice made{type_of(fact.happened)};
    made.schedule = std::make_shared<const schedule_fact>(std::move(fact));
    notices.push_back(std::move(made));
  }
}

} // namespace errand
