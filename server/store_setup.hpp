// What the options say of the store's own business: queues, and how long tasks are kept.
#pragma once

#include "actors/retention.hpp"
#include "store/store.hpp"

#include <errand/options.hpp>

#include <map>
#include <string>

namespace errand {

retention to_store(const RetentionOptions& options);

/// In a transaction of its own.
status preset_queues(store& db, const std::map<std::string, QueueOptions>& options);

} // namespace errand
