// Each command of the client against a real server, for people and as JSON.

#include "tests/cli/client_fixture.hpp"
#include "tests/support/eventually.hpp"

#include <algorithm>
#include <fstream>

using namespace errand::test;
using nlohmann::json;

TEST_CASE("submit prints the id of a task that has what the flags say") {
  const client_fixture f;
  const auto before = f.submitted({"echo", "--delay", "1000"});
  const auto id = f.submitted({"echo",
                               "--args",
                               R"({"n": 1})",
                               "--queue=mail",
                               "--priority",
                               "-5",
                               "--delay",
                               "900.5",
                               "--expires-in=5000",
                               "--timeout",
                               "60",
                               "--max-attempts",
                               "2",
                               "--max-crashes=4",
                               "--min-backoff",
                               "0.5",
                               "--max-backoff=60",
                               "--backoff-factor=3",
                               "--backoff-jitter",
                               "0",
                               "--tag",
                               "tenant=acme",
                               "--tag",
                               "of=a=b",
                               "--group",
                               "g",
                               "--callback-url",
                               "http://example.org/",
                               "--unique",
                               "k",
                               "--unique-until",
                               "window",
                               "--unique-window=30"});
  const auto task = f.json_of({"get", id, "--json"});
  CHECK(task["args"] == json({{"n", 1}}));
  CHECK(task["queue"] == "mail");
  CHECK(task["priority"] == -5);
  CHECK(task["state"] == "scheduled");
  CHECK(task["timeout_s"] == 60);
  CHECK(task["max_attempts"] == 2);
  CHECK(task["max_crashes"] == 4);
  CHECK(task["retry"]
        == json({{"min_backoff_s", 0.5}, {"max_backoff_s", 60}, {"factor", 3}, {"jitter", 0}}));
  CHECK(task["tags"] == json({{"tenant", "acme"}, {"of", "a=b"}}));
  CHECK(task["group"] == "g");
  CHECK(task["callback_url"] == "http://example.org/");
  CHECK(task["unique"]["until"] == "window");
  CHECK(task.contains("expires_at"));

  const auto later = f.json_of(
      {"submit", "noop", "--after", before + "," + id, "--on-dependency-failure", "run", "--json"});
  CHECK(later["state"] == "waiting");
  CHECK(later["after"] == json({before, id}));
  CHECK(later["on_dependency_failure"] == "run");

  const auto hasty = f.json_of({"submit", "noop", "--max-backoff=7", "--json"});
  CHECK(hasty["retry"]
        == json({{"min_backoff_s", 1}, {"max_backoff_s", 7}, {"factor", 2}, {"jitter", 0.2}}));
}

TEST_CASE("args come from the command line, a file or standard input") {
  const client_fixture f;
  std::ofstream(f.folder.file("args")) << "[1, 2]";
  CHECK(f.run({"submit", "echo", "--wait", "--args", "[1]"}).out == "[1]\n");
  CHECK(f.run({"submit", "echo", "--wait", "--args", "@" + f.folder.file("args")}).out
        == "[1,2]\n");
  CHECK(f.run({"submit", "echo", "--wait", "--args", "-"}, "{\"a\": 1, \"b\": 2}").out
        == "{\"a\":1,\"b\":2}\n");
}

TEST_CASE("args are sent as they are written") {
  const client_fixture f;
  const std::string args = R"({"n": 1.10, "id":12345678901234567890123})";
  const auto sent = f.run({"submit", "noop", "--args", args, "--json"});
  CHECK(sent.exit_status == 0);
  CHECK(contains(sent.out, R"("args":{"n":1.10,"id":12345678901234567890123})"));

  const auto twice = f.run({"submit", "noop", "--args", R"({"a":1,"a":2})"});
  CHECK(twice.exit_status == 3);
  CHECK(contains(twice.err, "(422)"));

  std::ofstream(f.folder.file("marked")) << "\xef\xbb\xbf[1]";
  CHECK(f.run({"submit", "echo", "--wait", "--args", "@" + f.folder.file("marked")}).out
        == "[1]\n");
}

