#include "tests/support/actor_fixture.hpp"

namespace errand::test {

struct actor_fixture::test_config : caf::actor_system_config {
  test_config() { set("scheduler.policy", caf::atom("testing")); }
};

actor_fixture::actor_fixture()
    : config_(std::make_unique<test_config>()),
      now_(std::make_shared<timestamp>(std::chrono::sys_days{std::chrono::year{2026} / 11 / 22})),
      system(*config_) {
  system.await_actors_before_shutdown(false);
}

actor_fixture::~actor_fixture() {
  // The test scheduler's stop() loops while actors re-arm timers, so end them first.
  for (auto& actor : kept_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  kept_.clear();
  run();
}

caf::scheduler::test_coordinator& actor_fixture::scheduler() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

void actor_fixture::advance(std::chrono::microseconds time) {
  *now_ += time;
  scheduler().advance_time(time);
  run();
}

wall_clock actor_fixture::clock() {
  return [now = now_] { return *now; };
}

client_actor actor_fixture::spawn_client() {
  return keep(system.spawn([this](client_actor::pointer) -> client_actor::behavior_type {
    return {
        [this](answer_atom, const answers_ptr& batch) {
          answers.insert(answers.end(), batch->begin(), batch->end());
        },
    };
  }));
}

const task& task_in(const answer_content& content) {
  const auto* added = std::get_if<insertion_ptr>(&content);
  return added ? (*added)->task : *std::get<task_ptr>(content);
}

} // namespace errand::test
