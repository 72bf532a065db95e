// Queues and workers as tables: of their commands, and of `errand top`. Pure.
#pragma once

#include "cli/client/session.hpp"
#include "task/time.hpp"

#include <string>

namespace errand::client {

/// "concurrency 4, rate 100/60 s, paused", or "no limits".
std::string limits_of(const json& settings);

/// Of the array that GET /v1/queues has.
table queue_rows(const json& queues);

/// Of the two arrays that GET /v1/workers has.
table worker_rows(const json& workers, timestamp now);
table lease_rows(const json& lease_workers, timestamp now);

} // namespace errand::client
