#include "http/program_routes.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace errand::test;

namespace {

class recording_log : public logger {
public:
  bool enabled(log_level) const override { return true; }
  void write(log_level, std::string_view message, const log_fields&) override {
    lines.emplace_back(message);
  }
  std::vector<std::string> lines;
};

/// One route, whose function makes that reply.
struct routed {
  explicit routed(const RouteReply& made) {
    add_program_routes(routes, {{http_method::get, "/mine", open_to_all,
                                 [made](const RouteRequest&) { return made; }}});
  }

  reply ask() {
    auto result = routes.route(request_of(http_method::get, "/mine"), link, gate);
    REQUIRE(std::holds_alternative<reply>(result));
    return std::get<reply>(result);
  }

  std::shared_ptr<recording_log> log = std::make_shared<recording_log>();
  router routes{log};
  recording_link link;
  router::route_gate gate = open_gate;
};

void check_refused(RouteReply made, const std::string& why) {
  made.task = TaskSpec{.kind = "noop"};
  routed to{made};
  const auto answer = to.ask();
  INFO(why);
  CHECK(answer.status == 500);
  CHECK(answer.content_type == problem_content_type);
  CHECK(answer.headers.empty());
  CHECK(to.link.specs.empty());
  REQUIRE(to.log->lines.size() == 1);
  INFO(to.log->lines[0]);
  CHECK(to.log->lines[0].find(why) != std::string::npos);
}

RouteReply with_header(const std::string& name, const std::string& value) {
  return {.headers = {{"X-Well", "yes"}, {name, value}}};
}

} // namespace

TEST_CASE("a program's reply with a status that is none of an answer is a 500, and logged") {
  for (const int status : {-1, 0, 100, 101, 199, 600, 999})
    check_refused({.status = status}, "its status is " + std::to_string(status));
  for (const int status : {200, 204, 302, 404, 599})
    CHECK(routed({.status = status}).ask().status == status);
}

TEST_CASE("a program's reply with headers that frame the message is a 500, and logged") {
  for (const auto* name :
       {"Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive", "Upgrade", "Trailer",
        "TE", "Proxy-Connection", "Content-Type", "Date", "X-Request-Id"})
    check_refused(with_header(name, "1"), "the header " + std::string(name));
}

TEST_CASE("a program's reply with a header that can't be sent is a 500, and logged") {
  check_refused(with_header("X A", "1"), "\"X A\"");
  check_refused(with_header("X-A:", "1"), "\"X-A:\"");
  check_refused(with_header("", "1"), "can't be a name");
  check_refused(with_header("X-A", "1\r\nX-B: 2"), "the header X-A has the value");
  check_refused({.content_type = "text/plain\r\nX-B: 2"}, "the header Content-Type");
}

TEST_CASE("a program's reply has the headers that it was given") {
  routed to{with_header("Location", "/elsewhere?a=\xC3\xA4")};
  const auto answer = to.ask();
  CHECK(answer.status == 200);
  CHECK(header_of(answer, "X-Well") == "yes");
  CHECK(header_of(answer, "Location") == "/elsewhere?a=\xC3\xA4");
  CHECK(to.log->lines.empty());
}
