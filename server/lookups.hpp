// What handlers may ask of the store. All of it goes through one reader of its own, so that no
// handler waits for a list; its users take turns.
#pragma once

#include "handlers/callback_handler.hpp"
#include "handlers/task_context.hpp"
#include "store/store.hpp"

#include <memory>
#include <mutex>

namespace errand {

class handler_lookups {
public:
  explicit handler_lookups(std::unique_ptr<store_reader> reader) : reader_(std::move(reader)) {}

  status_or<std::vector<upstream_result>> upstream_results(const task_id& downstream);

  /// See final_task_lookup.
  status_or<std::optional<std::string>> final_task(const task_id& id);

private:
  std::mutex mutex_;
  std::unique_ptr<store_reader> reader_;
};

} // namespace errand
