// Idempotency-Key, as clients see it. What the STORE makes of keys is in tests/actors.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

const std::string noop = R"({"kind":"noop"})";

std::string request(const std::string& method, const std::string& target,
                    const std::string& headers, const std::string& body = {}) {
  return method + " " + target + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
         + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string keyed(const std::string& key, const std::string& body = noop,
                  const std::string& target = "/v1/tasks", const std::string& headers = {}) {
  return request("POST", target, "Idempotency-Key: " + key + "\r\n" + headers, body);
}

void check_problem(const std::optional<raw_response>& response, int status,
                   const std::string& type) {
  REQUIRE(response);
  CHECK(response->status == status);
  CHECK(response->header("content-type") == "application/problem+json");
  CHECK(json::parse(response->body).at("type") == type);
  CHECK(response->header("idempotent-replayed").empty());
}

/// The same answer, save for what each response has of its own.
void check_replay(const std::optional<raw_response>& response,
                  const std::optional<raw_response>& first) {
  REQUIRE(response);
  REQUIRE(first);
  CHECK(response->status == first->status);
  CHECK(response->body == first->body);
  CHECK(response->header("x-request-id") != first->header("x-request-id"));
  CHECK(response->header("idempotent-replayed") == "true");
  CHECK(first->header("idempotent-replayed").empty());
  auto headers = response->headers;
  auto expected = first->headers;
  for (const auto* own : {"x-request-id", "date", "idempotent-replayed"}) {
    headers.erase(own);
    expected.erase(own);
  }
  CHECK(headers == expected);
}

} // namespace

TEST_CASE("a submit that comes again with its key gets the first answer", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  const auto key = "x\"" + std::string(253, '~');
  const auto first = client.ask(keyed(key, R"({"kind":"other"})"));
  REQUIRE(first);
  CHECK(first->status == 202);
  CHECK_FALSE(first->header("location").empty());
  CHECK(json::parse(first->body).at("warnings").size() == 1);
  for (int i = 0; i < 2; ++i)
    check_replay(client.ask(keyed(key, R"({"kind":"other"})")), first);
  CHECK(server.peers.accepted() == 1);
  CHECK(client.ask(keyed("y"))->status == 202);
  CHECK(client.ask(request("POST", "/v1/tasks", "", noop))->status == 202);
  CHECK(server.peers.accepted() == 3);
}

TEST_CASE("a known key with another body, path or query is 422", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  const auto first = client.ask(keyed("a"));
  const auto path = first->header("location");
  const std::string type = "/problems/idempotency-key-reused";
  check_problem(client.ask(keyed("a", R"({"kind":"noop" })")), 422, type);
  check_problem(client.ask(keyed("a", "", path + "/cancel")), 422, type);
  check_problem(client.ask(keyed("a", noop, "/hook")), 422, type);
  check_problem(client.ask(keyed("a", noop, "/hook?x=1")), 422, type);
  CHECK(server.peers.accepted() == 1);
  check_replay(client.ask(keyed("a")), first);
}

TEST_CASE("a key whose request is in flight is 409 at once, and good again after its answer",
          "[idempotency]") {
  front_fixture server;
  server.peers.hold_submits();
  auto client = server.connect();
  REQUIRE(client.send(keyed("a")));
  REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
  auto other = server.connect();
  const auto refused = other.ask(keyed("a"));
  check_problem(refused, 409, "/problems/request-in-flight");
  CHECK(refused->header("retry-after") == "1");
  check_problem(other.ask(keyed("a", "another body")), 409, "/problems/request-in-flight");
  CHECK(server.peers.held_submits() == 1);
  server.peers.release_submits();
  const auto first = client.read();
  CHECK(first->status == 202);
  check_replay(other.ask(keyed("a")), first);
}

TEST_CASE("the request of a client that left is carried out, and answered when it comes again",
          "[idempotency]") {
  front_fixture server;
  server.peers.hold_submits();
  {
    auto client = server.connect();
    REQUIRE(client.send(keyed("a")));
    REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
  }
  server.peers.release_submits();
  auto client = server.connect();
  std::optional<raw_response> response;
  REQUIRE(eventually([&] {
    response = client.ask(keyed("a"));
    return response && response->status != 409;
  }));
  CHECK(response->status == 202);
  CHECK(response->header("idempotent-replayed") == "true");
  CHECK(server.peers.accepted() == 1);
}

TEST_CASE("what can't be a key is 400 and does nothing", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  const std::string type = "/problems/idempotency-key-invalid";
  for (const auto& key : {std::string{}, std::string(256, 'k'), std::string{"a b"},
                          std::string{"a\tb"}, std::string{"\xc3\xa9"}})
    check_problem(client.ask(keyed(key)), 400, type);
  check_problem(client.ask(keyed("a", noop, "/v1/tasks", "idempotency-KEY: a\r\n")), 400, type);
  CHECK(server.peers.accepted() == 0);
  CHECK(client.ask(keyed("a"))->status == 202); // on the same connection
}

