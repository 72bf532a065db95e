// What is UTF-8 and what is not; text of strangers cut and mended so that it can be shown. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace errand {

/// How many bytes the character at the front takes (1..4), or 0 if no valid one stands there:
/// overlong forms, surrogates and what lies above U+10FFFF are not valid. `text` is not empty.
size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

/// No byte below 0x20, and no 0x7f.
bool has_no_control_characters(std::string_view text);

/// The text as one line of valid UTF-8: what is not shows as U+FFFD, control characters but tabs as
/// '?', and what does not fit into `max_bytes` is cut and shows as an ellipsis.
std::string mended(std::string_view text, size_t max_bytes);

/// The text between double quotes for a message to people: on one line, valid UTF-8 (what is not
/// shows as U+FFFD, control characters as '?'), and cut to about `max_bytes` with an ellipsis.
std::string quoted(std::string_view text, size_t max_bytes = 64);

// Without these, a std::string would find std::quoted() wherever <iomanip> is included.
inline std::string quoted(const std::string& text, size_t max_bytes = 64) {
  return quoted(std::string_view(text), max_bytes);
}
inline std::string quoted(std::string& text, size_t max_bytes = 64) {
  return quoted(std::string_view(text), max_bytes);
}
inline std::string quoted(const char* text, size_t max_bytes = 64) {
  return quoted(std::string_view(text), max_bytes);
}

} // namespace errand
