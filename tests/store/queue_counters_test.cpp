// What the writer remembers of its queues.
#include "store/queue_counters.hpp"
#include "tests/support/catch.hpp"

namespace errand::test {

namespace {

/// "a:2 b:1" for what each queue gets.
std::string text(const std::vector<queue_counters::share>& shares) {
  std::string result;
  for (const auto& [queue, n] : shares)
    result.append(result.empty() ? "" : " ").append(queue).append(":").append(std::to_string(n));
  return result;
}

queue_counters with_queued(const std::vector<std::pair<std::string, int64_t>>& queues) {
  queue_counters counters;
  for (const auto& [queue, n] : queues)
    counters.load(queue, task_state::queued, n);
  return counters;
}

} // namespace

TEST_CASE("shares are even, and what one queue lacks goes to the others", "[store]") {
  CHECK(text(with_queued({{"a", 9}, {"b", 1}, {"c", 9}}).share_out(7, {})) == "a:3 b:1 c:3");
  CHECK(text(with_queued({{"a", 2}, {"b", 1}}).share_out(100, {})) == "a:2 b:1");
  CHECK(text(with_queued({{"a", 2}}).share_out(0, {})).empty());
  CHECK(text(with_queued({}).share_out(5, {})).empty());
}

TEST_CASE("with more queues than shares each queue gets its turn in time", "[store]") {
  auto counters = with_queued({{"a", 9}, {"b", 9}, {"c", 9}});
  CHECK(text(counters.share_out(2, {})) == "a:1 b:1");
  CHECK(text(counters.share_out(2, {})) == "c:1 a:1");
  CHECK(text(counters.share_out(1, {"a", "c"})) == "c:1");
  CHECK(text(counters.share_out(2, {"a", "c"})) == "a:1 c:1");
}

TEST_CASE("only rows that differ from what is stored are written, and zeros are told", "[store]") {
  queue_counters counters;
  counters.load("a", task_state::queued, 2);
  CHECK(counters.changed().empty());
  counters.add("a", task_state::queued);
  counters.move("a", task_state::queued, task_state::running);
  counters.move("a", task_state::queued, task_state::running);
  counters.move("a", task_state::running, task_state::queued);
  auto rows = counters.changed();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].queue == "a");
  CHECK(rows[0].state == task_state::running);
  CHECK(rows[0].n == 1);
  counters.committed();
  CHECK(counters.changed().empty());

  counters.move("a", task_state::running, task_state::succeeded);
  rows = counters.changed();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].n == 0);
  CHECK(rows[1].n == 1);
}

TEST_CASE("a rollback brings back what was stored, also who is ready", "[store]") {
  queue_counters counters;
  counters.load("a", task_state::queued, 1);
  counters.move("a", task_state::queued, task_state::running);
  counters.add("b", task_state::queued);
  CHECK(text(counters.share_out(9, {})) == "b:1");
  counters.rolled_back();
  CHECK(counters.changed().empty());
  CHECK(text(counters.share_out(9, {})) == "a:1");
}

} // namespace errand::test
