// TaskContext over a slot of a batch: what a running handler sees of its attempt. What it says goes
// to the server's log and, as notes, to the store; both are bounded, since a mailbox is not.
#pragma once

#include "actors/attempt_batch.hpp"
#include "handlers/attempt_time.hpp"
#include "task/logger.hpp"
#include "task/status.hpp"
#include "task/token_bucket.hpp"

#include <errand/handler.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace errand {

/// Finds what came of the tasks that this one comes after. Called by all workers' threads; blocks.
using upstream_lookup =
    std::function<status_or<std::vector<upstream_result>>(const task_id& downstream)>;

/// Takes a note of a running attempt on; called from the attempt's thread.
using note_sender = std::function<void(attempt_note)>;

/// So many calls of progress() reach the store at once, and so many a second after that. Each costs
/// a write of the task's row, and nobody watches more closely.
inline constexpr double progress_burst = 20;
inline constexpr double progress_per_second = 10;

/// Lives on the worker's stack while the handler runs.
class task_context final : public TaskContext {
public:
  task_context(attempt_batch& batch, const attempt_batch::slot& slot, nlohmann::json args,
               const upstream_lookup& look_up, logger& log, const note_sender& send,
               attempt_time& time);

  std::string id() const override;
  const std::string& kind() const override { return slot_.spec.kind; }
  const std::string& queue() const override { return slot_.spec.queue; }
  const nlohmann::json& args() const override { return args_; }
  const nlohmann::json& upstream() override;
  const std::string& traceparent() const override { return slot_.spec.traceparent; }
  int attempt() const override { return slot_.spec.ref.attempt; }
  bool cancelled() const override { return told_to_end() || timed_out(); }
  std::chrono::system_clock::time_point deadline() const override { return deadline_; }
  bool sleep_for(std::chrono::duration<double> time) override;
  void log(std::string_view text) override;
  void progress(double fraction, std::string_view message) override;

  /// Whether a client or the server wants the attempt to end, whatever its deadline. Any thread.
  bool told_to_end() const { return slot_.cancelled; }

  /// Whether the deadline is over. Any thread.
  bool timed_out() const { return time_.now() >= slot_.deadline(); }

  /// The handler has ended: sends the progress that was withheld, if any. So the last one told is
  /// the one that stays.
  void flush();

private:
  void keep_lines(std::string_view text);
  void send_progress_if_allowed();

  attempt_batch& batch_;
  const attempt_batch::slot& slot_;
  nlohmann::json args_;
  const upstream_lookup& look_up_;
  std::optional<nlohmann::json> upstream_; ///< Once it was asked for.
  logger& log_;
  const note_sender& send_;
  attempt_time& time_;
  std::chrono::system_clock::time_point deadline_;

  // What the store has room for in any case is sent, and one line more, so that it tells of the
  // end.
  int64_t lines_sent_ = 0;
  int64_t bytes_sent_ = 0;
  std::optional<task_progress> withheld_; ///< The newest, not sent yet.
  token_bucket progress_allowed_{progress_burst, progress_per_second};
};

} // namespace errand
