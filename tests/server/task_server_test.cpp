// TaskServer inside this process: what a program that embeds it relies on.

#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

json finished(httplib::Client& client, const std::string& id) {
  const auto answer = client.Get("/v1/tasks/" + id + "?wait_s=30");
  REQUIRE(answer);
  return json::parse(answer->body);
}

} // namespace

TEST_CASE("a handler gets its task's kind, queue, args, attempt and id, and its result is kept") {
  TaskServer server{quiet_options()};
  server.handle("describe", [](TaskContext& task) -> json {
    task.log("describing");
    task.progress(0.5, "half");
    return {{"id", task.id()},
            {"kind", task.kind()},
            {"queue", task.queue()},
            {"args", task.args()},
            {"attempt", task.attempt()},
            {"cancelled", task.cancelled()},
            {"late", task.deadline() < std::chrono::system_clock::now()}};
  });
  server.start();
  auto client = client_of(server);
  const auto task = submit(
      client, {{"kind", "describe"}, {"queue", "q"}, {"args", {{"n", 1}}}, {"timeout_s", 60}});
  REQUIRE(task);
  const auto id = (*task)["id"].get<std::string>();
  CHECK(finished(client, id)["result"]
        == json{{"id", id},
                {"kind", "describe"},
                {"queue", "q"},
                {"args", {{"n", 1}}},
                {"attempt", 1},
                {"cancelled", false},
                {"late", false}});
  CHECK(server.stop());
}

TEST_CASE("a chain and a fan-in hand their results on, and a failed task hands on null") {
  TaskServer server{quiet_options()};
  server.handle("add", [](TaskContext& task) -> json {
    auto sum = task.args().get<int>();
    for (const auto& [id, result] : task.upstream().items())
      sum += result.is_null() ? 1000 : result.get<int>();
    return sum;
  });
  server.handle("fail", [](TaskContext&) -> json { throw PermanentError("no"); });
  server.handle("upstream", [](TaskContext& task) -> json { return task.upstream(); });
  server.start();
  auto client = client_of(server);
  const auto post = [&](const json& body) {
    const auto answer = client.Post("/v1/tasks/batch", body.dump(), "application/json");
    REQUIRE(answer);
    REQUIRE(answer->status == 202);
    return json::parse(answer->body);
  };

  json chain{{"tasks", json::array()}, {"then", {{"kind", "add"}, {"args", 0}}}};
  for (int i = 0; i < 100; ++i) {
    json link{{"kind", "add"}, {"args", 1}, {"ref", std::to_string(i)}};
    if (i > 0)
      link["after"] = {"#" + std::to_string(i - 1)};
    chain["tasks"].push_back(link);
  }
  CHECK(finished(client, post(chain)["then"]["id"])["result"] == 100 * 101 / 2);

  const json mixed{{"tasks", {{{"kind", "add"}, {"args", 5}}, {{"kind", "fail"}}}},
                   {"then", {{"kind", "add"}, {"args", 1}, {"on_dependency_failure", "run"}}}};
  CHECK(finished(client, post(mixed)["then"]["id"])["result"] == 1006);
  const json strict{{"tasks", {{{"kind", "fail"}}}}, {"then", {{"kind", "noop"}}}};
  const auto cancelled = finished(client, post(strict)["then"]["id"]);
  CHECK(cancelled["state"] == "cancelled");
  CHECK(cancelled["cancel_reason"] == "dependency");
  CHECK(finished(client, (*submit(client, {{"kind", "upstream"}}))["id"])["result"]
        == json::object());
}

TEST_CASE("a handler cancels its task, and HTTP tells its reason") {
  TaskServer server{quiet_options()};
  server.handle("remind", [](TaskContext&) -> json { throw CancelTask{"the customer is gone"}; });
  server.start();
  auto client = client_of(server);
  const auto done = finished(client, (*submit(client, {{"kind", "remind"}}))["id"]);
  CHECK(done["state"] == "cancelled");
  CHECK(done["cancel_reason"] == "handler");
  CHECK(done["cancel_requested"] == false);
  CHECK(done["error"]
        == json{{"type", "cancelled"}, {"message", "the customer is gone"}, {"attempt", 1}});
  const auto attempts = get_task(client, done["id"])["attempts"];
  REQUIRE(attempts.size() == 1);
  CHECK(attempts[0]["outcome"] == "cancelled");
  CHECK(server.get(done["id"]).cancel_reason == "handler");
}

