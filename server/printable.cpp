#include "server/printable.hpp"

#include "task/utf8.hpp"

#include <cstdint>
#include <cstdio>

namespace errand {

namespace {

/// One character of UTF-8, or one byte that is none.
struct character {
  uint32_t code = 0;
  size_t length = 1; ///< Bytes.
  bool is_valid = false;
};

character first_character(std::string_view text) {
  const uint32_t first = static_cast<uint8_t>(text[0]);
  const auto length = utf8_length(text);
  if (length == 0)
    return {first};
  auto code = length == 1 ? first : first & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    code = code << 6 | (static_cast<uint8_t>(text[i]) & 0x3fu);
  return {code, length, true};
}

/// C0 and C1 controls and DEL, the two Unicode line breaks, and what turns the writing direction.
bool moves_the_line(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e
         || code == 0x200f || (code >= 0x2028 && code <= 0x202e)
         || (code >= 0x2066 && code <= 0x2069);
}

std::string escape_of(character c) {
  if (c.code == '\n')
    return "\\n";
  if (c.code == '\r')
    return "\\r";
  if (c.code == '\t')
    return "\\t";
  char buffer[16];
  const char* form = c.is_valid && c.code >= 0x80 ? "\\u%04x" : "\\x%02x";
  std::snprintf(buffer, sizeof buffer, form, static_cast<unsigned>(c.code));
  return buffer;
}

} // namespace

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const auto c = first_character(text);
    if (!c.is_valid || c.code == '"' || c.code == '\\' || moves_the_line(c.code))
      return false;
    text.remove_prefix(c.length);
  }
  return true;
}

std::string string_literal(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const auto c = first_character(text);
    if (c.is_valid && (c.code == '"' || c.code == '\\'))
      result += '\\';
    if (c.is_valid && !moves_the_line(c.code))
      result += text.substr(0, c.length);
    else
      result += escape_of(c);
    text.remove_prefix(c.length);
  }
  return result + '"';
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string without_controls(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto c = first_character(text);
    if (!c.is_valid)
      result += "\ufffd";
    else if (c.code == '\n' || c.code == '\t' || c.code == '\r')
      result += ' ';
    else if (moves_the_line(c.code))
      result += '?';
    else
      result += text.substr(0, c.length);
    text.remove_prefix(c.length);
  }
  return result;
}

std::string printable_json(std::string_view json) {
  std::string result;
  while (!json.empty()) {
    const auto c = first_character(json);
    char escape[16];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c.code));
    if (!c.is_valid)
      result += "\ufffd";
    else if (c.code == '\r' || c.code == '\t') // Not in strings, where JSON has them escaped.
      result += ' ';
    else if (c.code != '\n' && moves_the_line(c.code))
      result += escape;
    else
      result += json.substr(0, c.length);
    json.remove_prefix(c.length);
  }
  return result;
}

} // namespace errand