TEST_CASE("methods other than POST have no use for a key", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  const std::string header = "Idempotency-Key: a\r\n";
  const std::string bad_header = "Idempotency-Key: a b\r\n";
  CHECK(client.ask(request("GET", "/sleep", header))->header("idempotent-replayed").empty());
  CHECK(client.ask(request("GET", "/sleep", header))->header("idempotent-replayed").empty());
  CHECK(client.ask(request("GET", "/sleep", bad_header))->status == 200);
  REQUIRE(client.send(request("HEAD", "/sleep", bad_header)));
  CHECK(client.read(true)->status == 200);
  const auto path = client.ask(keyed("a"))->header("location");
  CHECK(client.ask(request("DELETE", path, header))->status == 204);
  CHECK(client.ask(request("DELETE", path, header))->status == 404);
}

TEST_CASE("a refused request may be mended and sent again under its key", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  CHECK(client.ask(keyed("a", R"({"kid":"noop"})"))->status == 422);
  server.peers.fail_submits({ec::store_full, "The disk is full."});
  CHECK(client.ask(keyed("a"))->status == 503);
  server.peers.fail_submits({});
  const auto done = client.ask(keyed("a"));
  CHECK(done->status == 202);
  CHECK(done->header("idempotent-replayed").empty());
  const auto path = done->header("location");
  CHECK(client.ask(keyed("b", "", path + "/retry"))->status == 409);
  CHECK(client.ask(keyed("c", "", path + "/cancel"))->status == 200);
  CHECK(client.ask(keyed("b", "", path + "/retry"))->status == 200);
}

TEST_CASE("orders and ingress routes are answered again like submits", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  const auto path = client.ask(request("POST", "/v1/tasks", "", noop))->header("location");
  const auto cancelled = client.ask(keyed("a", "", path + "/cancel"));
  CHECK(cancelled->status == 200);
  check_replay(client.ask(keyed("a", "", path + "/cancel")), cancelled);
  // Without the key it is another request, and finds the task cancelled.
  CHECK(client.ask(request("POST", path + "/cancel", ""))->status == 409);

  const auto hooked = client.ask(keyed("b", "any", "/hook"));
  CHECK(hooked->status == 418); // as configured, which makes it no refusal
  CHECK_FALSE(hooked->header("errand-task-id").empty());
  check_replay(client.ask(keyed("b", "any", "/hook")), hooked);
  CHECK(server.peers.accepted() == 2);
}

TEST_CASE("a submit that waited for the end is answered again with the end", "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  const auto waiting = keyed("a", noop, "/v1/tasks", "Prefer: wait=300\r\n");
  REQUIRE(client.send(waiting));
  REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  auto other = server.connect();
  check_problem(other.ask(keyed("a")), 409, "/problems/request-in-flight");
  server.peers.finish(server.peers.tasks().at(0).id);
  const auto first = client.read();
  REQUIRE(first);
  CHECK(first->status == 200);
  CHECK(first->header("preference-applied") == "wait=300");
  check_replay(other.ask(waiting), first);
  check_replay(other.ask(keyed("a")), first);
}

TEST_CASE("a client that left while it waited finds the 202 under its key", "[idempotency]") {
  front_fixture server;
  {
    auto client = server.connect();
    REQUIRE(client.send(keyed("a", noop, "/v1/tasks", "Prefer: wait=300\r\n")));
    REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  }
  REQUIRE(eventually([&] { return server.peers.watchers() == 0; }));
  auto client = server.connect();
  const auto response = client.ask(keyed("a"));
  CHECK(response->status == 202);
  CHECK(response->header("idempotent-replayed") == "true");
  CHECK(server.peers.accepted() == 1);
}

TEST_CASE("an end that can't be kept is told all the same, and the 202 stays", "[idempotency]") {
  front_fixture server;
  server.peers.refuse_replies();
  auto client = server.connect();
  REQUIRE(client.send(keyed("a", noop, "/v1/tasks", "Prefer: wait=300\r\n")));
  REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  server.peers.finish(server.peers.tasks().at(0).id);
  CHECK(client.read()->status == 200);
  const auto again = client.ask(keyed("a"));
  CHECK(again->status == 202);
  CHECK(again->header("idempotent-replayed") == "true");
}

TEST_CASE("a wait that the server's end cuts short is kept before it is answered",
          "[idempotency]") {
  front_fixture server;
  auto client = server.connect();
  REQUIRE(client.send(keyed("a", noop, "/v1/tasks", "Prefer: wait=300\r\n")));
  REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  caf::anon_send(server.front(), drain_atom_v);
  CHECK(client.read()->status == 202);
  CHECK(server.peers.replies_kept_later() == 1);
}
