#include "http/framing.hpp"
#include "tests/http/framing_cases.hpp"
#include "tests/support/catch.hpp"

#include <cstdio>
#include <random>

using namespace errand;
using namespace errand::test;

namespace {

using progress = request_parser::progress;

/// What a parser made of some bytes, in a form that can be compared.
struct outcome {
  progress state = progress::needs_more;
  int status = 0;
  std::string detail;
  std::string text; ///< Everything that the request says.
  size_t used = 0;  ///< Bytes that were taken; told of whole requests only.

  bool operator==(const outcome&) const = default;
};

std::string text_of(const http_request& request) {
  std::string text{to_string(request.method)};
  text.append(" ").append(request.target).append(request.is_http_1_0 ? " 1.0" : " 1.1");
  text += request.keep_alive ? " keep\n" : " close\n";
  for (const auto& header : request.headers)
    text.append(header.name).append("=").append(header.value).append("\n");
  return text.append("\n").append(request.body);
}

/// Feeds the parts one after the other, and stops as a connection would.
outcome parse_parts(request_parser& parser, const std::vector<std::string_view>& parts) {
  outcome result;
  for (const auto part : parts) {
    // A copy of its own lets the sanitizer see a read beyond the part.
    const std::string copy{part};
    if (parser.now() == progress::needs_more)
      result.used += parser.feed(copy);
  }
  result.state = parser.now();
  if (result.state == progress::refused) {
    result.status = parser.why().status;
    result.detail = parser.why().detail;
  }
  if (result.state == progress::whole)
    result.text = text_of(parser.request());
  else
    result.used = 0;
  return result;
}

outcome parse(std::string_view bytes, const framing_limits& limits = {}) {
  request_parser parser{limits};
  return parse_parts(parser, {bytes});
}

std::vector<std::string> all_cases() {
  std::vector<std::string> all;
  for (const auto& each : good_requests())
    all.push_back(each.bytes + "GET /next");
  for (const auto& each : bad_requests())
    all.push_back(each.bytes);
  return all;
}

std::string head_of_size(size_t size) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\n";
  std::string text = begin;
  while (size - text.size() > 1100)
    text += "X: " + std::string(995, 'x') + "\r\n";
  const size_t rest = size - text.size();
  return text + "Y: " + std::string(rest - 7, 'y') + "\r\n\r\n";
}

std::string with_target_of_size(size_t size) {
  return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string post_of_length(const std::string& length) {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n";
}

} // namespace

TEST_CASE("what HTTP allows is read as it was meant", "[framing]") {
  for (const auto& good : good_requests()) {
    INFO(good.name);
    request_parser parser{{}};
    const size_t used = parser.feed(good.bytes);
    REQUIRE(parser.now() == progress::whole);
    CHECK(used == good.bytes.size());
    CHECK(to_string(parser.request().method) == good.method);
    CHECK(parser.request().target == good.target);
    CHECK(parser.request().body == good.body);
    CHECK(parser.request().keep_alive == good.keep_alive);
  }
}

TEST_CASE("what HTTP forbids is refused with its reason", "[framing]") {
  for (const auto& bad : bad_requests()) {
    INFO(bad.name);
    const auto result = parse(bad.bytes);
    INFO(result.detail);
    REQUIRE(result.state == progress::refused);
    CHECK(result.status == bad.status);
    CHECK(result.detail.find(bad.says) != std::string::npos);
  }
}

TEST_CASE("a request cut anywhere reads like one that came whole", "[framing]") {
  for (const auto& bytes : all_cases()) {
    const auto whole = parse(bytes);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
      request_parser parser{{}};
      const std::string_view view{bytes};
      const auto parts = parse_parts(parser, {view.substr(0, cut), view.substr(cut)});
      if (!(parts == whole)) {
        INFO(bytes << "\n cut at " << cut << ": " << parts.detail);
        CHECK(parts == whole);
      }
    }
  }
  SUCCEED();
}

TEST_CASE("a request that comes byte by byte reads like one that came whole", "[framing]") {
  for (const auto& bytes : all_cases()) {
    std::vector<std::string_view> parts;
    for (size_t i = 0; i < bytes.size(); ++i)
      parts.push_back(std::string_view{bytes}.substr(i, 1));
    request_parser parser{{}};
    INFO(bytes);
    CHECK(parse_parts(parser, parts) == parse(bytes));
  }
}

TEST_CASE("random cuts make no difference", "[framing]") {
  std::mt19937 random{20261122};
  std::string body;
  std::string chunks;
  for (int i = 0; i < 60; ++i) {
    const size_t size = 1 + random() % 700;
    const std::string chunk(size, static_cast<char>('a' + i % 26));
    body += chunk;
    char size_line[16];
    std::snprintf(size_line, sizeof size_line, "%zx\r\n", size);
    chunks += size_line + chunk + "\r\n";
  }
  const std::string bytes = "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + chunks + "0\r\nT: 1\r\n\r\nrest";
  const auto whole = parse(bytes);
  REQUIRE(whole.state == progress::whole);
  CHECK(whole.text.ends_with(body));
  CHECK(whole.used == bytes.size() - 4);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string_view> parts;
    for (size_t at = 0; at < bytes.size();) {
      const size_t size = 1 + random() % (round % 2 == 0 ? 20 : 2000);
      parts.push_back(std::string_view{bytes}.substr(at, size));
      at += size;
    }
    request_parser parser{{}};
    INFO("round " << round);
    CHECK(parse_parts(parser, parts) == whole);
  }
}

