// Orders for many tasks, and the question why one does not run, as clients see them.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

json body_of(const std::optional<raw_response>& response) {
  REQUIRE(response);
  return json::parse(response->body);
}

} // namespace

TEST_CASE("an order for all that match is carried out for all, not a page", "[bulk]") {
  front_fixture server;
  auto client = server.connect();
  for (int i = 0; i < 8; ++i)
    client.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  const auto cancelled =
      client.ask(post("/v1/tasks/cancel", R"({"filter":{"state":"queued","tag.a":"b"}})"));
  CHECK(cancelled->status == 200);
  CHECK(body_of(cancelled) == json{{"matched", 8}});
  CHECK(server.peers.last_search().filter.tags == tag_map{{"a", "b"}});
  for (const auto& task : server.peers.tasks())
    CHECK(task.state == task_state::cancelled);
  CHECK(body_of(client.ask(post("/v1/tasks/cancel", R"({"all":true})"))) == json{{"matched", 0}});
  CHECK(body_of(client.ask(post("/v1/tasks/retry", R"({"all":true})"))) == json{{"matched", 8}});
  CHECK(body_of(client.ask(post("/v1/tasks/delete", R"({"all":true})"))) == json{{"matched", 8}});
  CHECK(server.peers.accepted() == 0);
}

TEST_CASE("an order for all that match that comes twice with a key is carried out once", "[bulk]") {
  front_fixture server;
  auto client = server.connect();
  client.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  auto order = post("/v1/tasks/cancel", R"({"all":true})");
  order.insert(order.find("\r\n") + 2, "Idempotency-Key: k\r\n");
  CHECK(body_of(client.ask(order)) == json{{"matched", 1}});
  client.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  const auto again = client.ask(order);
  CHECK(body_of(again) == json{{"matched", 1}});
  CHECK(again->header("idempotent-replayed") == "true");
  auto other = post("/v1/tasks/delete", R"({"all":true})");
  other.insert(other.find("\r\n") + 2, "Idempotency-Key: k\r\n");
  CHECK(client.ask(other)->status == 422);
  CHECK(server.peers.accepted() == 2);
}

// Such an order was answered beside the key, which then was free for another request.
TEST_CASE("a key counts for an order that nothing can match, too", "[bulk]") {
  front_fixture server;
  auto client = server.connect();
  const auto keyed = [&](const char* target, const char* body) {
    auto order = post(target, body);
    order.insert(order.find("\r\n") + 2, "Idempotency-Key: k\r\n");
    return client.ask(order);
  };
  const auto* ended = R"({"filter":{"state":"failed"}})";
  CHECK(body_of(keyed("/v1/tasks/cancel", ended)) == json{{"matched", 0}});
  const auto again = keyed("/v1/tasks/cancel", ended);
  CHECK(body_of(again) == json{{"matched", 0}});
  CHECK(again->header("idempotent-replayed") == "true");
  CHECK(keyed("/v1/tasks/retry", ended)->status == 422);
}

TEST_CASE("an order for every task must say so, and be JSON", "[bulk]") {
  front_fixture server;
  auto client = server.connect();
  client.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  for (const auto* body : {"{}", R"({"filter":{}})", R"({"filter":{"color":"red"}})"}) {
    const auto refused = client.ask(post("/v1/tasks/delete", body));
    CHECK(refused->status == 422);
    CHECK_FALSE(body_of(refused).at("errors").empty());
  }
  CHECK(client.ask(post("/v1/tasks/delete", "{"))->status == 400);
  CHECK(client.ask(post("/v1/tasks/delete?all=true", R"({"all":true})"))->status == 422);
  CHECK(
      client.ask("POST /v1/tasks/delete HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")->status
      == 415);
  CHECK(server.peers.accepted() == 1);
}

TEST_CASE("a path of orders for many is no task's", "[bulk]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(client.ask(get("/v1/tasks/cancel"))->status == 404);
  CHECK(client.ask(post("/v1/tasks/cancel/cancel", ""))->status == 404);
  const auto options =
      client.ask("OPTIONS /v1/tasks/cancel HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  CHECK(options->header("allow").find("POST") != std::string::npos);
}

TEST_CASE("explain tells the state, the reasons and the position", "[explain]") {
  front_fixture server;
  auto client = server.connect();
  const auto task = body_of(client.ask(post("/v1/tasks", R"({"kind":"slepe"})")));
  const auto path = "/v1/tasks/" + task.at("id").get<std::string>() + "/explain";
  const auto response = client.ask(get(path));
  CHECK(response->status == 200);
  const auto body = body_of(response);
  CHECK(body.at("state") == "queued");
  CHECK(body.at("position") == 3); // the double's READER counts two before each
  REQUIRE(body.at("reasons").size() == 2);
  CHECK(body.at("reasons")[0].at("code") == "behind_others");
  CHECK(body.at("reasons")[1].at("code") == "no_handler");
  CHECK(body.at("reasons")[1].at("detail").get<std::string>().find("slepe") != std::string::npos);
  CHECK(client.ask(get(path + "?verbose=1"))->status == 422);
  CHECK(client.ask(get("/v1/tasks/01938f3a-5b7c-7000-8000-000000000000/explain"))->status == 404);
  CHECK(client.ask(get("/v1/tasks/1/explain"))->status == 404);
}

TEST_CASE("explain tells that the store takes no writes", "[explain]") {
  front_fixture server;
  auto client = server.connect();
  const auto task = body_of(client.ask(post("/v1/tasks", R"({"kind":"noop"})")));
  server.peers.fail_store_probe({ec::store_full, "The disk is full."});
  const auto body =
      body_of(client.ask(get("/v1/tasks/" + task.at("id").get<std::string>() + "/explain")));
  CHECK(body.at("reasons")[0].at("code") == "store_failing");
}
