// The kind http and callbacks in the program itself.
#include "tests/support/answering_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <fstream>

using namespace errand::test;
using nlohmann::json;

namespace {

using connection = answering_server::connection;

std::vector<std::string> serve(const temp_folder& folder, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"serve", "--store", "sqlite:" + folder.file("errand.db")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const std::vector<std::string> allowed{"--http-task-allow", "127.0.0.1"};

json submit_and_wait(httplib::Client& client, const json& spec) {
  const auto answer =
      client.Post("/v1/tasks", {{"Prefer", "wait=20"}}, spec.dump(), "application/json");
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return json::parse(answer->body);
}

/// The callback for each task, by that task's id.
json callback_of(httplib::Client& client, const std::string& id) {
  for (auto& task : list_all(client, "kind=errand.callback"))
    if (task["args"]["task"] == id)
      return task;
  return nullptr;
}

} // namespace

TEST_CASE("a task can't reach what listens on the server's own machine, unless it is allowed") {
  const temp_folder folder;
  answering_server target(
      [](const seen_request&, connection& to) { to.send(response(200, "hi")); });
  const json spec{{"kind", "http"}, {"args", {{"url", target.url("/x")}}}};
  {
    server_process server(ERRAND_PROGRAM, serve(folder), folder.file("log"));
    auto client = server.client();
    const auto task = submit_and_wait(client, spec);
    CHECK(task["state"] == "failed");
    CHECK(task["attempt"] == 1);
    CHECK(task["error"]["type"] == "permanent");
    CHECK(task["error"]["message"].get<std::string>().find("127.0.0.1 is a loopback address")
          != std::string::npos);
    CHECK(target.seen().empty());
  }
  server_process server(ERRAND_PROGRAM, serve(folder, allowed), folder.file("log"));
  auto client = server.client();
  const auto task = submit_and_wait(client, spec);
  CHECK(task["state"] == "succeeded");
  CHECK(task["result"]["body"] == "hi");
  REQUIRE(target.seen().size() == 1);
  CHECK(target.seen()[0].header("errand-task-id") == task["id"]);
  CHECK(target.seen()[0].header("user-agent") == "errand/" ERRAND_VERSION);
}

TEST_CASE("the final task goes to its callback_url, until that takes it") {
  const temp_folder folder;
  std::atomic<int> calls = 0;
  answering_server target([&calls](const seen_request&, connection& to) {
    to.send(++calls == 1 ? response(503, "", "Retry-After: 1\r\n") : response(204));
  });
  server_process server(ERRAND_PROGRAM, serve(folder, allowed), folder.file("log"));
  auto client = server.client();
  const auto task = submit_and_wait(client, {{"kind", "echo"},
                                             {"args", {{"n", 1}}},
                                             {"tags", {{"a", "b"}}},
                                             {"callback_url", target.url("/done")}});
  CHECK(task["callback_url"] == target.url("/done"));
  const std::string id = task["id"];
  REQUIRE(eventually([&] { return calls == 2; }));
  const auto seen = target.seen();
  for (const auto& each : seen) {
    CHECK(each.method == "POST");
    CHECK(each.target == "/done");
    CHECK(each.header("content-type") == "application/json");
    CHECK(each.header("errand-task-id") == id);
    CHECK(json::parse(each.body) == get_task(client, id));
  }
  CHECK(seen[0].header("errand-attempt") == "1");
  CHECK(seen[1].header("errand-attempt") == "2");
  REQUIRE(eventually([&] { return callback_of(client, id)["state"] == "succeeded"; }));
  const auto callback = callback_of(client, id);
  CHECK(callback["queue"] == "callbacks");
  CHECK(callback["result"] == json{{"status", 204}});
}

TEST_CASE("a callback outlives the server, and tells how the task had ended") {
  const temp_folder folder;
  answering_server target([](const seen_request&, connection& to) { to.send(response(200)); });
  std::ofstream(folder.file("paused.toml")) << "[queues.callbacks]\npaused = true\n";
  std::string cancelled, failed;
  {
    server_process server(ERRAND_PROGRAM, serve(folder, {"--config", folder.file("paused.toml")}),
                          folder.file("log"));
    auto client = server.client();
    failed = submit_and_wait(client, {{"kind", "sleep"},
                                      {"args", {{"seconds", "many"}}},
                                      {"callback_url", target.url("/failed")}})["id"];
    const auto waiting = submit(
        client, {{"kind", "noop"}, {"delay_s", 3600}, {"callback_url", target.url("/gone")}});
    REQUIRE(waiting);
    cancelled = waiting->at("id");
    REQUIRE(client.Post("/v1/tasks/" + cancelled + "/cancel")->status == 200);
    CHECK(target.seen().empty());
    server.kill();
  }
  server_process server(ERRAND_PROGRAM, serve(folder, allowed), folder.file("log"));
  auto client = server.client();
  REQUIRE(eventually([&] { return target.seen().size() == 2; }));
  for (const auto& seen : target.seen()) {
    const auto told = json::parse(seen.body);
    CHECK(told["id"] == (seen.target == "/failed" ? failed : cancelled));
    CHECK(told["state"] == (seen.target == "/failed" ? "failed" : "cancelled"));
    CHECK(told == get_task(client, told["id"]));
  }
}

TEST_CASE("a callback of a task that is gone or runs again tells nothing") {
  const temp_folder folder;
  answering_server target([](const seen_request&, connection& to) { to.send(response(200)); });
  server_process server(ERRAND_PROGRAM, serve(folder, allowed), folder.file("log"));
  auto client = server.client();
  REQUIRE(client.Post("/v1/queues/callbacks/pause", "", "application/json")->status == 200);
  const auto end_one = [&] {
    return submit_and_wait(client, {{"kind", "echo"}, {"callback_url", target.url()}})["id"]
        .get<std::string>();
  };
  const auto gone = end_one(), again = end_one();
  REQUIRE(client.Delete("/v1/tasks/" + gone)->status == 204);
  REQUIRE(client.Post("/v1/queues/default/pause", "", "application/json")->status == 200);
  REQUIRE(client.Post("/v1/tasks/" + again + "/retry")->status == 200);
  REQUIRE(client.Post("/v1/queues/callbacks/resume", "", "application/json")->status == 200);
  REQUIRE(eventually([&] { return callback_of(client, gone)["state"] == "failed"; }));
  CHECK(callback_of(client, gone)["error"]["message"].get<std::string>().find("is deleted")
        != std::string::npos);
  REQUIRE(eventually([&] { return callback_of(client, again)["state"] == "succeeded"; }));
  CHECK(callback_of(client, again)["result"].is_null());
  CHECK(target.seen().empty());
  REQUIRE(client.Post("/v1/queues/default/resume", "", "application/json")->status == 200);
  CHECK(eventually([&] { return target.seen().size() == 1; }));
}
