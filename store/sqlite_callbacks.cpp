// Telling a task's callback_url of its end is a task of its own, added in the transaction that ends
// it: durable with the end, tried again like any other, and seen in the lists.
#include "store/sqlite_store.hpp"

#include <nlohmann/json.hpp>

namespace errand {

namespace {

using namespace std::chrono_literals;

/// Receivers are down for minutes when they are deployed and for hours when they break: ten tries
/// over some 19 hours.
constexpr int tries = 10;
const retry_policy patience{5s, 6h, 4, 0.2};

/// Of one try. A receiver takes note and answers; what it does about it is not waited for.
constexpr duration try_timeout = 30s;

} // namespace

void sqlite_store::call_back(const task_id& ended, timestamp now) {
  const auto row = find(ended);
  assert(row && is_final(row->state));
  task_spec spec;
  spec.kind = callback_kind;
  spec.queue = callback_queue;
  spec.args_json =
      nlohmann::json{{"task", ended.to_string()}, {"url", row->spec.callback_url}}.dump();
  spec.timeout = try_timeout;
  spec.max_attempts = tries;
  spec.retry = patience;
  spec.group = row->spec.group; // so that the receiver of one tenant does not hold up the others'
  spec.traceparent = row->spec.traceparent;
  const auto made = add(ids_.next(now), spec, {}, false, now);
  sqlite_execution(sql_.put_callback_of, ended.sequence(), made.id.sequence()).run();
  consequences_.push_back(fact_of(made));
}

} // namespace errand
