// Columns of the table `queues` and settings.
#pragma once

#include "store/sqlite_statement.hpp"
#include "task/queue_settings.hpp"

namespace errand {

/// What read_queue_settings() reads, for a SELECT.
inline constexpr const char* queue_columns =
    "concurrency, group_concurrency, rate_limit, rate_per_us, weight, paused, paused_until_us";

/// `first` is the place of the first of these columns.
queue_settings read_queue_settings(const sqlite_execution& row, int first);

} // namespace errand
