// What of a request becomes args, and what is refused: at start, and of a request.
#include "http/ingress_args.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

std::string filled(std::string_view args, const http_request& request,
                   const query_parameters& query = {}) {
  auto parsed = args_template::parse(args);
  REQUIRE(std::holds_alternative<args_template>(parsed));
  auto made = std::get<args_template>(parsed).fill(request, query);
  if (const auto* why = std::get_if<problem>(&made))
    return std::to_string(why->status) + ' ' + why->detail;
  return std::get<std::string>(made);
}

http_request with_body(std::string_view type, std::string_view body) {
  http_request request;
  request.method = http_method::post;
  request.headers = {{"Content-Type", type}};
  request.body = body;
  return request;
}

} // namespace

TEST_CASE("args without placeholders are the same for every request", "[ingress]") {
  CHECK(filled(R"({"a":[1,2.5,"x",null,true,{}],"b":{"c":[]}})", {})
        == R"({"a":[1,2.5,"x",null,true,{}],"b":{"c":[]}})");
  CHECK(filled("5", {}) == "5");
}

TEST_CASE("a JSON body becomes a value, another one text, and none null", "[ingress]") {
  constexpr auto args = R"({"in":[{"$body":true}]})";
  CHECK(filled(args, with_body("application/json", R"( {"a": 1.50, "b": [true]} )"))
        == R"({"in":[{"a":1.50,"b":[true]}]})");
  CHECK(filled(args, with_body("application/cloudevents+json; charset=utf-8", "1"))
        == R"({"in":[1]})");
  CHECK(filled(args, with_body("text/plain", R"({"a":1})")) == R"({"in":["{\"a\":1}"]})");
  CHECK(filled(args, with_body("application/jsonx", "1")) == R"({"in":["1"]})");
  CHECK(filled(args, {}) == R"({"in":[null]})");
  CHECK(filled(R"({"$body":true,"default":{"none":1}})", {}) == R"({"none":1})");
  CHECK(filled(R"({"$body":true})", with_body("application/json", "[]")) == "[]");
}

TEST_CASE("a body can't be more than the value that it stands for", "[ingress]") {
  constexpr auto args = R"({"in":{"$body":true},"z":1})";
  for (const auto* body : {R"(1},"in":{"x":2)", R"(1}, "kind": "other")", "1 2", "{", "nul", ","}) {
    INFO(body);
    CHECK(filled(args, with_body("application/json", body)).starts_with("400 At byte "));
  }
  CHECK(filled(args, with_body("application/json", std::string_view("1\0", 2)))
            .starts_with("400 At byte 2"));
  // The rules for the args of a submit hold here.
  CHECK(filled(args, with_body("application/json", std::string(200, '[') + std::string(200, ']')))
            .starts_with("422 /args nests deeper"));
  CHECK(
      filled(args, with_body("application/json", R"({"a":1,"a":2})")).starts_with("422 /args/in"));
  CHECK(filled(args, with_body("application/json", "1e999")).starts_with("422 /args/in"));
}

TEST_CASE("parameters and headers become strings", "[ingress]") {
  http_request request;
  request.headers = {{"X-Name", "\"a\""}, {"x-many", "1"}, {"X-MANY", "2"}, {"X-Raw", "\xff"}};
  CHECK(filled(R"({"q":{"$query":"name"},"h":{"$header":"x-name"},"m":{"$header":"X-Many"}})",
               request, {{"other", "1"}, {"name", "a \"b\"\n"}})
        == R"({"h":"\"a\"","m":"1, 2","q":"a \"b\"\n"})");
  CHECK(filled(R"({"$header":"X-Raw"})", request) == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("what a request lacks is its default, or refused by name", "[ingress]") {
  CHECK(filled(R"([{"$query":"n","default":7},{"$header":"X-A","default":null}])", {})
        == "[7,null]");
  CHECK(filled(R"({"$query":"n"})", {})
        == "422 ?n is missing, and this path makes its task of it; send it");
  CHECK(filled(R"({"$header":"X-A"})", {})
        == "422 X-A is missing, and this path makes its task of it; send it");
  CHECK(filled(R"({"$query":"n"})", {}, {{"n", "1"}, {"n", "2"}})
        == "422 ?n is given more than once; give it once");
}

TEST_CASE("all that a request lacks is told at once, each part once", "[ingress]") {
  const auto parsed =
      args_template::parse(R"([{"$header":"X-A"},{"$query":"n"},{"$query":"n"},{"$query":"two"},)"
                           R"({"$query":"there"},{"$header":"X-B","default":1},{"$body":true}])");
  const auto made =
      std::get<args_template>(parsed).fill({}, {{"two", "1"}, {"two", "2"}, {"there", "1"}});
  const auto* why = std::get_if<problem>(&made);
  REQUIRE(why);
  CHECK(why->status == 422);
  CHECK(why->detail.ends_with(" (and 2 more under errors)"));
  REQUIRE(why->errors.size() == 3);
  CHECK(why->errors[0].pointer == "X-A");
  CHECK(why->errors[1].pointer == "?n");
  CHECK(why->errors[2].pointer == "?two");
  CHECK(why->errors[2].detail == "is given more than once; give it once");
}

TEST_CASE("placeholders that are none are told where they stand", "[ingress]") {
  struct row {
    std::string args, pointer, detail;
  };
  const auto r = GENERATE(values<row>({
      {R"({"a":{"$boby":true}})", "/a/$boby",
       "begins with $, and is none of $body, $query and $header; did you mean $body?"},
      {R"([{"$env":"HOME"}])", "/0/$env",
       "begins with $, and is none of $body, $query and $header"},
      {R"({"$body":1})", "/$body", "must be true"},
      {R"({"$query":""})", "/$query",
       "must be the name of a parameter of the query, such as \"name\""},
      {R"({"$query":true})", "/$query",
       "must be the name of a parameter of the query, such as \"name\""},
      {R"({"$header":"X Name"})", "/$header", "must be the name of a header, such as \"X-Name\""},
      {R"({"$header":"authorization"})", "/$header",
       "is a header that holds secrets, and args are shown; leave it out"},
      {R"({"$header":"Proxy-Authorization"})", "/$header",
       "is a header that holds secrets, and args are shown; leave it out"},
      {R"({"$header":"cookie","default":""})", "/$header",
       "is a header that holds secrets, and args are shown; leave it out"},
      {R"({"a/b":{"$body":true,"x":1}})", "/a~1b/x",
       "stands beside a name that begins with $, and there may be nothing there but \"default\""},
      {R"({"$body":true,"$query":"a"})", "/$query",
       "stands beside another of $body, $query and $header; keep one of them"},
  }));
  INFO(r.args);
  const auto parsed = args_template::parse(r.args);
  const auto* errors = std::get_if<std::vector<field_error>>(&parsed);
  REQUIRE(errors);
  REQUIRE(errors->size() == 1);
  CHECK(errors->front().pointer == r.pointer);
  CHECK(errors->front().detail == r.detail);
}
