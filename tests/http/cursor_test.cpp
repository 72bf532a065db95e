#include "http/cursor.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <string>

using namespace errand;

TEST_CASE("a cursor is read back as the sequence that it was made of") {
  const int64_t sequence =
      GENERATE(int64_t{0}, int64_t{1}, int64_t{63}, int64_t{64}, int64_t{4096}, int64_t{1} << 31,
               int64_t{1} << 32, (int64_t{1} << 60) - 1, INT64_MAX);
  const auto text = encode_cursor(sequence);
  CHECK(text.size() == 16);
  CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        == std::string::npos);
  CHECK(decode_cursor(text) == sequence);
}

TEST_CASE("cursors given out by this version stay readable") {
  CHECK(encode_cursor(7'353'881'395'200'123) == "ABogUPBIAHs0BK91");
  CHECK(decode_cursor("ABogUPBIAHs0BK91") == 7'353'881'395'200'123);
}

TEST_CASE("a cursor with any one character changed is refused") {
  const auto good = encode_cursor(7'353'881'395'200'123);
  for (size_t i = 0; i < good.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      auto bad = good;
      bad[i] = static_cast<char>(c);
      if (bad != good)
        REQUIRE_FALSE(decode_cursor(bad));
    }
  }
}

TEST_CASE("a cursor cut or grown is refused") {
  const auto good = encode_cursor(42);
  for (size_t i = 0; i < good.size(); ++i) {
    CHECK_FALSE(decode_cursor(good.substr(0, i)));
    CHECK_FALSE(decode_cursor(good.substr(i, 1) + good));
  }
  CHECK_FALSE(decode_cursor(good + "="));
  CHECK_FALSE(decode_cursor(good + good));
}

TEST_CASE("made-up cursors are refused") {
  const std::string text =
      GENERATE("", "0", "42", "AAAAAAAAAAAAAAAA", "abcdefghijklmnop", "0123456789012345",
               "????????????????", "null", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  CHECK_FALSE(decode_cursor(text));
}

TEST_CASE("a cursor of a negative sequence is refused, since no task has one") {
  CHECK_FALSE(decode_cursor(encode_cursor(-1)));
  CHECK_FALSE(decode_cursor(encode_cursor(INT64_MIN)));
}

TEST_CASE("different sequences have different cursors") {
  std::set<std::string> texts;
  for (int64_t sequence = 0; sequence < 1000; ++sequence)
    texts.insert(encode_cursor(sequence));
  CHECK(texts.size() == 1000);
}

TEST_CASE("a cursor of a list by name is read back as the name, and nothing else is one") {
  const std::string name =
      GENERATE(as<std::string>(), "a", "default", "eu/mail:bulk", std::string(128, 'x'));
  const auto text = encode_name_cursor(name);
  CHECK(decode_name_cursor(text) == name);
  CHECK_FALSE(decode_name_cursor(name));
  CHECK_FALSE(decode_name_cursor(text + "a"));
  CHECK_FALSE(decode_name_cursor(text.substr(1)));
  for (size_t i = 0; i < text.size(); ++i) {
    auto bad = text;
    bad[i] = bad[i] == 'z' ? 'y' : 'z';
    CHECK_FALSE(decode_name_cursor(bad));
  }
  for (const auto* other : {"", "zz", "ABogUPBIAHs0BK91", "aaaaaaa"})
    CHECK_FALSE(decode_name_cursor(other));
}
