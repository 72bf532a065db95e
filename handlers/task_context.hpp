// TaskContext over a slot of a batch: what a running handler sees of its attempt.
#pragma once

#include "actors/attempt_batch.hpp"
#include "task/logger.hpp"

#include <errand/handler.hpp>

namespace errand {

/// Lives on the worker's stack while the handler runs.
class task_context final : public TaskContext {
public:
  task_context(attempt_batch& batch, const attempt_batch::slot& slot, nlohmann::json args,
               logger& log);

  std::string id() const override;
  const std::string& kind() const override { return slot_.spec.kind; }
  const std::string& queue() const override { return slot_.spec.queue; }
  const nlohmann::json& args() const override { return args_; }
  int attempt() const override { return slot_.spec.ref.attempt; }
  bool cancelled() const override { return slot_.cancelled; }
  std::chrono::system_clock::time_point deadline() const override { return deadline_; }
  bool sleep_for(std::chrono::duration<double> time) override;
  void log(std::string_view line) override;
  void progress(double fraction, std::string_view message) override;

private:
  attempt_batch& batch_;
  const attempt_batch::slot& slot_;
  nlohmann::json args_;
  logger& log_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::system_clock::time_point deadline_;
};

} // namespace errand
