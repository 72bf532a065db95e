// What a parked request makes of silence. Everything else about these routes is in tests/protocol.
#include "http/ingress_routes.hpp"
#include "http/task_routes.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

using namespace errand;
using namespace errand::test;

namespace {

/// The continuation of a request that asks an actor something.
parked ask(http_method method, std::string_view target, std::string_view body,
           recording_link& link) {
  router routes{std::make_shared<silent_logger>()};
  add_task_routes(routes, known_kinds({"noop"}), std::make_shared<const redaction>());
  ingress_route hook;
  hook.method = http_method::post;
  hook.path = "/hook";
  hook.spec.kind = "noop";
  add_ingress_routes(routes, {hook});
  auto request = request_of(method, target);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  auto result = routes.route(request, link, open_gate);
  REQUIRE(std::holds_alternative<parked>(result));
  return std::move(std::get<parked>(result));
}

} // namespace

TEST_CASE("an actor that never answers is 503, and it is not known what it did", "[task_routes]") {
  struct call {
    http_method method;
    std::string_view target;
    std::string_view body;
    std::string asked;
  };
  for (const auto& [method, target, body, asked] :
       {call{http_method::post, "/v1/tasks", R"({"kind":"noop"})", "submit 0"},
        call{http_method::post, "/hook", "whatever", "submit 0"},
        call{http_method::get, "/v1/tasks/01938f3a-5b7c-7000-8000-000000000000", "", "fetch 0"},
        call{http_method::get, "/v1/tasks", "", "list 0"},
        call{http_method::post, "/v1/tasks/01938f3a-5b7c-7000-8000-000000000000/cancel", "",
             "order 0 0"},
        call{http_method::delete_, "/v1/tasks/01938f3a-5b7c-7000-8000-000000000000", "",
             "order 2 0"}}) {
    INFO(target);
    recording_link link;
    const auto rest = ask(method, target, body, link);
    CHECK(link.take() == std::vector{asked});
    CHECK_FALSE(rest->is_waiting());
    const auto made = rest->overdue(link);
    REQUIRE(made);
    CHECK(made->status == 503);
    CHECK(made->body.find("not known") != std::string::npos);
    REQUIRE_FALSE(made->headers.empty());
    CHECK(made->headers[0].first == "Retry-After");
  }
}
