// The routes, as clients see them.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

json body_of(const std::optional<raw_response>& response) {
  REQUIRE(response);
  return json::parse(response->body);
}

std::string submit_with(const std::string& headers, const std::string& body) {
  return "POST /v1/tasks HTTP/1.1\r\nHost: h\r\n" + headers
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string noop = R"({"kind":"noop"})";

} // namespace

TEST_CASE("a submit answers 202 with the task and where it is", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto response = client.ask(post("/v1/tasks", R"({"kind":"echo","args":[1],"queue":"q"})"));
  const auto task = body_of(response);
  CHECK(response->status == 202);
  CHECK(response->header("location") == "/v1/tasks/" + task.at("id").get<std::string>());
  CHECK(task.at("kind") == "echo");
  CHECK(task.at("args") == json::array({1}));
  CHECK(task.at("queue") == "q");
  CHECK(task.at("state") == "queued");
  CHECK_FALSE(task.contains("warnings"));
  const auto shown = client.ask(get(response->header("location")));
  CHECK(shown->status == 200);
  CHECK(body_of(shown).at("id") == task.at("id"));
}

TEST_CASE("a kind that nobody handles is accepted with a warning", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto response = client.ask(post("/v1/tasks", R"({"kind":"slepe"})"));
  CHECK(response->status == 202);
  const auto warnings = body_of(response).at("warnings");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].get<std::string>().find("slepe") != std::string::npos);
}

TEST_CASE("a submit must be JSON, say so, and be there", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const std::string json_type = "Content-Type: application/json\r\n";
  CHECK(client.ask(submit_with("", noop))->status == 415);
  CHECK(client.ask(submit_with("Content-Type: text/plain\r\n", noop))->status == 415);
  CHECK(client.ask(submit_with("Content-Type: application/json5\r\n", noop))->status == 415);
  CHECK(client.ask(submit_with("Content-Type: Application/JSON; charset=utf-8\r\n", noop))->status
        == 202);
  CHECK(client.ask(submit_with(json_type, ""))->status == 400);
  CHECK(client.ask(submit_with(json_type, "{"))->status == 400);
  CHECK(client.ask(submit_with(json_type, "{}"))->status == 422);
  CHECK(client.ask(submit_with(json_type, R"({"kind":"noop","color":1})"))->status == 422);
  CHECK(client.ask(post("/v1/tasks?dry=1", noop))->status == 422);
  CHECK(server.peers.accepted() == 1);
}

TEST_CASE("a valid traceparent is kept, a broken one is nobody's problem", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string type = "Content-Type: application/json\r\n";
  CHECK(client.ask(submit_with(type + "traceparent: " + trace + "\r\n", noop))->status == 202);
  CHECK(client.ask(submit_with(type + "traceparent: nonsense\r\n", noop))->status == 202);
  const auto tasks = server.peers.tasks();
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].spec.traceparent == trace);
  CHECK(tasks[1].spec.traceparent.empty());
}

TEST_CASE("a store that refuses a submit is answered with its problem", "[tasks]") {
  front_fixture server;
  server.peers.fail_submits({ec::store_full, "The disk is full."});
  auto client = server.connect();
  const auto response = client.ask(post("/v1/tasks", noop));
  CHECK(response->status == 503);
  CHECK(response->header("retry-after") == "1");
  CHECK(body_of(response).at("detail") == "The disk is full.");
  CHECK(client.ask(get("/v1/tasks"))->status == 200);
}

TEST_CASE("a duplicate is answered 200 with the task that was there", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto response =
      client.ask(post("/v1/tasks", R"({"kind": "noop", "unique": {"key": "taken"}})"));
  CHECK(response->status == 200);
  CHECK(body_of(response).at("duplicate") == true);
  CHECK(response->header("location")
        == "/v1/tasks/" + body_of(response).at("id").get<std::string>());
  server.peers.fail_submits({ec::not_unique, "Task x holds it."});
  const auto refused = client.ask(post("/v1/tasks", noop));
  CHECK(refused->status == 409);
  CHECK(body_of(refused).at("type") == "/problems/not-unique");
}

