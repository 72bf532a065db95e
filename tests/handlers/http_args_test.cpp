// What args of the kind http are taken, and everything that is wrong with others.
#include "handlers/http_args.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using nlohmann::json;

namespace {

http_args good(const json& args) {
  auto read = read_http_args(args);
  INFO(args.dump());
  if (!read.ok())
    FAIL(read.why().message());
  return *read;
}

/// "pointer detail", a line for each.
std::string faults(const json& args) {
  const auto read = read_http_args(args);
  std::string text;
  if (!read.ok())
    for (const auto& [pointer, detail] : read.why().fields())
      text += (text.empty() ? "" : "\n") + pointer + ' ' + detail;
  return text;
}

json with(json fields) {
  fields["url"] = "http://a/";
  return fields;
}

} // namespace

TEST_CASE("a URL alone is a GET without a body") {
  const auto args = good({{"url", "https://example.com/x?y=1"}});
  CHECK(args.message.url == "https://example.com/x?y=1");
  CHECK(args.message.method == "GET");
  CHECK(args.message.headers.empty());
  CHECK_FALSE(args.message.body);
  CHECK(args.expect_status.empty());
}

TEST_CASE("a body makes a POST of plain text, and json one of JSON, unless told otherwise") {
  const auto text = good(with({{"body", "a=b"}}));
  CHECK(text.message.method == "POST");
  CHECK(text.message.body == "a=b");
  CHECK(text.message.headers == header_list{{"Content-Type", "text/plain; charset=utf-8"}});
  const auto content = good(with({{"json", {{"a", 1.5}}}}));
  CHECK(content.message.method == "POST");
  CHECK(content.message.body == R"({"a":1.5})");
  CHECK(content.message.headers == header_list{{"Content-Type", "application/json"}});
  CHECK(good(with({{"json", nullptr}})).message.body == "null");
  const auto told = good(with({{"body", ""},
                               {"method", "PATCH"},
                               {"headers", {{"content-type", "text/csv"}, {"X-A", ""}}}}));
  CHECK(told.message.method == "PATCH");
  CHECK(told.message.body == "");
  CHECK(told.message.headers == header_list{{"X-A", ""}, {"content-type", "text/csv"}});
}

TEST_CASE("the statuses that succeed are a number or an array") {
  CHECK(good(with({{"expect_status", 404}})).expect_status == std::vector<int>{404});
  CHECK(good(with({{"expect_status", {200, 302, 599}}})).expect_status
        == std::vector<int>{200, 302, 599});
}

TEST_CASE("args that are wrong are told, each field with the reason") {
  struct row {
    json args;
    std::string_view told;
  };
  const auto r = GENERATE(values<row>({
      {json::array(), "/ is an array; args must be an object such as {\"url\": \"https://…\"}"},
      {json::object(), "/url is missing; it must be an absolute http or https URL"},
      {{{"url", 5}}, "/url is a number; it must be an absolute"},
      {{{"url", "ftp://a/"}}, "/url is \"ftp://a/\"; it must be"},
      {with({{"ulr", 1}}), "/ulr is no argument of the kind http; did you mean \"url\"?"},
      {with({{"timeout", 1}}), "/timeout is no argument of the kind http; there are url, method,"},
      {with({{"method", "get"}}), "/method is \"get\"; it must be 1 to 32 capital letters"},
      {with({{"method", ""}}), "/method is \"\""},
      {with({{"method", "GET / HTTP/1.1\r\nX:"}}), "/method is \"GET / HTTP/1.1??X:\""},
      {with({{"method", "CONNECT"}}), "/method is \"CONNECT\""},
      {with({{"method", "TRACE"}}), "/method is \"TRACE\""},
      {with({{"method", 1}}), "/method is a number"},
      {with({{"method", "HEAD"}, {"body", ""}}), "/method is \"HEAD\", which has no body"},
      {with({{"body", 1}}), "/body is a number; it must be a string; put other JSON into json"},
      {with({{"body", "a"}, {"json", 1}}), "/body is given together with json"},
      {with({{"headers", json::array()}}), "/headers is an array; it must be an object of"},
      {with({{"expect_status", 199}}), "/expect_status is 199; it must be a status from 200"},
      {with({{"expect_status", 600}}), "/expect_status is 600"},
      {with({{"expect_status", 200.0}}), "/expect_status is 200.0"},
      {with({{"expect_status", "200"}}), "/expect_status is a string"},
      {with({{"expect_status", json::array()}}), "/expect_status is an array of 0; it must be"},
      {with({{"expect_status", {200, true}}}), "/expect_status/1 is a boolean"},
  }));
  INFO(r.args.dump());
  const auto told = faults(r.args);
  INFO(told);
  CHECK(told.starts_with(r.told));
  CHECK(told.find('\n') == std::string::npos);
}

