#include "handlers/attempt_time.hpp"

namespace errand {

namespace {

class machine_time final : public attempt_time {
public:
  steady_time now() const override { return std::chrono::steady_clock::now(); }
  timestamp wall() const override { return system_now(); }
  bool wait_cancelled(attempt_batch& batch, const attempt_batch::slot& mine,
                      steady_time until) override {
    return batch.wait_cancelled(mine, until);
  }
};

} // namespace

attempt_time& real_time() {
  static machine_time time;
  return time;
}

} // namespace errand
