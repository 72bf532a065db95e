#include "http/router.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"

#include <stdexcept>

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

/// A router whose routes tell what they were given.
struct routed {
  routed() {
    add(http_method::post, "/things", "made");
    add(http_method::get, "/things/([0-9a-z]{1,8})", "one");
    add(http_method::get, "/things", "all");
    add(http_method::put, "/things/([0-9a-z]{1,8})", "put");
    routes.add(http_method::get, "/throws", {scope::read},
               [](const route_call&) -> route_result { throw std::runtime_error("oh no"); });
    routes.add(http_method::get, "/throws-a-number", {scope::read},
               [](const route_call&) -> route_result { throw 7; });
  }

  void add(http_method method, const std::string& pattern, std::string name) {
    routes.add(method, pattern, {scope::read}, [name](const route_call& call) -> route_result {
      std::string text =
          name + ' ' + std::string{call.path} + " [" + std::string{call.capture} + ']';
      for (const auto& [key, value] : call.query)
        text += ' ' + key + '=' + value;
      return reply{200, "text/plain", text, {}};
    });
  }

  reply ask(http_method method, std::string_view target) {
    auto result = routes.route(request_of(method, target), link, gate);
    REQUIRE(std::holds_alternative<reply>(result));
    return std::get<reply>(result);
  }

  std::shared_ptr<recording_log> log = std::make_shared<recording_log>();
  router routes{log};
  recording_link link;
  router::route_gate gate = open_gate;
};

} // namespace

TEST_CASE("a request goes to the route of its method and path", "[router]") {
  routed to;
  CHECK(to.ask(http_method::get, "/things").body == "all /things []");
  CHECK(to.ask(http_method::post, "/things").body == "made /things []");
  CHECK(to.ask(http_method::get, "/things/a1").body == "one /things/a1 [a1]");
  CHECK(to.ask(http_method::put, "/things/a1").body == "put /things/a1 [a1]");
  CHECK(to.ask(http_method::head, "/things").body == "all /things []");
}

TEST_CASE("the path is decoded before it is matched, the query is not part of it", "[router]") {
  routed to;
  CHECK(to.ask(http_method::get, "/thin%67s/%61").body == "one /things/a [a]");
  CHECK(to.ask(http_method::get, "/things/a%2f").status == 404);
  CHECK(to.ask(http_method::get, "/things/a%00").status == 404);
  CHECK(to.ask(http_method::get, "/things?a=b=c&d=e?f&a=%2F+x").body
        == "all /things [] a=b=c d=e?f a=/ x");
}

TEST_CASE("a query that can't be decoded is refused", "[router]") {
  routed to;
  CHECK(to.ask(http_method::get, "/things?a=%zz").status == 400);
}

TEST_CASE("an unknown path is 404, whatever the method and however long", "[router]") {
  routed to;
  for (const auto* path :
       {"/", "/thing", "/things/", "/things/UPPER", "/things/abcdefghi", "//things"})
    for (const auto method : {http_method::get, http_method::post, http_method::options,
                              http_method::patch, http_method::delete_, http_method::head}) {
      INFO(path);
      CHECK(to.ask(method, path).status == 404);
    }
  CHECK(to.ask(http_method::get, "/" + std::string(8000, 'x')).status == 404);
  CHECK(to.ask(http_method::get, "/things/" + std::string(4000, 'x')).status == 404);
}

TEST_CASE("a known path with another method is 405 and tells which would do", "[router]") {
  routed to;
  const auto refused = to.ask(http_method::delete_, "/things/a1");
  CHECK(refused.status == 405);
  CHECK(header_of(refused, "Allow") == "GET, HEAD, PUT, OPTIONS");
  CHECK(header_of(to.ask(http_method::patch, "/things"), "Allow") == "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("OPTIONS tells what a path, or the server, allows", "[router]") {
  routed to;
  const auto answer = to.ask(http_method::options, "/things/a1");
  CHECK(answer.status == 204);
  CHECK(header_of(answer, "Allow") == "GET, HEAD, PUT, OPTIONS");
  const auto server = to.ask(http_method::options, "*");
  CHECK(server.status == 204);
  CHECK_FALSE(header_of(server, "Allow").empty());
}

TEST_CASE("what a route throws becomes 500 and goes to the log, not to the client", "[router]") {
  routed to;
  const auto answer = to.ask(http_method::get, "/throws");
  CHECK(answer.status == 500);
  CHECK(answer.body.find("oh no") == std::string::npos);
  REQUIRE(to.log->lines.size() == 1);
  CHECK(to.log->lines[0].find("oh no") != std::string::npos);
  CHECK(to.ask(http_method::get, "/throws-a-number").status == 500);
  CHECK(to.ask(http_method::get, "/things").status == 200);
}

TEST_CASE("a literal pattern matches its text alone", "[router]") {
  const std::string path = "/a.b*c+(d)[e]{f}|g^h$i\\j?";
  router routes{std::make_shared<recording_log>()};
  routes.add(http_method::get, literal_pattern("/a.b"), {scope::read},
             [](const route_call&) -> route_result {
               return reply{200, {}, {}, {}};
             });
  routes.add(http_method::get, literal_pattern(path), {scope::read},
             [](const route_call&) -> route_result {
               return reply{200, {}, {}, {}};
             });
  recording_link link;
  const auto status_of = [&](std::string_view target) {
    return std::get<reply>(routes.route(request_of(http_method::get, target), link, open_gate))
        .status;
  };
  CHECK(status_of("/a.b") == 200);
  CHECK(status_of("/axb") == 404);
  CHECK(status_of("/a.b*c+(d)[e]{f}|g^h$i\\j%3F") == 200);
}

TEST_CASE("the gate is told what a route asks for before its handler is called", "[router]") {
  routed to;
  bool was_called = false;
  to.routes.add(http_method::post, "/kept", {scope::submit, scope::work},
                [&](const route_call&) -> route_result {
                  was_called = true;
                  return reply{};
                });
  std::vector<scope_set> asked;
  to.gate = [&](scope_set needed) {
    asked.push_back(needed);
    return std::optional{reply{403, {}, {}, {}}};
  };
  CHECK(to.ask(http_method::post, "/kept").status == 403);
  CHECK_FALSE(was_called);
  CHECK(asked == std::vector{scope_set{scope::submit, scope::work}});
}

TEST_CASE("what is no route asks for any scope, so that a stranger learns nothing", "[router]") {
  routed to;
  std::vector<scope_set> asked;
  to.gate = [&](scope_set needed) {
    asked.push_back(needed);
    return std::optional{reply{401, {}, {}, {}}};
  };
  CHECK(to.ask(http_method::get, "/nothing").status == 401);
  CHECK(to.ask(http_method::delete_, "/things").status == 401);
  CHECK(to.ask(http_method::options, "/things").status == 401);
  CHECK(to.ask(http_method::options, "*").status == 401);
  CHECK(to.ask(http_method::get, "/" + std::string(8000, 'x')).status == 401);
  CHECK(asked == std::vector<scope_set>(5, any_scope));
}
