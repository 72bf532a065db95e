#include "http/http_counters.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace errand;
using namespace std::chrono_literals;

namespace {

uint64_t n(const http_counters::sort& sort, request_end how) {
  return sort.n[static_cast<size_t>(how)];
}

} // namespace

TEST_CASE("a router's pattern is shown as people write the path") {
  const auto [pattern, path] = GENERATE(table<const char*, const char*>({
      {"/", "/"},
      {R"(\/sleep)", "/sleep"},
      {R"(\/a\.b\{c\}\(d\))", "/a.b{c}(d)"},
      {"/v1/tasks", "/v1/tasks"},
      {"/v1/tasks/([0-9A-Za-z-]{1,64})", "/v1/tasks/{id}"},
      {"/v1/tasks/([0-9A-Za-z-]{1,64})/log", "/v1/tasks/{id}/log"},
      {R"(/v1/queues/([^\n]{1,256})/pause)", "/v1/queues/{queue}/pause"},
      {R"(/v1/workers/([^\n]{1,256}))", "/v1/workers/{name}"},
  }));
  CHECK(readable_path(pattern) == path);
}

TEST_CASE("requests are counted by route, method and how they end") {
  http_counters counters;
  counters.add_route(http_method::get, "/a");
  counters.add_route(http_method::post, "/a");
  const auto get = http_counters::of_route(0);
  const auto post = http_counters::of_route(1);
  counters.answered(get, 200, 3ms);
  counters.answered(get, 204, 4ms);
  counters.answered(get, 304, 0ms);
  counters.answered(get, 404, 0ms);
  counters.answered(post, 503, 1s);
  counters.gone(post);
  const auto& sorts = counters.sorts();
  CHECK(sorts[get].method == "GET");
  CHECK(sorts[get].path == "/a");
  CHECK(n(sorts[get], request_end::success) == 2);
  CHECK(n(sorts[get], request_end::redirection) == 1);
  CHECK(n(sorts[get], request_end::client_error) == 1);
  CHECK(n(sorts[get], request_end::server_error) == 0);
  CHECK(sorts[get].took.count() == 4);
  CHECK(sorts[get].took.sum() == 7000);
  CHECK(sorts[post].method == "POST");
  CHECK(n(sorts[post], request_end::server_error) == 1);
  CHECK(n(sorts[post], request_end::gone) == 1);
  CHECK(sorts[post].took.count() == 1); // who is gone was not answered
}

TEST_CASE(
    "a method or version that the server does not know is the client's error, other 5xx are not") {
  http_counters counters;
  const auto where = http_counters::of_no_request;
  for (const auto status : {501, 505})
    counters.answered(where, status, 0ms);
  CHECK(n(counters.sorts()[where], request_end::client_error) == 2);
  CHECK(n(counters.sorts()[where], request_end::server_error) == 0);
  for (const auto status : {500, 503})
    counters.answered(where, status, 0ms);
  CHECK(n(counters.sorts()[where], request_end::server_error) == 2);
}

TEST_CASE("what comes to no route is counted by its method alone") {
  http_counters counters;
  counters.add_route(http_method::get, "/a");
  for (const auto method :
       {http_method::get, http_method::head, http_method::post, http_method::put,
        http_method::patch, http_method::delete_, http_method::options}) {
    const auto where = http_counters::of_no_route(method);
    counters.answered(where, 404, 0ms);
    CHECK(counters.sorts()[where].method == to_string(method));
    CHECK(counters.sorts()[where].path == "other");
    CHECK(n(counters.sorts()[where], request_end::client_error) == 1);
  }
  CHECK(counters.sorts()[http_counters::of_no_request].method == "none");
  const auto& route = counters.sorts()[http_counters::of_route(0)];
  CHECK(std::all_of(route.n.begin(), route.n.end(), [](uint64_t each) { return each == 0; }));
}