TEST_CASE("a tag without a value is a filter, too") {
  const client_fixture f;
  f.submitted({"noop", "--tag", "a=b"});
  const auto bare = f.submitted({"noop", "--tag", "a="});
  const auto found = f.json_of({"list", "--tag", "a=", "--json"})["tasks"];
  REQUIRE(found.size() == 1);
  CHECK(found[0]["id"] == bare);
}

TEST_CASE("submit --wait prints the result, and --json the task that has ended") {
  const client_fixture f;
  const auto [status, out, err] =
      f.run({"submit", "sleep", "--args", "{\"seconds\":0.2}", "--wait"});
  CHECK(status == 0);
  CHECK(out == "0.2\n");
  CHECK(err.empty());
  const auto task = f.json_of({"submit", "echo", "--args", "5", "--wait=20", "--json"});
  CHECK(task["state"] == "succeeded");
  CHECK(task["result"] == 5);
}

TEST_CASE("a submit that is sent twice with a key makes one task") {
  const client_fixture f;
  CHECK(f.submitted({"noop", "--idempotency-key", "a"})
        == f.submitted({"noop", "--idempotency-key", "a"}));
}

TEST_CASE("submit warns on standard error, and says who holds a unique key") {
  const client_fixture f;
  const auto unknown = f.run({"submit", "no-such-kind"});
  CHECK(unknown.exit_status == 0);
  CHECK(contains(unknown.err, "errand: warning: "));
  const auto id = f.submitted({"noop", "--delay", "100", "--unique", "k"});
  const auto second = f.run({"submit", "noop", "--unique", "k"});
  CHECK(second.out == id + "\n");
  CHECK(contains(second.err, "this task holds the unique key"));
}

TEST_CASE("get shows a task's fields and attempts, and waits if it shall") {
  const client_fixture f;
  const auto id = f.submitted({"sleep", "--args", R"({"seconds":0.3})", "--tag", "a=b"});
  const auto [status, out, err] = f.run({"get", id, "--wait"});
  CHECK(status == 0);
  CHECK(err.empty());
  CHECK(contains(out, "id            " + id + "\n"));
  CHECK(contains(out, "state         succeeded\n"));
  CHECK(contains(out, "args          {\"seconds\":0.3}\n"));
  CHECK(contains(out, "tags          {\"a\":\"b\"}\n"));
  CHECK(contains(out, "result        0.3\n"));
  CHECK(contains(out, "\nATTEMPT  OUTCOME    STARTED   "));
  CHECK(contains(out, "      1  succeeded  2"));
  CHECK_FALSE(contains(out, "null"));
  CHECK_FALSE(contains(out, "error"));
}

TEST_CASE("list shows tasks that the flags choose, across pages") {
  const client_fixture f;
  auto client = f.server.client();
  json batch = json::array();
  for (int i = 0; i < 1100; ++i)
    batch.push_back(
        {{"kind", "noop"}, {"delay_s", 1000}, {"tags", {{"n", i % 2 ? "odd" : "even"}}}});
  const auto answer =
      client.Post("/v1/tasks/batch", json{{"tasks", batch}}.dump(), "application/json");
  REQUIRE(answer);
  REQUIRE(answer->status == 202);

  const auto [status, out, err] = f.run({"list"});
  CHECK(status == 0);
  CHECK(out.starts_with("ID "));
  CHECK(std::count(out.begin(), out.end(), '\n') == 101);
  CHECK(contains(err, "the first 100 are shown"));

  CHECK(f.json_of({"list", "--json"})["tasks"].size() == 100);
  CHECK(f.json_of({"list", "--json"})["next_cursor"].is_string());
  const auto all = f.json_of({"list", "--all", "--json"});
  CHECK(all["tasks"].size() == 1100);
  CHECK(all["next_cursor"].is_null());
  CHECK(f.json_of({"list", "--limit", "1050", "--json"})["tasks"].size() == 1050);
  CHECK(f.json_of({"list", "--all", "--tag", "n=odd", "--json"})["tasks"].size() == 550);
  CHECK(f.json_of({"list", "--state", "queued,running", "--state=failed", "--json"})["tasks"]
            .empty());
  CHECK(f.json_of({"list", "--kind", "echo", "--json"})["tasks"].empty());
  CHECK(f.run({"list", "--kind", "echo"}).out == "ID  STATE  AGE  TRY  KIND  QUEUE  NOTE\n");
  const auto newest = f.json_of({"list", "--limit=1", "--json"})["tasks"][0]["id"];
  const auto oldest = f.json_of({"list", "--limit=1", "--order=asc", "--json"})["tasks"][0]["id"];
  CHECK(newest > oldest);
}

