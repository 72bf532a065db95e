#include "task/cron.hpp"
#include "task/time.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace errand;

namespace {

civil_time at(std::string_view text) {
  const auto time = parse_rfc3339(std::string(text) + "Z");
  REQUIRE(time);
  return civil_time(std::chrono::floor<std::chrono::seconds>(time->time_since_epoch()));
}

std::string text_of(civil_time time) {
  return to_rfc3339(timestamp(time.time_since_epoch())).substr(0, 19);
}

cron parsed(std::string_view text) {
  const auto result = cron::parse(text);
  INFO("expression: " << text);
  if (!result.ok())
    FAIL(result.why().message());
  return *result;
}

struct row {
  const char* expression;
  const char* after;
  std::vector<const char*> next;
};

} // namespace

TEST_CASE("a cron expression comes next when it says") {
  const row& each = GENERATE(values<row>({
      // Every syntax of minutes, which the others share.
      {"* * * * *", "2026-11-22T12:00:30", {"2026-11-22T12:01:00", "2026-11-22T12:02:00"}},
      {"5 * * * *", "2026-11-22T12:05:00", {"2026-11-22T13:05:00"}},
      {"10-12 * * * *",
       "2026-11-22T12:10:00",
       {"2026-11-22T12:11:00", "2026-11-22T12:12:00", "2026-11-22T13:10:00"}},
      {"1,30,2 * * * *",
       "2026-11-22T12:01:00",
       {"2026-11-22T12:02:00", "2026-11-22T12:30:00", "2026-11-22T13:01:00"}},
      {"*/25 * * * *",
       "2026-11-22T12:00:00",
       {"2026-11-22T12:25:00", "2026-11-22T12:50:00", "2026-11-22T13:00:00"}},
      {"10-20/5 * * * *",
       "2026-11-22T12:12:00",
       {"2026-11-22T12:15:00", "2026-11-22T12:20:00", "2026-11-22T13:10:00"}},
      {"40/10 * * * *", "2026-11-22T12:42:00", {"2026-11-22T12:50:00", "2026-11-22T13:40:00"}},
      {"0-4,58/1 * * * *", "2026-11-22T12:04:00", {"2026-11-22T12:58:00", "2026-11-22T12:59:00"}},
      // Six fields begin with the second.
      {"*/20 0 12 * * *",
       "2026-11-22T12:00:00",
       {"2026-11-22T12:00:20", "2026-11-22T12:00:40", "2026-11-23T12:00:00"}},
      {"59 59 23 31 12 *", "2026-11-22T12:00:00", {"2026-12-31T23:59:59", "2027-12-31T23:59:59"}},
      // Hours.
      {"0 3 * * *", "2026-11-22T03:00:00", {"2026-11-23T03:00:00"}},
      {"30 9-17/4 * * *",
       "2026-11-22T09:30:00",
       {"2026-11-22T13:30:00", "2026-11-22T17:30:00", "2026-11-23T09:30:00"}},
      // Names, in any case; blanks and tabs as they come.
      {"0 0 * FEB,jun mon-WED",
       "2026-06-28T00:00:00",
       {"2026-06-29T00:00:00", "2026-06-30T00:00:00", "2027-02-01T00:00:00"}},
      {" \t0  0 1\tjan * ", "2026-11-22T12:00:00", {"2027-01-01T00:00:00"}},
      // Sunday is 0 and 7, also at the end of a range.
      {"0 0 * * 0", "2026-11-21T12:00:00", {"2026-11-22T00:00:00", "2026-11-29T00:00:00"}},
      {"0 0 * * 7", "2026-11-21T12:00:00", {"2026-11-22T00:00:00", "2026-11-29T00:00:00"}},
      {"0 0 * * 6-7",
       "2026-11-20T12:00:00",
       {"2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-28T00:00:00"}},
      {"0 0 * * sat-sun",
       "2026-11-20T12:00:00",
       {"2026-11-21T00:00:00", "2026-11-22T00:00:00", "2026-11-28T00:00:00"}},
      {"0 0 * * 5-7",
       "2026-11-22T00:00:00",
       {"2026-11-27T00:00:00", "2026-11-28T00:00:00", "2026-11-29T00:00:00"}},
      // The 31st leaves out short months.
      {"0 0 31 * *",
       "2026-01-31T00:00:00",
       {"2026-03-31T00:00:00", "2026-05-31T00:00:00", "2026-07-31T00:00:00",
        "2026-08-31T00:00:00"}},
      // Leap years, also past the one that is none.
      {"0 0 29 2 *", "2026-11-22T00:00:00", {"2028-02-29T00:00:00", "2032-02-29T00:00:00"}},
      {"0 0 29 2 *", "2096-02-29T00:00:00", {"2104-02-29T00:00:00"}},
      {"0 0 * 2 mon#5", "2026-11-22T00:00:00", {"2044-02-29T00:00:00", "2072-02-29T00:00:00"}},
      // L: the last day of the month, and days before it.
      {"0 0 L * *",
       "2028-01-31T00:00:00",
       {"2028-02-29T00:00:00", "2028-03-31T00:00:00", "2028-04-30T00:00:00"}},
      {"0 0 l 2 *", "2026-01-01T00:00:00", {"2026-02-28T00:00:00"}},
      {"0 0 L-3 * *", "2026-02-01T00:00:00", {"2026-02-25T00:00:00", "2026-03-28T00:00:00"}},
      {"0 0 1,L * *",
       "2026-02-01T00:00:00",
       {"2026-02-28T00:00:00", "2026-03-01T00:00:00", "2026-03-31T00:00:00"}},
      // L behind a weekday: the last one of the month.
      {"0 0 * * 5L", "2026-11-22T00:00:00", {"2026-11-27T00:00:00", "2026-12-25T00:00:00"}},
      {"0 0 * * sunl", "2026-11-22T00:00:00", {"2026-11-29T00:00:00", "2026-12-27T00:00:00"}},
      // #: the nth; not every month has a fifth.
      {"0 0 * * 5#2", "2026-11-22T00:00:00", {"2026-12-11T00:00:00", "2027-01-08T00:00:00"}},
      {"0 0 * * FRI#1,FRI#3",
       "2026-11-06T00:00:00",
       {"2026-11-20T00:00:00", "2026-12-04T00:00:00"}},
      {"0 0 * * 7#5", "2026-08-30T00:00:00", {"2026-11-29T00:00:00", "2027-01-31T00:00:00"}},
      // Both day fields: either, if both restrict; both, if one begins with *.
      {"0 0 13 * fri",
       "2026-11-12T00:00:00",
       {"2026-11-13T00:00:00", "2026-11-20T00:00:00", "2026-11-27T00:00:00", "2026-12-04T00:00:00",
        "2026-12-11T00:00:00", "2026-12-13T00:00:00"}},
      {"0 0 */2 * mon", "2026-11-22T00:00:00", {"2026-11-23T00:00:00", "2026-12-07T00:00:00"}},
      {"0 0 1-7 * */6", "2026-11-22T00:00:00", {"2026-12-05T00:00:00", "2026-12-06T00:00:00"}},
      {"0 0 L * fri#2", "2026-11-22T00:00:00", {"2026-11-30T00:00:00", "2026-12-11T00:00:00"}},
      {"0 0 ? * mon", "2026-11-22T00:00:00", {"2026-11-23T00:00:00", "2026-11-30T00:00:00"}},
      {"0 0 1 * ?", "2026-11-22T00:00:00", {"2026-12-01T00:00:00"}},
      // Nicknames.
      {"@yearly", "2026-11-22T12:00:00", {"2027-01-01T00:00:00"}},
      {"@annually", "2026-11-22T12:00:00", {"2027-01-01T00:00:00"}},
      {"@monthly", "2026-11-22T12:00:00", {"2026-12-01T00:00:00"}},
      {"@weekly", "2026-11-22T12:00:00", {"2026-11-29T00:00:00"}},
      {"@daily", "2026-11-22T12:00:00", {"2026-11-23T00:00:00"}},
      {"@MIDNIGHT", "2026-11-22T12:00:00", {"2026-11-23T00:00:00"}},
      {" @hourly ", "2026-11-22T12:00:00", {"2026-11-22T13:00:00"}},
  }));
  INFO("expression: " << each.expression);
  const auto expression = parsed(each.expression);
  auto time = at(each.after);
  for (const auto* expected : each.next) {
    const auto found = expression.next(time);
    REQUIRE(found);
    CHECK(text_of(*found) == expected);
    CHECK(expression.matches(*found));
    time = *found;
  }
}

