// Signatures of what the server sends, as Standard Webhooks 1.0 defines them: the receiver checks
// with its copy of a secret that the body is the server's, and how old it is. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace errand {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// How secrets are written: this and 24 to 64 bytes in base64.
inline constexpr std::string_view webhook_secret_prefix = "whsec_";

/// The key that such a secret stands for; nothing if it is none.
std::optional<std::string> webhook_key(std::string_view secret);

/// webhook-id, webhook-timestamp, and webhook-signature with one signature for each of `keys`:
/// while a secret is replaced, receivers that know either are content. Empty without keys.
/// `id` stays the same when the same thing is sent again; `sent_at_s` is in seconds since 1970.
header_list webhook_headers(const std::vector<std::string>& keys, std::string_view id,
                            int64_t sent_at_s, std::string_view body);

} // namespace errand
