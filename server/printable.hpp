// Text of unknown origin, made safe to show on one line without losing any of it: of a log, or of
// an error message. Bytes that are not UTF-8 and characters that move a terminal's cursor, break a
// line or turn its direction are escaped. Pure. (task/utf8.hpp cuts and mends instead.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// True if every character prints on one line as itself, and none is a quote or a backslash.
bool is_printable(std::string_view text);

/// `"text"`, with \" \\ \n \r \t, \xNN for other control characters and bytes that are not UTF-8,
/// and \uNNNN for what else would break the line or turn it. A TOML string if is_printable(text).
std::string string_literal(std::string_view text);

/// Those lines as one text, without a line break at its end.
std::string joined(const std::vector<std::string>& lines);

/// The text for a terminal, on one line: line breaks and tabs become blanks, other characters that
/// string_literal() would escape '?', and bytes that are not UTF-8 U+FFFD. Quotes stay.
std::string without_controls(std::string_view text);

/// The same for JSON, which must stay what it is: inside of its strings \uNNNN says what was there.
/// Line breaks between its tokens stay.
std::string printable_json(std::string_view json);

} // namespace errand
