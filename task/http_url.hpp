// Which URLs the server may be told to call: kinds and specs share the rule. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

inline constexpr size_t max_url_size = 2048;

inline constexpr std::string_view http_url_rule =
    "an absolute http or https URL of up to 2048 visible ASCII characters, without a user name";

/// What is wrong with that URL, as field_error::detail says it, or nothing if it is good. Does not
/// show a URL that has a password in it.
std::optional<std::string> http_url_fault(std::string_view url);

/// The URL without its query and fragment, where secrets may stand.
std::string without_query(std::string_view url);

} // namespace errand
