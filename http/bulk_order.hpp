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

/// For an order that nothing can match, which is known before anybody is asked. It counts for a key
/// as others do.
route_result answer_empty_order(const route_call& call);

/// {"matched": n}
reply matched_reply(uint64_t matched);

} // namespace errand
