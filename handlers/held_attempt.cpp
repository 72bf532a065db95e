#include "handlers/held_attempt.hpp"

namespace errand {

namespace {

struct held_attempt {
  held_attempt(attempt_batch_ptr from, const attempt_batch::slot& slot, nlohmann::json args,
               const attempt_surroundings& surroundings)
      : batch(std::move(from)),
        around(surroundings),
        context(*batch, slot, std::move(args), around.look_up, *around.log, around.send,
                real_time()) {}

  attempt_batch_ptr batch;
  attempt_surroundings around;
  task_context context; ///< Refers to the two above.
};

} // namespace

std::shared_ptr<task_context> hold_attempt(attempt_batch_ptr batch, const attempt_batch::slot& slot,
                                           const attempt_surroundings& around) {
  auto args = nlohmann::json::parse(slot.spec.args_json, nullptr, false);
  if (args.is_discarded())
    return nullptr;
  auto held = std::make_shared<held_attempt>(std::move(batch), slot, std::move(args), around);
  return {held, &held->context};
}

} // namespace errand
