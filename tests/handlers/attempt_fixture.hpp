// Runs attempts as a worker does, one after the other, and keeps what they say.
#pragma once

#include "handlers/registry.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace errand::test {

struct attempt_fixture {
  using strings = std::vector<std::string>;

  std::chrono::milliseconds timeout = std::chrono::hours(1);
  std::string traceparent;

  /// Blocks until it has ended. The batch can be had meanwhile, to cancel the attempt.
  attempt_report run(const Handler& handler, const nlohmann::json& args) {
    auto registry = std::make_shared<handler_registry>();
    registry->add("kind", handler);
    const upstream_lookup none = [](const task_id&) { return std::vector<upstream_result>{}; };
    const auto runner = make_runner(registry, none, std::make_shared<silent_logger>(),
                                    [this](attempt_note note) { keep(std::move(note)); });
    attempt_spec spec;
    spec.ref = ref;
    spec.kind = "kind";
    spec.args_json = args.dump();
    spec.timeout = timeout;
    spec.traceparent = traceparent;
    auto running = std::make_shared<attempt_batch>(std::vector{spec}, 0);
    {
      const std::lock_guard lock{mutex_};
      batch_ = running;
    }
    return runner(*running, *running->take_next(1, std::chrono::steady_clock::now()));
  }

  /// Of the attempt that runs, or ran last.
  void cancel() {
    const std::lock_guard lock{mutex_};
    if (batch_)
      batch_->cancel(ref);
  }

  strings lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

  std::vector<task_progress> progress() const {
    const std::lock_guard lock{mutex_};
    return progress_;
  }

  static nlohmann::json result_of(const attempt_report& report) {
    INFO(report.error_type << ": " << report.error_message);
    REQUIRE(report.outcome == attempt_outcome::succeeded);
    return nlohmann::json::parse(report.result_json);
  }

  const attempt_ref ref{task_id::from_parts(1, 2), 3};

private:
  void keep(attempt_note note) {
    const std::lock_guard lock{mutex_};
    for (auto& line : note.lines)
      lines_.push_back(std::move(line.text));
    if (note.progress)
      progress_.push_back(*note.progress);
  }

  mutable std::mutex mutex_;
  std::shared_ptr<attempt_batch> batch_;
  strings lines_;
  std::vector<task_progress> progress_;
};

} // namespace errand::test
