// Every refusal as a client meets it: status, problem+json, and the end of the connection.
#include "tests/http/framing_cases.hpp"
#include "tests/protocol/front_fixture.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace errand;
using namespace errand::test;

TEST_CASE("what is not HTTP is answered with its problem, and the connection ends", "[refusals]") {
  front_fixture server;
  for (const auto& bad : bad_requests()) {
    INFO(bad.name);
    auto client = server.connect();
    const auto response = client.ask(bad.bytes);
    REQUIRE(response);
    CHECK(response->status == bad.status);
    CHECK(response->header("content-type") == "application/problem+json");
    CHECK(response->header("connection") == "close");
    CHECK_FALSE(response->header("x-request-id").empty());
    const auto problem = nlohmann::json::parse(response->body);
    CHECK(problem.at("status") == bad.status);
    CHECK(problem.at("detail").get<std::string>().find(bad.says) != std::string::npos);
    CHECK(client.is_closed_by_server());
  }
}

TEST_CASE("what HTTP allows is not refused as HTTP", "[refusals]") {
  front_fixture server;
  for (const auto& good : good_requests()) {
    INFO(good.name);
    auto client = server.connect();
    REQUIRE(client.send(good.bytes));
    auto response = client.read();
    REQUIRE(response);
    if (response->status == 100)
      response = client.read();
    REQUIRE(response);
    CHECK((response->status == 200 || response->status == 204 || response->status == 404));
    CHECK((response->header("connection") == "close") == !good.keep_alive);
  }
}

TEST_CASE("a request is answered the same wherever it is cut", "[refusals]") {
  front_fixture server;
  const std::string bytes =
      "POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"kind\":\r\n8\r\n \"noop\"}\r\n"
      "0\r\nT: x\r\n\r\n";
  auto client = server.connect();
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    INFO("cut at " << cut);
    REQUIRE(client.send(std::string_view{bytes}.substr(0, cut)));
    const auto response = client.ask(std::string_view{bytes}.substr(cut));
    REQUIRE(response);
    CHECK(response->status == 202);
  }
  CHECK(server.peers.accepted() == bytes.size() - 1);
}

TEST_CASE("a body that is too large is refused before it is sent", "[refusals]") {
  HttpOptions options;
  options.max_body_bytes = 100;
  front_fixture server{options};
  auto client = server.connect();
  const auto response =
      client.ask("POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n");
  REQUIRE(response);
  CHECK(response->status == 413);
  CHECK(client.is_closed_by_server());
}

TEST_CASE("a client that is still sending its body gets to read that it is too large",
          "[refusals]") {
  front_fixture server;
  for (int round = 0; round < 5; ++round) {
    auto client = server.connect();
    const std::string body(3 << 20, 'x');
    client.send("POST /v1/tasks HTTP/1.1\r\nHost: h\r\nContent-Length: 3145728\r\n\r\n");
    client.send(body);
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->status == 413);
  }
}

TEST_CASE("a chunked body is refused once it has grown too large", "[refusals]") {
  HttpOptions options;
  options.max_body_bytes = 100;
  front_fixture server{options};
  auto client = server.connect();
  REQUIRE(client.send("POST /v1/tasks HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "64\r\n"
                      + std::string(100, 'x') + "\r\n"));
  CHECK(client.is_silent_for(std::chrono::milliseconds{50}));
  const auto response = client.ask("1\r\n");
  REQUIRE(response);
  CHECK(response->status == 413);
}

TEST_CASE("limits on head and target are the configured ones", "[refusals]") {
  HttpOptions options;
  options.max_header_bytes = 1000;
  options.max_uri_bytes = 50;
  front_fixture server{options};
  const auto status_of = [&](const std::string& bytes) {
    auto client = server.connect();
    const auto response = client.ask(bytes);
    return response ? response->status : 0;
  };
  CHECK(status_of(get("/version?" + std::string(50, 'x'))) == 414);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(1000, 'x') + "\r\n\r\n") == 431);
  CHECK(status_of(get("/version")) == 200);
}