TEST_CASE("one parser reads one request after the other", "[framing]") {
  request_parser parser{{}};
  for (int round = 0; round < 2; ++round)
    for (const auto& bytes : all_cases()) {
      INFO(bytes);
      CHECK(parse_parts(parser, {bytes}) == parse(bytes));
      parser.reset();
      CHECK_FALSE(parser.has_begun());
    }
}

TEST_CASE("what follows a request is left to the next one", "[framing]") {
  const std::string first = post_of_length("3") + "abc";
  request_parser parser{{}};
  CHECK(parser.feed(first + "GET / HTTP/1.1\r\n") == first.size());
  CHECK(parser.now() == progress::whole);
}

TEST_CASE("a head as large as the limit passes, one byte more is 431", "[framing]") {
  const framing_limits limits{4000, 1000, 1000};
  CHECK(parse(head_of_size(4000), limits).state == progress::whole);
  CHECK(parse(head_of_size(4001), limits).status == 431);
  CHECK(parse("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x'), limits).status == 431);
}

TEST_CASE("a header line beyond 8 KiB is 431 though the head has room", "[framing]") {
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\n";
  const auto header = [](size_t size) { return "X: " + std::string(size - 5, 'x') + "\r\n"; };
  CHECK(parse(begin + header(max_field_line) + "\r\n").state == progress::whole);
  CHECK(parse(begin + header(max_field_line + 1) + "\r\n").status == 431);
}

TEST_CASE("a target as long as the limit passes, one byte more is 414", "[framing]") {
  CHECK(parse(with_target_of_size(8192)).state == progress::whole);
  CHECK(parse(with_target_of_size(8193)).status == 414);
  CHECK(parse("GET /" + std::string(9000, 'a')).status == 414);
  const framing_limits limits{400, 100, 100};
  CHECK(parse(with_target_of_size(100), limits).state == progress::whole);
  CHECK(parse(with_target_of_size(101), limits).status == 414);
}

TEST_CASE("a body that is announced too large is 413 before it comes", "[framing]") {
  const framing_limits limits{4000, 1000, 10};
  CHECK(parse(post_of_length("11"), limits).status == 413);
  CHECK(parse(post_of_length("10"), limits).state == progress::needs_more);
  CHECK(parse(post_of_length("10") + "0123456789", limits).state == progress::whole);
}

TEST_CASE("a chunked body is counted while it comes", "[framing]") {
  const framing_limits limits{4000, 1000, 10};
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(parse(head + "a\r\n0123456789\r\n0\r\n\r\n", limits).state == progress::whole);
  CHECK(parse(head + "b\r\n", limits).status == 413);
  CHECK(parse(head + "5\r\n01234\r\n6\r\n", limits).status == 413);
  CHECK(parse(head + "ffffffffffffffff\r\n", limits).status == 413);
}

TEST_CASE("chunk extensions and trailers are bounded", "[framing]") {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(parse(head + "1;" + std::string(300, 'x')).status == 400);
  std::string chunks;
  for (int i = 0; i < 200; ++i)
    chunks += "1;" + std::string(200, 'x') + "\r\na\r\n";
  CHECK(parse(head + chunks).status == 400);
  std::string small_chunks;
  for (int i = 0; i < 20000; ++i)
    small_chunks += "1\r\na\r\n";
  CHECK(parse(head + small_chunks + "0\r\n\r\n").state == progress::whole);
  std::string trailers;
  for (int i = 0; i < 100; ++i)
    trailers += "X: " + std::string(100, 'x') + "\r\n";
  CHECK(parse(head + "0\r\n" + trailers + "\r\n").status == 431);
}

TEST_CASE("a client that expects 100 is known by its head alone", "[framing]") {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  request_parser parser{{}};
  parser.feed(head.substr(0, head.size() - 1));
  CHECK_FALSE(parser.awaits_continue());
  parser.feed("\n");
  CHECK(parser.awaits_continue());
  CHECK(parser.reads_body());
  CHECK(parser.body_bytes_left() == 2);
  parser.feed("o");
  CHECK_FALSE(parser.awaits_continue());
  parser.feed("k");
  CHECK(parser.now() == progress::whole);
  CHECK_FALSE(parser.awaits_continue());
}

TEST_CASE("nobody waits for 100 when there is no body or it is too large", "[framing]") {
  request_parser empty{{}};
  empty.feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n");
  CHECK(empty.now() == progress::whole);
  request_parser large{{4000, 1000, 1}};
  large.feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(large.now() == progress::refused);
  CHECK_FALSE(large.awaits_continue());
}

TEST_CASE("empty lines between requests do not begin one", "[framing]") {
  request_parser parser{{}};
  parser.feed("\r\n");
  CHECK_FALSE(parser.has_begun());
  parser.feed("G");
  CHECK(parser.has_begun());
}

TEST_CASE("headers are found whatever their case, the first of several", "[framing]") {
  request_parser parser{{}};
  parser.feed("GET / HTTP/1.1\r\nHOST: h\r\nX-one: %41 b\r\nx-ONE: c\r\n\r\n");
  REQUIRE(parser.now() == progress::whole);
  CHECK(parser.request().header("X-One") == "%41 b");
  CHECK(parser.request().header("host") == "h");
  CHECK_FALSE(parser.request().header("X-Two"));
}
