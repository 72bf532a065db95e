#include "actors/queue_notices.hpp"

namespace errand {

namespace {

queue_settings without_pause(queue_settings settings) {
  settings.paused = false;
  settings.paused_until.reset();
  return settings;
}

} // namespace

void add_notices(const std::string& queue, const queue_change& change,
                 std::vector<notice>& notices) {
  const auto& before = change.before;
  const auto& after = change.after;
  const auto add = [&](event_type type) { notices.push_back({type, queue, after}); };
  if (without_pause(before) != without_pause(after))
    add(event_type::queue_changed);
  if (after.paused && (!before.paused || before.paused_until != after.paused_until))
    add(event_type::queue_paused);
  if (before.paused && !after.paused)
    add(event_type::queue_resumed);
}

} // namespace errand
