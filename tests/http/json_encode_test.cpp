#include "http/cursor.hpp"
#include "http/json_codec.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>
#include <string>

using namespace errand;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

const timestamp noon = *parse_rfc3339("2026-11-22T12:00:00.123456Z");

task fresh_task() {
  task row;
  row.id = *task_id::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  row.spec.kind = "noop";
  row.created_at = row.run_at = noon;
  return row;
}

task failed_task() {
  auto row = fresh_task();
  row.state = task_state::failed;
  row.started_at = noon + 1s;
  row.finished_at = noon + 2s;
  row.attempt = 2;
  row.crashes = 1;
  row.worker = "host/2";
  row.error = task_error{"exception", "no \"luck\"\n\xFF", 2};
  row.attempts = {
      {1, noon, noon + 1s, "host/1", "lost", task_error{"worker_lost", "killed", 1}, noon + 1s},
      {2, noon + 1s, std::nullopt, "host/2", "running", std::nullopt, std::nullopt},
  };
  return row;
}

} // namespace

TEST_CASE("a task that was just accepted is written with all its fields, in order") {
  CHECK(
      encode_task(fresh_task(), false)
      == R"({"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","kind":"noop","args":{},)"
         R"("queue":"default","priority":0,"state":"queued","tags":{},"timeout_s":3600,)"
         R"("max_attempts":5,"max_crashes":3,"retry":{"min_backoff_s":1,"max_backoff_s":3600,)"
         R"("factor":2,"jitter":0.2},)"
         R"("created_at":"2026-11-22T12:00:00.123Z","run_at":"2026-11-22T12:00:00.123Z",)"
         R"("started_at":null,"finished_at":null,"attempt":0,"progress":null,"result":null,)"
         R"("error":null,"cancel_requested":false,"cancel_reason":null,"worker":null,"schedule":null})");
}

TEST_CASE("what was asked for is written, and why a task was cancelled") {
  auto row = fresh_task();
  row.spec.group = "acme";
  row.spec.callback_url = "https://example.com/\"";
  row.spec.expires_at = row.created_at + 60s;
  row.spec.unique = unique_rule{"k", unique_until::window, 1500ms, unique_conflict::keep};
  row.state = task_state::cancelled;
  row.cancel_reason = cancel_reason::expired;
  const auto shown = json::parse(encode_task(row, false));
  CHECK(shown["group"] == "acme");
  CHECK(shown["callback_url"] == "https://example.com/\"");
  CHECK(shown["expires_at"] == "2026-11-22T12:01:00.123Z");
  CHECK(shown["unique"]
        == json{{"key", "k"}, {"until", "window"}, {"window_s", 1.5}, {"on_conflict", "return"}});
  CHECK(shown["cancel_reason"] == "expired");
  CHECK_FALSE(json::parse(encode_task(fresh_task(), false)).contains("unique"));
}

TEST_CASE("a task that has run is written with its times, its error and its attempts") {
  const auto shown = json::parse(encode_task(failed_task(), true));
  CHECK(shown["state"] == "failed");
  CHECK(shown["started_at"] == "2026-11-22T12:00:01.123Z");
  CHECK(shown["finished_at"] == "2026-11-22T12:00:02.123Z");
  CHECK(shown["attempt"] == 2);
  CHECK(shown["worker"] == "host/2");
  CHECK(shown["error"]
        == json{{"type", "exception"}, {"message", "no \"luck\"\n\xEF\xBF\xBD"}, {"attempt", 2}});
  CHECK(shown["attempts"] == json::parse(R"([
    {"number": 1, "started_at": "2026-11-22T12:00:00.123Z",
     "finished_at": "2026-11-22T12:00:01.123Z", "worker": "host/1", "outcome": "lost",
     "error": {"type": "worker_lost", "message": "killed", "attempt": 1},
     "next_run_at": "2026-11-22T12:00:01.123Z"},
    {"number": 2, "started_at": "2026-11-22T12:00:01.123Z", "finished_at": null,
     "worker": "host/2", "outcome": "running", "error": null, "next_run_at": null}])"));
}

TEST_CASE("every state is written as its word") {
  for (const auto state : all_task_states) {
    auto row = fresh_task();
    row.state = state;
    CHECK(json::parse(encode_task(row, false))["state"] == std::string(to_string(state)));
  }
}