TEST_CASE("cancel and retry take several ids and tell the state of each") {
  const client_fixture f;
  const auto a = f.submitted({"noop", "--delay", "100"});
  const auto b = f.submitted({"noop", "--delay", "100"});
  CHECK(f.run({"cancel", a, b}).out == a + "  cancelled\n" + b + "  cancelled\n");
  CHECK(f.json_of({"retry", a, "--json"})["id"] == a);

  const auto again = f.run({"cancel", b, f.submitted({"noop", "--delay", "100"})});
  CHECK(again.exit_status == 3);
  CHECK(contains(again.err, b + ": "));
  CHECK(contains(again.out, "  cancelled\n"));
}

TEST_CASE("explain says why a task does not run") {
  const client_fixture f;
  const auto id = f.submitted({"noop", "--delay", "100"});
  const auto [status, out, err] = f.run({"explain", id});
  CHECK(status == 0);
  CHECK(out.starts_with("scheduled\n  "));
  CHECK(contains(out, "(run_at_ahead)"));
  CHECK(f.json_of({"explain", id, "--json"})["reasons"][0]["code"] == "run_at_ahead");
}

TEST_CASE("log prints a task's lines with local times") {
  const client_fixture f;
  const auto id =
      f.json_of({"submit", "sleep", "--args", "{\"seconds\":0}", "--wait", "--json"})["id"];
  const auto plain = f.run({"log", id});
  CHECK(plain.exit_status == 0);
  CHECK(plain.out.size() == std::string("2026-11-22 21:00:00 #1 yes\n").size());
  CHECK(plain.out.ends_with(" #1 yes\n"));
  const auto line = f.json_of({"log", id, "--json"});
  CHECK(line["attempt"] == 1);
  CHECK(line["line"] == "yes");
}

TEST_CASE("queues are listed, paused, resumed and given limits one by one") {
  const client_fixture f;
  f.submitted({"noop", "--queue", "a/b", "--delay", "100"});
  const auto list = f.run({"queues"});
  CHECK(list.exit_status == 0);
  CHECK(contains(list.out, "QUEUE  QUEUED  RUNNING"));
  CHECK(contains(list.out, "a/b"));
  CHECK(f.json_of({"queues", "--json"})["queues"][0]["name"] == "a/b");

  CHECK(f.run({"queues", "pause", "a/b"}).out == "a/b: paused\n");
  CHECK(f.json_of({"queues", "set", "a/b", "--concurrency", "4", "--json"})["concurrency"] == 4);
  CHECK(f.run({"queues", "set", "a/b", "--rate", "100/60", "--weight", "2"}).out
        == "a/b: paused, concurrency 4, rate 100/60 s, weight 2\n");
  CHECK(f.run({"queues", "resume", "a/b"}).out == "a/b: concurrency 4, rate 100/60 s, weight 2\n");
  CHECK(f.run({"queues", "set", "a/b", "--concurrency", "none", "--rate", "none"}).out
        == "a/b: weight 2\n");
  CHECK(f.run({"queues", "set", "new", "--group-concurrency", "1"}).out == "new: per group 1\n");
  CHECK(f.json_of({"queues", "pause", "a/b", "--until", "2999-01-01T00:00:00Z", "--json"})["paused"]
        == true);
  CHECK(contains(f.run({"queues"}).out, "paused until 2999-01-01 00:00:00"));
}

