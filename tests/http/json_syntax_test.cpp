// A spec as a text: what is no JSON, and what is made to hurt.
#include "tests/http/spec_texts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace errand;
using namespace errand::test;
using nlohmann::json;
using namespace std::chrono_literals;

TEST_CASE("numbers in args keep every digit, also those that no int64 and no double holds") {
  const std::string number = GENERATE(
      "9223372036854775807", "-9223372036854775808", "18446744073709551615", "18446744073709551616",
      "-9223372036854775809", "123456789012345678901234567890", "0.1", "1.0", "1.50", "-0.0", "1e2",
      "1E+2", "1e-400", "3.141592653589793238462643", "1.7976931348623157e308");
  CHECK(good(with_args(number)).args_json == number);
  CHECK(good(with_args("[" + number + ",{\"n\": " + number + "}]")).args_json
        == "[" + number + ",{\"n\":" + number + "}]");
}

TEST_CASE("text that is not JSON is refused with 400 and the place") {
  const auto [body, words] = GENERATE(table<std::string, std::string>({
      {"", "The body is empty"},
      {" ", "At byte"},
      {"{", "At byte 2 (line 1, column 2): syntax error while parsing object key"},
      {"{\"kind\":\"noop\"", "unexpected end of input"},
      {"{\"kind\":\"noop\",}", "At byte 16"},
      {"{\"kind\":\"noop\"} x", "At byte 17"},
      {"{\"kind\":\"noop\"}{}", "expected end of input"},
      {"{\n\"kind\":\n nope}", "line 3"},
      {"{'kind':'noop'}", "At byte 2"},
      {"{kind:\"noop\"}", "At byte 2"},
      {"{\"kind\" \"noop\"}", "At byte 14"},
      {"[1,]", "At byte 4"},
      {"kind=noop", "At byte"},
      {"nul", "invalid literal"},
      {"NaN", "invalid literal"},
      {"Infinity", "invalid literal"},
      {"{\"kind\":\"noop\",\"args\":NaN}", "At byte 23"},
      {"{\"kind\":\"noop\",\"args\":+1}", "At byte 23"},
      {"{\"kind\":\"noop\",\"args\":01}", "At byte 24"},
      {"{\"kind\":\"noop\",\"args\":1.}", "invalid number"},
      {"{\"kind\":\"noop\",\"args\":.5}", "At byte 23"},
      {"{\"kind\":\"noop\",\"args\":0x10}", "At byte 24"},
      {"{\"kind\":\"noop\"/*x*/}", "At byte 15"},
      {"{\"kind\":\"a\nb\"}", "control character U+000A"},
      {"{\"kind\":\"\\x\"}", "forbidden character after backslash"},
      {"{\"kind\":\"\\ud800\"}", "surrogate"},
      {"{\"kind\":\"\\udc00\"}", "surrogate"},
      {"{\"kind\":\"\\ud800\\u0041\"}", "surrogate"},
      {"{\"kind\":\"\\u12\"}", "4 hex digits"},
      {"{\"kind\":\"\xFF\"}", "ill-formed UTF-8"},
      {"{\"kind\":\"\xC0\x80\"}", "ill-formed UTF-8"},
      {"{\"kind\":\"\xED\xA0\x80\"}", "ill-formed UTF-8"},
      {"{\"\xC3\":1}", "ill-formed UTF-8"},
      {"\xFF\xFE{\0}", "At byte 1"},
  }));
  CAPTURE(body);
  const auto why = refused(body);
  CHECK(why.status == 400);
  CHECK(why.type == "/problems/not-json");
  CHECK(why.errors.empty());
  CAPTURE(why.detail);
  CHECK(why.detail.find(words) != std::string::npos);
  CHECK(why.detail.size() < 300);
}

TEST_CASE("a NUL byte does not end the text, it is refused") {
  const std::string noop = R"({"kind":"noop"})";
  for (size_t i = 0; i <= noop.size(); ++i) {
    const auto why = refused(noop.substr(0, i) + '\0' + noop.substr(i));
    CHECK(why.status == 400);
    CHECK(why.detail
          == "At byte " + std::to_string(i + 1) + ": a NUL byte, which has no place in JSON.");
  }
}

TEST_CASE("a spec cut anywhere is not JSON") {
  const std::string whole = R"({"kind":"k","args":{"a":[1,"é"]},"tags":{"t":"v"},"priority":1})";
  good(whole);
  for (size_t i = 0; i < whole.size(); ++i)
    CHECK(refused(whole.substr(0, i)).status == 400);
}

TEST_CASE("JSON that is no object is refused") {
  CHECK(begins_with(fault("[]"), " is an array; it must be a JSON object"));
  CHECK(begins_with(fault("5"), " is 5; it must be a JSON object"));
  CHECK(begins_with(fault("\"noop\""), " is \"noop\"; it must be a JSON object"));
  CHECK(begins_with(fault("null"), " is null; it must be a JSON object"));
  CHECK(begins_with(fault("[{\"kind\":5,\"x\":[]}]"), " is an array; it must be a JSON object"));
  CHECK(begins_with(fault("1e999"), " is 1e999; it must be a number that a double can hold"));
}