TEST_CASE("an id that was never given is 404, however it looks", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  for (const auto* id : {"01938f3a-5b7c-7000-8000-000000000000", "1", "not-an-id",
                         "00000000-0000-0000-0000-000000000000"}) {
    INFO(id);
    const auto response = client.ask(get("/v1/tasks/" + std::string{id}));
    CHECK(response->status == 404);
    CHECK(body_of(response).at("detail").get<std::string>().find(id) != std::string::npos);
  }
  CHECK(client.ask(get("/v1/tasks/01938f3a-5b7c-7000-8000-000000000000?wait_s=10"))->status == 404);
}

TEST_CASE("a list's query reaches the reader, and a wrong one does not", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  client.ask(post("/v1/tasks", noop));
  const auto response = client.ask(get("/v1/tasks?state=queued,running&tag.a=b&limit=7&order=asc"
                                       "&group=M%C3%BCller"));
  CHECK(response->status == 200);
  CHECK(body_of(response).at("tasks").size() == 1);
  CHECK(body_of(response).at("next_cursor").is_null());
  const auto asked = server.peers.last_list();
  CHECK(asked.filter.states == std::vector{task_state::queued, task_state::running});
  CHECK(asked.filter.tags == tag_map{{"a", "b"}});
  CHECK(asked.filter.group == "Müller");
  CHECK(asked.limit == 7);
  CHECK(asked.ascending);
  const auto refused = client.ask(get("/v1/tasks?limit=0&color=red"));
  CHECK(refused->status == 422);
  CHECK(body_of(refused).at("errors").size() == 2);
}

TEST_CASE("a waiting look is answered when the task ends", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto location = client.ask(post("/v1/tasks", noop))->header("location");
  REQUIRE(client.send(get(location + "?wait_s=300")));
  REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  CHECK(client.is_silent_for(milliseconds{50}));
  server.peers.finish(server.peers.tasks().at(0).id);
  const auto response = client.read();
  CHECK(body_of(response).at("state") == "succeeded");
  CHECK(body_of(response).at("result") == 5);
  // Now that it is final, nobody has to wait.
  CHECK(body_of(client.ask(get(location + "?wait_s=300"))).at("state") == "succeeded");
}

TEST_CASE("a waiting look tells at the end of its time how the task stands", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto location = client.ask(post("/v1/tasks", noop))->header("location");
  const auto begin = std::chrono::steady_clock::now();
  const auto response = client.ask(get(location + "?wait_s=0.3"));
  CHECK(std::chrono::steady_clock::now() - begin >= milliseconds{300});
  CHECK(response->status == 200);
  CHECK(body_of(response).at("state") == "queued");
  CHECK(eventually([&] { return server.peers.watchers() == 0; }));
}

TEST_CASE("a client that leaves takes its watch along", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto location = client.ask(post("/v1/tasks", noop))->header("location");
  {
    auto waiting = server.connect();
    REQUIRE(waiting.send(get(location + "?wait_s=300")));
    REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  }
  CHECK(eventually([&] { return server.peers.watchers() == 0; }));
}

TEST_CASE("a submit that prefers to wait is answered with the end", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const std::string headers = "Content-Type: application/json\r\nPrefer: wait=300\r\n";
  REQUIRE(client.send(submit_with(headers, noop)));
  REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  server.peers.finish(server.peers.tasks().at(0).id);
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->header("preference-applied") == "wait=300");
  CHECK(body_of(response).at("state") == "succeeded");
}

TEST_CASE("a submit that waited in vain is the 202 that it would have been", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto response = client.ask(
      submit_with("Content-Type: application/json\r\nPrefer: wait=1\r\n", R"({"kind":"other"})"));
  REQUIRE(response);
  CHECK(response->status == 202);
  CHECK(response->header("preference-applied").empty());
  CHECK_FALSE(response->header("location").empty());
  CHECK(body_of(response).at("warnings").size() == 1);
}