TEST_CASE("schedules are listed, run, paused and resumed") {
  const client_fixture f;
  auto client = f.server.client();
  REQUIRE(client.Put("/v1/schedules/every-night", R"({"cron":"0 3 * * *","task":{"kind":"noop"}})",
                     "application/json"));
  const auto list = f.run({"schedules"});
  CHECK(list.exit_status == 0);
  CHECK(contains(list.out, "SCHEDULE     WHEN       ZONE  KIND  NEXT"));
  CHECK(contains(list.out, "every-night  0 3 * * *  UTC   noop  2"));
  CHECK(f.json_of({"schedules", "--json"})["schedules"][0]["name"] == "every-night");
  CHECK(f.run({"schedules", "pause", "every-night"}).out == "every-night: paused\n");
  CHECK(contains(f.run({"schedules"}).out, "noop  paused"));
  CHECK(f.run({"schedules", "resume", "every-night"}).out.starts_with("every-night: next run 2"));
  const auto id = f.run({"schedules", "run", "every-night"}).out.substr(0, 36);
  CHECK(f.json_of({"get", id, "--json"})["schedule"] == "every-night");
  CHECK(f.json_of({"schedules", "run", "every-night", "--json"})["kind"] == "noop");
}

TEST_CASE("workers are listed with what they run") {
  const client_fixture f;
  const auto id = f.submitted({"sleep", "--args", "{\"seconds\":60}"});
  REQUIRE(eventually([&] { return f.json_of({"get", id, "--json"})["state"] == "running"; }));
  const auto [status, out, err] = f.run({"workers"});
  CHECK(status == 0);
  CHECK(contains(out, "WORKER    POOL     STATE    TASK"));
  CHECK(contains(out, "running  " + id + "  sleep"));
  CHECK(contains(out, "idle     -"));
  CHECK(f.json_of({"workers", "--json"})["workers"].size() == 2);
}

TEST_CASE("top without a terminal prints one snapshot and ends") {
  const client_fixture f;
  f.submitted({"noop", "--queue", "mail", "--delay", "100"});
  const auto [status, out, err] = f.run({"top"});
  CHECK(status == 0);
  CHECK(contains(out, "scheduled 1"));
  CHECK(contains(out, "\nmail "));
  CHECK(contains(out, "0 of 2 busy"));
  CHECK_FALSE(contains(out, "\x1b"));
  const auto data = f.json_of({"top", "--json"});
  CHECK(data["stats"]["counts"]["scheduled"] == 1);
  CHECK(data["queues"][0]["name"] == "mail");
  CHECK(data["workers"]["workers"].size() == 2);
}

TEST_CASE("commands that ask no server have --json, too") {
  const client_fixture f;
  CHECK(f.json_of({"version", "--json"})["version"] == ERRAND_VERSION);
  CHECK(f.json_of({"check-config", "--json"})["http"]["port"] == 8002);
  CHECK(f.json_of({"health", "--url", f.url, "--json"})["ready"] == true);
  const auto down = f.run({"health", "--url", deserted_url, "--json"});
  CHECK(down.exit_status == 1);
  CHECK(json::parse(down.out)["ready"] == false);
  const auto token = f.json_of({"token", "new", "--name", "web", "--scope", "submit", "--json"});
  CHECK(token["name"] == "web");
  CHECK(token["scopes"] == json({"submit"}));
  CHECK(token["token"].get<std::string>().starts_with("errand_"));
  CHECK(token["hash"].get<std::string>().starts_with("sha256:"));
}
