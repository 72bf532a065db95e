// What one connection can carry: several requests, also at once, in parts, and halfway closed.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace errand;
using namespace errand::test;
using std::chrono::milliseconds;

TEST_CASE("one connection carries many requests", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  for (int i = 0; i < 50; ++i) {
    const auto response =
        client.ask(i % 2 == 0 ? get("/version") : post("/v1/tasks", R"({"kind":"noop"})"));
    REQUIRE(response);
    CHECK(response->status == (i % 2 == 0 ? 200 : 202));
    CHECK(response->header("connection").empty());
  }
}

TEST_CASE("three requests in one packet are answered in order", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  const auto submit = post("/v1/tasks", R"({"kind":"noop"})");
  REQUIRE(client.send(submit + get("/version") + get("/nothing")));
  for (const int status : {202, 200, 404}) {
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->status == status);
  }
  CHECK(client.is_silent_for(milliseconds{20}));
}

TEST_CASE("what is pipelined behind a slow request waits for it", "[connection]") {
  front_fixture server;
  server.peers.hold_submits();
  auto client = server.connect();
  REQUIRE(client.send(post("/v1/tasks", R"({"kind":"noop"})") + get("/version")));
  REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
  CHECK(client.is_silent_for(milliseconds{50}));
  server.peers.release_submits();
  CHECK(client.read()->status == 202);
  CHECK(client.read()->status == 200);
}

TEST_CASE("far more than fits can be pipelined, and is answered in order", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  constexpr int count = 3000;
  std::string all;
  for (int i = 0; i < count; ++i)
    all += "GET /version HTTP/1.1\r\nHost: h\r\nX-Request-Id: n" + std::to_string(i) + "\r\n\r\n"
           + (i % 100 == 0 ? post("/v1/tasks", R"({"kind":"noop"})") : "");
  int answered = 0;
  for (size_t at = 0; at < all.size() || answered < count;) {
    at += client.send_some(std::string_view{all}.substr(at));
    const auto response = client.read();
    REQUIRE(response);
    if (response->status == 202)
      continue;
    REQUIRE(response->header("x-request-id") == "n" + std::to_string(answered));
    ++answered;
  }
  CHECK(answered == count);
}

TEST_CASE("a client that ends its side still gets its answers", "[connection]") {
  front_fixture server;
  server.peers.hold_submits();
  auto client = server.connect();
  REQUIRE(client.send(post("/v1/tasks", R"({"kind":"noop"})") + get("/version")
                      + post("/v1/tasks", R"({"kind":"noop"})")));
  client.end_sending();
  REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
  server.peers.release_submits();
  CHECK(client.read()->status == 202);
  CHECK(client.read()->status == 200);
  CHECK(client.read()->status == 202);
  CHECK(client.is_closed_by_server());
}

