// SHA-256, by OpenSSL.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace errand {

/// The 32 bytes of the hash over the parts, one after the other. Any thread.
std::string sha256(std::initializer_list<std::string_view> parts);

} // namespace errand
