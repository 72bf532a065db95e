#include "task/activity.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <deque>
#include <random>

using namespace errand;
using namespace std::chrono_literals;

namespace {

constexpr steady_time begin{1000h};

size_t bucket(duration value) {
  return duration_histogram::bucket_of(value);
}

} // namespace

TEST_CASE("nothing happened as long as nothing was counted") {
  const activity_log log;
  const auto view = log.view(begin);
  for (const auto what : all_tallies) {
    CHECK(view.last_minute[what] == 0);
    CHECK(view.last_hour[what] == 0);
    CHECK(!to_string(what).empty());
  }
  CHECK(view.waited.count == 0);
  CHECK(!view.ran.p99);
}

TEST_CASE("what happened leaves the last minute after a minute and the last hour after an hour") {
  activity_log log;
  log.count(begin, tally::submitted);
  log.count(begin, tally::submitted);
  log.count(begin, tally::failed);
  struct row {
    steady_time::duration later;
    uint64_t in_minute, in_hour;
  };
  const auto [later, in_minute, in_hour] = GENERATE(values<row>({
      {0s, 2, 2},
      {59s, 2, 2},
      {60s, 0, 2},
      {59min, 0, 2},
      {60min, 0, 0},
      {48h, 0, 0},
  }));
  const auto view = log.view(begin + later);
  CHECK(view.last_minute[tally::submitted] == in_minute);
  CHECK(view.last_hour[tally::submitted] == in_hour);
  CHECK(view.last_hour[tally::failed] == in_hour / 2);
  CHECK(view.last_hour[tally::started] == 0);
}

TEST_CASE("counts of a window are those of the events in it, whenever these come") {
  const auto seed = GENERATE(1U, 2U, 3U);
  std::minstd_rand random(seed);
  activity_log log;
  std::deque<steady_time> events;
  auto now = begin;
  for (int i = 0; i < 3000; ++i) {
    now += std::chrono::milliseconds(random() % (i % 100 == 0 ? 100'000 : 500));
    events.push_back(now);
    log.count(now, tally::started);
    if (i % 50 != 0)
      continue;
    const auto since = [&](auto window) {
      return static_cast<uint64_t>(std::count_if(
          events.begin(), events.end(), [&](steady_time at) { return at > now - window; }));
    };
    const auto view = log.view(now);
    CAPTURE(seed, i);
    CHECK(view.last_minute[tally::started] >= since(59s));
    CHECK(view.last_minute[tally::started] <= since(60s));
    CHECK(view.last_hour[tally::started] >= since(59min));
    CHECK(view.last_hour[tally::started] <= since(60min));
  }
}

TEST_CASE("waits and runs are told apart, for an hour") {
  activity_log log;
  for (int i = 1; i <= 100; ++i) {
    log.waited(begin, bucket(std::chrono::milliseconds(i)));
    log.ran(begin + 30min, bucket(std::chrono::seconds(i)));
  }
  const auto near = [](std::optional<duration> told, duration truth) {
    return told && *told > truth * 94 / 100 && *told < truth * 106 / 100;
  };
  auto view = log.view(begin + 30min);
  CHECK(view.waited.count == 100);
  CHECK(near(view.waited.p50, 50ms));
  CHECK(near(view.waited.p95, 95ms));
  CHECK(near(view.waited.p99, 99ms));
  CHECK(near(view.ran.p50, 50s));
  view = log.view(begin + 70min);
  CHECK(view.waited.count == 0);
  CHECK(view.ran.count == 100);
}
