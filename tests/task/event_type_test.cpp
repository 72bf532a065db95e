#include "task/event_type.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

using namespace errand;

TEST_CASE("an event is called after the state that its task came into") {
  for (const auto state : all_task_states)
    CHECK(to_string(event_type_of(state)) == "task." + std::string(to_string(state)));
  const auto of_tasks =
      std::count_if(all_event_types.begin(), all_event_types.end(),
                    [](event_type type) { return to_string(type).starts_with("task."); });
  CHECK(static_cast<size_t>(of_tasks) == all_task_states.size() + 1); // and task.progress
}

TEST_CASE("every event's name is read back, and no other text") {
  for (const auto type : all_event_types)
    CHECK(parse_event_type(to_string(type)) == type);
  for (const auto* word :
       {"", "queued", "task.", "task.Queued", "task.queued ", "task.paused", "queue."})
    CHECK(!parse_event_type(word));
}
