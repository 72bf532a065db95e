// What schedules do across changes of the clocks, as a table: civil times are lost in spring and
// come twice in autumn, and each nominal time must still come once.
#include "task/schedule.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

using namespace errand;
using namespace std::chrono_literals;

namespace {

timestamp at(std::string_view text) {
  const auto time = parse_rfc3339(text);
  REQUIRE(time);
  return *time;
}

timing timing_of(const std::string& cron, const std::string& zone) {
  schedule_spec spec;
  spec.cron = cron;
  spec.time_zone = zone;
  const auto made = timing::of(spec, {});
  if (!made.ok())
    FAIL(made.why().message());
  return *made;
}

struct row {
  const char* what;
  const char* cron;
  const char* zone;
  const char* after;
  std::vector<const char*> next; ///< With the zone's offset at that moment.
};

} // namespace

TEST_CASE("across a change of daylight saving a schedule fires when it should") {
  const auto& each = GENERATE(values<row>({
      // Berlin, spring: 02:00 +01:00 becomes 03:00 +02:00 on 29 March 2026.
      {"a job in the skipped hour runs right after it",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-03-27T12:00:00+01:00",
       {"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
      {"one before it is not touched",
       "59 1 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00:00+01:00",
       {"2026-03-29T01:59:00+01:00", "2026-03-30T01:59:00+02:00"}},
      {"one at its end runs once",
       "0 2,3 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00:00+01:00",
       {"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00", "2026-03-30T03:00:00+02:00"}},
      {"several in it run once together",
       "*/20 2 * * *",
       "Europe/Berlin",
       "2026-03-29T00:00:00+01:00",
       {"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
      {"every second hour counts as named hours",
       "0 */2 * * *",
       "Europe/Berlin",
       "2026-03-29T00:00:00+01:00",
       {"2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"}},
      {"every hour runs as hours pass",
       "30 * * * *",
       "Europe/Berlin",
       "2026-03-29T00:45:00+01:00",
       {"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-29T04:30:00+02:00"}},
      {"so do all hours by range",
       "30 0-23 * * *",
       "Europe/Berlin",
       "2026-03-29T00:45:00+01:00",
       {"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}},
      {"every minute runs every minute",
       "* * * * *",
       "Europe/Berlin",
       "2026-03-29T01:59:00+01:00",
       {"2026-03-29T03:00:00+02:00", "2026-03-29T03:01:00+02:00"}},
      {"midnight is midnight",
       "@daily",
       "Europe/Berlin",
       "2026-03-28T12:00:00+01:00",
       {"2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"}},

      // Berlin, autumn: 03:00 +02:00 becomes 02:00 +01:00 on 25 October 2026.
      {"a job in the repeated hour runs at its first passing",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-10-24T12:00:00+02:00",
       {"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
      {"also if looked at between the two",
       "30 2 * * *",
       "Europe/Berlin",
       "2026-10-25T02:15:00+01:00",
       {"2026-10-26T02:30:00+01:00"}},
      {"several in it run once each",
       "*/30 2 * * *",
       "Europe/Berlin",
       "2026-10-25T01:00:00+02:00",
       {"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:00:00+01:00"}},
      {"one after it is not touched",
       "0 3 * * *",
       "Europe/Berlin",
       "2026-10-25T02:00:00+02:00",
       {"2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00"}},
      {"every second hour counts as named hours",
       "0 */2 * * *",
       "Europe/Berlin",
       "2026-10-25T00:00:00+02:00",
       {"2026-10-25T02:00:00+02:00", "2026-10-25T04:00:00+01:00"}},
      {"every hour runs as hours pass",
       "30 * * * *",
       "Europe/Berlin",
       "2026-10-25T01:30:00+02:00",
       {"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"}},
      {"every second of it is looked at once",
       "*/30 59 2 * * *",
       "Europe/Berlin",
       "2026-10-25T02:59:00+02:00",
       {"2026-10-25T02:59:30+02:00", "2026-10-26T02:59:00+01:00"}},

      // New York: 8 March and 1 November 2026.
      {"a job in the skipped hour runs right after it",
       "30 2 * * *",
       "America/New_York",
       "2026-03-07T12:00:00-05:00",
       {"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
      {"a job in the repeated hour runs at its first passing",
       "30 1 * * *",
       "America/New_York",
       "2026-10-31T12:00:00-04:00",
       {"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
      {"every hour runs as hours pass",
       "0 * * * *",
       "America/New_York",
       "2026-11-01T00:00:00-04:00",
       {"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},

      // Lord Howe moves by half an hour: 4 October 2026, 02:00 becomes 02:30; 5 April, 02:00
      // becomes 01:30.
      {"a job in the skipped half hour runs right after it",
       "15 2 * * *",
       "Australia/Lord_Howe",
       "2026-10-03T12:00:00+10:30",
       {"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
      {"one at its end runs once, for both",
       "*/15 2 * * *",
       "Australia/Lord_Howe",
       "2026-10-04T00:00:00+10:30",
       {"2026-10-04T02:30:00+11:00", "2026-10-04T02:45:00+11:00", "2026-10-05T02:00:00+11:00"}},
      {"a job in the repeated half hour runs once",
       "*/20 1 * * *",
       "Australia/Lord_Howe",
       "2026-04-05T00:00:00+11:00",
       {"2026-04-05T01:00:00+11:00", "2026-04-05T01:20:00+11:00", "2026-04-05T01:40:00+11:00",
        "2026-04-06T01:00:00+10:30"}},
      {"every hour runs as half hours pass",
       "45 * * * *",
       "Australia/Lord_Howe",
       "2026-04-05T01:00:00+11:00",
       {"2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30", "2026-04-05T02:45:00+10:30"}},

      // Kolkata never changes.
      {"a zone without changes has none",
       "30 2 * * *",
       "Asia/Kolkata",
       "2026-03-28T12:00:00+05:30",
       {"2026-03-29T02:30:00+05:30", "2026-03-30T02:30:00+05:30"}},
      {"its half hour counts",
       "0 * * * *",
       "Asia/Kolkata",
       "2026-10-25T00:00:00Z",
       {"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"}},

      // Apia left out 30 December 2011 altogether.
      {"a job on a skipped day runs right after it",
       "0 12 * * *",
       "Pacific/Apia",
       "2011-12-29T13:00:00-10:00",
       {"2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}},
  }));
  INFO(each.zone << ' ' << each.cron << ": " << each.what);
  const auto times = timing_of(each.cron, each.zone);
  auto time = at(each.after);
  for (const auto* expected : each.next) {
    const auto found = times.next(time);
    REQUIRE(found);
    CHECK(to_rfc3339(*found) == to_rfc3339(at(expected)));
    time = *found;
  }
}

TEST_CASE("nominal times do not depend on where they are asked for") {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  const auto* zone =
      GENERATE("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata");
  const auto* cron = GENERATE("*/7 * * * *", "*/10 1,2,3 * * *", "30 */2 * * *", "15 2 * * *",
                              "0 0 L * *", "*/15 0-3 * * sun");
  INFO("seed " << seed << ' ' << zone << ' ' << cron);
  const auto times = timing_of(cron, zone);
  const auto begin = at("2026-01-01T00:00:00Z");
  const auto end = at("2027-01-01T00:00:00Z");
  std::vector<timestamp> all;
  for (auto run = times.next(begin); run && *run < end; run = times.next(*run)) {
    if (!all.empty())
      REQUIRE(*run > all.back());
    all.push_back(*run);
  }
  REQUIRE(all.size() >= 12);
  for (int i = 0; i < 2000; ++i) {
    // Anywhere in the year, or around one of its changes, to the microsecond.
    const auto some = begin
                      + duration(std::uniform_int_distribution<int64_t>(
                          0, (all[all.size() - 2] - begin).count())(random));
    const auto expected = std::upper_bound(all.begin(), all.end(), some);
    REQUIRE(expected != all.end());
    const auto found = times.next(some);
    REQUIRE(found);
    REQUIRE(*found == *expected);
  }
}

TEST_CASE("a job of each civil time of a day runs as often as the day has it, or once for a gap") {
  struct day {
    const char* zone;
    const char* begin;
    const char* end;
    size_t by_name; ///< Different moments that 1,440 jobs, one for each minute, run at.
    size_t as_it_passes;
  };
  const auto& each = GENERATE(values<day>({
      {"Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 1380, 1380},
      {"Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 1440, 1500},
      {"Australia/Lord_Howe", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00", 1410, 1410},
      {"Australia/Lord_Howe", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", 1440, 1470},
      {"Asia/Kolkata", "2026-03-29T00:00:00+05:30", "2026-03-30T00:00:00+05:30", 1440, 1440},
  }));
  INFO(each.zone << ' ' << each.begin);
  std::set<timestamp> by_name;
  for (int minute = 0; minute < 1440; ++minute) {
    const auto times = timing_of(
        std::to_string(minute % 60) + ' ' + std::to_string(minute / 60) + " * * *", each.zone);
    const auto run = times.next(at(each.begin) - 1us);
    REQUIRE(run);
    REQUIRE(*run < at(each.end));
    by_name.insert(*run);
    REQUIRE(*times.next(*run) >= at(each.end));
  }
  CHECK(by_name.size() == each.by_name);
  size_t passed = 0;
  const auto times = timing_of("* * * * *", each.zone);
  for (auto run = times.next(at(each.begin) - 1us); *run < at(each.end); run = times.next(*run))
    ++passed;
  CHECK(passed == each.as_it_passes);
}
