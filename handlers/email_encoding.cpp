#include "handlers/email_encoding.hpp"

#include "task/utf8.hpp"

#include <algorithm>

namespace errand {

namespace {

/// An encoded word may have 75 characters, of which these do not carry text.
constexpr std::string_view word_begin = "=?UTF-8?Q?";
constexpr std::string_view word_end = "?=";
constexpr size_t word_max = 75 - word_begin.size() - word_end.size();

/// A line may have 76 characters, and on the first one stands the header's name.
constexpr size_t name_room = sizeof("Reply-To: ");

/// With a header's name before it, still below the 78 that lines should have.
constexpr size_t plain_max = 60;

constexpr size_t line_max = 76;

std::string hex(char byte) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  return {'=', digits[value >> 4], digits[value & 15]};
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// What may stand for itself in an encoded word, also in one of a name (RFC 2047, 5 (3)).
bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '!'
         || c == '*' || c == '+' || c == '-' || c == '/';
}

/// Each word has whole characters, and the blank before the next is not part of the text.
std::string encoded_words(std::string_view text) {
  std::string words, word;
  const auto end_word = [&] {
    words.append(words.empty() ? "" : "\r\n ").append(word_begin).append(word).append(word_end);
    word.clear();
  };
  while (!text.empty()) {
    const auto length = std::max<size_t>(utf8_length(text), 1);
    std::string character;
    for (const char c : text.substr(0, length))
      character += c == ' ' ? "_" : is_safe(c) ? std::string(1, c) : hex(c);
    text.remove_prefix(length);
    if (word.size() + character.size() > word_max - (words.empty() ? name_room : 0))
      end_word();
    word += character;
  }
  end_word();
  return words;
}

} // namespace

std::string encoded_header(std::string_view text) {
  const bool looks_encoded = text.find("=?") != text.npos;
  const bool has_edge = text.starts_with(' ') || text.ends_with(' ');
  if (is_plain(text) && text.size() <= plain_max && !looks_encoded && !has_edge)
    return std::string(text);
  return encoded_words(text);
}

std::string encoded_phrase(std::string_view name) {
  if (!is_plain(name) || name.size() > plain_max || name.find("=?") != name.npos)
    return encoded_words(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string quoted_printable(std::string_view text) {
  std::string encoded;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      continue; // its '\n' follows
    if (c == '\n' || c == '\r') {
      encoded += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool stands =
        (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !ends_line);
    const auto unit = stands ? std::string(1, c) : hex(c);
    // The last place of a line is for the '=' that says that it goes on.
    if (column + unit.size() > line_max - 1) {
      encoded += "=\r\n";
      column = 0;
    }
    encoded += unit;
    column += unit.size();
  }
  if (column > 0)
    encoded += "\r\n";
  return encoded;
}

} // namespace errand
