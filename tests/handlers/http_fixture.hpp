// Attempts of the kinds that send requests, run as a worker runs them.
#pragma once

#include "handlers/http_handler.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace errand::test {

class http_fixture {
public:
  http_fixture() {
    options.addresses = address_policy{{ip_net::parse("127.0.0.1/32").value()}};
    options.user_agent = "errand/test";
  }

  http_sender_options options; ///< Until the first run.
  std::chrono::milliseconds timeout = std::chrono::minutes(1);
  std::string traceparent;
  int attempt = 3;

  static constexpr auto id_text = "00000000-0001-7000-8000-000000000002";
  const task_id id = task_id::parse(id_text).value();

  std::shared_ptr<http_sender> sender() {
    if (!sender_)
      sender_ = std::make_shared<http_sender>(options);
    return sender_;
  }

  attempt_report run(const nlohmann::json& args) {
    auto registry = std::make_shared<handler_registry>();
    add_http_handler(*registry, sender());
    return run(registry, "http", args);
  }

  /// Blocks until it has ended.
  attempt_report run(std::shared_ptr<const handler_registry> registry, const std::string& kind,
                     const nlohmann::json& args) {
    const auto runner = make_runner(
        std::move(registry), [](const task_id&) { return std::vector<upstream_result>{}; },
        std::make_shared<silent>(), [](attempt_note) {});
    attempt_spec spec;
    spec.ref = {id, attempt};
    spec.kind = kind;
    spec.args_json = args.dump();
    spec.timeout = timeout;
    spec.traceparent = traceparent;
    const auto batch = std::make_shared<attempt_batch>(std::vector{spec}, 0);
    {
      const std::lock_guard lock{mutex_};
      batch_ = batch;
    }
    return runner(*batch, *batch->take_next(1, std::chrono::steady_clock::now()));
  }

  /// The attempt that runs.
  void cancel() {
    const std::lock_guard lock{mutex_};
    batch_->cancel({id, attempt});
  }

  static nlohmann::json result_of(const attempt_report& report) {
    INFO(report.error_type << ": " << report.error_message);
    REQUIRE(report.outcome == attempt_outcome::succeeded);
    return nlohmann::json::parse(report.result_json);
  }

private:
  class silent : public logger {
  public:
    bool enabled(log_level) const override { return false; }
    void write(log_level, std::string_view, const log_fields&) override {}
  };

  std::shared_ptr<http_sender> sender_;
  std::mutex mutex_;
  std::shared_ptr<attempt_batch> batch_;
};

} // namespace errand::test
