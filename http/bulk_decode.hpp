// What clients send to order something of all tasks that match -> a filter. Pure; any thread.
#pragma once

#include "actors/messages.hpp"
#include "http/problem.hpp"

#include <string_view>
#include <variant>

namespace errand {

using decoded_filter = std::variant<list_filter, problem>;

/// Reads {"filter": {…}}, whose names are those of the list's query; a value is a string, that of
/// `state` also an array of them. A filter without conditions is refused, unless "all" is true.
decoded_filter decode_filter(std::string_view body);

} // namespace errand
