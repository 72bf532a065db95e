#include "store/running_time.hpp"

#include "tests/support/catch.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

constexpr timestamp noon{std::chrono::hours(490'000)};

} // namespace

TEST_CASE("what runs has run since it began, all of a queue together", "[store]") {
  running_time times;
  times.begin("q", 1, noon);
  times.begin("q", 2, noon + 1s);
  times.begin("other", 3, noon);
  CHECK(times.until(noon + 3s, "q").attempts == 2);
  CHECK(times.until(noon + 3s, "q").seconds == 5);
  times.end("q", 1);
  CHECK(times.until(noon + 3s, "q").seconds == 2);
  CHECK(!times.began(1));
  CHECK(times.until(noon, "none").attempts == 0);
}

TEST_CASE("a clock that is set makes nothing run for longer or shorter", "[store]") {
  const duration by = GENERATE(duration{2h}, duration{-2h});
  running_time times;
  times.load("q", 1, noon);
  times.begin("q", 2, noon + 1s);
  times.committed();
  times.clock_was_set(by);
  CHECK(times.until(noon + by + 3s, "q").seconds == 5);
  CHECK(times.began(1) == noon + by);
  times.begin("q", 3, noon + by + 3s);
  times.end("q", 1);
  CHECK(times.until(noon + by + 4s, "q").seconds == 4);
  times.end("q", 2);
  times.end("q", 3);
  CHECK(times.until(noon + by + 4s, "q").attempts == 0);
}

TEST_CASE("a rollback brings back what ran, as it had begun", "[store]") {
  running_time times;
  times.load("q", 1, noon);
  times.clock_was_set(1h);
  times.end("q", 1);
  times.begin("q", 1, noon + 1h + 2s); // the task's next attempt
  times.begin("q", 2, noon + 1h + 2s);
  times.rolled_back();
  CHECK(times.until(noon + 1h + 3s, "q").attempts == 1);
  CHECK(times.until(noon + 1h + 3s, "q").seconds == 3);
  CHECK(times.began(1) == noon + 1h);
  CHECK(!times.began(2));
}

} // namespace errand::test
