// Handlers that throw, abort, end their thread, or never end.

#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <sys/wait.h>

using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct faulty_fixture {
  server_process start(const std::string& drain_timeout = "30") {
    return {FAULTY_PROGRAM,
            {"--store", "sqlite:" + folder.file("tasks.db"), "--workers", "2", "--drain-timeout",
             drain_timeout, "--timeout-grace", "0.1"},
            folder.file("log")};
  }

  static std::string submit_kind(server_process& server, const std::string& kind,
                                 json spec = json::object()) {
    auto client = server.client();
    spec["kind"] = kind;
    const auto task = submit(client, spec);
    REQUIRE(task);
    return (*task)["id"];
  }

  static json wait_until(server_process& server, const std::string& id, const std::string& state) {
    auto client = server.client();
    json task;
    CHECK(eventually([&] { return (task = get_task(client, id))["state"] == state; }));
    return task;
  }

  temp_folder folder;
};

} // namespace

TEST_CASE_METHOD(faulty_fixture, "a handler that throws makes its task failed with the text") {
  auto server = start();
  const json once = {{"max_attempts", 1}};
  auto task = wait_until(server, submit_kind(server, "throw", once), "failed");
  CHECK(task["error"]
        == json{{"type", "exception"}, {"message", "the partner hung up"}, {"attempt", 1}});
  task = wait_until(server, submit_kind(server, "throw_int", once), "failed");
  CHECK(task["error"]["type"] == "exception");
  task = wait_until(server, submit_kind(server, "not_utf8", once), "failed");
  CHECK(task["error"]["type"] == "exception");
  task = wait_until(server, submit_kind(server, "permanent"), "failed");
  CHECK(task["error"]
        == json{{"type", "permanent"}, {"message", "no such customer"}, {"attempt", 1}});
  task = wait_until(server, submit_kind(server, "sleep", {{"args", {{"seconds", "x"}}}}), "failed");
  CHECK(task["error"]["type"] == "permanent");
}

TEST_CASE_METHOD(faulty_fixture, "a task of a kind that nobody handles stays queued, and holds up"
                                 " no other") {
  auto server = start();
  const auto id = submit_kind(server, "unheard_of");
  for (int i = 0; i < 20; ++i)
    wait_until(server, submit_kind(server, "noop"), "succeeded");
  auto client = server.client();
  const auto task = get_task(client, id);
  CHECK(task["state"] == "queued");
  CHECK(task["attempt"] == 0);
  const auto why = client.Get("/v1/tasks/" + id + "/explain");
  REQUIRE(why);
  CHECK(why->body.find("no_handler") != std::string::npos);
}

TEST_CASE_METHOD(faulty_fixture, "a task that fails is tried again until it succeeds") {
  auto server = start();
  const json retry = {{"retry", {{"min_backoff_s", 0.05}, {"factor", 1}, {"jitter", 0}}}};
  const auto task = wait_until(server, submit_kind(server, "third_time", retry), "succeeded");
  CHECK(task["result"] == 3);
  REQUIRE(task["attempts"].size() == 3);
  for (const int i : {0, 1}) {
    const auto& attempt = task["attempts"][i];
    CHECK(attempt["outcome"] == "failed");
    CHECK(attempt["error"]["message"] == "not yet");
    CHECK(attempt["next_run_at"] > attempt["finished_at"]);
    CHECK(task["attempts"][i + 1]["started_at"] >= attempt["next_run_at"]);
  }
}

TEST_CASE_METHOD(faulty_fixture, "a handler may ask for another time, and that is no failure") {
  auto server = start();
  const auto task =
      wait_until(server, submit_kind(server, "later", {{"max_attempts", 1}}), "succeeded");
  CHECK(task["error"].is_null());
  REQUIRE(task["attempts"].size() == 3);
  CHECK(task["attempts"][0]["outcome"] == "postponed");
  CHECK(task["attempts"][0]["error"]["message"] == "the partner is closed");
  CHECK(task["attempts"][2]["outcome"] == "succeeded");
}

TEST_CASE_METHOD(faulty_fixture,
                 "a task that kills its server three times fails, and the server stays up") {
  const auto kind = GENERATE("abort", "exit_thread");
  std::string id;
  {
    auto server = start();
    // Later, so that the 202 is out before the handler takes the server down.
    id = submit_kind(server, kind, {{"delay_s", 0.5}});
    const auto end = server.wait_for_end();
    REQUIRE(end);
    CHECK(WIFSIGNALED(*end));
  }
  for (int restart = 0; restart < 2; ++restart) {
    // It may be gone before its address is known.
    try {
      auto server = start();
      REQUIRE(server.wait_for_end());
    } catch (const std::runtime_error&) {
    }
  }
  auto server = start();
  const auto task = wait_until(server, id, "failed");
  CHECK(task["error"]["type"] == "worker_lost");
  CHECK(task["attempts"].size() == 3);
  CHECK(wait_until(server, submit_kind(server, "noop"), "succeeded")["result"].is_null());
}

TEST_CASE_METHOD(faulty_fixture,
                 "a handler that outlives the drain is put back uncounted, exit status 0") {
  std::string stubborn, obedient;
  {
    auto server = start("0.2");
    stubborn = submit_kind(server, "stubborn");
    obedient = submit_kind(server, "obedient");
    wait_until(server, stubborn, "running");
    wait_until(server, obedient, "running");
    server.signal(SIGTERM);
    const auto end = server.wait_for_end();
    REQUIRE(end);
    CHECK(*end == 0);
  }
  auto server = start("0.2");
  for (const auto& id : {stubborn, obedient}) {
    const auto task = wait_until(server, id, "running");
    CHECK(task["attempt"] == 1);
    CHECK(task["attempts"].size() == 1);
  }
}

