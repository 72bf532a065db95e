// The query of a request target. httplib 0.11 takes "a=b=c" for a = c, refuses a second '?' and
// drops what repeats, 0.18 does not; so that both releases answer alike, it is read here.
#pragma once

#include "task/status.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

struct query_parameter {
  std::string name;
  std::string value;
};

/// In the order of the query, decoded: %XX and '+'. Parts without a name are left out.
using query_parameters = std::vector<query_parameter>;

/// No route takes nearly so many.
inline constexpr size_t max_query_parameters = 64;

/// Reads what stands behind the '?'. Fails if a '%' is not followed by two hexadecimal digits, and
/// if there are more than max_query_parameters.
status_or<query_parameters> parse_query(std::string_view text);

} // namespace errand
