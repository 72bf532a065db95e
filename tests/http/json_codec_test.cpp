// What a spec's fields may be.
#include "tests/http/spec_texts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace errand;
using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

TEST_CASE("a spec of a kind alone has the documented defaults") {
  const auto spec = good(R"({"kind":"noop"})");
  CHECK(spec.kind == "noop");
  CHECK(spec.args_json == "{}");
  CHECK(spec.queue == "default");
  CHECK(spec.priority == 0);
  CHECK_FALSE(spec.run_at);
  CHECK(spec.delay == 0s);
  CHECK(spec.timeout == 1h);
  CHECK(spec.max_attempts == 5);
  CHECK(spec.max_crashes == 3);
  CHECK(spec.retry == retry_policy{1s, 1h, 2, 0.2});
  CHECK(spec.tags.empty());
  CHECK(spec.traceparent.empty());
}

TEST_CASE("every field of a spec is read") {
  const auto spec = good(R"( { "run_at" : "2026-11-22T22:00:00.5+01:00", "tags": {"a":"1","b":"é"},
    "timeout_s": 0.25, "priority": -7, "queue":"mail/fast", "args": [1, {"x" : null}],
    "max_attempts": 1000, "max_crashes": 1e2, "retry": {"jitter": 0, "factor": 1.5,
    "min_backoff_s": 0.5, "max_backoff_s": 2592000}, "kind" : "email.send" } )");
  CHECK(spec.kind == "email.send");
  CHECK(spec.args_json == R"([1,{"x":null}])");
  CHECK(spec.queue == "mail/fast");
  CHECK(spec.priority == -7);
  CHECK(spec.run_at == parse_rfc3339("2026-11-22T21:00:00.5Z"));
  CHECK(spec.timeout == 250ms);
  CHECK(spec.max_attempts == 1000);
  CHECK(spec.max_crashes == 100);
  CHECK(spec.retry == retry_policy{500ms, std::chrono::days(30), 1.5, 0});
  CHECK(spec.tags == tag_map{{"a", "1"}, {"b", "é"}});
  CHECK(good(R"({"kind":"k","delay_s":1.5})").delay == 1500ms);
}

TEST_CASE("what a retry leaves out has its default") {
  CHECK(good(R"({"kind":"k","retry":{}})").retry == retry_policy{});
  CHECK(good(R"({"kind":"k","retry":{"factor":3}})").retry == retry_policy{1s, 1h, 3, 0.2});
}

TEST_CASE("attempts and retries that can't be are refused with their place") {
  const auto [fields, words] = GENERATE(table<std::string, std::string>({
      {R"("max_attempts":0)", "/max_attempts is 0; it must be an integer from 1 to 1000"},
      {R"("max_attempts":1001)", "/max_attempts is 1001; it must be"},
      {R"("max_attempts":1.5)", "/max_attempts is 1.5; it must be"},
      {R"("max_attempts":"5")", "/max_attempts is \"5\"; it must be"},
      {R"("max_attempts":null)", "/max_attempts is null; it must be"},
      {R"("max_attempts":1e300)", "/max_attempts is 1e300; it must be"},
      {R"("max_crashes":0)", "/max_crashes is 0; it must be an integer from 1 to 100"},
      {R"("max_crashes":101)", "/max_crashes is 101; it must be"},
      {R"("max_crashes":[])", "/max_crashes is an array; it must be"},
      {R"("retry":3)", "/retry is 3; it must be an object of min_backoff_s"},
      {R"("retry":[{"factor":7}])", "/retry is an array; it must be an object"},
      {R"("retry":{"factor":0.5})", "/retry/factor is 0.5; it must be a number from 1 to 100"},
      {R"("retry":{"factor":101})", "/retry/factor is 101; it must be"},
      {R"("retry":{"factor":{"a":1}})", "/retry/factor is an object; it must be"},
      {R"("retry":{"jitter":-0.1})", "/retry/jitter is -0.1; it must be a number from 0 to 1"},
      {R"("retry":{"jitter":true})", "/retry/jitter is true; it must be"},
      {R"("retry":{"min_backoff_s":-1})", "/retry/min_backoff_s is -1; it must be"},
      {R"("retry":{"max_backoff_s":2592001})", "/retry/max_backoff_s is 2592001; it must be"},
      {R"("retry":{"min_backoff_s":7200})",
       "/retry/min_backoff_s is 7200, more than max_backoff_s (3600); lower it, or raise"},
      {R"("retry":{"min_backof_s":1})",
       "/retry/min_backof_s is not a field of retry; did you mean \"min_backoff_s\"?"},
      {R"("retry":{"x":{"y":[1,{"factor":2}]}})",
       "/retry/x is not a field of retry; there are factor, jitter, max_backoff_s, min_backoff_s"},
  }));
  CHECK(begins_with(fault(R"({"kind":"k",)" + fields + "}"), words));
}

