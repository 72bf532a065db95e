// Actors under CAF's test scheduler: nothing runs until run(), and time stands still until
// advance(). Doubles record what they are told.
#pragma once

#include "actors/messages.hpp"
#include "task/logger.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace errand::test {

/// Keeps what is logged.
class recording_logger : public logger {
public:
  bool enabled(log_level) const override { return true; }
  void write(log_level, std::string_view message, const log_fields&) override {
    lines.emplace_back(message);
  }
  std::vector<std::string> lines;
};

class actor_fixture {
public:
  actor_fixture();
  ~actor_fixture();

  /// Delivers messages until none is left.
  void run() { scheduler().run(); }

  /// Moves the steady clock and the wall clock, fires timers, and delivers messages.
  void advance(std::chrono::microseconds time);

  /// For actors that take a wall clock. Lives as long as the fixture.
  wall_clock clock();
  timestamp now() const { return *now_; }

  /// An actor to be ended with the fixture.
  template <class Handle>
  Handle keep(Handle actor) {
    kept_.push_back(caf::actor_cast<caf::strong_actor_ptr>(actor));
    return actor;
  }

  caf::scheduler::test_coordinator& scheduler();

  /// A CLIENT that records its answers.
  client_actor spawn_client();
  std::vector<answer> answers;

  std::shared_ptr<recording_logger> log = std::make_shared<recording_logger>();

private:
  struct test_config;
  std::unique_ptr<test_config> config_;
  std::shared_ptr<timestamp> now_;

public:
  caf::actor_system system;

private:
  std::vector<caf::strong_actor_ptr> kept_;
};

/// The task that an answer shows, or that a spec became.
const task& task_in(const answer_content& content);

} // namespace errand::test
