// HTTP routes of the program that the server is part of.

#include "tests/server/embedding.hpp"
#include "tests/support/catch.hpp"

#include <latch>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_CASE("a route's function sees the request and makes the reply") {
  TaskServer server{quiet_options()};
  server.route("POST", "/greet/you", [](const RouteRequest& request) -> RouteReply {
    const json seen{{"method", request.method()},
                    {"path", request.path()},
                    {"body", request.body()},
                    {"name", request.query("name").value_or("nobody")},
                    {"missing", request.query("other").has_value()},
                    {"header", request.header("x-thing").value_or("none")}};
    return {201, seen.dump(), "application/json", {{"X-Mine", "yes"}}};
  });
  server.start();
  auto client = client_of(server);
  const auto answer =
      client.Post("/greet/you?name=Ada%20L", {{"X-Thing", "a thing"}}, "hello", "text/plain");
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(answer->get_header_value("Content-Type") == "application/json");
  CHECK(answer->get_header_value("X-Mine") == "yes");
  CHECK(json::parse(answer->body)
        == json{{"method", "POST"},
                {"path", "/greet/you"},
                {"body", "hello"},
                {"name", "Ada L"},
                {"missing", false},
                {"header", "a thing"}});
  CHECK(client.Get("/greet/you")->status == 405);
}

TEST_CASE("a reply with a task is sent once the task is durable, and names it") {
  TaskServer server{quiet_options()};
  server.route("GET", "/start", [](const RouteRequest& request) -> RouteReply {
    return {.body = "started",
            .task = TaskSpec{.kind = std::string(request.query("kind").value_or("echo")),
                             .args = "from the route"}};
  });
  server.start();
  auto client = client_of(server);
  const auto answer = client.Get("/start");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "started");
  const auto id = answer->get_header_value("Errand-Task-Id");
  CHECK(server.wait(id, 10s).result == "from the route");
  CHECK_FALSE(client.Head("/start")->has_header("Errand-Task-Id"));
  const auto refused = client.Get("/start?kind=no%20blanks");
  CHECK(refused->status == 422);
  CHECK(json::parse(refused->body).at("detail").get<std::string>().find("/kind")
        != std::string::npos);
}

TEST_CASE("a route's function that throws is answered with 500, and the server goes on") {
  TaskServer server{quiet_options()};
  server.route("GET", "/broken",
               [](const RouteRequest&) -> RouteReply { throw std::runtime_error("secret"); });
  server.route("GET", "/well", [](const RouteRequest&) -> RouteReply { return {.body = "well"}; });
  server.start();
  auto client = client_of(server);
  const auto answer = client.Get("/broken");
  CHECK(answer->status == 500);
  CHECK(answer->body.find("secret") == std::string::npos);
  CHECK(client.Get("/well")->body == "well");
}

TEST_CASE("a reply that can't be sent is answered with 500, and the connection goes on") {
  TaskServer server{quiet_options()};
  server.route("GET", "/long", [](const RouteRequest&) -> RouteReply {
    return {.body = "ab", .headers = {{"Content-Length", "200"}}};
  });
  server.route("GET", "/switch", [](const RouteRequest&) -> RouteReply { return {.status = 101}; });
  server.route("GET", "/well", [](const RouteRequest&) -> RouteReply { return {.body = "well"}; });
  server.start();
  auto client = client_of(server);
  for (const auto* path : {"/long", "/switch"}) {
    const auto answer = client.Get(path);
    REQUIRE(answer);
    CHECK(answer->status == 500);
    CHECK(answer->get_header_value("Content-Type") == "application/problem+json");
  }
  CHECK(client.Get("/well")->body == "well");
}

TEST_CASE("a route defers a closure and answers at once") {
  std::latch go_on{1};
  std::optional<Deferred> deferred;
  TaskServer server{quiet_options()};
  server.route("GET", "/defer", [&](const RouteRequest&) -> RouteReply {
    deferred = server.defer([&] { go_on.wait(); });
    return {.body = "when i defer"};
  });
  server.start();
  CHECK(client_of(server).Get("/defer")->body == "when i defer");
  REQUIRE(deferred);
  CHECK(deferred->state() != Deferred::State::done);
  go_on.count_down();
  CHECK(deferred->wait() == Deferred::State::done);
}

TEST_CASE("a route needs its scope where there are tokens, unless it is for everybody") {
  auto options = quiet_options();
  options.token = "0123456789abcdef";
  TaskServer server{options};
  const auto hello = [](const RouteRequest&) -> RouteReply { return {.body = "hello"}; };
  server.route("GET", "/closed", hello);
  server.route("GET", "/open", hello, RouteScope::everybody);
  server.start();
  auto client = client_of(server);
  CHECK(client.Get("/closed")->status == 401);
  CHECK(client.Get("/closed", {{"Authorization", "Bearer 0123456789abcdef"}})->status == 200);
  CHECK(client.Get("/open")->status == 200);
}

TEST_CASE("a route that can't be is refused when it is told") {
  TaskServer server{quiet_options()};
  const auto hello = [](const RouteRequest&) -> RouteReply { return {}; };
  const auto refused = [&](const char* method, const char* path) {
    CHECK_THROWS_AS(server.route(method, path, hello), std::invalid_argument);
  };
  refused("HEAD", "/x");
  refused("get", "/x");
  refused("GET", "x");
  refused("GET", "/v1/tasks");
  refused("GET", "/livez");
  CHECK_THROWS_AS(server.route("GET", "/empty", RouteFunction{}), std::invalid_argument);
}

TEST_CASE("a route replaces an earlier one, also one of the options") {
  TaskServer server{quiet_options()};
  for (const auto* path : {"/sleep", "/mine", "/mine"})
    server.route("GET", path, [path](const RouteRequest&) -> RouteReply { return {.body = path}; });
  server.route("GET", "/mine",
               [](const RouteRequest&) -> RouteReply { return {.body = "the last"}; });
  server.start();
  auto client = client_of(server);
  CHECK(client.Get("/sleep")->body == "/sleep");
  CHECK(client.Get("/mine")->body == "the last");
}
