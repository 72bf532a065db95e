// One order for many tasks: a long sequence of short questions, in which others are served.
#pragma once

#include "http/route.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace errand {

/// Is told for how many tasks it was done, when it has ended; also if it was stopped half way.
using bulk_listener = std::function<void(uint64_t matched, exchange_link& link)>;

/// Begins the order for all that match, and answers {"matched": n} in the end.
parked begin_bulk_order(const route_call& call, list_filter filter, task_order what,
                        bulk_listener ended = {});

/// {"matched": n}
reply matched_reply(uint64_t matched);

} // namespace errand