TEST_CASE("attempts, warnings and traceparent appear only when there is reason to") {
  auto row = fresh_task();
  const auto plain = json::parse(encode_task(row, false));
  CHECK_FALSE(plain.contains("attempts"));
  CHECK_FALSE(plain.contains("warnings"));
  CHECK_FALSE(plain.contains("traceparent"));

  row.spec.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto full = json::parse(encode_task(row, true, {true, {"No handler for \"x\".", "Two."}}));
  CHECK(full["attempts"] == json::array());
  CHECK(full["warnings"] == json{"No handler for \"x\".", "Two."});
  CHECK(full["traceparent"] == row.spec.traceparent);
}

TEST_CASE("args and results are written as they were kept, digit by digit") {
  auto row = fresh_task();
  row.spec.args_json = R"({"n":123456789012345678901234567890})";
  row.result_json = "1.50";
  const auto text = encode_task(row, false);
  CHECK(text.find(R"("args":{"n":123456789012345678901234567890},)") != std::string::npos);
  CHECK(text.find(R"("result":1.50,)") != std::string::npos);
  row.result_json = "null";
  CHECK(json::parse(encode_task(row, false))["result"].is_null());
}

TEST_CASE("what a spec sets comes back from the task that it became") {
  const std::string body = GENERATE(
      R"({"kind":"noop"})",
      R"({"kind":"a/b:c","args":[1,"\u00e9\n\u0000",{"x":[]}],"queue":"q","priority":-100})",
      R"({"kind":"k","args":null,"timeout_s":0.000001,"tags":{"a":"\"\\","b":"😀"}})",
      R"({"kind":"k","args":-0.0,"timeout_s":2592000,"run_at":"2030-01-01T00:00:00.5+01:00"})",
      R"({"kind":"k","args":123456789012345678901234567890,"timeout_s":0.1})");
  auto row = fresh_task();
  row.spec = std::get<task_spec>(decode_spec(body));
  row.run_at = due_at(row.spec, noon);

  auto shown = json::parse(encode_task(row, false));
  const auto sent = json::parse(body);
  for (const auto* field : {"kind", "args", "queue", "priority", "tags", "timeout_s"})
    if (sent.contains(field))
      CHECK(shown[field] == sent[field]);

  // Sent again, it is the same spec. What args are is compared as text, since numbers in it may be
  // more than nlohmann's can hold.
  std::string again = R"({"kind":)" + shown["kind"].dump() + R"(,"args":)" + row.spec.args_json;
  for (const auto* field : {"queue", "priority", "tags", "timeout_s", "run_at"})
    again += ",\"" + std::string(field) + "\":" + shown[field].dump();
  const auto twin = std::get<task_spec>(decode_spec(again + "}"));
  CHECK(twin.kind == row.spec.kind);
  CHECK(twin.args_json == row.spec.args_json);
  CHECK(twin.queue == row.spec.queue);
  CHECK(twin.priority == row.spec.priority);
  CHECK(twin.tags == row.spec.tags);
  CHECK(twin.timeout == row.spec.timeout);
  CHECK(twin.run_at == std::chrono::floor<std::chrono::milliseconds>(row.run_at));
}

TEST_CASE("a page has its tasks without attempts, and the cursor of the next page") {
  CHECK(encode_page({}, std::nullopt) == R"({"tasks":[],"next_cursor":null})");
  const auto page = json::parse(encode_page({failed_task(), fresh_task()}, 4711));
  REQUIRE(page["tasks"].size() == 2);
  CHECK(page["tasks"][0]["state"] == "failed");
  CHECK_FALSE(page["tasks"][0].contains("attempts"));
  CHECK(page["tasks"][1] == json::parse(encode_task(fresh_task(), false)));
  CHECK(decode_cursor(page["next_cursor"].get<std::string>()) == 4711);
}

TEST_CASE("bytes that are not UTF-8 in any text of a task leave valid JSON") {
  auto row = failed_task();
  row.worker = "\xFF";
  row.spec.tags = {{"\xC3", "\xED\xA0\x80"}};
  row.attempts[0].outcome = "\xFE\"";
  CHECK(json::accept(encode_task(row, true, {false, {"\xFF"}})));
}
