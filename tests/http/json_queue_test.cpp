#include "http/json_queue.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;

namespace {

constexpr timestamp nine{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 21h};

queue_settings settings_in(std::string_view body) {
  const auto decoded = decode_queue_settings(body);
  INFO(body);
  if (const auto* why = std::get_if<problem>(&decoded))
    FAIL(why->detail);
  return std::get<queue_settings>(decoded);
}

/// "pointer detail" of each fault.
std::vector<std::string> faults_in(const auto& decoded) {
  std::vector<std::string> faults;
  const auto& why = std::get<problem>(decoded);
  CHECK(why.status == 422);
  for (const auto& [pointer, detail] : why.errors)
    faults.push_back(pointer + ' ' + detail);
  return faults;
}

} // namespace

TEST_CASE("what is left out of a queue's settings is at its default", "[json_queue]") {
  CHECK(settings_in("{}") == queue_settings{});
  CHECK(settings_in(R"({"concurrency":null,"group_concurrency":null,"rate":null,
                        "paused_until":null})")
        == queue_settings{});
  queue_settings limited;
  limited.concurrency = 4;
  CHECK(settings_in(R"({"concurrency":4})") == limited);
  CHECK(settings_in(R"({"concurrency":4e0})") == limited);
}

TEST_CASE("all of a queue's settings are read, and written as they were read", "[json_queue]") {
  queue_settings all;
  all.concurrency = 4;
  all.group_concurrency = 1'000'000;
  all.rate = rate_limit{100, 1500ms};
  all.weight = 0.25;
  all.paused = true;
  all.paused_until = nine;
  const auto* text = R"({"concurrency":4,"group_concurrency":1000000,)"
                     R"("rate":{"limit":100,"per_s":1.5},"weight":0.25,"paused":true,)"
                     R"("paused_until":"2026-11-22T21:00:00.000Z"})";
  CHECK(settings_in(text) == all);
  CHECK(encode_settings("mail", all) == R"({"name":"mail",)" + std::string(text + 1));
}

TEST_CASE("a time may have any offset", "[json_queue]") {
  CHECK(settings_in(R"({"paused":true,"paused_until":"2026-11-22T22:00:00+01:00"})").paused_until
        == nine);
}

TEST_CASE("settings that can't be are refused with pointer, value and rule", "[json_queue]") {
  const auto [body, pointer, words] = GENERATE(table<std::string, std::string, std::string>({
      {R"({"concurrency":0})", "/concurrency", "is 0; it must be an integer from 1 to 1000000"},
      {R"({"concurrency":1.5})", "/concurrency", "is 1.5"},
      {R"({"concurrency":"4"})", "/concurrency", "is \"4\""},
      {R"({"concurrency":1e300})", "/concurrency", "is 1e300; it must be an integer"},
      {R"({"concurrency":18446744073709551616})", "/concurrency", "is 18446744073709551616"},
      {R"({"concurrency":{}})", "/concurrency", "is an object"},
      {R"({"concurrency":[4]})", "/concurrency", "is an array"},
      {R"({"group_concurrency":-1})", "/group_concurrency", "is -1"},
      {R"({"rate":5})", "/rate", "an object of limit and per_s, or null"},
      {R"({"rate":[]})", "/rate", "is an array"},
      {R"({"rate":{"limit":5}})", "/rate/per_s", "is missing"},
      {R"({"rate":{"per_s":5}})", "/rate/limit", "is missing"},
      {R"({"rate":{"limit":0,"per_s":1}})", "/rate/limit", "is 0"},
      {R"({"rate":{"limit":null,"per_s":1}})", "/rate/limit", "is null"},
      {R"({"rate":{"limit":1,"per_s":0}})", "/rate/per_s", "is 0"},
      {R"({"rate":{"limit":1,"per_s":1e-9}})", "/rate/per_s",
       "is 1e-09; it must be a number of seconds from 0.000001 to"},
      {R"({"rate":{"limit":1,"per_s":{}}})", "/rate/per_s", "is an object"},
      {R"({"rate":{"limit":1,"per":1}})", "/rate/per", "did you mean \"per_s\"?"},
      {R"({"weight":0})", "/weight", "from 0.001 to 1000"},
      {R"({"weight":null})", "/weight", "is null"},
      {R"({"paused":1})", "/paused", "true or false"},
      {R"({"paused":null})", "/paused", "true or false"},
      {R"({"paused":true,"paused_until":"tomorrow"})", "/paused_until", "is \"tomorrow\""},
      {R"({"paused_until":"2026-11-22T21:00:00Z"})", "/paused_until", "paused is not true"},
      {R"({"concurency":4})", "/concurency", "did you mean \"concurrency\"?"},
      {R"({"color":4})", "/color", "there are concurrency, group_concurrency, rate, weight"},
      {R"({"limit":4})", "/limit", "is not a field of a queue's settings"},
      {R"({"weight":1,"weight":2})", "/weight", "more than once"},
      {R"([])", "", "a JSON object"},
      {R"(4)", "", "is 4"},
  }));
  CAPTURE(body);
  const auto faults = faults_in(decode_queue_settings(body));
  REQUIRE(faults.size() == (body == R"({"rate":{}})" ? 2 : 1));
  INFO(faults[0]);
  CHECK(faults[0].starts_with(pointer + ' '));
  CHECK(faults[0].find(words) != std::string::npos);
}

