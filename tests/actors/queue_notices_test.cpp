#include "actors/queue_notices.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;

namespace {

const timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

queue_settings limited(int64_t n) {
  queue_settings settings;
  settings.concurrency = n;
  return settings;
}

queue_settings paused(queue_settings settings = {}, std::optional<timestamp> until = {}) {
  settings.paused = true;
  settings.paused_until = until;
  return settings;
}

} // namespace

TEST_CASE("a change of a queue is told by what has changed") {
  constexpr auto changed = event_type::queue_changed;
  constexpr auto is_paused = event_type::queue_paused;
  constexpr auto resumed = event_type::queue_resumed;
  struct row {
    queue_settings before, after;
    std::vector<event_type> expected;
  };
  const auto [before, after, expected] = GENERATE_REF(values<row>({
      {{}, {}, {}},
      {limited(1), limited(1), {}},
      {{}, limited(1), {changed}},
      {{}, paused(), {is_paused}},
      {paused(), paused(), {}},
      {paused(), paused({}, noon), {is_paused}},
      {paused({}, noon), paused({}, noon + 1h), {is_paused}},
      {paused(), {}, {resumed}},
      {paused({}, noon), {}, {resumed}},
      {limited(1), paused(limited(2)), {changed, is_paused}},
      {paused(limited(1)), limited(2), {changed, resumed}},
  }));
  std::vector<notice> notices;
  add_notices("mail", {before, after}, notices);
  std::vector<event_type> types;
  for (const auto& each : notices) {
    types.push_back(each.type);
    CHECK(each.queue == "mail");
    CHECK(each.settings == after);
  }
  CHECK(types == expected);
}
