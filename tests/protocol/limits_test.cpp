// Slow, silent, greedy and many: what each limit of HttpOptions does.
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

using namespace errand;
using namespace errand::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

void allow_many_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

} // namespace

TEST_CASE("a request that trickles in is ended by 408", "[limits]") {
  HttpOptions options;
  options.request_timeout = Seconds{0.3};
  front_fixture server{options};
  auto client = server.connect();
  const auto bytes = get("/version?" + std::string(2000, 'x'));
  for (const char byte : bytes) {
    if (!client.is_silent_for(milliseconds{10}) || !client.send({&byte, 1}))
      break;
  }
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 408);
  CHECK(response->header("connection") == "close");
  CHECK(client.is_closed_by_server());
}

TEST_CASE("a body that never ends is 408, too", "[limits]") {
  HttpOptions options;
  options.request_timeout = Seconds{0.2};
  front_fixture server{options};
  auto client = server.connect();
  const auto response =
      client.ask("POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  REQUIRE(response);
  CHECK(response->status == 408);
}

TEST_CASE("a connection without a request is closed after the idle time", "[limits]") {
  HttpOptions options;
  options.idle_timeout = Seconds{0.2};
  front_fixture server{options};
  auto silent = server.connect();
  auto used = server.connect();
  CHECK(used.ask(get("/version"))->status == 200);
  CHECK(silent.is_closed_by_server());
  CHECK(used.is_closed_by_server());
}

TEST_CASE("waiting for an actor is not idleness", "[limits]") {
  HttpOptions options;
  options.idle_timeout = Seconds{0.1};
  options.request_timeout = Seconds{0.1};
  front_fixture server{options};
  server.peers.hold_submits();
  auto client = server.connect();
  REQUIRE(client.send(post("/v1/tasks", R"({"kind":"noop"})")));
  CHECK(client.is_silent_for(milliseconds{400}));
  server.peers.release_submits();
  CHECK(client.read()->status == 202);
}

TEST_CASE("a client that never takes its answer is cut off", "[limits]") {
  HttpOptions options;
  options.send_timeout = Seconds{0.3};
  front_fixture server{options};
  auto greedy = server.connect(4096);
  // Answers are made until the socket takes no more; what is asked beyond that stays unread.
  const auto ask = get("/");
  std::string many;
  for (int i = 0; i < 2000; ++i)
    many += ask;
  CHECK(eventually([&] {
    greedy.send_some(many);
    return greedy.is_reset();
  }));
  auto other = server.connect();
  CHECK(other.ask(get("/version"))->status == 200);
}

TEST_CASE("a large answer to a slow reader arrives whole", "[limits]") {
  front_fixture server;
  auto client = server.connect(4096);
  const std::string body = R"({"kind":"echo","args":")" + std::string(500'000, 'x') + "\"}";
  const auto made = client.ask(post("/v1/tasks", body));
  REQUIRE(made);
  CHECK(made->status == 202);
  CHECK(nlohmann::json::parse(made->body).at("args").get<std::string>().size() == 500'000);
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += get(made->header("location"));
  REQUIRE(client.send(many));
  for (int i = 0; i < 20; ++i) {
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->body.size() > 500'000);
  }
}

TEST_CASE("beyond max_connections clients wait until one leaves", "[limits]") {
  HttpOptions options;
  options.max_connections = 3;
  front_fixture server{options};
  std::vector<raw_client> first;
  for (int i = 0; i < 3; ++i) {
    first.push_back(server.connect());
    CHECK(first.back().ask(get("/version"))->status == 200);
  }
  auto late = server.connect();
  REQUIRE(late.send(get("/version")));
  CHECK(late.is_silent_for(milliseconds{200}));
  CHECK(first[0].ask(get("/version"))->status == 200);
  first.pop_back();
  CHECK(late.read()->status == 200);
}

TEST_CASE("connections that come and go at the limit do not stop it from accepting", "[limits]") {
  HttpOptions options;
  options.max_connections = 1;
  front_fixture server{options};
  for (int i = 0; i < 300; ++i) {
    auto client = server.connect();
    const auto response = client.ask(get("/version"));
    REQUIRE(response);
    CHECK(response->status == 200);
  }
}

TEST_CASE("beyond max_in_flight requests are refused, but not health checks", "[limits]") {
  HttpOptions options;
  options.max_in_flight = 2;
  front_fixture server{options};
  server.peers.hold_submits();
  std::vector<raw_client> waiting;
  for (size_t i = 0; i < 2; ++i) {
    waiting.push_back(server.connect());
    REQUIRE(waiting.back().send(post("/v1/tasks", R"({"kind":"noop"})")));
    REQUIRE(eventually([&] { return server.peers.held_submits() == i + 1; }));
  }
  auto late = server.connect();
  const auto refused = late.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->header("retry-after") == "1");
  CHECK(refused->header("connection").empty());
  CHECK(late.ask(get("/livez"))->status == 200);
  CHECK(late.ask(get("/readyz"))->status == 200);
  server.peers.release_submits();
  for (auto& client : waiting)
    CHECK(client.read()->status == 202);
  CHECK(late.ask(post("/v1/tasks", R"({"kind":"noop"})"))->status == 202);
}

TEST_CASE("a thousand idle connections do not disturb a working one", "[limits]") {
  allow_many_files();
  front_fixture server;
  std::vector<raw_client> idle;
  for (int i = 0; i < 1000; ++i)
    idle.push_back(server.connect());
  auto working = server.connect();
  for (int i = 0; i < 100; ++i)
    CHECK(working.ask(post("/v1/tasks", R"({"kind":"noop"})"))->status == 202);
  for (size_t i = 0; i < idle.size(); i += 100)
    CHECK(idle[i].ask(get("/version"))->status == 200);
}
