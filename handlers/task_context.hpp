// TaskContext over a slot of a batch: what a running handler sees of its attempt.
#pragma once

#include "actors/attempt_batch.hpp"
#include "task/logger.hpp"
#include "task/status.hpp"

#include <errand/handler.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace errand {

/// Finds what came of the tasks that this one comes after. Called by all workers' threads; blocks.
using upstream_lookup =
    std::function<status_or<std::vector<upstream_result>>(const task_id& downstream)>;

/// Lives on the worker's stack while the handler runs.
class task_context final : public TaskContext {
public:
  task_context(attempt_batch& batch, const attempt_batch::slot& slot, nlohmann::json args,
               const upstream_lookup& look_up, logger& log);

  std::string id() const override;
  const std::string& kind() const override { return slot_.spec.kind; }
  const std::string& queue() const override { return slot_.spec.queue; }
  const nlohmann::json& args() const override { return args_; }
  const nlohmann::json& upstream() override;
  int attempt() const override { return slot_.spec.ref.attempt; }
  bool cancelled() const override { return told_to_end() || timed_out(); }
  std::chrono::system_clock::time_point deadline() const override { return deadline_; }
  bool sleep_for(std::chrono::duration<double> time) override;
  void log(std::string_view line) override;
  void progress(double fraction, std::string_view message) override;

  /// Whether a client or the server wants the attempt to end, whatever its deadline. Any thread.
  bool told_to_end() const { return slot_.cancelled; }

  /// Whether the deadline is over. Any thread.
  bool timed_out() const { return std::chrono::steady_clock::now() >= slot_.deadline(); }

private:
  attempt_batch& batch_;
  const attempt_batch::slot& slot_;
  nlohmann::json args_;
  const upstream_lookup& look_up_;
  std::optional<nlohmann::json> upstream_; ///< Once it was asked for.
  logger& log_;
  std::chrono::system_clock::time_point deadline_;
};

} // namespace errand