TEST_CASE("a key given twice in one object is refused, wherever the object is") {
  const std::string twice = " is given more than once in its object; keep one of them";
  CHECK(fault(R"({"kind":"a","kind":"b"})") == "/kind" + twice);
  CHECK(fault(R"({"kind":"a","kin\u0064":"a"})") == "/kind" + twice);
  CHECK(fault(R"({"args":1,"kind":"a","args":2})") == "/args" + twice);
  CHECK(fault(R"({"kind":"a","tags":{"x":"1","y":"2","x":"1"}})") == "/tags/x" + twice);
  CHECK(fault(R"({"kind":"a","args":{"":1,"":2}})") == "/args/" + twice);
  CHECK(fault(R"({"kind":"a","args":{"p":[0,{"q":1,"r":{},"q":1,"q":1}]}})")
        == "/args/p/1/q" + twice);
  CHECK(good(R"({"kind":"a","args":[{"x":1},{"x":{"x":2}}]})").kind == "a");

  const auto why = refused(R"({"kind":"a","args":{"x":1,"y":1,"x":1,"y":1},"args":1})");
  REQUIRE(why.errors.size() == 3);
  const std::set<std::string> inner = {why.errors[0].pointer, why.errors[1].pointer};
  CHECK(inner == std::set<std::string>{"/args/x", "/args/y"});
  CHECK(why.errors[2].pointer == "/args");
}

TEST_CASE("JSON may nest 100 levels, and is refused beyond") {
  CHECK(good(with_args(nested(99))).args_json == nested(99));
  CHECK(begins_with(fault(with_args(nested(100))), "/args nests deeper than the 100 levels"));
  const auto why = refused("{\"nope\":" + nested(100) + "}");
  REQUIRE(why.errors.size() == 2);
  CHECK(why.errors[1].pointer == "/nope");
}

TEST_CASE("a flood of brackets is refused without using the stack") {
  CHECK(refused(std::string(1'000'000, '[')).status == 422);
  CHECK(refused(with_args(std::string(1'000'000, '['))).status == 422);
  std::string objects = "{\"kind\":\"k\",\"args\":";
  for (int i = 0; i < 100'000; ++i)
    objects += "{\"a\":";
  CHECK(refused(objects).status == 422);
}

TEST_CASE("a flood of faults is told in a short answer") {
  std::string unknown = "{\"kind\":\"k\"", twins = "{\"kind\":\"k\",\"args\":{\"a\":0";
  for (int i = 0; i < 50'000; ++i) {
    unknown += ",\"x" + std::to_string(i) + "\":0";
    twins += ",\"a" + std::to_string(i / 2) + "\":0";
  }
  for (const auto& body : {unknown + "}", twins + "}}"}) {
    const auto why = refused(body);
    CHECK(why.status == 422);
    CHECK(why.errors.size() == 33);
    CHECK(begins_with(why.errors.back().detail, "was not read beyond these 32 faults"));
    CHECK(to_json(why).size() < 10'000);
  }
}

TEST_CASE("huge names, values and tokens are told in a short answer") {
  const std::string flood(1'000'000, 'x');
  const std::string body = GENERATE_COPY(
      "{\"kind\":\"" + flood + "\"}", "{\"kind\":\"k\",\"" + flood + "\":1}",
      "{\"kind\":\"k\",\"tags\":{\"" + flood + "\":\"" + flood + "\"}}",
      "{\"kind\":\"k\",\"args\":{\"" + flood + "\":1,\"" + flood + "\":1}}",
      "{\"kind\":\"k\",\"priority\":1" + std::string(300, '0') + "}",
      "{\"kind\":\"k\",\"priority\":1" + std::string(1'000'000, '0') + "}", "{\"kind\":\"" + flood,
      "{\"kind\":" + flood, "{\"kind\":\"" + std::string(1'000'000, '\xFF'));
  const auto why = refused(body);
  CHECK(to_json(why).size() < 2'000);
}

TEST_CASE("an object with very many keys is taken") {
  std::string args = "{\"k\":0";
  for (int i = 0; i < 50'000; ++i)
    args += ",\"key" + std::to_string(i) + "\":0";
  args += "}";
  CHECK(good(with_args(args)).args_json == args);
}

TEST_CASE("random bytes and mutations of a spec never break the decoder") {
  const std::string seed = R"({"kind":"k","args":{"a":[1,-2.5e3,"é\n",null,true]},"queue":"q",)"
                           R"("priority":5,"delay_s":1.5,"timeout_s":60,"tags":{"t":"v"}})";
  uint32_t state = 12345; // A fixed seed: the same bodies in each run.
  const auto random = [&state](size_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<size_t>(state >> 8) % below;
  };
  size_t taken = 0;
  for (int round = 0; round < 5'000; ++round) {
    auto body = seed;
    for (size_t changes = 1 + random(3); changes > 0; --changes) {
      const size_t at = random(body.size());
      switch (random(3)) {
      case 0:
        body[at] = static_cast<char>(random(256));
        break;
      case 1:
        body.erase(at, 1 + random(5));
        break;
      default:
        body.insert(at, seed.substr(random(seed.size()), 1 + random(8)));
      }
      if (body.empty())
        body = seed;
    }
    const auto decoded = decode_spec(body);
    if (const auto* why = std::get_if<problem>(&decoded)) {
      REQUIRE(json::accept(to_json(*why)));
    } else {
      REQUIRE(json::accept(body));
      const auto& spec = std::get<task_spec>(decoded);
      REQUIRE(spec_faults(spec).empty());
      REQUIRE(json::parse(spec.args_json) == json::parse(body).value("args", json::object()));
      ++taken;
    }
  }
  CHECK(taken > 50);
}