TEST_CASE("an ingress route answers what is configured and submits a task", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto response = client.ask(get("/sleep?whatever=1"));
  CHECK(response->status == 200);
  CHECK(response->header("content-type") == "text/plain");
  CHECK(response->body == "when i sleep");
  const auto tasks = server.peers.tasks();
  REQUIRE(tasks.size() == 1);
  CHECK(response->header("errand-task-id") == tasks[0].id.to_string());
  CHECK(tasks[0].spec.kind == "sleep");
  CHECK(json::parse(tasks[0].spec.args_json) == json{{"seconds", 5}});
}

TEST_CASE("HEAD on an ingress route shows its answer and submits nothing", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  REQUIRE(client.send("HEAD /sleep HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto response = client.read(true);
  CHECK(response->status == 200);
  CHECK(response->header("content-length") == "12");
  CHECK(client.ask(get("/version"))->status == 200);
  CHECK(server.peers.accepted() == 0);
}

TEST_CASE("livez wants a word of every actor, and names who is silent", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(body_of(client.ask(get("/livez"))).at("status") == "ok");
  server.peers.fail_store_probe({ec::store_full, "The disk is full."});
  CHECK(client.ask(get("/livez"))->status == 200);
  server.peers.silence(peer::dispatcher);
  const auto response = client.ask(get("/livez"));
  CHECK(response->status == 503);
  const auto detail = body_of(response).at("detail").get<std::string>();
  CHECK(detail.find("dispatcher") != std::string::npos);
  CHECK(detail.find("scheduler") == std::string::npos);
}

TEST_CASE("readyz wants a store that works", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(client.ask(get("/readyz"))->status == 200);
  server.peers.fail_store_probe({ec::store_full, "The disk is full."});
  const auto response = client.ask(get("/readyz"));
  CHECK(response->status == 503);
  CHECK(body_of(response).at("detail") == "The disk is full.");
}

TEST_CASE("version tells the version", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(body_of(client.ask(get("/version"))).at("version") == "1.2.3");
  CHECK(body_of(client.ask(get("/"))).at("name") == "errand");
}

TEST_CASE("a task is cancelled, retried and deleted by its path", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto path =
      "/v1/tasks/" + body_of(client.ask(post("/v1/tasks", noop))).at("id").get<std::string>();
  const auto bare = [](const std::string& method, const std::string& target) {
    return method + " " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  const auto cancelled = client.ask(bare("POST", path + "/cancel"));
  CHECK(cancelled->status == 200);
  CHECK(body_of(cancelled).at("state") == "cancelled");

  const auto again = client.ask(post(path + "/cancel", "{}"));
  CHECK(again->status == 409);
  CHECK(body_of(again).at("type") == "/problems/wrong-state");
  CHECK(body_of(again).at("detail") == "Task is cancelled");

  const auto retried = client.ask(bare("POST", path + "/retry"));
  CHECK(retried->status == 200);
  CHECK(body_of(retried).at("state") == "queued");
  CHECK(client.ask(bare("POST", path + "/retry"))->status == 409);

  const auto deleted = client.ask(bare("DELETE", path));
  CHECK(deleted->status == 204);
  CHECK(deleted->body.empty());
  for (const auto& order : {bare("DELETE", path), bare("POST", path + "/cancel"),
                            bare("POST", path + "/retry"), get(path)})
    CHECK(client.ask(order)->status == 404);
}

TEST_CASE("an order takes no body and no query, and knows its methods", "[tasks]") {
  front_fixture server;
  auto client = server.connect();
  const auto path =
      "/v1/tasks/" + body_of(client.ask(post("/v1/tasks", noop))).at("id").get<std::string>();
  CHECK(client.ask(post(path + "/cancel", R"({"why":"bored"})"))->status == 422);
  CHECK(client.ask(post(path + "/cancel?force=1", ""))->status == 422);
  const auto looked = client.ask(get(path + "/cancel"));
  CHECK(looked->status == 405);
  CHECK(looked->header("allow") == "POST, OPTIONS");
  CHECK(client.ask(post("/v1/tasks/no-such-id/cancel", ""))->status == 404);
  CHECK(body_of(client.ask(get(path))).at("state") == "queued");
}
