#include "task/utf8.hpp"
#include "tests/support/catch.hpp"

#include <iomanip> // Its std::quoted() must not be taken for ours.
#include <string>

using namespace errand;

TEST_CASE("characters of all lengths are UTF-8") {
  const auto [text, length] = GENERATE(table<std::string, size_t>({
      {"a", 1},
      {std::string(1, '\0'), 1},
      {"\x7f", 1},
      {"\xC2\x80", 2},
      {"\xDF\xBF", 2},
      {"\xE0\xA0\x80", 3},
      {"\xED\x9F\xBF", 3}, // the last before the surrogates
      {"\xEE\x80\x80", 3}, // the first after them
      {"\xEF\xBF\xBF", 3},
      {"\xF0\x90\x80\x80", 4},
      {"\xF4\x8F\xBF\xBF", 4}, // U+10FFFF
  }));
  CHECK(utf8_length(text) == length);
  CHECK(utf8_length(text + "x") == length);
  CHECK(is_utf8(text));
}

TEST_CASE("overlong forms, surrogates, stray and missing bytes are not UTF-8") {
  const std::string text =
      GENERATE("\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\xBF", "\xE2\x82",
               "\xE2\x82x", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98",
               "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF");
  CHECK(utf8_length(text) == 0);
  CHECK_FALSE(is_utf8(text));
  CHECK_FALSE(is_utf8("good " + text));
  CHECK_FALSE(is_utf8(text + " good"));
}

TEST_CASE("nothing at all is UTF-8") {
  CHECK(is_utf8(""));
}

TEST_CASE("control characters are found wherever they stand") {
  CHECK(has_no_control_characters(""));
  CHECK(has_no_control_characters("a ~\xC2\x80"));
  CHECK_FALSE(has_no_control_characters("a\n"));
  CHECK_FALSE(has_no_control_characters("\x7f"));
  CHECK_FALSE(has_no_control_characters(std::string_view("a\0b", 3)));
}

TEST_CASE("a quoted text is one short line of valid UTF-8") {
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("héllo") == "\"héllo\"");
  CHECK(quoted("a\r\nb") == "\"a??b\"");
  CHECK(quoted(std::string_view("a\0b", 3)) == "\"a?b\"");
  CHECK(quoted("a\xFF") == "\"a\xEF\xBF\xBD\"");
  CHECK(quoted("12345", 5) == "\"12345\"");
  CHECK(quoted("123456", 5) == "\"12345…\"");
  CHECK(quoted("1234é6", 5) == "\"1234é…\"");
  CHECK(quoted(std::string(1'000'000, '\xFF')).size() < 256);
}

TEST_CASE("a quoted text stays valid UTF-8 wherever it is cut") {
  const std::string text = "aé€😀\xF0\x9F\xE2\x82";
  for (size_t i = 0; i < 12; ++i) {
    CHECK(is_utf8(quoted(text, i)));
    CHECK(is_utf8(quoted(text.substr(i))));
  }
}

TEST_CASE("mended text is valid, on one line, and no longer than it may be") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"caf\xC3\xA9\ttab", "caf\xC3\xA9\ttab"},
      {"a\xFF"
       "b\xC3",
       "a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD"},
      {"bell\a\x1b[31m\n", "bell??[31m?"},
      {std::string("nul\0", 4), "nul?"},
      {"1234567890ab", "1234567890ab"},
      {"1234567890abc", "123456789\xE2\x80\xA6"},
      {"12345678\xC3\xA9"
       "abc",
       "12345678\xE2\x80\xA6"}, // no half of a character
      {"1234567890\xC3\xA9", "1234567890\xC3\xA9"},
  }));
  CHECK(mended(text, 12) == expected);
  CHECK(is_utf8(mended(text, 12)));
  CHECK(mended(text, 12).size() <= 12);
}
