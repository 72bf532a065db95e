// Finds the tasks of one page, or of one step of a search. Reader's thread.
#pragma once

#include "store/sqlite_connection.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace errand {

/// The sequences of the first `max` tasks after `request.after` that match, in its order; its limit
/// is not looked at. Throws sqlite_error.
std::vector<int64_t> matching_tasks(sqlite_connection& connection, const list_request& request,
                                    size_t max);

/// store_reader::search(). Throws sqlite_error.
found_tasks search_tasks(sqlite_connection& connection, const search_request& request);

} // namespace errand
