// Where the kind http follows to, and where it connects to at all.
#include "tests/handlers/http_fixture.hpp"

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

using connection = answering_server::connection;

std::string redirect(int status, const std::string& to, std::string_view more = "") {
  return response(status, "moved", "Location: " + to + "\r\n" + std::string(more));
}

bool says(const attempt_report& report, std::string_view text) {
  INFO(report.error_message);
  return report.error_message.find(text) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(http_fixture, "a redirect is followed, and the answer at its end counts") {
  answering_server server([](const seen_request& request, connection& to) {
    to.send(request.target == "/a"   ? redirect(302, "/b")
            : request.target == "/b" ? redirect(307, "c?d=e")
                                     : response(200, "here"));
  });
  options.keys = {std::string(24, 'k')};
  const auto result = result_of(run(
      {{"url", server.url("/a")}, {"body", "x"}, {"headers", {{"Authorization", "Bearer me"}}}}));
  CHECK(result["body"] == "here");
  const auto seen = server.seen();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].method == "POST");
  CHECK(seen[1].method == "GET");
  CHECK(seen[2].target == "/c?d=e");
  for (const auto& each : seen) {
    CHECK(each.header("authorization") == "Bearer me"); // the same origin
    const auto time = std::stoll(each.header("webhook-timestamp"));
    CHECK(webhook_headers(options.keys, id_text, time, each.body)[2].second
          == each.header("webhook-signature"));
  }
}

TEST_CASE_METHOD(http_fixture, "secrets and signatures stay with the origin that was named") {
  options.keys = {std::string(24, 'k')};
  answering_server other([](const seen_request& request, connection& to) {
    to.send(request.target == "/back" ? redirect(307, request.header("x-nowhere")) : response(200));
  });
  answering_server server([&other](const seen_request& request, connection& to) {
    to.send(request.target == "/start" ? redirect(307, other.url("/there")) : response(200));
  });
  result_of(run({{"url", server.url("/start")},
                 {"body", "x"},
                 {"headers", {{"Authorization", "Bearer me"}, {"X-Api-Key", "me"}}}}));
  REQUIRE(other.seen().size() == 1);
  const auto seen = other.seen()[0];
  CHECK(seen.body == "x");
  CHECK(seen.header("content-type") == "text/plain; charset=utf-8");
  CHECK(seen.head.find("Bearer") == std::string::npos);
  CHECK(seen.head.find("X-Api-Key") == std::string::npos);
  CHECK(seen.head.find("webhook-") == std::string::npos);
  CHECK(seen.header("host") == "127.0.0.1:" + std::to_string(other.port()));
}

TEST_CASE_METHOD(http_fixture, "what was sent on by others is not signed again back home") {
  options.keys = {std::string(24, 'k')};
  std::string home;
  answering_server other(
      [&home](const seen_request&, connection& to) { to.send(redirect(307, home)); });
  answering_server server([&other](const seen_request& request, connection& to) {
    to.send(request.target == "/start" ? redirect(307, other.url()) : response(200));
  });
  home = server.url("/end");
  result_of(run({{"url", server.url("/start")}, {"body", "x"}}));
  REQUIRE(server.seen().size() == 2);
  CHECK(server.seen()[1].head.find("webhook-") == std::string::npos);
}

TEST_CASE_METHOD(http_fixture, "a redirect too many fails the task") {
  options.redirects_max = 3;
  answering_server server(
      [](const seen_request&, connection& to) { to.send(redirect(302, "/again")); });
  const auto report = run({{"url", server.url()}});
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(says(report, "http_task.max_redirects allows 3"));
  CHECK(server.seen().size() == 4);
}

TEST_CASE_METHOD(http_fixture, "a redirect that is expected is a success and not followed") {
  answering_server server(
      [](const seen_request&, connection& to) { to.send(redirect(302, "/login")); });
  const auto result = result_of(run({{"url", server.url()}, {"expect_status", 302}}));
  CHECK(result["headers"]["location"] == "/login");
  CHECK(server.seen().size() == 1);
}

