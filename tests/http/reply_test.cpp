#include "http/reply.hpp"
#include "http/request_id.hpp"
#include "tests/support/catch.hpp"

#include <set>

using namespace errand;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// 2026-11-22 21:00:00 UTC, a Sunday, and so much later.
wall_clock clock_at(std::chrono::microseconds after = {}) {
  const auto time = parse_rfc3339("2026-11-22T21:00:00Z").value() + after;
  return [time] { return time; };
}

std::string written(const reply& what, const reply_frame& frame = {}) {
  reply_writer writer{clock_at()};
  std::string out;
  writer.write(what, frame, out);
  return out;
}

} // namespace

TEST_CASE("a response has all that every response has", "[reply]") {
  reply_frame frame;
  frame.request_id = "r-1";
  CHECK(written(json_reply(200, "{}"), frame)
        == "HTTP/1.1 200 OK\r\n"
           "Date: Sun, 22 Nov 2026 21:00:00 GMT\r\n"
           "Content-Type: application/json\r\n"
           "Content-Length: 2\r\n"
           "X-Request-Id: r-1\r\n"
           "Cache-Control: no-store\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "\r\n{}");
}

TEST_CASE("a reply that says whether it may be stored is not contradicted", "[reply]") {
  auto made = json_reply(200, "{}");
  made.headers.emplace_back("cache-control", "max-age=60");
  const auto bytes = written(made, {});
  CHECK(contains(bytes, "cache-control: max-age=60\r\n"));
  CHECK_FALSE(contains(bytes, "no-store"));
}

TEST_CASE("the date follows the clock from second to second", "[reply]") {
  timestamp now = parse_rfc3339("2026-02-28T23:59:59.9Z").value();
  reply_writer writer{[&now] { return now; }};
  std::string out;
  writer.write(json_reply(200, "{}"), {}, out);
  CHECK(contains(out, "Date: Sat, 28 Feb 2026 23:59:59 GMT\r\n"));
  now += std::chrono::milliseconds{100};
  out.clear();
  writer.write(json_reply(200, "{}"), {}, out);
  CHECK(contains(out, "Date: Sun, 01 Mar 2026 00:00:00 GMT\r\n"));
}

TEST_CASE("a response to HEAD tells the length and has no body", "[reply]") {
  reply_frame frame;
  frame.head_only = true;
  const auto out = written(json_reply(200, "{\"a\":1}"), frame);
  CHECK(contains(out, "Content-Length: 7\r\n"));
  CHECK(out.ends_with("\r\n\r\n"));
}

TEST_CASE("204 and 304 have neither body nor length", "[reply]") {
  for (const int status : {204, 304}) {
    const auto out = written(json_reply(status, "{}"));
    CHECK_FALSE(contains(out, "Content-Length"));
    CHECK_FALSE(contains(out, "Content-Type:"));
    CHECK(out.ends_with("\r\n\r\n"));
  }
}

TEST_CASE("Connection is said where it is not the version's default", "[reply]") {
  reply_frame frame;
  CHECK_FALSE(contains(written({}, frame), "Connection:"));
  frame.is_http_1_0 = true;
  CHECK(contains(written({}, frame), "Connection: keep-alive\r\n"));
  frame.keep_alive = false;
  CHECK(contains(written({}, frame), "Connection: close\r\n"));
}

TEST_CASE("a header's value can't begin another header", "[reply]") {
  auto what = json_reply(200, "{}");
  what.headers.emplace_back("Location", "/a\r\nSet-Cookie: b");
  what.content_type = "text/plain\n\nx";
  const auto out = written(what);
  CHECK(contains(out, "Location: /a  Set-Cookie: b\r\n"));
  CHECK(contains(out, "Content-Type: text/plain  x\r\n"));
}

TEST_CASE("a status without a phrase of ours is written without one", "[reply]") {
  CHECK(written(json_reply(299, "{}")).starts_with("HTTP/1.1 299 \r\n"));
}

TEST_CASE("problems are problem+json, and 503 says when to come again", "[reply]") {
  const auto busy = problem_reply(problems::too_busy(10));
  CHECK(busy.status == 503);
  CHECK(busy.content_type == "application/problem+json");
  CHECK(contains(written(busy), "Retry-After: 1\r\n"));
  CHECK_FALSE(contains(written(problem_reply(problems::not_found("/x"))), "Retry-After"));
}

TEST_CASE("request ids do not repeat", "[reply]") {
  request_id_source source;
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const auto id = source.next();
    CHECK(id.size() == 24);
    seen.insert(id);
  }
  CHECK(seen.size() == 2000);
}

TEST_CASE("headers put together are read again as they went on the wire", "[reply]") {
  std::string lines;
  append_header(lines, "Location", "/v1/tasks/1");
  append_header(lines, "A", "");
  append_header(lines, "B", "x: y\r\nz");
  std::vector<std::pair<std::string, std::string>> read;
  for_each_header(lines, [&](std::string_view name, std::string_view value) {
    read.emplace_back(name, value);
  });
  CHECK(read
        == std::vector<std::pair<std::string, std::string>>{
            {"Location", "/v1/tasks/1"}, {"A", ""}, {"B", "x: y  z"}});
}
