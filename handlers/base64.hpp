// Base64 as RFC 4648 has it, by OpenSSL. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// With padding.
std::string base64(std::string_view bytes);

/// The bytes that such a text stands for; nothing if it is none. Padding may be left out.
std::optional<std::string> from_base64(std::string_view text);

} // namespace errand