TEST_CASE("an id in after that does not exist is refused by its place") {
  TaskServer server{quiet_options()};
  server.start();
  auto client = client_of(server);
  const json spec{{"kind", "noop"}, {"after", {"0193a5e0-7c00-7000-8000-000000000000"}}};
  const auto answer = client.Post("/v1/tasks", spec.dump(), "application/json");
  REQUIRE(answer);
  CHECK(answer->status == 422);
  CHECK(json::parse(answer->body)["errors"][0]["pointer"] == "/after/0");
}

TEST_CASE("a built-in kind can be replaced") {
  TaskServer server{quiet_options()};
  server.handle("noop", [](TaskContext&) -> json { return "mine"; });
  server.start();
  auto client = client_of(server);
  CHECK(finished(client, (*submit(client, {{"kind", "noop"}}))["id"])["result"] == "mine");
}

TEST_CASE("sleep ends by its task's timeout_s and refuses args that it can't use") {
  TaskServer server{quiet_options()};
  server.start();
  auto client = client_of(server);
  const auto cut = submit(
      client,
      {{"kind", "sleep"}, {"args", {{"seconds", 60}}}, {"timeout_s", 0.05}, {"max_attempts", 1}});
  const auto error = finished(client, (*cut)["id"])["error"];
  CHECK(error["type"] == "timeout");
  CHECK(error["message"]
        == "The attempt reached its timeout_s; its handler said: The sleep was cut short.");
  for (const json& args :
       {json{{"seconds", "five"}}, json{{"seconds", -1}}, json::object(), json{5}}) {
    const auto task =
        finished(client, (*submit(client, {{"kind", "sleep"}, {"args", args}}))["id"]);
    CHECK(task["state"] == "failed");
    CHECK(task["error"]["message"].get<std::string>().find("needs args like") != std::string::npos);
  }
}

TEST_CASE("handlers run beside each other, as many as there are workers") {
  TaskServer server{quiet_options()};
  std::atomic<int> inside{0};
  server.handle("meet", [&](TaskContext&) -> json {
    ++inside;
    return eventually([&] { return inside >= 2; });
  });
  server.start();
  auto client = client_of(server);
  const auto first = submit(client, {{"kind", "meet"}});
  const auto second = submit(client, {{"kind", "meet"}});
  CHECK(finished(client, (*first)["id"])["result"] == true);
  CHECK(finished(client, (*second)["id"])["result"] == true);
}

TEST_CASE("two servers in one process share nothing") {
  TaskServer one{quiet_options()};
  TaskServer two{quiet_options()};
  one.start();
  two.start();
  CHECK(one.port() != two.port());
  auto client = client_of(one);
  auto other = client_of(two);
  const auto id = (*submit(client, {{"kind", "noop"}}))["id"].get<std::string>();
  CHECK(finished(client, id)["state"] == "succeeded");
  CHECK(get_task(other, id).is_null());
}

TEST_CASE("a server that can't start says why, and nothing stays behind") {
  temp_folder folder;
  auto options = quiet_options();
  options.store = "sqlite:" + folder.file("tasks.db");
  TaskServer first{options};
  first.start();

  SECTION("another one has the store") {
    TaskServer second{options};
    CHECK_THROWS_AS(second.start(), StartError);
  }
  SECTION("the port is taken, and the store is free again afterwards") {
    auto same_port = options;
    same_port.store = "sqlite:" + folder.file("other.db");
    same_port.http.port = first.port();
    TaskServer second{same_port};
    CHECK_THROWS_AS(second.start(), StartError);
    same_port.http.port = 0;
    TaskServer third{same_port};
    third.start();
    CHECK(third.stop());
  }
}

TEST_CASE("a server can be started and stopped many times in one process") {
  for (int round = 0; round < 20; ++round) {
    TaskServer server{quiet_options()};
    server.start();
    auto client = client_of(server);
    REQUIRE(submit(client, {{"kind", "noop"}}));
    CHECK(server.stop());
    CHECK(server.stop());
  }
}

TEST_CASE("a kind that breaks the rules has no handler") {
  TaskServer server{quiet_options()};
  CHECK_THROWS_AS(server.handle("no spaces", [](TaskContext&) -> json { return 1; }),
                  std::invalid_argument);
}

TEST_CASE("a handler that is empty is refused, and the one before stays") {
  TaskServer server{quiet_options()};
  CHECK_THROWS_AS(server.handle("noop", Handler{}), std::invalid_argument);
  server.start();
  CHECK(server.wait(server.submit({.kind = "noop"}), std::chrono::seconds(30)).state
        == TaskState::succeeded);
}