TEST_CASE_METHOD(http_fixture, "a redirect to what no task could name fails the task") {
  const auto* location =
      GENERATE("file:///etc/passwd", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "gopher://x/");
  answering_server server(
      [location](const seen_request&, connection& to) { to.send(redirect(302, location)); });
  const auto report = run({{"url", server.url()}});
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(says(report, "redirects to"));
}

TEST_CASE_METHOD(http_fixture, "addresses that are not public are refused in whatever form") {
  options.addresses = address_policy{};
  answering_server server([](const seen_request&, connection& to) { to.send(response(200)); });
  const auto port = ':' + std::to_string(server.port()) + '/';
  for (const std::string host : {"127.0.0.1",
                                 "localhost",
                                 "127.1",
                                 "2130706433",
                                 "0x7f000001",
                                 "0177.0.0.1",
                                 "0x7f.1",
                                 "0.0.0.0",
                                 "[::1]",
                                 "[::]",
                                 "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]",
                                 "[64:ff9b::7f00:1]",
                                 "169.254.169.254",
                                 "[fd00:ec2::254]",
                                 "10.0.0.1",
                                 "172.16.0.1",
                                 "192.168.0.1",
                                 "100.64.0.1",
                                 "[fe80::1]",
                                 "[fc00::1]",
                                 "[::ffff:10.0.0.1]",
                                 "224.0.0.1",
                                 "255.255.255.255",

                                 "LOCALHOST"}) {
    const auto report = run({{"url", "http://" + host + port}});
    INFO(host << ": " << report.error_message);
    CHECK(report.outcome == attempt_outcome::failed_for_good);
    CHECK(report.error_message.find("http_task.allow") != std::string::npos);
  }
  CHECK(server.seen().empty());
}

TEST_CASE_METHOD(http_fixture, "a redirect to an address that is not allowed is refused") {
  answering_server server([](const seen_request& request, connection& to) {
    to.send(redirect(302, "http://127.0.0.2:" + request.header("host").substr(10) + "/"));
  });
  const auto report = run({{"url", server.url()}});
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(says(report, "127.0.0.2 is a loopback address"));
  CHECK(server.seen().size() == 1);
}

TEST_CASE_METHOD(http_fixture, "a name is judged by the address that is connected to") {
  // 127.0.0.1 stands for the public address that a check before the connection would have seen.
  int asked = 0;
  std::string port;
  options.pinned_names = [&] {
    const auto address = asked++ == 0 ? "127.0.0.1" : "127.0.0.2";
    return std::vector<std::string>{"rebinding.test:" + port + ':' + address};
  };
  bool redirects = false;
  SECTION("from one attempt to the next") {}
  SECTION("from one redirect to the next") {
    redirects = true;
  }
  answering_server server([&](const seen_request&, connection& to) {
    to.send(redirects ? redirect(302, "/", "Connection: close\r\n")
                      : response(200, "", "Connection: close\r\n"));
    to.close();
  });
  port = std::to_string(server.port());
  const json args{{"url", "http://rebinding.test:" + port + '/'}};
  if (!redirects)
    result_of(run(args));
  const auto report = run(args);
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(says(report, "127.0.0.2 is a loopback address"));
  CHECK(server.seen().size() == 1);
}

TEST_CASE_METHOD(http_fixture, "of a name's addresses those that are allowed are used") {
  answering_server server([](const seen_request&, connection& to) { to.send(response(200)); });
  const auto port = std::to_string(server.port());
  options.pinned_names = [port] {
    return std::vector<std::string>{"several.test:" + port + ":127.0.0.2,127.0.0.1",
                                    "private.test:" + port + ":10.0.0.1,192.168.0.1"};
  };
  result_of(run({{"url", "http://several.test:" + port + '/'}}));
  const auto report = run({{"url", "http://private.test:" + port + '/'}});
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(says(report, "192.168.0.1 is a private address"));
}
