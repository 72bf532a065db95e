// How text goes through mail, which is ASCII in short lines. Pure.
#pragma once

#include <string>
#include <string_view>

namespace errand {

/// The value of a header whose name is followed by ": ", as RFC 2047 wants it: as it is if it is
/// short ASCII, else as encoded words on lines of their own. `text` is UTF-8 without control
/// characters.
std::string encoded_header(std::string_view text);

/// A name before an address: in quotes if it is ASCII, else as encoded words.
std::string encoded_phrase(std::string_view name);

/// Quoted-printable (RFC 2045, 6.7): lines of at most 76 characters, each ended by "\r\n". Line
/// breaks of any kind become "\r\n".
std::string quoted_printable(std::string_view text);

} // namespace errand