TEST_CASE("group, expiry and uniqueness are read") {
  const auto spec = good(R"({"kind":"k","group":"Müller & Söhne","expires_at":
    "2026-11-22T22:00:00+01:00","unique":{"key":"k 1","until":"window","window_s":60,
    "on_conflict":"replace"}})");
  CHECK(spec.group == "Müller & Söhne");
  CHECK(spec.expires_at == parse_rfc3339("2026-11-22T21:00:00Z"));
  CHECK(spec.unique == unique_rule{"k 1", unique_until::window, 60s, unique_conflict::replace});
  CHECK(good(R"({"kind":"k","expires_in_s":1.5})").expires_in == 1500ms);
  CHECK(good(R"({"kind":"k","unique":{"key":"k"}})").unique
        == unique_rule{"k", unique_until::final, 0s, unique_conflict::keep});
  CHECK(good(R"({"kind":"k","unique":{"key":"k","until":"started","on_conflict":"reject"}})").unique
        == unique_rule{"k", unique_until::started, 0s, unique_conflict::reject});
}

TEST_CASE("a group, an expiry or a uniqueness that can't be is refused with its place") {
  const auto [fields, words] = GENERATE(table<std::string, std::string>({
      {R"("group":"")", "/group is \"\"; it must be a string of 1 to 128 bytes"},
      {R"("group":"a\nb")", "/group is \"a?b\"; it must be"},
      {R"("group":null)", "/group is null; it must be"},
      {R"("expires_in_s":0)", "/expires_in_s is 0; it must be a number of seconds above 0"},
      {R"("expires_in_s":"1")", "/expires_in_s is \"1\"; it must be"},
      {R"("expires_at":"soon")", "/expires_at is \"soon\"; it must be an RFC 3339 time"},
      {R"("expires_at":5)", "/expires_at is 5; it must be"},
      {R"("expires_in_s":5,"expires_at":"2026-11-22T21:00:00Z")",
       "/expires_at is given together with expires_in_s; keep one"},
      {R"("delay_s":5,"expires_in_s":5)",
       "/expires_in_s lies before the time at which the task may start"},
      {R"("run_at":"2026-11-22T21:00:00Z","expires_at":"2026-11-22T20:00:00Z")",
       "/expires_at lies before the time at which the task may start"},
      {R"("unique":"k")", "/unique is \"k\"; it must be an object of key, until"},
      {R"("unique":["k"])", "/unique is an array; it must be an object"},
      {R"("unique":{})", "/unique/key is missing; it must be a string of 1 to 256"},
      {R"("unique":{"key":""})", "/unique/key is \"\"; it must be"},
      {R"("unique":{"key":{"a":1}})", "/unique/key is an object; it must be"},
      {R"("unique":{"key":"k","until":"then"})",
       R"(/unique/until is "then"; it must be "started", "final" or "window")"},
      {R"("unique":{"key":"k","on_conflict":1})",
       R"(/unique/on_conflict is 1; it must be "return", "replace" or "reject")"},
      {R"("unique":{"key":"k","until":"window"})", "/unique/window_s is missing"},
      {R"("unique":{"key":"k","window_s":5})", "/unique/window_s goes with"},
      {R"("unique":{"key":"k","until":"window","window_s":2592001})",
       "/unique/window_s is 2592001; it must be"},
      {R"("unique":{"key":"k","untill":"final"})",
       "/unique/untill is not a field of unique; did you mean \"until\"?"},
  }));
  CAPTURE(fields);
  const auto why = refused(R"({"kind":"k",)" + fields + "}");
  CHECK(why.status == 422);
  CHECK(begins_with(why.errors.at(0).pointer + ' ' + why.errors.at(0).detail, words));
}

