// Batches, as clients see them.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

const std::string path = "/v1/tasks/batch";

json body_of(const std::optional<raw_response>& response) {
  REQUIRE(response);
  return json::parse(response->body);
}

/// So many tasks, with so many bytes of args in each.
std::string batch_of(size_t tasks, size_t bytes) {
  json body{{"tasks", json::array()}};
  for (size_t i = 0; i < tasks; ++i)
    body["tasks"].push_back({{"kind", "noop"}, {"args", std::string(bytes, 'x')}});
  return body.dump();
}

} // namespace

TEST_CASE("a batch is answered with its tasks in order", "[batch]") {
  front_fixture server;
  auto client = server.connect();
  const auto response = client.ask(
      post(path, R"({"tasks":[{"kind":"noop","ref":"a"},{"kind":"echo","after":["#a"]}],)"
                 R"("then":{"kind":"noop"}})"));
  const auto answer = body_of(response);
  CHECK(response->status == 202);
  CHECK(response->header("location").empty());
  REQUIRE(answer.at("tasks").size() == 2);
  CHECK(answer["tasks"][0].at("ref") == "a");
  CHECK(answer["tasks"][0].at("state") == "queued");
  CHECK(answer["tasks"][1].at("state") == "waiting");
  CHECK(answer.at("then").at("state") == "waiting");
  CHECK_FALSE(answer.contains("warnings"));
  CHECK(server.peers.accepted() == 3);
  const auto shown = client.ask(get("/v1/tasks/" + answer["tasks"][1].at("id").get<std::string>()));
  CHECK(body_of(shown).at("kind") == "echo");
}

TEST_CASE("a batch warns of each unknown kind once", "[batch]") {
  front_fixture server;
  auto client = server.connect();
  const auto answer = body_of(client.ask(
      post(path, R"({"tasks":[{"kind":"x"},{"kind":"y"},{"kind":"x"},{"kind":"noop"}]})")));
  REQUIRE(answer.at("warnings").size() == 2);
}

TEST_CASE("a batch must be JSON, say so, and take no query", "[batch]") {
  front_fixture server;
  auto client = server.connect();
  const std::string body = R"({"tasks":[{"kind":"noop"}]})";
  const std::string head = "POST " + path + " HTTP/1.1\r\nHost: h\r\n";
  const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  CHECK(client.ask(head + length + body)->status == 415);
  CHECK(client.ask(post(path + "?x=1", body))->status == 422);
  CHECK(client.ask(post(path, ""))->status == 400);
  CHECK(client.ask(post(path, "{\"tasks\":["))->status == 400);
  CHECK(client.ask(post(path, R"({"tasks":[{"kind":"noop"},{}]})"))->status == 422);
  CHECK(server.peers.accepted() == 0);
  const auto pipelined = post(path, body) + post(path, body);
  CHECK(client.ask(pipelined)->status == 202);
  CHECK(client.read()->status == 202);
  CHECK(server.peers.accepted() == 2);
}

TEST_CASE("what the store finds wrong in a batch is told by its places", "[batch]") {
  front_fixture server;
  server.peers.fail_submits(
      status({{"/tasks/3/after/0", "is gone"}, {"/then/after/1", "is gone"}}));
  auto client = server.connect();
  const auto response = client.ask(post(path, R"({"tasks":[{"kind":"noop"}]})"));
  CHECK(response->status == 422);
  const auto problem = body_of(response);
  CHECK(problem.at("detail") == "/tasks/3/after/0 is gone (and 1 more under errors)");
  REQUIRE(problem.at("errors").size() == 2);
  CHECK(problem["errors"][1].at("pointer") == "/then/after/1");
}

TEST_CASE("a batch may be larger than any other body, up to a limit of its own", "[batch]") {
  HttpOptions options;
  options.max_body_bytes = 1000;
  options.max_batch_bytes = 100'000;
  front_fixture server{options};
  auto client = server.connect();
  const auto body = batch_of(50, 1000);
  REQUIRE(body.size() < options.max_batch_bytes);
  CHECK(client.ask(post(path, body))->status == 202);
  std::string chunked = "POST " + path
                        + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n";
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  chunked += size + body + "\r\n0\r\n\r\n";
  CHECK(client.ask(chunked)->status == 202);
  CHECK(client.ask(post("/v1/tasks", R"({"kind":"noop"})"))->status == 202);
  CHECK(server.peers.accepted() == 101);

  const auto status_of = [&](const std::string& bytes) {
    auto other = server.connect();
    const auto response = other.ask(bytes);
    return response ? response->status : 0;
  };
  CHECK(status_of(post(path, batch_of(200, 1000)).substr(0, 4000)) == 413);
  for (const auto* small :
       {"/v1/tasks", "/v1/tasks/batch/", "/v1/tasks/batch?x=1", "/v1/tasks/%62atch"})
    CHECK(status_of(post(small, body).substr(0, 4000)) == 413);
}

TEST_CASE("the largest batch passes while others are served", "[batch]") {
  front_fixture server;
  auto client = server.connect();
  auto other = server.connect();
  const auto bytes = post(path, batch_of(max_batch, 100));
  REQUIRE(client.send(bytes.substr(0, bytes.size() - 1)));
  CHECK(other.ask(get("/version"))->status == 200);
  const auto answer = body_of(client.ask(bytes.substr(bytes.size() - 1)));
  CHECK(answer.at("tasks").size() == max_batch);
}
