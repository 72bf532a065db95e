// The queries of the task routes <-> values. Pure. All that is wrong with a query is told at once;
// `pointer` is then a '?' and the parameter's name.
#pragma once

#include "actors/messages.hpp"
#include "http/query.hpp"
#include "task/spec_rules.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

/// Errors are never empty.
using parsed_list_query = std::variant<list_request, std::vector<field_error>>;

/// GET /v1/tasks: state (repeated or comma-separated), queue, kind, group, schedule, tag.NAME,
/// created_after, created_before, limit, order, cursor.
parsed_list_query parse_list_query(const query_parameters& query);

/// limit, order and cursor alone; its filter is empty.
parsed_list_query parse_page_query(const query_parameters& query);

/// Those of the names above that choose tasks, without limit, order and cursor.
using parsed_filter = std::variant<list_filter, std::vector<field_error>>;
parsed_filter parse_filter(const query_parameters& query);

/// Why that is the name of none of them, if so.
std::optional<std::string> filter_name_fault(std::string_view name);

/// GET /v1/tasks/{id}: wait_s. 0 if it is not there.
using parsed_wait_query = std::variant<std::chrono::milliseconds, std::vector<field_error>>;
parsed_wait_query parse_wait_query(const query_parameters& query);

/// How a parameter is called in an error. Long ones are cut.
std::string pointer_to(std::string_view name);

/// The error of a parameter that is none of those.
std::string unknown_parameter(std::string_view name, std::span<const std::string_view> known);

/// For routes that take no query.
std::vector<field_error> refuse_query(const query_parameters& query);

} // namespace errand
