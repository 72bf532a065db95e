// What the writer remembers of its queues.
#include "store/queue_counters.hpp"
#include "tests/support/catch.hpp"

namespace errand::test {

namespace {

/// "a: x 2, y 1; b: x 1" for what is ready.
std::string ready(const queue_counters& counters) {
  std::string text;
  for (const auto queue : counters.ready()) {
    text.append(text.empty() ? "" : "; ").append(queue).append(":");
    const auto* before = " ";
    for (const auto& [kind, n] : counters.ready_kinds(queue)) {
      text.append(before).append(kind).append(" ").append(std::to_string(n));
      before = ", ";
    }
  }
  return text;
}

} // namespace

TEST_CASE("what is ready is known by queue and kind, what runs by queue", "[store]") {
  queue_counters counters;
  counters.load("b", "x", task_state::queued, 1);
  counters.load("a", "y", task_state::queued, 1);
  counters.load("a", "x", task_state::queued, 2);
  counters.load("c", "x", task_state::succeeded, 5);
  counters.load("c", "x", task_state::running, 3);
  counters.add("c", "y", task_state::running);
  CHECK(ready(counters) == "a: x 2, y 1; b: x 1");
  CHECK(counters.running("c") == 4);
  CHECK(counters.running("a") == 0);
  CHECK(counters.running("nobody's") == 0);
  counters.move("b", "x", task_state::queued, task_state::running);
  CHECK(ready(counters) == "a: x 2, y 1");
  CHECK(counters.running("b") == 1);
}

TEST_CASE("only rows that differ from what is stored are written, and zeros are told", "[store]") {
  queue_counters counters;
  counters.load("a", "x", task_state::queued, 2);
  CHECK(counters.changed().empty());
  counters.add("a", "x", task_state::queued);
  counters.move("a", "x", task_state::queued, task_state::running);
  counters.move("a", "x", task_state::queued, task_state::running);
  counters.move("a", "x", task_state::running, task_state::queued);
  auto rows = counters.changed();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].queue == "a");
  CHECK(rows[0].kind == "x");
  CHECK(rows[0].state == task_state::running);
  CHECK(rows[0].n == 1);
  counters.committed();
  CHECK(counters.changed().empty());

  counters.move("a", "x", task_state::running, task_state::succeeded);
  rows = counters.changed();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].n == 0);
  CHECK(rows[1].n == 1);
}

TEST_CASE("a rollback brings back what was stored, also what is ready and runs", "[store]") {
  queue_counters counters;
  counters.load("a", "x", task_state::queued, 1);
  counters.move("a", "x", task_state::queued, task_state::running);
  counters.add("b", "x", task_state::queued);
  CHECK(ready(counters) == "b: x 1");
  counters.rolled_back();
  CHECK(counters.changed().empty());
  CHECK(ready(counters) == "a: x 1");
  CHECK(counters.running("a") == 0);
}

TEST_CASE("a queue and a kind without a task are forgotten, and may come back", "[store]") {
  queue_counters counters;
  counters.add("a", "x", task_state::queued);
  counters.add("a", "y", task_state::queued);
  counters.committed();
  counters.remove("a", "x", task_state::queued);
  counters.committed();
  CHECK(ready(counters) == "a: y 1");
  counters.remove("a", "y", task_state::queued);
  counters.committed();
  CHECK(ready(counters).empty());
  counters.add("a", "x", task_state::queued);
  counters.rolled_back();
  CHECK(ready(counters).empty());
  counters.add("a", "x", task_state::queued);
  counters.committed();
  CHECK(ready(counters) == "a: x 1");
}

} // namespace errand::test
