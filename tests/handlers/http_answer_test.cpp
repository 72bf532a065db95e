// What answers mean: results, other tries, and ends.
#include "handlers/http_answer.hpp"
#include "handlers/http_redirect.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

http_answer answer(std::string body, header_list headers = {}) {
  return {200, "https://example.com/hook?token=secret", std::move(headers), std::move(body), false};
}

const header_list as_json{{"content-type", "application/json; charset=utf-8"}};

} // namespace

TEST_CASE("every status is a success, worth another try, or a failure") {
  for (int status = 100; status < 1000; ++status) {
    const bool again =
        status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600);
    const auto expected = status >= 200 && status < 300 ? http_verdict::success
                          : again                       ? http_verdict::try_again
                                                        : http_verdict::failure;
    INFO(status);
    CHECK(judge(status, {}) == expected);
  }
  CHECK(judge(404, {404}) == http_verdict::success);
  CHECK(judge(503, {200, 503}) == http_verdict::success);
  CHECK(judge(200, {404}) == http_verdict::failure);
  CHECK(judge(500, {404}) == http_verdict::try_again);
}

TEST_CASE("the result has the body as what it is") {
  CHECK(result_of(answer("")) == json{{"status", 200}, {"headers", json::object()}});
  CHECK(result_of(answer("text"))["body"] == "text");
  CHECK(result_of(answer("{\"a\":1}", as_json))["json"] == json{{"a", 1}});
  CHECK(result_of(answer("[1]", {{"content-type", "application/problem+JSON"}}))["json"]
        == json{1});
  CHECK(result_of(answer("{\"a\":", as_json))["body"] == "{\"a\":");
  CHECK(result_of(answer("1e999", as_json))["body"] == "1e999");
  CHECK(result_of(answer("{}", {{"content-type", "text/html"}}))["body"] == "{}");
  CHECK(result_of(answer("\xff\xfe"))["body_base64"] == "//4=");
  const auto deep = std::string(100'000, '[') + std::string(100'000, ']');
  CHECK(result_of(answer(deep, as_json))["body"] == deep);
  const auto flat = std::string(90, '[') + "\"[[[[[[[[[[[[[\\\"[[[[[\"" + std::string(90, ']');
  CHECK(result_of(answer(flat, as_json)).contains("json"));
}

TEST_CASE("a body that was cut says so, and ends with a whole character") {
  auto cut = answer("{\"a\": \"\xc3\xa4\xe2\x82", as_json);
  cut.cut = true;
  const auto result = result_of(cut);
  CHECK(result["truncated"] == true);
  CHECK(result["body"] == "{\"a\": \"\xc3\xa4");
  auto nothing = answer("");
  nothing.cut = true;
  CHECK(result_of(nothing)["body"] == "");
}

TEST_CASE("the result has the headers but cookies, as text") {
  const auto result = result_of(answer(
      "", {{"etag", "\"1\""}, {"set-cookie", "s=1"}, {"vary", "a"}, {"vary", "b"}, {"x", "\xff"}}));
  CHECK(result["headers"] == json{{"etag", "\"1\""}, {"vary", "a, b"}, {"x", "\xEF\xBF\xBD"}});
}

TEST_CASE("what an answer said is told without the query, and in short") {
  CHECK(told(answer("")) == "https://example.com/hook answered 200");
  CHECK(told(answer("no\nway")) == "https://example.com/hook answered 200: \"no?way\"");
  CHECK(told(answer(std::string(100'000, 'x'))).size() < 300);
}

TEST_CASE("Retry-After is seconds or a date, from a second to a day") {
  const auto now = std::chrono::system_clock::from_time_t(1445412480); // 21 Oct 2015, 07:28:00 GMT
  struct row {
    std::string_view value;
    std::optional<std::chrono::seconds> wait;
  };
  const auto r = GENERATE_COPY(values<row>({
      {"120", 120s},
      {"0", 1s},
      {"86401", 24h},
      {"99999999999999999999", 24h},
      {"Wed, 21 Oct 2015 07:30:00 GMT", 120s},
      {"Wed, 21 Oct 2015 07:28:00 GMT", 1s},
      {"Wed, 21 Oct 2014 07:28:00 GMT", 1s},
      {"Wednesday, 21-Oct-15 07:28:30 GMT", 30s},
      {"Fri, 01 Jan 2100 00:00:00 GMT", 24h},
      {"", {}},
      {"soon", {}},
      {"-5", {}},
  }));
  INFO(r.value);
  CHECK(retry_after({{"retry-after", std::string(r.value)}}, now) == r.wait);
  CHECK_FALSE(retry_after({}, now));
}

TEST_CASE("a redirect changes the method where browsers do") {
  struct row {
    int status;
    std::string_view method, then;
  };
  const auto r = GENERATE(values<row>({
      {301, "GET", "GET"},
      {301, "POST", "GET"},
      {301, "PUT", "PUT"},
      {302, "POST", "GET"},
      {302, "HEAD", "HEAD"},
      {303, "POST", "GET"},
      {303, "PUT", "GET"},
      {303, "HEAD", "HEAD"},
      {307, "POST", "POST"},
      {308, "POST", "POST"},
      {308, "DELETE", "DELETE"},
  }));
  INFO(r.status << " " << r.method);
  const bool has_body = r.method == "POST" || r.method == "PUT";
  http_message message{"http://a/b/c", std::string(r.method), {{"X-Key", "secret"}}, {}};
  if (has_body) {
    message.body = "body";
    message.headers.emplace_back("Content-Type", "text/plain");
  }
  const auto next = redirected(message, r.status, "../d?e=f");
  REQUIRE(next.ok());
  CHECK(next->url == "http://a/d?e=f");
  CHECK(next->method == r.then);
  const bool keeps_body = has_body && r.then == r.method;
  CHECK(next->body.has_value() == keeps_body);
  CHECK(next->headers.size() == (keeps_body ? 2 : 1));
}

TEST_CASE("only some statuses are redirects") {
  for (int status = 200; status < 600; ++status)
    CHECK(is_redirect(status)
          == (status == 301 || status == 302 || status == 303 || status == 307 || status == 308));
}

TEST_CASE("to another origin go only headers that are no secrets") {
  const http_message message{"https://a.example/",
                             "POST",
                             {{"Authorization", "Bearer secret"},
                              {"Cookie", "secret"},
                              {"X-Api-Key", "secret"},
                              {"Accept", "text/html"},
                              {"content-type", "text/plain"},
                              {"User-Agent", "me"}},
                             "body"};
  const auto headers_to = [&](const std::string& location) {
    const auto next = redirected(message, 307, location);
    REQUIRE(next.ok());
    return next->headers;
  };
  for (const auto* same : {"/x", "https://a.example/x", "https://A.example:443/x", "//a.example/x"})
    CHECK(headers_to(same).size() == message.headers.size());
  for (const auto* other : {"https://b.example/x", "https://a.example:8443/x", "//b.a.example/x",
                            "https://a.example.b/x"})
    CHECK(headers_to(other)
          == header_list{
              {"Accept", "text/html"}, {"content-type", "text/plain"}, {"User-Agent", "me"}});
}

TEST_CASE("redirects to what no task could name, or out of https, are not followed") {
  const http_message message{"https://a.example/b", "GET", {}, {}};
  for (const auto* location :
       {"ftp://a.example/", "file:///etc/passwd", "https://u:p@a.example/", "http://a.example/",
        "javascript:alert(1)", "gopher://x/", "https://a b/", "https://"}) {
    INFO(location);
    const auto next = redirected(message, 302, location);
    REQUIRE_FALSE(next.ok());
    CHECK(next.why().message().starts_with("https://a.example/b redirects to "));
    CHECK(next.why().message().find("u:p@") == std::string::npos);
  }
}