TEST_CASE("a cron expression that is none is refused with field, text and what is allowed") {
  struct refusal {
    const char* expression;
    const char* says;
  };
  const auto& each = GENERATE(values<refusal>({
      {"", "it has 0 fields; it must have five"},
      {"* * * *", "it has 4 fields"},
      {"* * * * * * *", "it has 7 fields"},
      {"hourly", "it has 1 field; "},
      {"@fortnightly", "be one of @yearly"},
      {"@reboot", "submit a task when your program starts"},
      {"@every 5m", "write every_s in place of cron"},
      {"60 * * * *", R"(its minute "60" is not 0 to 59)"},
      {"-1 * * * *", R"(its minute "-1" is not)"},
      {"1.5 * * * *", R"(its minute "1.5" is not)"},
      {"61 0 0 * * *", R"(its second "61" is not)"},
      {"0 24 * * *", R"(its hour "24" is not 0 to 23)"},
      {"0 0 0 * *", R"(its day-of-month "0" is not 1 to 31, L)"},
      {"0 0 32 * *", R"(its day-of-month "32" is not)"},
      {"0 0 L-31 * *", R"(its day-of-month "L-31" is not)"},
      {"0 0 L3 * *", R"(its day-of-month "L3" is not)"},
      {"0 0 15W * *", R"(its day-of-month "15W" is not)"},
      {"0 0 * 13 *", R"(its month "13" is not 1 to 12, or JAN to DEC)"},
      {"0 0 * january *", R"(its month "january" is not)"},
      {"0 0 * * 8", R"(its day-of-week "8" is not 0 to 7)"},
      {"0 0 * * L", "needs its weekday, such as 5L"},
      {"0 0 * * 5#6", "must have 1 to 5 after its #"},
      {"0 0 * * 5#", R"(its day-of-week "5#" is not)"},
      {"0 0 * * #2", R"(its day-of-week "#2" is not)"},
      {"0 0 * * mon-fri#2", R"(its day-of-week "mon-fri#2" is not)"},
      {"? * * * *", R"(its minute "?" is not)"},
      {"5-1 * * * *", "goes backwards; write two ranges"},
      {"*/0 * * * *", "must have a whole number from 1 on after its /"},
      {"*/ * * * *", "must have a whole number from 1 on after its /"},
      {"*/90 * * * *", "there is every_s"},
      {"1,,2 * * * *", "a comma that separates nothing"},
      {"1, * * * *", "a comma that separates nothing"},
      {"*-5 * * * *", R"(its minute "*-5" is not)"},
      {"99999999999999999999 * * * *", "is not 0 to 59"},
      {"\xff * * * *", "is not 0 to 59"},
  }));
  INFO("expression: " << each.expression);
  const auto result = cron::parse(each.expression);
  REQUIRE(!result.ok());
  CHECK(result.why().code() == ec::invalid);
  INFO(result.why().message());
  CHECK(result.why().message().starts_with("is \""));
  CHECK(result.why().message().find(each.says) != std::string::npos);
}

TEST_CASE("a cron expression that is too long is refused") {
  CHECK(!cron::parse("0" + std::string(max_cron_size, ' ') + "0 * * *").ok());
}

TEST_CASE("a cron expression that would never come is refused") {
  const auto* expression = GENERATE("0 0 31 2 *", "0 0 30 feb *", "0 0 31 4,6,9,11 *",
                                    "0 0 L-30 2,4 *", "0 0 30-31 2 */2");
  const auto result = cron::parse(expression);
  REQUIRE(!result.ok());
  CHECK(result.why().message().find("it would never come") != std::string::npos);
  CHECK(cron::parse("0 0 31 2,3 *").ok());
  CHECK(cron::parse("0 0 31 2 mon").ok()); // every Monday of February
}

TEST_CASE("only an expression for all hours is for hours as they pass") {
  CHECK(parsed("* * * * *").every_hour());
  CHECK(parsed("0 0-23 * * *").every_hour());
  CHECK(parsed("0 */1 * * *").every_hour());
  CHECK(!parsed("0 */2 * * *").every_hour());
  CHECK(!parsed("0 1-23 * * *").every_hour());
}

namespace {

/// A field that is a star, a value, a range, a list or has a step.
std::string some_field(std::mt19937& random, int min, int max) {
  const auto value = [&] { return min + static_cast<int>(random() % (max - min + 1)); };
  switch (random() % 5) {
  case 0:
    return "*/" + std::to_string(1 + random() % (max - min));
  case 1:
    return std::to_string(value());
  case 2: {
    const auto [from, to] = std::minmax({value(), value()});
    return std::to_string(from) + '-' + std::to_string(to);
  }
  case 3:
    return std::to_string(value()) + ',' + std::to_string(value());
  default:
    return "*";
  }
}

std::string some_expression(std::mt19937& random) {
  auto day = some_field(random, 1, 31);
  if (random() % 8 == 0)
    day = random() % 2 ? "L" : "L-2,15";
  auto weekday = some_field(random, 0, 6);
  if (random() % 8 == 0)
    weekday = random() % 2 ? "5L" : "2#3";
  return some_field(random, 0, 59) + ' ' + some_field(random, 0, 59) + ' '
         + some_field(random, 0, 23) + ' ' + day + ' ' + some_field(random, 1, 12) + ' ' + weekday;
}

} // namespace

TEST_CASE("next is later, matches, and nothing between matches") {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    const auto text = some_expression(random);
    INFO("seed " << seed << ", expression " << text);
    const auto expression = cron::parse(text);
    if (!expression.ok())
      continue; // it would never come
    auto time = at("2024-01-01T00:00:00") + std::chrono::seconds(random() % (5 * 366 * 24 * 3600));
    for (int steps = 0; steps < 5; ++steps) {
      const auto found = expression->next(time);
      REQUIRE(found);
      REQUIRE(*found > time);
      REQUIRE(expression->matches(*found));
      // Every second of the first and the last hour, and every 997th between them.
      const auto step = [&](civil_time t) {
        const auto hour = std::chrono::hours(1);
        return std::chrono::seconds(t - time < hour || *found - t < hour ? 1 : 997);
      };
      for (auto t = time + std::chrono::seconds(1); t < *found; t += step(t))
        if (expression->matches(t))
          FAIL("matches " << text_of(t) << ", before " << text_of(*found));
      time = *found;
    }
  }
}
