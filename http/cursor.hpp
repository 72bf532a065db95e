// The `cursor` of a list: where its next page begins, as text that clients hand back unread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// 16 characters of base64url: the sequence (task_id::sequence()) and a check.
std::string encode_cursor(int64_t sequence);

/// Nothing for text that encode_cursor() did not give. The check finds mistakes, not forgers:
/// whoever computes one gets the page that he could have asked for anyway.
std::optional<int64_t> decode_cursor(std::string_view text);

/// The same for lists by name: 6 characters of check, and the name.
std::string encode_name_cursor(std::string_view name);
std::optional<std::string> decode_name_cursor(std::string_view text);

} // namespace errand
