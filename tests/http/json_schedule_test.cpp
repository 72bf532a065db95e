#include "http/json_codec.hpp"
#include "http/json_schedule.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

schedule_spec good(const std::string& body) {
  auto decoded = decode_schedule(body);
  if (auto* why = std::get_if<problem>(&decoded))
    FAIL(body << " was refused: " << to_json(*why));
  return std::get<schedule_spec>(std::move(decoded));
}

problem refused(const std::string& body) {
  auto decoded = decode_schedule(body);
  if (std::holds_alternative<schedule_spec>(decoded))
    FAIL(body << " was taken");
  return std::get<problem>(std::move(decoded));
}

constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

} // namespace

TEST_CASE("a schedule is read field by field") {
  const auto spec = good(R"({"cron": "0 3 * * *", "time_zone": "Europe/Berlin", "paused": true,
      "task": {"kind": "report", "args": {"n": 1.50, "deep": [{"cron": 1}]}, "delay_s": 2,
               "expires_in_s": 60, "tags": {"a": "b"}, "unique": {"key": "k"}},
      "missed": "run_all", "overlap": "cancel_previous"})");
  CHECK(spec.cron == "0 3 * * *");
  CHECK(spec.every == 0s);
  CHECK(spec.time_zone == "Europe/Berlin");
  CHECK(spec.paused);
  CHECK(spec.missed == missed_policy::run_all);
  CHECK(spec.overlap == overlap_policy::cancel_previous);
  CHECK(spec.task.kind == "report");
  CHECK(spec.task.args_json == R"({"n":1.50,"deep":[{"cron":1}]})");
  CHECK(spec.task.delay == 2s);
  CHECK(spec.task.expires_in == 60s);
  CHECK(spec.task.tags == tag_map{{"a", "b"}});
  CHECK(spec.task.unique->key == "k");
}

TEST_CASE("what a schedule does not say is the default") {
  const auto spec = good(R"({"every_s": 0.25, "task": {"kind": "noop"}})");
  CHECK(spec.every == 250ms);
  CHECK(spec.cron.empty());
  CHECK(spec.time_zone == "UTC");
  CHECK(!spec.paused);
  CHECK(spec.missed == missed_policy::run_once);
  CHECK(spec.overlap == overlap_policy::allow);
  CHECK(good(R"({"every_s": 60, "task": {"kind": "noop"}})").every == 1min);
}

TEST_CASE("what is wrong with a schedule is told, all at once and with its place") {
  struct row {
    const char* body;
    const char* pointers; ///< Each behind a blank.
    const char* says;     ///< Somewhere in the answer.
  };
  const auto& each = GENERATE(values<row>({
      {"{}", " /cron /task", "one of the two must say when to fire"},
      {R"({"cron":"* * * * *","every_s":5,"task":{"kind":"a"}})", " /every_s", "keep one"},
      {R"({"cron":"61 * * * *","task":{"kind":"a"}})", " /cron", R"(its minute \"61\")"},
      {R"({"cron":"0 0 31 2 *","task":{"kind":"a"}})", " /cron", "would never come"},
      {R"({"cron":5,"task":{"kind":"a"}})", " /cron", "is a number; it must be a string such as"},
      {R"({"every_s":0.01,"task":{"kind":"a"}})", " /every_s", "is 0.01; it must be a number"},
      {R"({"every_s":"60","task":{"kind":"a"}})", " /every_s", "must be a number of seconds"},
      {R"({"every_s":null,"task":{"kind":"a"}})", " /every_s", "is null; it must be a number"},
      {R"({"cron":"@daily","time_zone":"Europe/Berlni","task":{"kind":"a"}})", " /time_zone",
       R"(did you mean \"Europe/Berlin\"?)"},
      {R"({"cron":"@daily","paused":1,"task":{"kind":"a"}})", " /paused", "must be true or false"},
      {R"({"cron":"@daily","missed":"never","task":{"kind":"a"}})", " /missed",
       R"(it must be \"skip\", \"run_once\" or \"run_all\")"},
      {R"({"cron":"@daily","overlap":true,"task":{"kind":"a"}})", " /overlap", "is true; it must"},
      {R"({"cron":"@daily","task":"noop"})", " /task", "it must be a task such as"},
      {R"({"cron":"@daily","task":{}})", " /task/kind", "is missing"},
      {R"({"cron":"@daily","task":{"kind":"a","priority":101,"que":"b"}})",
       " /task/priority /task/que", "is 101"},
      {R"({"cron":"@daily","task":{"kind":"a","run_at":"2026-11-22T21:00:00Z"}})", " /task/run_at",
       "give delay_s"},
      {R"({"cron":"@daily","task":{"kind":"a","expires_at":"2026-11-22T21:00:00Z"}})",
       " /task/expires_at", "give expires_in_s"},
      {R"({"cron":"@daily","task":{"kind":"a","run_at":"2026-11-22T21:00:00Z",)"
       R"("expires_at":"2026-11-22T20:00:00Z"}})",
       " /task/run_at /task/expires_at", "give expires_in_s"},
      {R"({"cron":"@daily","task":{"kind":"a","after":["0193a5e0-7c00-7000-8000-000000000000"]}})",
       " /task/after", "leave it out"},
      {R"({"cron":"@daily","task":{"kind":"a","retry":{"factor":0}}})", " /task/retry/factor", ""},
      {R"({"cron":"@daily","timezone":"UTC","task":{"kind":"a"}})", " /timezone",
       R"(did you mean \"time_zone\"?)"},
      {R"({"cron":"@daily","x":1,"task":{"kind":"a"}})", " /x", "there are cron, every_s, missed"},
      {R"({"cron":"@daily","cron":"@daily","task":{"kind":"a"}})", " /cron", ""},
      {R"({"cron":[],"task":{"kind":"a"}})", " /cron", "is an array"},
      {R"({"cron":{"x":1},"task":{"kind":"a"}})", " /cron", "is an object"},
      {R"({"every_s":1e999,"task":{"kind":"a"}})", " /every_s", "no double can hold"},
      {R"({"every_s":5,"task":{"kind":"a","delay_s":1e999}})", " /task/delay_s", "double"},
      {"[]", " ", "it must be a JSON object such as"},
      {"5", " ", "it must be a JSON object such as"},
  }));
  INFO(each.body);
  const auto why = refused(each.body);
  CHECK(why.status == 422);
  std::string all;
  for (const auto& error : why.errors)
    all += ' ' + error.pointer;
  CHECK(all == each.pointers);
  INFO(to_json(why));
  CHECK(to_json(why).find(each.says) != std::string::npos);
}

