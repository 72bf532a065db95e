#include "http/json_text.hpp"

#include "task/utf8.hpp"

#include <algorithm>

namespace errand {

/// nlohmann's text is "[json.exception.parse_error.101] parse
/// error at line 1, column 9: syntax error while parsing object - unexpected '}'; last read: '…'".
std::string syntax_error(size_t byte, std::string_view last_token, std::string_view what) {
  constexpr size_t max_token = 40;
  constexpr std::string_view last_read = "; last read: '";
  const auto line = what.substr(std::min(what.find("line "), what.size()));
  const auto colon = std::min(line.find(": "), line.size());
  auto reason = line.substr(std::min(colon + 2, line.size()));
  std::string text =
      "At byte " + std::to_string(byte) + " (" + std::string(line.substr(0, colon)) + "): ";
  // The token may be as long as the body; what is wrong with it is at its end. A string may be
  // a secret, and an error goes further than a body: to logs of clients, and to people.
  const auto token_at = reason.find(last_read);
  text += reason.substr(0, token_at);
  if (token_at != std::string_view::npos && !last_token.empty()
      && last_token.find('"') == std::string_view::npos) {
    const auto seen = last_token.size() - std::min(last_token.size(), max_token);
    text += "; last read: " + quoted(last_token.substr(seen));
  }
  return text;
}

std::optional<problem> why_no_text(std::string_view body, std::string_view rule) {
  if (body.empty())
    return problems::not_json("The body is empty. Send " + std::string(rule) + '.');
  // nlohmann takes a NUL byte for the end of the text, and would not look at what follows.
  if (const auto nul = body.find('\0'); nul != std::string_view::npos)
    return problems::not_json("At byte " + std::to_string(nul + 1)
                              + ": a NUL byte, which has no place in JSON.");
  return std::nullopt;
}

std::string written_number(std::string text) {
  if (const auto point = text.find_first_not_of("0123456789+-eE"); point != text.npos)
    text[point] = '.';
  return text;
}

} // namespace errand
