// server/printable.hpp: any bytes become one harmless line, and none is lost.

#include "tests/support/catch.hpp"

#include "server/printable.hpp"

using namespace errand;

TEST_CASE("text that prints on one line as itself is printable") {
  CHECK(is_printable(""));
  CHECK(is_printable("plain text, 100 % = fine"));
  CHECK(is_printable("Grüße, 世界, \xf0\x9f\x98\x80"));
}

TEST_CASE("text that breaks the line, hides itself or is no UTF-8 is escaped") {
  struct row {
    std::string text, literal;
  };
  const auto r = GENERATE(values<row>({
      {"a\"b", R"("a\"b")"},
      {"a\\b", R"("a\\b")"},
      {"a\nb\r\tc", R"("a\nb\r\tc")"},
      {std::string("\0\x1b[2J", 5), R"("\x00\x1b[2J")"},
      {"\x7f", R"("\x7f")"},
      {"\xc2\x9b", R"("\u009b")"},                       // CSI, the one-character ESC [
      {"\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")"}, // line and paragraph separator
      {"\xe2\x80\xae", R"("\u202e")"},                   // right-to-left override
      {"\xe2\x81\xa6", R"("\u2066")"},
      {"\xff\xfe", R"("\xff\xfe")"},
      {"\xc3", R"("\xc3")"},                 // cut short
      {"\xc0\x8a", R"("\xc0\x8a")"},         // an overlong line feed
      {"\xed\xa0\x80", R"("\xed\xa0\x80")"}, // a surrogate
  }));
  INFO(r.literal);
  CHECK_FALSE(is_printable(r.text));
  CHECK(string_literal(r.text) == r.literal);
}

TEST_CASE("a literal of printable text is that text in quotes") {
  CHECK(string_literal("") == "\"\"");
  CHECK(string_literal("Grüße") == "\"Grüße\"");
}

TEST_CASE("text for a terminal loses what would move its cursor, and nothing else") {
  CHECK(without_controls("Grüße \"a\\b\"") == "Grüße \"a\\b\"");
  CHECK(without_controls("a\nb\r\tc") == "a b  c");
  CHECK(without_controls(std::string("\0\x1b[2J\x7f", 6)) == "??[2J?");
  CHECK(without_controls("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8") == "???");
  CHECK(without_controls("\xff\xc3") == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("JSON for a terminal stays the same JSON") {
  CHECK(printable_json(R"({"a":"Grüße \n \"\\"})") == R"({"a":"Grüße \n \"\\"})");
  CHECK(printable_json("{\n\t\"a\":\r1}") == "{\n \"a\": 1}");
  CHECK(printable_json("\"\x7f\xc2\x9b\xe2\x80\xae\"") == R"("\u007f\u009b\u202e")");
  CHECK(printable_json("\"\xff\"") == "\"\xef\xbf\xbd\"");
}
