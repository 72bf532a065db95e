#include "http/problem.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace errand;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

/// One of each maker, fed with values of strangers.
std::vector<problem> all_problems(const std::string& value) {
  return {
      problems::bad_request(value),
      problems::not_json(value),
      problems::invalid_key(value),
      problems::several_keys(2),
      problems::misdirected(value),
      problems::scope_missing(value, value),
      problems::token_missing(),
      problems::token_unknown(),
      problems::no_token_configured(),
      problems::foreign_page(),
      problems::not_found(value),
      problems::no_such_task(value),
      problems::method_not_allowed(value, value, "GET, HEAD"),
      problems::request_timeout(10s),
      problems::key_in_flight(value),
      problems::body_too_large(1024),
      problems::uri_too_long(8192),
      problems::unsupported_media_type(value),
      problems::unsupported_encoding(value),
      problems::expectation_failed(value),
      problems::invalid({{"/a", value}, {"/" + value, "is bad"}}),
      problems::header_too_large(32768),
      problems::internal_error(),
      problems::not_implemented("A transfer coding"),
      problems::version_not_supported(value),
      problems::too_busy(10'000),
      problems::draining(),
  };
}

} // namespace

TEST_CASE("a problem's JSON has the members of RFC 9457, and errors only if there are any") {
  CHECK(to_json(problems::bad_request("No Host."))
        == R"({"type":"/problems/bad-request",)"
           R"("title":"Bad request","status":400,)"
           R"("detail":"No Host."})");
  const auto shown = json::parse(to_json(problems::invalid({{"/kind", "is 5; it must be x"}})));
  CHECK(shown["status"] == 422);
  CHECK(shown["detail"] == "/kind is 5; it must be x");
  CHECK(shown["errors"] == json::parse(R"([{"pointer":"/kind","detail":"is 5; it must be x"}])"));
}

TEST_CASE("what a missing scope tells names each scope that suffices once") {
  CHECK(problems::scope_missing("admin", "read").detail
        == "The token has the scope read, and this needs the scope admin. Use another token.");
  CHECK(problems::scope_missing("read, submit", "work").detail
        == "The token has the scope work, and this needs one of: read, submit, admin. Use another "
           "token.");
}

TEST_CASE("the detail of several errors tells the first and how many more there are") {
  const auto made = problems::invalid({{"", "has a fault"}, {"/b", "y"}, {"/c", "z"}});
  CHECK(made.detail == "The body has a fault (and 2 more under errors)");
  CHECK(made.errors.size() == 3);
}

TEST_CASE("every problem is valid JSON with a title, a type of its own and a sentence") {
  const std::string value = GENERATE(std::string("x"), std::string("\"\\\n\r\t\xFF\xED\xA0\x80"),
                                     std::string(3, '\0'), std::string());
  for (const auto& made : all_problems(value)) {
    CAPTURE(made.type);
    REQUIRE(json::accept(to_json(made)));
    const auto shown = json::parse(to_json(made));
    CHECK(shown["type"].get<std::string>().rfind("/problems/", 0) == 0);
    CHECK_FALSE(shown["title"].get<std::string>().empty());
    CHECK(shown["status"] == made.status);
  }
}

TEST_CASE("values of strangers are shown short") {
  const std::string flood(1'000'000, 'x');
  CHECK(problems::not_found(flood).detail.size() < 300);
  CHECK(problems::no_such_task(flood).detail.size() < 300);
  CHECK(problems::method_not_allowed(flood, flood, "GET").detail.size() < 300);
  CHECK(problems::unsupported_media_type(flood).detail.size() < 300);
  CHECK(problems::unsupported_encoding(flood).detail.size() < 300);
  CHECK(problems::expectation_failed(flood).detail.size() < 300);
  CHECK(problems::version_not_supported(flood).detail.size() < 300);
}

TEST_CASE("each refusal has its status") {
  std::vector<int> statuses;
  for (const auto& made : all_problems("x"))
    statuses.push_back(made.status);
  CHECK(statuses == std::vector<int>{400, 400, 400, 400, 421, 403, 401, 401, 403,
                                     403, 404, 404, 405, 408, 409, 413, 414, 415,
                                     415, 417, 422, 431, 500, 501, 505, 503, 503});
}

TEST_CASE("one type has one title and one status") {
  std::set<std::string> types;
  std::set<std::tuple<std::string, std::string, int>> kinds;
  for (const auto& made : all_problems("x")) {
    types.insert(made.type);
    kinds.insert({made.type, made.title, made.status});
  }
  CHECK(types.size() == kinds.size());
}

TEST_CASE("what an operation failed with has one answer") {
  const auto [code, http_status, type] = GENERATE(table<ec, int, std::string>({
      {ec::not_found, 404, "/problems/not-found"},
      {ec::wrong_state, 409, "/problems/wrong-state"},
      {ec::invalid, 422, "/problems/invalid"},
      {ec::store_full, 503, "/problems/store-full"},
      {ec::store_failed, 503, "/problems/store-failed"},
      {ec::store_locked, 503, "/problems/store-failed"},
      {ec::store_newer, 503, "/problems/store-failed"},
      {ec::draining, 503, "/problems/draining"},
      {ec::timed_out, 503, "/problems/no-answer"},
      {ec::not_unique, 409, "/problems/not-unique"},
      {ec::key_reused, 422, "/problems/idempotency-key-reused"},
  }));
  const auto made = problem_of(status(code, "It is so; do this."));
  CHECK(made.status == http_status);
  CHECK(made.type == type);
  CHECK(made.detail == "It is so; do this.");
}

TEST_CASE("429 and 503 say when to try again, the others do not") {
  for (const int status : {429, 503})
    CHECK(retry_after_s(status).value_or(0) >= 1);
  for (const int status : {200, 400, 404, 408, 413, 422, 500, 501})
    CHECK_FALSE(retry_after_s(status));
}

TEST_CASE("a limit is told in the refusal that it leads to") {
  CHECK(problems::body_too_large(1'048'576).detail.find("1048576 bytes") != std::string::npos);
  CHECK(problems::uri_too_long(8192).detail.find("8192 bytes") != std::string::npos);
  CHECK(problems::header_too_large(32'768).detail.find("32768 bytes") != std::string::npos);
  CHECK(problems::request_timeout(2500ms).detail.find("2.5 s") != std::string::npos);
  CHECK(problems::too_busy(10'000).detail.find("10000 requests") != std::string::npos);
  CHECK(problems::method_not_allowed("PUT", "/v1/tasks", "GET, HEAD, POST").detail
        == "\"PUT\" does not go with \"/v1/tasks\". Use GET, HEAD, POST.");
}
