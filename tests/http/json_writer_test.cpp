#include "http/json_writer.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>
#include <string>

using namespace errand;
using namespace std::chrono_literals;

namespace {

std::string string_json(std::string_view text) {
  std::string out;
  json_writer(out).string(text);
  return out;
}

std::string seconds_json(duration time) {
  std::string out;
  json_writer(out).seconds(time);
  return out;
}

} // namespace

TEST_CASE("commas stand between values and nowhere else") {
  std::string out = "before ";
  json_writer w(out);
  w.begin_object();
  w.key("a").begin_array().end_array();
  w.key("b").begin_array().integer(1).integer(-2).string("[").string(":").end_array();
  w.key("c").begin_object().end_object();
  w.key("d").begin_array().begin_object().end_object().begin_array().end_array().end_array();
  w.key("e").null().key("f").boolean(true).key("g").boolean(false).key("h").raw("{\"x\":1}");
  w.end_object();
  CHECK(out
        == "before {\"a\":[],\"b\":[1,-2,\"[\",\":\"],\"c\":{},\"d\":[{},[]],\"e\":null,"
           "\"f\":true,\"g\":false,\"h\":{\"x\":1}}");
}

TEST_CASE("strings are escaped where JSON asks for it") {
  const auto [text, json] = GENERATE(table<std::string, std::string>({
      {"", "\"\""},
      {"plain /text/ ~", "\"plain /text/ ~\""},
      {"\"\\", "\"\\\"\\\\\""},
      {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
      {std::string("\0\x01\x1f", 3), "\"\\u0000\\u0001\\u001f\""},
      {"\x7f", "\"\x7f\""},
      {"é€😀", "\"é€😀\""},
  }));
  CHECK(string_json(text) == json);
  CHECK(nlohmann::json::parse(string_json(text)) == nlohmann::json(text));
}

TEST_CASE("what is not UTF-8 becomes U+FFFD, byte by byte, and harms nothing around it") {
  CHECK(string_json("a\xFF"
                    "b")
        == "\"a\xEF\xBF\xBD"
           "b\"");
  CHECK(string_json("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(string_json("\xE2\x82") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(string_json("\xE2\x82\"") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"");
}

TEST_CASE("every byte, alone and between others, gives a JSON string") {
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    for (const auto& text : {byte, "x" + byte + "\"", "\xC3" + byte})
      REQUIRE(nlohmann::json::accept(string_json(text)));
  }
}

TEST_CASE("keys are escaped like strings") {
  std::string out;
  json_writer(out).begin_object().key("a\"\xFF").integer(1).end_object();
  CHECK(out == "{\"a\\\"\xEF\xBF\xBD\":1}");
}

TEST_CASE("integers of any size are written whole") {
  std::string out;
  json_writer(out).begin_array().integer(INT64_MIN).integer(0).integer(INT64_MAX).end_array();
  CHECK(out == "[-9223372036854775808,0,9223372036854775807]");
}

TEST_CASE("seconds are written in their shortest form") {
  const auto [time, json] = GENERATE(table<duration, std::string>({
      {0us, "0"},
      {1us, "0.000001"},
      {100'000us, "0.1"},
      {250'000us, "0.25"},
      {1s, "1"},
      {1'000'010us, "1.00001"},
      {3600s, "3600"},
      {std::chrono::days(30), "2592000"},
      {-1us, "-0.000001"},
      {-1'500'000us, "-1.5"},
      {duration::max(), "9223372036854.775807"},
      {duration::min(), "-9223372036854.775808"},
  }));
  CHECK(seconds_json(time) == json);
}
