#include "task/schedule.hpp"
#include "tests/support/catch.hpp"

#include <limits>

using namespace errand;
using namespace std::chrono_literals;

namespace {

constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

timing every(duration period, timestamp anchor = noon) {
  schedule_spec spec;
  spec.every = period;
  return *timing::of(spec, anchor);
}

timing at_times(const std::string& cron) {
  schedule_spec spec;
  spec.cron = cron;
  return *timing::of(spec, {});
}

} // namespace

TEST_CASE("every_s counts from its anchor, whenever it is asked") {
  const auto times = every(1500ms);
  CHECK(times.next(noon) == noon + 1500ms);
  CHECK(times.next(noon + 1us) == noon + 1500ms);
  CHECK(times.next(noon + 1500ms - 1us) == noon + 1500ms);
  CHECK(times.next(noon + 1500ms) == noon + 3s);
  CHECK(times.next(noon + 24h + 1s) == noon + 24h + 1500ms);
}

TEST_CASE("every_s does not come before its first time, even if the clock is put back") {
  CHECK(every(10s).next(noon - 24h) == noon + 10s);
}

TEST_CASE("a cron expression comes at whole seconds, after a fraction too") {
  const auto times = at_times("* * * * * *");
  CHECK(times.next(noon) == noon + 1s);
  CHECK(times.next(noon + 1us) == noon + 1s);
  CHECK(times.next(noon - 1us) == noon);
}

TEST_CASE("the newest nominal times are found without counting them all") {
  struct row {
    const char* cron;
    size_t n;
    const char* expected;
  };
  // From 2016-01-01 to 2026-11-22T12:00.
  const auto& each = GENERATE(values<row>({
      {"* * * * * *", 1, "2026-11-22T12:00:00.000Z"},
      {"* * * * * *", 1000, "2026-11-22T11:43:21.000Z"},
      {"* * * * *", 3, "2026-11-22T11:58:00.000Z"},
      {"0 13 * * *", 1, "2026-11-21T13:00:00.000Z"},
      {"0 13 * * *", 2, "2026-11-20T13:00:00.000Z"},
      {"* * 3 * * *", 1, "2026-11-22T03:59:59.000Z"},
      {"0 0 29 2 *", 1, "2024-02-29T00:00:00.000Z"},
      {"0 0 29 2 *", 2, "2020-02-29T00:00:00.000Z"},
      {"0 0 29 2 *", 3, "2016-02-29T00:00:00.000Z"},
      {"0 0 29 2 *", 1000, "2016-02-29T00:00:00.000Z"},
  }));
  INFO(each.cron << " newest " << each.n);
  const auto times = at_times(each.cron);
  const auto first = times.next(timestamp{std::chrono::sys_days{std::chrono::year{2016} / 1 / 1}});
  CHECK(to_rfc3339(times.newest(*first, noon, each.n)) == each.expected);
}

TEST_CASE("the newest of frequent nominal times is found as well") {
  const auto times = every(100ms);
  CHECK(times.newest(noon + 100ms, noon + 24h + 50ms, 1) == noon + 24h);
  CHECK(times.newest(noon + 100ms, noon + 24h + 50ms, 10) == noon + 24h - 900ms);
  CHECK(times.newest(noon + 100ms, noon + 100ms, 1) == noon + 100ms);
}

TEST_CASE("what comes next of a schedule begins with its next_run_at") {
  schedule row;
  row.spec.cron = "0 3 * * *";
  CHECK(next_runs(row, 5).empty()); // paused
  row.next_run_at = noon + 15h;
  const auto runs = next_runs(row, 3);
  REQUIRE(runs.size() == 3);
  CHECK(runs[0] == noon + 15h);
  CHECK(runs[1] == noon + 39h);
  CHECK(runs[2] == noon + 63h);
}

TEST_CASE("periods beyond the limits are refused") {
  CHECK(!every_fault(0.1));
  CHECK(!every_fault(315360000));
  for (const auto seconds :
       {0.0, -1.0, 0.0999, 315360001.0, std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()})
    CHECK(every_fault(seconds));
  CHECK(*every_fault(0.05) == "is 0.05; it must be " + std::string(every_rule));
}

TEST_CASE("a schedule whose expression or zone is none has no times") {
  schedule_spec spec;
  spec.cron = "0 0 31 2 *";
  CHECK(!timing::of(spec, noon).ok());
  spec.cron = "0 0 * * *";
  spec.time_zone = "Nowhere";
  CHECK(!timing::of(spec, noon).ok());
  CHECK(cron_fault("x"));
  CHECK(!cron_fault("@daily"));
  CHECK(time_zone_fault("Nowhere"));
  CHECK(!time_zone_fault("UTC"));
}

TEST_CASE("a schedule's task has no moments and comes after nothing") {
  task_spec spec;
  spec.kind = "noop";
  spec.delay = 5s;
  spec.expires_in = 5min;
  CHECK(scheduled_task_faults(spec).empty());
  spec.run_at = noon;
  spec.expires_at = noon;
  spec.after = {task_id{}};
  std::vector<std::string> pointers;
  for (const auto& fault : scheduled_task_faults(spec))
    pointers.push_back(fault.pointer);
  CHECK(pointers == std::vector<std::string>{"/run_at", "/expires_at", "/after"});
}

TEST_CASE("policies are read as they are written") {
  for (const auto policy : {missed_policy::skip, missed_policy::run_once, missed_policy::run_all})
    CHECK(parse_missed_policy(to_string(policy)) == policy);
  for (const auto policy :
       {overlap_policy::allow, overlap_policy::skip, overlap_policy::cancel_previous})
    CHECK(parse_overlap_policy(to_string(policy)) == policy);
  CHECK(!parse_missed_policy("never"));
  CHECK(!parse_overlap_policy(""));
}
