// GET /metrics and /v1/actors of a real FRONT.
#include "tests/protocol/front_fixture.hpp"

#include "http/openapi_routes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/silent_logger.hpp"

#include <nlohmann/json.hpp>
#include <set>

using namespace errand;
using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

std::string metrics(const front_fixture& server) {
  const auto answer = server.connect().ask(get("/metrics"));
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
  return answer->body;
}

bool has(const std::string& text, const std::string& line) {
  return text.find('\n' + line + '\n') != std::string::npos;
}

} // namespace

TEST_CASE("requests are counted by route, method and status, and connections are told",
          "[metrics]") {
  front_fixture server;
  auto client = server.connect();
  client.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  client.ask(post("/v1/tasks", R"({"kind":"noop"})"));
  client.ask(post("/v1/tasks", "{"));
  client.ask(get("/v1/tasks/01a205ce-37dc-7000-8b74-d84829a7be48"));
  client.ask(get("/sleep"));
  client.ask(get("/no/such/path"));
  client.ask(get("/version"));
  client.send("HEAD /version HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read(true);
  server.connect().ask("NOT HTTP\r\n\r\n");
  const auto text = metrics(server);
  INFO(text);
  const auto requests = [&](const std::string& labels, int n) {
    return has(text, "errand_http_requests_total{" + labels + "} " + std::to_string(n));
  };
  CHECK(requests(R"(method="POST",route="/v1/tasks",status="2xx")", 2));
  CHECK(requests(R"(method="POST",route="/v1/tasks",status="4xx")", 1));
  CHECK(requests(R"(method="GET",route="/v1/tasks/{id}",status="4xx")", 1));
  CHECK(requests(R"(method="GET",route="/sleep",status="2xx")", 1));
  CHECK(requests(R"(method="GET",route="other",status="4xx")", 1));
  CHECK(requests(R"(method="GET",route="/version",status="2xx")", 2));
  CHECK(requests(R"(method="none",route="other",status="4xx")", 1));
  CHECK(has(text, R"(errand_http_request_seconds_count{method="POST",route="/v1/tasks"} 3)"));
  CHECK(has(text, "errand_http_requests_in_flight 1"));
  CHECK(text.find("\nerrand_http_connections ") != std::string::npos);
}

TEST_CASE("a scanner's methods and versions count as no error of the server", "[metrics]") {
  front_fixture server;
  CHECK(server.connect().ask("BREW / HTTP/1.1\r\nHost: h\r\n\r\n")->status == 501);
  CHECK(server.connect().ask("GET / HTTP/3.0\r\nHost: h\r\n\r\n")->status == 505);
  const auto text = metrics(server);
  INFO(text);
  CHECK(has(text, R"(errand_http_requests_total{method="none",route="other",status="4xx"} 2)"));
  CHECK(text.find(R"(status="5xx")") == std::string::npos);
}

TEST_CASE("a client that leaves before its answer is counted as gone", "[metrics]") {
  front_fixture server;
  server.peers.hold_submits();
  {
    auto client = server.connect();
    client.send("POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                "Content-Length: 15\r\nPrefer: wait=30\r\n\r\n{\"kind\":\"noop\"}");
    REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
    server.peers.release_submits();
    REQUIRE(eventually([&] { return server.peers.watchers() == 1; }));
  }
  CHECK(eventually([&] {
    return has(metrics(server), "errand_http_requests_total{method=\"POST\",route=\"/v1/tasks\","
                                "status=\"gone\"} 1");
  }));
}

TEST_CASE("a stream is counted when it begins", "[metrics]") {
  front_fixture server;
  auto client = server.connect();
  client.send(get("/v1/events"));
  REQUIRE(eventually([&] { return server.peers.subscribers() == 1; }));
  CHECK(eventually([&] {
    const auto text = metrics(server);
    return has(text, "errand_http_streams 1")
           && has(text, "errand_http_requests_total{method=\"GET\",route=\"/v1/events\","
                        "status=\"2xx\"} 1");
  }));
}

TEST_CASE("metrics and actors are told by a server that is too busy for anything else",
          "[metrics]") {
  HttpOptions options;
  options.max_in_flight = 1;
  front_fixture server{options};
  server.peers.hold_submits();
  auto client = server.connect();
  client.send(post("/v1/tasks", R"({"kind":"noop"})"));
  REQUIRE(eventually([&] { return server.peers.held_submits() == 1; }));
  CHECK(server.connect().ask(get("/v1/stats"))->status == 503);
  CHECK(has(metrics(server), "errand_http_requests_in_flight 2"));
  CHECK(server.connect().ask(get("/v1/actors"))->status == 200);
  server.peers.release_submits();
}

TEST_CASE("the routes of metrics are the paths of openapi.json", "[metrics]") {
  front_setup setup;
  setup.now = system_now;
  router all{std::make_shared<silent_logger>()};
  add_all_routes(all, setup);
  const auto document = json::parse(openapi_document("1.2.3"));
  std::set<std::string> described, routed;
  for (const auto& [path, item] : document["paths"].items())
    described.insert(path);
  for (const auto& route : all.table())
    routed.insert(readable_path(route.pattern));
  CHECK(routed == described);
}

TEST_CASE("every actor is shown with its mailbox, and a silent one as silent", "[metrics]") {
  front_fixture server;
  server.peers.silence(peer::scheduler);
  const auto answer = server.connect().ask(get("/v1/actors"));
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
  std::set<std::string> names;
  const auto told = json::parse(answer->body);
  for (const auto& actor : told.at("actors")) {
    const auto name = actor.at("name").get<std::string>();
    INFO(actor.dump());
    names.insert(name);
    if (name == "scheduler") {
      CHECK(actor.at("state") == "silent");
      CHECK(actor.at("mailbox").is_null());
      CHECK(actor.at("answered_in_s").is_null());
    } else {
      CHECK(actor.at("state") == "answers");
      CHECK(actor.at("mailbox").is_number_unsigned());
      CHECK(actor.at("answered_in_s").is_number());
    }
  }
  CHECK(names
        == std::set<std::string>{"front", "store", "reader", "events", "dispatcher", "scheduler",
                                 "statistics", "lessor", "clerk", "tasks"});
}

TEST_CASE("neither takes parameters", "[metrics]") {
  front_fixture server;
  CHECK(server.connect().ask(get("/metrics?name=a"))->status == 422);
  CHECK(server.connect().ask(get("/v1/actors?name=a"))->status == 422);
}