TEST_CASE("a run_at that has passed is taken, and means now") {
  const auto spec = good(R"({"kind":"k","run_at":"1999-01-01T00:00:00Z"})");
  CHECK(due_at(spec, timestamp{2'000'000'000s}) == timestamp{2'000'000'000s});
}

TEST_CASE("args may be any JSON and keep their meaning") {
  const auto [sent, kept] = GENERATE(table<std::string, std::string>({
      {"{}", "{}"},
      {"[]", "[]"},
      {"null", "null"},
      {"true", "true"},
      {"false", "false"},
      {"\"\"", "\"\""},
      {"0", "0"},
      {"-0", "0"},
      {"-1", "-1"},
      {" [ 1 , 2 ] ", "[1,2]"},
      {"{\"kind\":1,\"unknown\":{\"tags\":[]}}", "{\"kind\":1,\"unknown\":{\"tags\":[]}}"},
      {"{\"\":{\"\":[{},[[]]]}}", "{\"\":{\"\":[{},[[]]]}}"},
      {R"("\u00e9\u20ac\ud83d\ude00\/\u0000\u001f\"\\\n")", R"("é€😀/\u0000\u001f\"\\\n")"},
      {R"({"\u0061":1})", R"({"a":1})"},
      {"[[1],[{\"a\":[]}],\"x\"]", "[[1],[{\"a\":[]}],\"x\"]"},
  }));
  CHECK(good(with_args(sent)).args_json == kept);
}

TEST_CASE("a spec without a kind is refused") {
  CHECK(begins_with(fault("{}"), "/kind is missing"));
  CHECK(begins_with(fault("{\"args\":{\"kind\":\"noop\"}}"), "/kind is missing"));
}

TEST_CASE("a value that a field cannot have is refused with the value and the rule") {
  const auto [body, start] = GENERATE(table<std::string, std::string>({
      {R"({"kind":""})", "/kind is \"\"; it must be a string of 1 to 128"},
      {R"({"kind":"a b"})", "/kind is \"a b\"; it must be"},
      {R"({"kind":"a\u0000b"})", "/kind is \"a?b\"; it must be"},
      {R"({"kind":"é"})", "/kind is \"é\"; it must be"},
      {R"({"kind":5})", "/kind is 5; it must be a string"},
      {R"({"kind":null})", "/kind is null; it must be a string"},
      {R"({"kind":true})", "/kind is true; it must be a string"},
      {R"({"kind":[]})", "/kind is an array; it must be a string"},
      {R"({"kind":{"kind":"k","x":[{}]}})", "/kind is an object; it must be a string"},
      {R"({"kind":"k","queue":""})", "/queue is \"\"; it must be a string"},
      {R"({"kind":"k","queue":null})", "/queue is null; it must be a string"},
      {R"({"kind":"k","priority":101})", "/priority is 101; it must be an integer from -100"},
      {R"({"kind":"k","priority":-101})", "/priority is -101; it must be an integer"},
      {R"({"kind":"k","priority":1.5})", "/priority is 1.5; it must be an integer"},
      {R"({"kind":"k","priority":"1"})", "/priority is \"1\"; it must be an integer"},
      {R"({"kind":"k","priority":true})", "/priority is true; it must be an integer"},
      {R"({"kind":"k","priority":4294967296})", "/priority is 4294967296; it must be"},
      {R"({"kind":"k","priority":9223372036854775808})", "/priority is 9223372036854775808; it"},
      {R"({"kind":"k","priority":99999999999999999999})", "/priority is 99999999999999999999; it"},
      {R"({"kind":"k","priority":1e300})", "/priority is 1e300; it must be an integer"},
      {R"({"kind":"k","priority":1e999})", "/priority is 1e999; it must be a number that a double"},
      {R"({"kind":"k","delay_s":-1})", "/delay_s is -1; it must be a number of seconds from 0"},
      {R"({"kind":"k","delay_s":315360001})", "/delay_s is 315360001; it must be"},
      {R"({"kind":"k","delay_s":1e300})", "/delay_s is 1e+300; it must be"},
      {R"({"kind":"k","delay_s":"5"})", "/delay_s is \"5\"; it must be a number"},
      {R"({"kind":"k","delay_s":null})", "/delay_s is null; it must be a number"},
      {R"({"kind":"k","timeout_s":0})", "/timeout_s is 0; it must be a number of seconds above 0"},
      {R"({"kind":"k","timeout_s":-0.5})", "/timeout_s is -0.5; it must be"},
      {R"({"kind":"k","timeout_s":2592001})", "/timeout_s is 2592001; it must be"},
      {R"({"kind":"k","timeout_s":[1]})", "/timeout_s is an array; it must be a number"},
      {R"({"kind":"k","run_at":"soon"})", "/run_at is \"soon\"; it must be an RFC 3339 time"},
      {R"({"kind":"k","run_at":"2026-11-22"})", "/run_at is \"2026-11-22\"; it must be"},
      {R"({"kind":"k","run_at":"2026-02-30T00:00:00Z"})", "/run_at is \"2026-02-30T00:00:00Z\""},
      {R"({"kind":"k","run_at":1795381200})", "/run_at is 1795381200; it must be an RFC 3339"},
      {R"({"kind":"k","run_at":null})", "/run_at is null; it must be"},
      {R"({"kind":"k","tags":[]})", "/tags is an array; it must be an object of up to 16"},
      {R"({"kind":"k","tags":[["a","b"]]})", "/tags is an array; it must be an object"},
      {R"({"kind":"k","tags":null})", "/tags is null; it must be an object"},
      {R"({"kind":"k","tags":"a=b"})", "/tags is \"a=b\"; it must be an object"},
      {R"({"kind":"k","tags":{"a":1}})", "/tags/a is 1; it must be a string of up to 256"},
      {R"({"kind":"k","tags":{"a":null}})", "/tags/a is null; it must be a string"},
      {R"({"kind":"k","tags":{"a/b":{"c":"d"}}})", "/tags/a~1b is an object; it must be a string"},
      {R"({"kind":"k","tags":{"a":["b","c"]}})", "/tags/a is an array; it must be a string"},
      {R"({"kind":"k","tags":{"a":"b\n"}})", "/tags/a is \"b?\"; it must be a string"},
      {R"({"kind":"k","tags":{"a b":"c"}})", "/tags has the key \"a b\"; a key must be 1 to 64"},
      {R"({"kind":"k","tags":{"":"c"}})", "/tags has the key \"\"; a key must be"},
      {R"({"kind":"k","delay_s":1,"run_at":"2026-11-22T21:00:00Z"})", "/run_at is given together"},
      {R"({"kind":"k","args":[0,{"a":[1e999]}]})", "/args/1/a/0 is 1e999; it must be a number"},
      {R"({"kind":"k","args":{"a":-1e999}})", "/args/a is -1e999; it must be a number"},
  }));
  CAPTURE(body);
  const auto told = fault(body);
  CAPTURE(told);
  CHECK(begins_with(told, start));
}

TEST_CASE("values at the edge of a rule are taken") {
  CHECK(good(R"({"kind":")" + std::string(128, 'k') + "\"}").kind.size() == 128);
  CHECK(good(R"({"kind":"k","priority":100})").priority == 100);
  CHECK(good(R"({"kind":"k","priority":-100})").priority == -100);
  CHECK(good(R"({"kind":"k","priority":1.0})").priority == 1);
  CHECK(good(R"({"kind":"k","priority":-1E1})").priority == -10);
  CHECK(good(R"({"kind":"k","priority":-0.0})").priority == 0);
  CHECK(good(R"({"kind":"k","delay_s":0})").delay == 0s);
  CHECK(good(R"({"kind":"k","delay_s":315360000})").delay == max_delay);
  CHECK(good(R"({"kind":"k","timeout_s":2592000})").timeout == max_timeout);
  CHECK(good(R"({"kind":"k","timeout_s":1e-9})").timeout == 1us);
  CHECK(good(R"({"kind":"k","tags":{"a":""}})").tags == tag_map{{"a", ""}});
  CHECK(good("\xEF\xBB\xBF{\"kind\":\"k\"}").kind == "k"); // a byte order mark
}

