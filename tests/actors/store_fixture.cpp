#include "tests/actors/store_fixture.hpp"

namespace errand::test {

store_fixture::store_fixture() {
  auto real = open_store({"sqlite::memory:", durability::relaxed});
  REQUIRE(real.ok());
  auto opened = (*real)->open_reader();
  REQUIRE(opened.ok());
  reader = std::move(*opened);
  auto db = std::make_unique<std::unique_ptr<errand::store>>(
      std::make_unique<faulty_store>(std::move(*real), faults));
  events = keep(system.spawn([this](events_actor::pointer) -> events_actor::behavior_type {
    return {
        [this](facts_atom, const facts_ptr& batch) {
          facts.insert(facts.end(), batch->begin(), batch->end());
        },
        [this](notices_atom, const notices_ptr& batch) {
          notices.insert(notices.end(), batch->begin(), batch->end());
        },
        [this](logged_atom, const std::vector<task_id>& tasks) {
          logged.insert(logged.end(), tasks.begin(), tasks.end());
        },
        [](follow_atom, const client_actor&, request_number, const task_id&) {},
        [](subscribe_atom, const client_actor&, request_number, const subscription&) {},
        [](sweep_atom) {},
        [](leave_atom, const client_actor&, request_number, const event_filter&) {},
        [](watch_atom, const client_actor&, request_number, const task_id&) {},
        [](unwatch_atom, const client_actor&, request_number, const task_id&) {},
        [](probe_atom, const client_actor&, request_number) {},
        [](mailbox_atom, const client_actor&, request_number) {},
    };
  }));
  statistics =
      keep(system.spawn([this](statistics_actor::pointer) -> statistics_actor::behavior_type {
        return {
            [this](facts_atom, const facts_ptr& batch, duration) {
              counted.insert(counted.end(), batch->begin(), batch->end());
              ++commits_told;
            },
            [this](refused_atom) { ++commits_refused; },
            [](metrics_atom, const client_actor&, request_number, const std::vector<std::string>&) {
            },
            [](stats_atom, const client_actor&, request_number, const std::vector<std::string>&) {},
            [](probe_atom, const client_actor&, request_number) {},
            [](mailbox_atom, const client_actor&, request_number) {},
        };
      }));
  dispatcher =
      keep(system.spawn([this](dispatcher_actor::pointer) -> dispatcher_actor::behavior_type {
        return {
            [this](cancel_atom, const std::vector<attempt_ref>& refs) {
              cancelled.insert(cancelled.end(), refs.begin(), refs.end());
            },
            [this](claimed_atom, const claimed_attempts& batch) {
              claimed.insert(claimed.end(), batch.attempts.begin(), batch.attempts.end());
            },
            [](idle_atom, worker_number) {},
            [](start_atom, const worker_order_ptr&) {},
            [](start_atom) {},
            [](sweep_atom) {},
            [](overdue_atom) {},
            [](workers_atom, const client_actor&, request_number) {},
            [](probe_atom, const client_actor&, request_number) {},
            [](mailbox_atom, const client_actor&, request_number) {},
            [](drain_atom, uint64_t) -> caf::result<done_atom, uint64_t> {
              return {done_atom_v, uint64_t{0}};
            },
        };
      }));
  due_listener =
      keep(system.spawn([this](scheduler_actor::pointer) -> scheduler_actor::behavior_type {
        return {
            [this](due_atom, const due_time& time) { due.push_back(time.next); },
            [](sweep_atom, uint64_t) {},
            [](prune_atom) {},
            [this](pruned_atom, const upkeep_progress& progress) {
              upkeep.push_back(progress.next);
            },
            [](probe_atom, const client_actor&, request_number) {},
            [](mailbox_atom, const client_actor&, request_number) {},
        };
      }));
  client = spawn_client();
  actor = keep(
      system.spawn(store_writer, std::shared_ptr<std::unique_ptr<errand::store>>(std::move(db)),
                   events, statistics, wall_clock{[this] { return wall_now(); }}, logger_ptr{log}));
}

} // namespace errand::test
