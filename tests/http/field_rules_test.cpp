#include "http/field_rules.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace errand;

TEST_CASE("a token is made of the RFC's tchar and nothing else", "[field_rules]") {
  const std::string allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  CHECK(is_token(allowed));
  CHECK_FALSE(is_token(""));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    INFO(byte);
    CHECK(is_token(text) == (byte != 0 && allowed.find(text) != std::string::npos));
  }
}

TEST_CASE("a field value has no control characters but tabs", "[field_rules]") {
  for (int byte = 0; byte < 256; ++byte) {
    INFO(byte);
    CHECK(is_field_value(std::string(1, static_cast<char>(byte)))
          == (byte == '\t' || (byte >= 0x20 && byte != 0x7f)));
  }
}

TEST_CASE("only digits that fit 64 bits are a decimal number", "[field_rules]") {
  CHECK(parse_decimal("0") == 0);
  CHECK(parse_decimal("007") == 7);
  CHECK(parse_decimal("18446744073709551615") == std::numeric_limits<uint64_t>::max());
  for (const auto* text : {"", "18446744073709551616", "99999999999999999999", "-1", "+1", " 1",
                           "1 ", "1.0", "0x1", "1,1"}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("lists are split at commas, and empty elements left out", "[field_rules]") {
  std::vector<std::string> elements;
  for_each_element(" a,, b c ,\t,d", [&](std::string_view each) { elements.emplace_back(each); });
  CHECK(elements == std::vector<std::string>{"a", "b c", "d"});
}

TEST_CASE("a request id is 1 to 128 visible ASCII characters", "[field_rules]") {
  CHECK(is_request_id("abc-123/~!"));
  CHECK(is_request_id(std::string(128, 'x')));
  CHECK_FALSE(is_request_id(""));
  CHECK_FALSE(is_request_id(std::string(129, 'x')));
  CHECK_FALSE(is_request_id("a b"));
  CHECK_FALSE(is_request_id("\xc3\xa9"));
}