TEST_CASE("sixteen tags are taken, and more are refused by number") {
  const auto body = [](int count) {
    auto tags = json::object();
    for (int i = 0; i < count; ++i)
      tags["k" + std::to_string(i)] = std::string(256, 'v');
    return json{{"kind", "k"}, {"tags", tags}}.dump();
  };
  CHECK(good(body(16)).tags.size() == 16);
  CHECK(begins_with(fault(body(17)), "/tags has 17 tags"));
  CHECK(begins_with(fault(body(2000)), "/tags has 2000 tags"));
}

TEST_CASE("an unknown field is refused, and the one that was meant is told") {
  CHECK(fault(R"({"kind":"k","knid":1})")
        == "/knid is not a field of a task; did you mean \"kind\"?");
  CHECK(fault(R"({"kind":"k","Queue":"q"})")
        == "/Queue is not a field of a task; did you mean \"queue\"?");
  CHECK(fault(R"({"kind":"k","delay":{"a":[1]}})")
        == "/delay is not a field of a task; did you mean \"delay_s\"?");
  CHECK(fault(R"({"kind":"k","payload":{"kind":1}})")
        == "/payload is not a field of a task; there are after, args, callback_url, delay_s, "
           "expires_at, "
           "expires_in_s, group, kind, max_attempts, max_crashes, on_dependency_failure, "
           "priority, queue, retry, run_at, tags, timeout_s, unique");
  CHECK(begins_with(fault(R"({"kind":"k","id":"x"})"), "/id is not a field of a task"));
  CHECK(begins_with(fault(R"({"kind":"k","":0})"), "/ is not a field of a task"));
  CHECK(begins_with(fault(R"({"kind":"k","a/b~":0})"), "/a~1b~0 is not a field of a task"));
}