TEST_CASE("close is honoured, and so is HTTP/1.0 with and without keep-alive", "[connection]") {
  front_fixture server;
  {
    auto client = server.connect();
    const auto response = client.ask("GET /version HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                                     + get("/version"));
    CHECK(response->header("connection") == "close");
    CHECK(client.is_closed_by_server());
  }
  {
    auto client = server.connect();
    CHECK(client.ask("GET /version HTTP/1.0\r\n\r\n")->header("connection") == "close");
    CHECK(client.is_closed_by_server());
  }
  {
    auto client = server.connect();
    for (int i = 0; i < 2; ++i)
      CHECK(client.ask("GET /version HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                ->header("connection")
            == "keep-alive");
  }
}

TEST_CASE("HEAD has the headers of GET and no body", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  for (const std::string path : {"/version", "/", "/livez", "/v1/tasks", "/nothing"}) {
    INFO(path);
    const auto full = client.ask(get(path));
    REQUIRE(client.send("HEAD " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto head = client.read(true);
    REQUIRE(head);
    CHECK(head->status == full->status);
    CHECK(head->header("content-length") == full->header("content-length"));
    CHECK(head->header("content-type") == full->header("content-type"));
  }
  CHECK(client.ask(get("/version"))->status == 200);
}

TEST_CASE("OPTIONS tells what is allowed", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  const auto response = client.ask("OPTIONS /v1/tasks HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(response->status == 204);
  CHECK(response->header("allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(client.ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")->status == 204);
  const auto refused =
      client.ask("PUT /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  CHECK(refused->status == 405);
  CHECK(refused->header("allow") == "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("100 Continue comes when the head is good and the body is not there", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  const std::string body = R"({"kind":"noop"})";
  const std::string head =
      "POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: "
      + std::to_string(body.size()) + "\r\n\r\n";
  for (int i = 0; i < 2; ++i) {
    CHECK(client.ask(head)->status == 100);
    CHECK(client.is_silent_for(milliseconds{20}));
    CHECK(client.ask(body)->status == 202);
  }
  // The body came along: nobody waits for a word.
  CHECK(client.ask(head + body)->status == 202);
}

TEST_CASE("a large body comes whole, in one piece and in chunks", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  const std::string body = R"({"kind":"echo","args":")" + std::string(900'000, 'x') + "\"}";
  CHECK(client.ask(post("/v1/tasks", body))->status == 202);
  std::string chunks;
  for (size_t at = 0; at < body.size(); at += 50'000) {
    const auto chunk = body.substr(at, 50'000);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    chunks += size + chunk + "\r\n";
  }
  CHECK(client
            .ask("POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n"
                 + chunks + "0\r\n\r\n")
            ->status
        == 202);
  const auto tasks = server.peers.tasks();
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].spec.args_json.size() == 900'002);
  CHECK(tasks[1].spec.args_json == tasks[0].spec.args_json);
  CHECK(client.ask(get("/version"))->status == 200);
}

TEST_CASE("IPv6 is spoken, too", "[connection]") {
  const auto opened = open_listener("::1", 0);
  if (!opened.ok())
    return; // a machine without IPv6
  for (const int socket : opened->sockets)
    ::close(socket);
  front_fixture server{{}, "::1"};
  raw_client client{server.port(), "::1"};
  CHECK(client.ask("GET /version HTTP/1.1\r\nHost: [::1]:80\r\n\r\n")->status == 200);
}

TEST_CASE("a name's IPv4 and IPv6 addresses are served side by side", "[connection]") {
  front_fixture server{{}, "localhost"};
  raw_client four{server.port(), "127.0.0.1"};
  CHECK(four.ask(get("/version"))->status == 200);
}

TEST_CASE("a request keeps the name that its sender gave it", "[connection]") {
  front_fixture server;
  auto client = server.connect();
  const auto name_of = [&](const std::string& name) {
    return client.ask("GET /version HTTP/1.1\r\nHost: h\r\nX-Request-Id: " + name + "\r\n\r\n")
        ->header("x-request-id");
  };
  CHECK(name_of("mine-1") == "mine-1");
  CHECK(name_of("two words").size() == 24);
  CHECK(name_of(std::string(129, 'x')).size() == 24);
  CHECK(name_of("") != name_of(""));
}

TEST_CASE("responses are never mixed up between connections", "[connection]") {
  front_fixture server;
  constexpr size_t connections = 100;
  constexpr int rounds = 20;
  std::vector<raw_client> clients;
  for (size_t i = 0; i < connections; ++i)
    clients.push_back(server.connect());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < connections; ++i) {
      const auto value = std::to_string(i) + "." + std::to_string(round);
      REQUIRE(clients[i].send(post("/v1/tasks", R"({"kind":"echo","args":"a)" + value + "\"}")
                              + post("/v1/tasks", R"({"kind":"echo","args":"b)" + value + "\"}")));
    }
    for (size_t i = 0; i < connections; ++i)
      for (const std::string which : {"a", "b"}) {
        const auto response = clients[i].read();
        REQUIRE(response);
        REQUIRE(nlohmann::json::parse(response->body).at("args")
                == which + std::to_string(i) + "." + std::to_string(round));
      }
  }
}

TEST_CASE("an answer never reaches a connection that took over a dead one's descriptor",
          "[connection]") {
  front_fixture server;
  server.peers.hold_submits();
  constexpr size_t connections = 30;
  {
    std::vector<raw_client> gone;
    for (size_t i = 0; i < connections; ++i) {
      gone.push_back(server.connect());
      REQUIRE(gone.back().send(post("/v1/tasks", R"({"kind":"echo","args":"gone"})")));
    }
    REQUIRE(eventually([&] { return server.peers.held_submits() == connections; }));
  }
  std::vector<raw_client> fresh;
  for (size_t i = 0; i < connections; ++i) {
    fresh.push_back(server.connect());
    CHECK(fresh.back().ask(get("/version"))->status == 200);
  }
  server.peers.release_submits();
  REQUIRE(eventually([&] { return server.peers.accepted() == connections; }));
  for (auto& client : fresh) {
    const auto response = client.ask(get("/nothing"));
    REQUIRE(response);
    CHECK(response->status == 404);
  }
}