TEST_CASE("headers that would smuggle something in, or that the server sets, are refused") {
  for (const auto* name :
       {"Host", "content-length", "Transfer-Encoding", "TE", "Trailer", "Connection", "Keep-Alive",
        "Upgrade", "Expect", "Proxy-Authorization", "HTTP2-Settings", "Errand-Task-Id",
        "errand-attempt", "traceparent", "Webhook-Id", "webhook-timestamp", "WEBHOOK-SIGNATURE"}) {
    const auto told = faults(with({{"headers", {{name, "x"}}}}));
    INFO(told);
    CHECK(told.find("can't be chosen") != std::string::npos);
  }
  for (const auto* name : {"", "a b", "a:b", "a\r\nb", "a\n", "\xc3\xa4", "a(b)"}) {
    const auto told = faults(with({{"headers", {{name, "x"}}}}));
    INFO(told);
    CHECK(told.find("is no name of a header") != std::string::npos);
  }
  for (const auto* value : {"secret\r\nX: y", "secret\nx", "secret\rx", "secret\x01"}) {
    const auto told = faults(with({{"headers", {{"X-A", value}}}}));
    INFO(told);
    CHECK(told.starts_with("/headers/X-A is not allowed"));
    CHECK(told.find("secret") == std::string::npos);
  }
  CHECK(faults(with({{"headers", {{"X-A", std::string("x\0y", 3)}}}})) != "");
  CHECK(faults(with({{"headers", {{"X-A", std::string(8193, 'x')}}}})) != "");
  CHECK(faults(with({{"headers", {{std::string(129, 'x'), ""}}}})) != "");
  CHECK(faults(with({{"headers", {{"X-A", 1}}}})).starts_with("/headers/X-A is a number; it"));
  CHECK(faults(with({{"headers", {{"X-A", "1"}, {"x-a", "2"}}}})).find("given twice")
        != std::string::npos);
  json many = json::object();
  for (int i = 0; i < 65; ++i)
    many["X-" + std::to_string(i)] = "x";
  CHECK(faults(with({{"headers", many}})).find("with 65 entries") != std::string::npos);
  CHECK(good(with({{"headers", {{"Authorization", "Bearer x"}, {"User-Agent", "\xc3\xa4"}}}}))
            .message.headers.size()
        == 2);
}

// Errors of tasks are shown whole, and args are not where redact.args names them.
TEST_CASE("of a value of a wrong type the type is told, and never the value") {
  const json text = "LEAK1";
  std::vector<json> wrong{text, with({{"headers", text}}), with({{"expect_status", text}})};
  for (const json& secret : {json(4711), json(4711.5), json::array({text}), json{{"in", text}}})
    for (const auto& args :
         {json{{"url", secret}}, with({{"headers", {{"Authorization", secret}}}}),
          with({{"body", secret}}), with({{"method", secret}})})
      wrong.push_back(args);
  for (const auto& args : wrong) {
    const auto told = faults(args);
    INFO(args.dump() << ": " << told);
    CHECK_FALSE(told.empty());
    CHECK(told.find("LEAK1") == std::string::npos);
    CHECK(told.find("4711") == std::string::npos);
  }
}

TEST_CASE("all that is wrong is told at once") {
  CHECK(std::string_view(faults({{"method", "x"}, {"headers", 1}, {"no", 1}, {"expect_status", 1}}))
            .find("/url")
        != std::string_view::npos);
  const auto told =
      faults({{"url", "x"}, {"method", "x"}, {"headers", {{"Host", ""}}}, {"expect_status", 1}});
  CHECK(std::count(told.begin(), told.end(), '\n') == 3);
}

TEST_CASE("names of headers are compared without upper and lower case") {
  const header_list headers{{"Content-Type", "a"}, {"content-type", "b"}};
  CHECK(*find_header(headers, "CONTENT-TYPE") == "a");
  CHECK(find_header(headers, "Content") == nullptr);
}