TEST_CASE("callback_url is a URL that the server may call") {
  CHECK(good(R"({"kind":"k","callback_url":"https://example.com/a?b=c"})").callback_url
        == "https://example.com/a?b=c");
  for (const auto* value : {"1", "null", "{\"a\":[1]}", "[\"a\"]", "\"\"", "\"/x\"", "\"ftp://a/\"",
                            "\"http://a b/\"", "\"http://u:p@a/\""}) {
    const auto told = fault(std::string(R"({"kind":"k","callback_url":)") + value + "}");
    INFO(told);
    CHECK(begins_with(told, "/callback_url "));
    CHECK(told.find("it must be an absolute http or https URL") != std::string::npos);
    CHECK(told.find("u:p") == std::string::npos);
  }
}

TEST_CASE("kinds of the server's own are not for clients") {
  CHECK(fault(R"({"kind":"errand.callback"})")
        == "/kind is \"errand.callback\", and kinds that begin with \"errand.\" are the server's"
           " own; choose another name");
  CHECK(good(R"({"kind":"errand"})").kind == "errand");
  CHECK(good(R"({"kind":"k","queue":"errand.x"})").queue == "errand.x");
}

TEST_CASE("all fields that are wrong are told at once") {
  const auto why = refused(R"({"kind":"a b","queue":7,"priority":1000,"timeout_s":"1","delay_s":-1,
    "run_at":"x","tags":{"a":1,"b":2},"retry":{"jitter":2},"nope":[[]],"args":{"a":1,"a":1}})");
  CHECK(why.status == 422);
  CHECK(why.type == "/problems/invalid");
  std::vector<std::string> pointers;
  for (const auto& error : why.errors)
    pointers.push_back(error.pointer);
  CHECK(pointers
        == std::vector<std::string>{"/kind", "/queue", "/priority", "/timeout_s", "/delay_s",
                                    "/run_at", "/tags/a", "/tags/b", "/retry/jitter", "/nope",
                                    "/args/a", "/run_at"});
  CHECK(begins_with(why.detail, "/kind is \"a b\"; it must be"));
}
