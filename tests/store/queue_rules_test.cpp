#include "store/queue_rules.hpp"
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

queue_settings paused_until(timestamp end) {
  queue_settings settings;
  settings.paused = true;
  settings.paused_until = end;
  return settings;
}

} // namespace

TEST_CASE("a queue that was told nothing has the defaults") {
  queue_rules rules;
  CHECK(rules.of("mail") == queue_settings{});
  CHECK(!rules.has("mail"));
  rules.load("mail", limited(3));
  CHECK(rules.of("mail") == limited(3));
  CHECK(rules.has("mail"));
  CHECK(rules.of("mai") == queue_settings{});
}

TEST_CASE("a transaction that is rolled back leaves the settings as they were") {
  queue_rules rules;
  rules.load("a", limited(1));
  rules.load("b", paused_until(noon));
  rules.put("a", limited(2));
  rules.put("a", limited(3));
  rules.drop("b");
  rules.put("c", paused_until(noon - 1h));
  rules.drop("nobody");
  CHECK(rules.of("a") == limited(3));
  CHECK(rules.next_end_of_pause() == noon - 1h);
  rules.rolled_back();
  CHECK(rules.of("a") == limited(1));
  CHECK(rules.of("b") == paused_until(noon));
  CHECK(!rules.has("c"));
  CHECK(rules.size() == 2);
  CHECK(rules.next_end_of_pause() == noon);
  rules.put("a", limited(4));
  rules.committed();
  rules.rolled_back();
  CHECK(rules.of("a") == limited(4));
}

TEST_CASE("pauses end in the order of their ends") {
  queue_rules rules;
  CHECK(!rules.next_end_of_pause());
  rules.put("late", paused_until(noon + 2h));
  rules.put("early", paused_until(noon + 1h));
  rules.put("moved", paused_until(noon));
  rules.put("moved", paused_until(noon + 3h));
  CHECK(rules.next_end_of_pause() == noon + 1h);
  CHECK(rules.ended_pauses(noon + 1h - 1us).empty());
  CHECK(rules.ended_pauses(noon + 1h) == std::vector<std::string>{"early"});
  CHECK(rules.ended_pauses(noon + 9h) == std::vector<std::string>{"early", "late", "moved"});
  rules.put("early", limited(1));
  CHECK(rules.next_end_of_pause() == noon + 2h);
}
