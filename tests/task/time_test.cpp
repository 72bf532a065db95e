#include "task/time.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace errand;
using namespace std::chrono_literals;

namespace {

timestamp at(int64_t us) {
  return timestamp{std::chrono::microseconds{us}};
}

} // namespace

TEST_CASE("times are written in UTC with milliseconds, cut and not rounded") {
  const auto [us, text] = GENERATE(table<int64_t, std::string>({
      {0, "1970-01-01T00:00:00.000Z"},
      {999, "1970-01-01T00:00:00.000Z"},
      {1'000, "1970-01-01T00:00:00.001Z"},
      {1'795'381'200'123'456, "2026-11-22T21:00:00.123Z"},
      {1'795'381'200'999'999, "2026-11-22T21:00:00.999Z"},
      {951'782'400'000'000, "2000-02-29T00:00:00.000Z"},
      {4'107'542'399'999'999, "2100-02-28T23:59:59.999Z"},
      {4'107'542'400'000'000, "2100-03-01T00:00:00.000Z"},
      {253'402'300'799'999'999, "9999-12-31T23:59:59.999Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {-86'400'000'000, "1969-12-31T00:00:00.000Z"},
  }));
  CHECK(to_rfc3339(at(us)) == text);
}

TEST_CASE("a time that four digits of year cannot write is written as the nearest that they can") {
  CHECK(to_rfc3339(at(253'402'300'800'000'000)) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp::max()) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp::min()) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("RFC 3339 is read with any offset and any number of fraction digits") {
  const auto [text, us] = GENERATE(table<std::string, int64_t>({
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-22T21:00:00Z", 1'795'381'200'000'000},
      {"2026-11-22t21:00:00z", 1'795'381'200'000'000},
      {"2026-11-22T21:00:00.1Z", 1'795'381'200'100'000},
      {"2026-11-22T21:00:00.123456Z", 1'795'381'200'123'456},
      {"2026-11-22T21:00:00.1234569999999999999999999999Z", 1'795'381'200'123'456},
      {"2026-11-22T21:00:00.000000000000Z", 1'795'381'200'000'000},
      {"2026-11-22T22:00:00+01:00", 1'795'381'200'000'000},
      {"2026-11-23T02:30:00+05:30", 1'795'381'200'000'000},
      {"2026-11-22T13:00:00.5-08:00", 1'795'381'200'500'000},
      {"2026-11-22T21:00:00-00:00", 1'795'381'200'000'000},
      {"2026-11-22T21:00:00+00:00", 1'795'381'200'000'000},
      {"2026-11-23T20:59:00+23:59", 1'795'381'200'000'000},
      {"1969-12-31T23:00:00-01:00", 0},
      {"2000-02-29T00:00:00Z", 951'782'400'000'000},
      {"9999-12-31T23:59:59.999999Z", 253'402'300'799'999'999},
  }));
  CAPTURE(text);
  REQUIRE(parse_rfc3339(text));
  CHECK(*parse_rfc3339(text) == at(us));
}

TEST_CASE("a leap second is the second after, and stands before midnight UTC only") {
  CHECK(parse_rfc3339("2016-12-31T23:59:60Z") == parse_rfc3339("2017-01-01T00:00:00Z"));
  CHECK(parse_rfc3339("2016-12-31T23:59:60.5Z") == parse_rfc3339("2017-01-01T00:00:00.5Z"));
  CHECK(parse_rfc3339("2017-01-01T00:59:60+01:00") == parse_rfc3339("2017-01-01T00:00:00Z"));
  CHECK_FALSE(parse_rfc3339("2016-12-31T12:30:60Z"));
  CHECK_FALSE(parse_rfc3339("2016-12-31T23:59:60+01:00"));
  CHECK_FALSE(parse_rfc3339("2016-12-31T23:59:61Z"));
  CHECK_FALSE(parse_rfc3339("9999-12-31T23:59:60Z"));
}

TEST_CASE("what is no valid date and time is not read") {
  const std::string text = GENERATE(
      "", "now", "2026", "2026-11-22", "21:00:00Z", "2026-11-22T21:00:00", // no offset
      "2026-11-22 21:00:00Z", "2026-11-22T21:00Z",
      "2026-11-22T21:00:00.Z", // no digits after the dot
      "2026-11-22T21:00:00,5Z", "2026-11-22T21:00:00Z ", " 2026-11-22T21:00:00Z",
      "2026-11-22T21:00:00ZZ", "2026-11-22T21:00:00+01", "2026-11-22T21:00:00+0100",
      "2026-11-22T21:00:00+24:00", "2026-11-22T21:00:00+01:60", "2026-11-22T21:00:00+1:00",
      "2026-11-22T24:00:00Z", "2026-11-22T21:60:00Z", "2026-11-22T-1:00:00Z",
      "2026-00-22T21:00:00Z", "2026-13-22T21:00:00Z", "2026-11-00T21:00:00Z",
      "2026-11-31T21:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "26-11-22T21:00:00Z",
      "02026-11-22T21:00:00Z", "-026-11-22T21:00:00Z", "+2026-11-22T21:00:00Z", "20261122T210000Z",
      "2026-W47-7T21:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
      "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z",
      "2026-11-22T21:00:00\xE2\x88\x92"
      "01:00",
      "1795381200");
  CAPTURE(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("a time cut short or with a NUL byte in it is not read") {
  const std::string whole = "2026-11-22T21:00:00.123+01:00";
  REQUIRE(parse_rfc3339(whole));
  for (size_t i = 0; i < whole.size(); ++i) {
    CHECK_FALSE(parse_rfc3339(whole.substr(0, i)));
    auto broken = whole;
    broken[i] = '\0';
    CHECK_FALSE(parse_rfc3339(broken));
  }
}

TEST_CASE("what was written is read back as the same millisecond") {
  for (int64_t us = 0; us < 253'402'300'800'000'000; us += 7'654'321'123'000) {
    const auto text = to_rfc3339(at(us));
    REQUIRE(text.size() == 24);
    REQUIRE(parse_rfc3339(text) == std::chrono::floor<std::chrono::milliseconds>(at(us)));
  }
}

TEST_CASE("the system's clock is later than the day when this was written, and does not run away") {
  CHECK(system_now() > *parse_rfc3339("2025-01-01T00:00:00Z"));
  CHECK(system_now() < *parse_rfc3339("2200-01-01T00:00:00Z"));
}