TEST_CASE("what is no JSON is no schedule") {
  for (const std::string body : {"", "{", R"({"cron": })", R"({"task": {"kind": "a"})"}) {
    INFO(body);
    CHECK(refused(body).status == 400);
  }
}

TEST_CASE("a schedule is shown with its next runs and what came last") {
  schedule row;
  row.name = "reports/nightly";
  row.spec = good(R"({"cron": "0 3 * * *", "time_zone": "Europe/Berlin",
                      "task": {"kind": "report", "args": [1.50]}})");
  row.created_at = row.updated_at = noon;
  auto shown =
      json::parse(encode_schedule(row, redaction{}, {noon + 14h, noon + 38h}, {"no handler"}));
  CHECK(shown["name"] == "reports/nightly");
  CHECK(shown["cron"] == "0 3 * * *");
  CHECK(!shown.contains("every_s"));
  CHECK(shown["time_zone"] == "Europe/Berlin");
  CHECK(shown["missed"] == "run_once");
  CHECK(shown["overlap"] == "allow");
  CHECK(shown["paused"] == false);
  CHECK(shown["created_at"] == "2026-11-22T12:00:00.000Z");
  CHECK(shown["next_runs"]
        == json::array({"2026-11-23T02:00:00.000Z", "2026-11-24T02:00:00.000Z"}));
  CHECK(shown["last_run_at"].is_null());
  CHECK(shown["last_task_id"].is_null());
  CHECK(shown["last_outcome"].is_null());
  CHECK(shown["warnings"] == json::array({"no handler"}));

  row.last_run_at = noon;
  row.last_task = *task_id::parse("0193a5e0-7c00-7000-8000-000000000000");
  row.last_outcome = fire_outcome{noon, fire_outcome::what::skipped, "because"};
  shown = json::parse(encode_schedule(row, redaction{}, {}));
  CHECK(shown["last_run_at"] == "2026-11-22T12:00:00.000Z");
  CHECK(shown["last_task_id"] == "0193a5e0-7c00-7000-8000-000000000000");
  CHECK(shown["last_outcome"]
        == json{{"outcome", "skipped"}, {"at", "2026-11-22T12:00:00.000Z"}, {"detail", "because"}});
  CHECK(!shown.contains("warnings"));
}

TEST_CASE("the task that a schedule shows can be sent again") {
  const std::string task =
      R"({"kind":"a","args":{"n":1.50},"queue":"q","priority":-5,"tags":{"x":"y"},"timeout_s":7,)"
      R"("max_attempts":3,"max_crashes":2,"retry":{"min_backoff_s":2,"max_backoff_s":9,"factor":1.5,)"
      R"("jitter":0},"delay_s":0.5,"expires_in_s":30,"unique":{"key":"k","until":"window",)"
      R"("window_s":60,"on_conflict":"reject"},"group":"g","callback_url":"http://a/"})";
  const auto spec = good(R"({"every_s":5,"task":)" + task + '}');
  std::string out;
  json_writer w(out);
  write_spec(w, spec.task, redaction{});
  CHECK(out == task);
}
