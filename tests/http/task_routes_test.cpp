// What a parked request makes of silence. Everything else about these routes is in tests/protocol.
#include "http/ingress_routes.hpp"
#include "http/task_routes.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace errand::test;

namespace {

class silent_log : public logger {
public:
  bool enabled(log_level) const override { return false; }
  void write(log_level, std::string_view, const log_fields&) override {}
};

/// The continuation of a request that asks an actor something.
parked ask(http_method method, std::string_view target, std::string_view body,
           recording_link& link) {
  router routes{std::make_shared<silent_log>()};
  add_task_routes(routes, known_kinds({"noop"}));
  add_ingress_routes(routes, {{"POST", "/hook", "noop", "{}", 200, "text/plain", "thanks"}});
  auto request = request_of(method, target);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  auto result = routes.route(request, link);
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
