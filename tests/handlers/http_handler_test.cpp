// The kind http against a real server: every sort of answer, and what becomes of the attempt.
#include "tests/handlers/http_fixture.hpp"

#include <atomic>
#include <cstdlib>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

using connection = answering_server::connection;

/// Always the same bytes.
answering_server::script always(std::string bytes) {
  return [bytes](const seen_request&, connection& to) { to.send(bytes); };
}

bool says(const attempt_report& report, std::string_view text) {
  INFO(report.error_message);
  return report.error_message.find(text) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(http_fixture, "a request goes out as its args say, with the task's headers") {
  answering_server server(always(response(200, "hello", "X-Answer: yes\r\n")));
  traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto result = result_of(run({{"url", server.url("/a?b=c#d")},
                                     {"method", "PUT"},
                                     {"headers", {{"X-Own", "1"}, {"X-Empty", ""}}},
                                     {"json", {{"n", 1}}}}));
  CHECK(result
        == json{{"status", 200},
                {"headers", {{"x-answer", "yes"}, {"content-length", "5"}}},
                {"body", "hello"}});
  REQUIRE(server.seen().size() == 1);
  const auto seen = server.seen()[0];
  CHECK(seen.method == "PUT");
  CHECK(seen.target == "/a?b=c");
  CHECK(seen.body == R"({"n":1})");
  CHECK(seen.header("host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(seen.header("content-type") == "application/json");
  CHECK(seen.header("content-length") == "7");
  CHECK(seen.header("x-own") == "1");
  CHECK(seen.head.find("X-Empty:\r\n") != std::string::npos);
  CHECK(seen.header("errand-task-id") == id_text);
  CHECK(seen.header("errand-attempt") == "3");
  CHECK(seen.header("traceparent") == traceparent);
  CHECK(seen.header("user-agent") == "errand/test");
  CHECK(seen.head.find("webhook-") == std::string::npos);
  CHECK(seen.head.find("Expect") == std::string::npos);
}

TEST_CASE_METHOD(http_fixture, "each method goes out as itself, with a body only if it has one") {
  answering_server server(always("HTTP/1.1 204 No Content\r\n\r\n"));
  for (const auto* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"})
    result_of(run({{"url", server.url()}, {"method", method}}));
  result_of(run({{"url", server.url()}, {"method", "DELETE"}, {"body", "x"}}));
  const auto seen = server.seen();
  REQUIRE(seen.size() == 9);
  CHECK(seen[1].method == "HEAD");
  CHECK(seen[2].header("content-length") == "0");
  CHECK(seen[2].header("content-type").empty());
  CHECK(seen[5].header("content-length").empty());
  CHECK(seen[7].method == "PURGE");
  CHECK(seen[8].body == "x");
}

TEST_CASE_METHOD(http_fixture, "an answer's status decides about its attempt") {
  struct row {
    int status;
    json expected;
    attempt_outcome outcome;
  };
  using enum attempt_outcome;
  const auto r = GENERATE(values<row>({
      {200, nullptr, succeeded},
      {201, nullptr, succeeded},
      {299, nullptr, succeeded},
      {300, nullptr, failed_for_good},
      {302, nullptr, failed_for_good}, // without Location
      {304, nullptr, failed_for_good},
      {400, nullptr, failed_for_good},
      {401, nullptr, failed_for_good},
      {404, nullptr, failed_for_good},
      {408, nullptr, failed},
      {410, nullptr, failed_for_good},
      {425, nullptr, failed},
      {429, nullptr, failed},
      {500, nullptr, failed},
      {501, nullptr, failed},
      {503, nullptr, failed},
      {599, nullptr, failed},
      {404, 404, succeeded},
      {503, {200, 503}, succeeded},
      {200, {201, 202}, failed_for_good},
  }));
  INFO(r.status);
  answering_server server(always(response(r.status, "why not")));
  json args{{"url", server.url("/x?token=secret")}};
  if (!r.expected.is_null())
    args["expect_status"] = r.expected;
  const auto report = run(args);
  CHECK(report.outcome == r.outcome);
  if (r.outcome == succeeded) {
    CHECK(json::parse(report.result_json)["status"] == r.status);
  } else {
    CHECK(says(report, "answered " + std::to_string(r.status)));
    CHECK_FALSE(says(report, "secret"));
  }
}

TEST_CASE_METHOD(
    http_fixture,
    "a wish to be asked later sets the time of the next attempt, and this one counts") {
  answering_server server([](const seen_request& request, connection& to) {
    to.send(response(request.target == "/busy" ? 429 : 404, "", "Retry-After: 7\r\n"));
  });
  const auto report = run({{"url", server.url("/busy")}});
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.retry_in == 7s);
  CHECK(run({{"url", server.url("/gone")}}).outcome == attempt_outcome::failed_for_good);
}

TEST_CASE_METHOD(http_fixture, "args that are wrong fail the task, and nothing is sent") {
  answering_server server(always(response(200)));
  const auto report = run({{"url", server.url()}, {"header", {{"X", "y"}}}});
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(report.error_message
        == "The args are wrong: /header is no argument of the kind http; did you mean"
           " \"headers\"?");
  CHECK(server.seen().empty());
}

TEST_CASE_METHOD(http_fixture,
                 "a connection that can't be made or breaks fails the attempt alone") {
  std::string bytes;
  SECTION("cut in the body") {
    bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort";
  }
  SECTION("cut in the head") {
    bytes = "HTTP/1.1 200 OK\r\nContent-Le";
  }
  SECTION("no answer at all") {}
  SECTION("no HTTP") {
    bytes = "220 mail.example.com ESMTP\r\n";
  }
  answering_server server([bytes](const seen_request&, connection& to) {
    to.send(bytes);
    to.close();
  });
  const auto report = run({{"url", server.url()}});
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(says(report, server.url() + " did not answer: "));
}

TEST_CASE_METHOD(http_fixture, "a refused connection fails the attempt alone") {
  std::string url;
  {
    answering_server server(always(""));
    url = server.url();
  }
  const auto report = run({{"url", url}});
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(report.error_type == "exception");
}

TEST_CASE_METHOD(http_fixture, "an answer without end is cut and does not grow the server") {
  options.body_max = 1000;
  std::atomic<size_t> sent = 0;
  answering_server server([&sent](const seen_request&, connection& to) {
    to.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[");
    const std::string block(64 * 1024, '1');
    while (to.send(block))
      sent += block.size();
    to.close();
  });
  const auto result = result_of(run({{"url", server.url()}}));
  CHECK(result["status"] == 200);
  CHECK(result["truncated"] == true);
  CHECK(result["body"] == "[" + std::string(999, '1'));
  CHECK(sent < 64 * 1024 * 1024); // what sockets buffer, far from a server's memory
}

TEST_CASE_METHOD(http_fixture, "an answer that is a little too long leaves its connection in use") {
  options.body_max = 10;
  answering_server server(always(response(200, std::string(11, 'x'))));
  for (int i = 0; i < 2; ++i) {
    const auto result = result_of(run({{"url", server.url()}}));
    CHECK(result["body"] == std::string(10, 'x'));
    CHECK(result["truncated"] == true);
  }
  CHECK(server.seen()[1].connection == 1);
}

TEST_CASE_METHOD(http_fixture, "headers without end fail the attempt and do not grow the server") {
  answering_server server([](const seen_request&, connection& to) {
    to.send("HTTP/1.1 200 OK\r\n");
    while (to.send("X-More: and more of the same, to no end at all\r\n")) {
    }
    to.close();
  });
  CHECK(run({{"url", server.url()}}).outcome == attempt_outcome::failed);
}

TEST_CASE_METHOD(http_fixture, "of many headers those that somebody looks for are kept") {
  std::string headers;
  for (int i = 0; i < 1000; ++i)
    headers += "X-" + std::to_string(i) + ": " + std::string(40, 'x') + "\r\n";
  answering_server server(always(response(503, "", headers + "Retry-After: 5\r\n")));
  CHECK(run({{"url", server.url()}}).retry_in == 5s);
  const auto result = result_of(run({{"url", server.url()}, {"expect_status", 503}}));
  CHECK(result["headers"].dump().size() < 20'000);
}

TEST_CASE_METHOD(http_fixture, "chunked answers and interim ones are read as what they are") {
  answering_server server(always("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  const auto result = result_of(run({{"url", server.url()}}));
  CHECK(result["body"] == "abcde");
  CHECK_FALSE(result["headers"].contains("link"));
}

TEST_CASE_METHOD(http_fixture, "connections are used again by the next task") {
  answering_server server(always(response(200)));
  for (int i = 0; i < 5; ++i)
    result_of(run({{"url", server.url()}, {"body", "x"}}));
  REQUIRE(server.seen().size() == 5);
  CHECK(server.seen().back().connection == 1);
}

TEST_CASE_METHOD(http_fixture, "a connection that was closed meanwhile is replaced unnoticed") {
  answering_server server([](const seen_request&, connection& to) {
    to.send(response(200));
    to.close(); // without saying so
  });
  for (int i = 0; i < 3; ++i)
    result_of(run({{"url", server.url()}, {"body", "x"}}));
  CHECK(server.seen().size() == 3);
}

TEST_CASE_METHOD(http_fixture, "a cancel ends a transfer in the middle, also a silent one") {
  std::atomic<bool> asked = false;
  bool trickles = false;
  SECTION("silent") {}
  SECTION("trickling") {
    trickles = true;
  }
  answering_server server([&](const seen_request&, connection& to) {
    if (trickles)
      to.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    asked = true;
    to.wait_for_close();
    to.close();
  });
  std::chrono::steady_clock::time_point cancelled_at;
  std::thread canceller{[&] {
    while (!asked)
      std::this_thread::yield();
    cancelled_at = std::chrono::steady_clock::now();
    cancel();
  }};
  const auto report = run({{"url", server.url()}});
  const auto ended_at = std::chrono::steady_clock::now();
  canceller.join();
  CHECK(report.outcome == attempt_outcome::failed);
  CHECK(says(report, "had not answered when the attempt was told to end"));
  CHECK(ended_at - cancelled_at < 1s); // 50 ms on a machine that is not busy
}

TEST_CASE_METHOD(http_fixture, "an attempt ends at its timeout, whatever the server does") {
  timeout = 100ms;
  answering_server server([](const seen_request&, connection& to) {
    to.wait_for_close();
    to.close();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto report = run({{"url", server.url()}});
  CHECK(report.error_type == timeout_error);
  CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE_METHOD(http_fixture, "a proxy of the environment is not asked") {
  answering_server server(always(response(200)));
  answering_server proxy(always(response(407)));
  for (const auto* name : {"http_proxy", "all_proxy", "ALL_PROXY"})
    setenv(name, proxy.url().c_str(), 1);
  result_of(run({{"url", server.url()}}));
  for (const auto* name : {"http_proxy", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  CHECK(proxy.seen().empty());
}

TEST_CASE_METHOD(http_fixture, "requests are signed with each secret over what is sent") {
  options.keys = {std::string(24, 'a'), std::string(32, 'b')};
  answering_server server(always(response(200)));
  for (const auto* body : {"some body", ""}) {
    json args{{"url", server.url()}};
    if (*body)
      args["body"] = body;
    result_of(run(args));
    const auto seen = server.seen().back();
    CHECK(seen.header("webhook-id") == id_text);
    const auto time = std::stoll(seen.header("webhook-timestamp"));
    CHECK(std::abs(time - std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()))
          <= 5);
    CHECK(webhook_headers(options.keys, id_text, time, body)[2].second
          == seen.header("webhook-signature"));
  }
}
