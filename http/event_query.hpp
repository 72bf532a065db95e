// The query of GET /v1/events <-> a filter. Pure. All that is wrong with it is told at once.
#pragma once

#include "actors/messages.hpp"
#include "http/query.hpp"
#include "task/spec_rules.hpp"

#include <variant>
#include <vector>

namespace errand {

/// queue, kind, task, types (repeated or comma-separated). Errors are never empty.
using parsed_event_query = std::variant<event_filter, std::vector<field_error>>;
parsed_event_query parse_event_query(const query_parameters& query);

} // namespace errand
