#include "task/utf8.hpp"

#include <cstdint>

namespace errand {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";    // U+2026

constexpr bool is_control(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == 0x7f;
}

constexpr bool is_continuation(char c) {
  return (static_cast<uint8_t>(c) & 0xC0) == 0x80;
}

/// The second byte's range is where overlong forms, surrogates and the end of Unicode show
/// (Unicode 15, table 3-7).
bool second_byte_fits(uint8_t first, uint8_t second) {
  switch (first) {
  case 0xE0:
    return second >= 0xA0 && second <= 0xBF;
  case 0xED:
    return second >= 0x80 && second <= 0x9F;
  case 0xF0:
    return second >= 0x90 && second <= 0xBF;
  case 0xF4:
    return second >= 0x80 && second <= 0x8F;
  default:
    return second >= 0x80 && second <= 0xBF;
  }
}

} // namespace

size_t utf8_length(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length || !second_byte_fits(first, static_cast<uint8_t>(text[1])))
    return 0;
  for (size_t i = 2; i < length; ++i)
    if (!is_continuation(text[i]))
      return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_no_control_characters(std::string_view text) {
  for (const char c : text)
    if (is_control(c))
      return false;
  return true;
}

std::string mended(std::string_view text, size_t max_bytes) {
  std::string out;
  size_t room_for_ellipsis = 0; // the longest beginning that leaves room for it
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto shown = length == 0                              ? replacement
                       : is_control(text[0]) && text[0] != '\t' ? std::string_view("?")
                                                                : text.substr(0, length);
    if (out.size() + shown.size() > max_bytes) {
      out.resize(room_for_ellipsis);
      out += ellipsis;
      break;
    }
    out += shown;
    if (out.size() + ellipsis.size() <= max_bytes)
      room_for_ellipsis = out.size();
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string quoted(std::string_view text, size_t max_bytes) {
  std::string out = "\"";
  size_t taken = 0;
  while (taken < text.size() && taken < max_bytes) {
    const auto rest = text.substr(taken);
    const size_t length = utf8_length(rest);
    if (length == 0)
      out += replacement;
    else if (is_control(rest[0]))
      out += '?';
    else
      out += rest.substr(0, length);
    taken += length == 0 ? 1 : length;
  }
  if (taken < text.size())
    out += ellipsis;
  out += '"';
  return out;
}

} // namespace errand