TEST_CASE_METHOD(faulty_fixture, "SIGTERM waits for a running handler, and its result is kept") {
  std::string id;
  {
    auto server = start();
    auto client = server.client();
    id = (*submit(client, {{"kind", "sleep"}, {"args", {{"seconds", 0.5}}}}))["id"];
    wait_until(server, id, "running");
    server.signal(SIGTERM);
    const auto end = server.wait_for_end();
    REQUIRE(end);
    CHECK(*end == 0);
  }
  auto server = start();
  CHECK(wait_until(server, id, "succeeded")["result"] == 0.5);
}

TEST_CASE_METHOD(faulty_fixture, "a second signal ends the server at once") {
  auto server = start();
  wait_until(server, submit_kind(server, "stubborn"), "running");
  server.signal(SIGTERM);
  REQUIRE(eventually([&] { return server.log().find("stopping") != std::string::npos; }));
  server.signal(SIGINT);
  const auto end = server.wait_for_end(10s);
  REQUIRE(end);
  REQUIRE(WIFEXITED(*end));
  CHECK(WEXITSTATUS(*end) == 128 + SIGINT);
}

TEST_CASE_METHOD(faulty_fixture,
                 "a running task that is cancelled ends when its handler heeds it") {
  auto server = start();
  auto client = server.client();
  const auto cancel = [&](const std::string& id) {
    const auto answer = client.Post(("/v1/tasks/" + id + "/cancel").c_str());
    REQUIRE(answer);
    CHECK(answer->status == 200);
    return json::parse(answer->body);
  };
  const auto id = (*submit(client, {{"kind", "sleep"}, {"args", {{"seconds", 3600}}}}))["id"];
  wait_until(server, id, "running");
  const auto told = cancel(id);
  CHECK(told["state"] == "running");
  CHECK(told["cancel_requested"] == true);
  const auto ended = wait_until(server, id, "cancelled");
  CHECK(ended["attempts"][0]["outcome"] == "cancelled");

  // This one returns when it is told, so it has succeeded.
  const auto obedient = submit_kind(server, "obedient");
  wait_until(server, obedient, "running");
  cancel(obedient);
  wait_until(server, obedient, "succeeded");

  const auto later = submit_kind(server, "noop", {{"delay_s", 3600}});
  CHECK(cancel(later)["state"] == "cancelled");
  const auto again = client.Post(("/v1/tasks/" + later + "/cancel").c_str());
  REQUIRE(again);
  CHECK(again->status == 409);
  const auto retried = client.Post(("/v1/tasks/" + later + "/retry").c_str());
  REQUIRE(retried);
  CHECK(retried->status == 200);
  wait_until(server, later, "succeeded");
  const auto deleted = client.Delete(("/v1/tasks/" + later).c_str());
  REQUIRE(deleted);
  CHECK(deleted->status == 204);
  CHECK(client.Get(("/v1/tasks/" + later).c_str())->status == 404);
}

TEST_CASE_METHOD(faulty_fixture, "a cancel is kept across a SIGKILL") {
  std::string id;
  {
    auto server = start();
    id = submit_kind(server, "stubborn");
    wait_until(server, id, "running");
    auto client = server.client();
    const auto told = client.Post(("/v1/tasks/" + id + "/cancel").c_str());
    REQUIRE(told);
    CHECK(told->status == 200);
    server.signal(SIGKILL);
    REQUIRE(server.wait_for_end());
  }
  auto server = start();
  const auto ended = wait_until(server, id, "cancelled");
  CHECK(ended["attempts"].size() == 1);
}

TEST_CASE_METHOD(faulty_fixture, "handlers that ignore their timeout fail, and others still run") {
  auto server = start("0.2");
  auto client = server.client();
  const json limit = {{"timeout_s", 0.1}, {"max_attempts", 1}};
  const std::vector<std::string> stuck{submit_kind(server, "stubborn", limit),
                                       submit_kind(server, "stubborn", limit)};
  for (const auto& id : stuck)
    CHECK(wait_until(server, id, "failed")["error"]["type"] == "timeout");

  std::map<std::string, int> states;
  for (const auto& worker :
       json::parse(client.Get("/v1/workers")->body)["workers"].get<std::vector<json>>())
    ++states[worker["state"]];
  CHECK(states["stuck"] == 2);
  CHECK(states["stuck"] + states["idle"] == 4);
  wait_until(server, submit_kind(server, "noop"), "succeeded");

  server.signal(SIGTERM);
  const auto end = server.wait_for_end();
  REQUIRE(end);
  CHECK(*end == 0);
}

TEST_CASE_METHOD(faulty_fixture, "a handler that heeds its timeout frees its worker") {
  auto server = start();
  auto client = server.client();
  const auto id = submit_kind(server, "heedful", {{"timeout_s", 0.05}, {"max_attempts", 1}});
  const auto task = wait_until(server, id, "failed");
  CHECK(task["error"]["type"] == "timeout");
  CHECK(task["error"]["message"].get<std::string>().find("I stop") != std::string::npos);
}