TEST_CASE("all that is wrong with settings is told at once", "[json_queue]") {
  CHECK(faults_in(
            decode_queue_settings(
                R"({"concurrency":0,"rate":{"limit":"x","per_s":-1},"weight":2000,"colour":1})"))
            .size()
        == 5);
  CHECK(faults_in(decode_queue_settings(R"({"rate":{}})")).size() == 2);
}

TEST_CASE("settings that are no JSON are told where", "[json_queue]") {
  for (const auto* body : {"", "{", "{\"weight\":1}}", "nonsense"}) {
    const auto decoded = decode_queue_settings(body);
    INFO(body);
    REQUIRE(std::holds_alternative<problem>(decoded));
    CHECK(std::get<problem>(decoded).status == 400);
  }
  const std::string with_nul{"{}\0", 3};
  CHECK(std::get<problem>(decode_queue_settings(with_nul)).status == 400);
}

TEST_CASE("a pause has an end or none", "[json_queue]") {
  for (const auto* body : {"", "{}", R"({"until":null})"})
    CHECK(!std::get<0>(decode_pause(body)));
  CHECK(std::get<0>(decode_pause(R"({"until":"2026-11-22T21:00:00Z"})")) == nine);
  CHECK(faults_in(decode_pause(R"({"until":5})"))[0].starts_with("/until is 5"));
  CHECK(faults_in(decode_pause(R"({"paused_until":null})"))[0].starts_with("/paused_until "));
  CHECK(std::get<problem>(decode_pause("{")).status == 400);
}

TEST_CASE("a queue is shown with what it holds and what went on in it", "[json_queue]") {
  queue_view queue{"mail", {}, {{task_state::queued, 3}}, nine - 1500ms};
  activity recent;
  recent.last_minute[tally::started] = 60;
  recent.ran = {7, 1ms, 2ms, 3ms};
  std::string out;
  json_writer w(out);
  write_queue(w, queue, recent, nine);
  CHECK(out
        == R"({"name":"mail","concurrency":null,"group_concurrency":null,"rate":null,"weight":1,)"
           R"("paused":false,"paused_until":null,"counts":{"scheduled":0,"waiting":0,"queued":3,)"
           R"("running":0,"retrying":0,"succeeded":0,"failed":0,"cancelled":0},)"
           R"("oldest_queued_age_s":1.5,)"
           R"("last_minute":{"submitted":0,"started":60,"succeeded":0,"failed":0,"cancelled":0,)"
           R"("retried":0},)"
           R"("last_hour":{"submitted":0,"started":0,"succeeded":0,"failed":0,"cancelled":0,)"
           R"("retried":0},)"
           R"("wait_s":{"count":0,"p50":null,"p95":null,"p99":null},)"
           R"("run_s":{"count":7,"p50":0.001,"p95":0.002,"p99":0.003}})");
}

TEST_CASE("an age is never negative, and none if nothing is queued", "[json_queue]") {
  const auto age = [](std::optional<timestamp> oldest) {
    std::string out;
    json_writer w(out);
    w.begin_object();
    write_age(w, oldest, nine);
    w.end_object();
    return out;
  };
  CHECK(age(nine + 1s) == R"({"oldest_queued_age_s":0})"); // the clock was put back
  CHECK(age(std::nullopt) == R"({"oldest_queued_age_s":null})");
}
