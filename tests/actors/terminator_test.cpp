#include "actors/terminator.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace errand::test;

namespace {

using gate_actor = caf::typed_actor<caf::replies_to<drain_atom>::with<done_atom>>;
using starter_actor = caf::typed_actor<caf::reacts_to<start_atom>>;

/// Everybody writes down when it is drained; the front answers only if it is told to.
struct terminator_fixture : actor_fixture {
  terminator_fixture() {
    actors.front = keep(system.spawn([this](gate_actor::pointer self) {
      return gate_actor::behavior_type{[this, self](drain_atom) -> caf::result<done_atom> {
        order.push_back("front");
        if (front_answers)
          return done_atom_v;
        return self->make_response_promise<done_atom>();
      }};
    }));
    actors.dispatcher =
        keep(system.spawn([this](dispatcher_actor::pointer) -> dispatcher_actor::behavior_type {
          return {
              [](cancel_atom, const std::vector<attempt_ref>&) {},
              [](claimed_atom, const claimed_attempts&) {},
              [](idle_atom, worker_number) {},
              [](sweep_atom) {},
              [](overdue_atom) {},
              [](workers_atom, const client_actor&, request_number) {},
              [](probe_atom, const client_actor&, request_number) {},
              [this](drain_atom, uint64_t patience_ms) -> caf::result<done_atom, uint64_t> {
                order.push_back("dispatcher " + std::to_string(patience_ms));
                return {done_atom_v, uint64_t{2}};
              },
          };
        }));
    actors.store = keep(system.spawn([this](store_actor::pointer) -> store_actor::behavior_type {
      return {
          [](submit_atom, const client_actor&, request_number, const task_spec_ptr&,
             const request_key_ptr&) {},
          [](submit_atom, const client_actor&, request_number, const task_batch_ptr&,
             const request_key_ptr&) {},
          [](order_atom, const client_actor&, request_number, const task_id&, task_order,
             const request_key_ptr&) {},
          [](queue_atom, const client_actor&, request_number, const queue_order&,
             const request_key_ptr&) {},
          [](schedule_atom, const client_actor&, request_number, const schedule_put_ptr&) {},
          [](schedule_atom, const client_actor&, request_number, const schedule_command&,
             const request_key_ptr&) {},
          [](keep_atom, const client_actor&, request_number, const kept_reply_ptr&) {},
          [](orders_atom, const client_actor&, request_number, const found_tasks_ptr&, task_order) {
          },
          [](claim_atom, const dispatcher_actor&, pool_number, const claim_request&) {},
          [](lease_atom, const lessor_actor&, pool_number, const lease_claim&) {},
          [](note_atom, const client_actor&, request_number, const lease_signs_ptr&,
             const request_key_ptr&) {},
          [](finish_atom, const client_actor&, request_number, const lease_ends_ptr&,
             const request_key_ptr&) {},
          [](release_atom, const client_actor&, request_number, const std::string&) {},
          [](release_atom, const std::vector<lease_token>&) {},
          [](note_atom, const attempt_note&) {},
          [](finish_atom, const attempt_report&) {},
          [](lose_atom, const std::vector<attempt_ref>&) {},
          [](release_atom, const std::vector<attempt_ref>&) {},
          [](promote_atom, const scheduler_actor&) {},
          [](prune_atom, const scheduler_actor&, const prune_request&) {},
          [](shrink_atom, const scheduler_actor&) {},
          [](probe_atom, const client_actor&, request_number) {},
          [](commit_atom) {},
          [](sweep_atom) {},
          [this](drain_atom) {
            order.push_back("store");
            return done_atom_v;
          },
      };
    }));
  }

  void terminate() {
    auto actor = keep(system.spawn(terminator, actors, logger_ptr{log}));
    auto starter = keep(system.spawn([this, actor](starter_actor::pointer self) {
      return starter_actor::behavior_type{[this, self, actor](start_atom) {
        self->request(actor, std::chrono::minutes{1}, drain_atom_v, uint64_t{700})
            .then([this](done_atom, uint64_t left) { left_behind = left; },
                  [](const caf::error&) {});
      }};
    }));
    caf::anon_send(starter, start_atom_v);
    run();
  }

  running_actors actors;
  bool front_answers = true;
  std::vector<std::string> order;
  std::optional<uint64_t> left_behind;
};

} // namespace

TEST_CASE_METHOD(terminator_fixture, "the front ends first, then the workers, then the store") {
  terminate();
  CHECK(order == std::vector<std::string>{"front", "dispatcher 700", "store"});
  CHECK(left_behind == 2u);
}

TEST_CASE_METHOD(terminator_fixture,
                 "a front that does not answer holds the end up for a while only") {
  front_answers = false;
  terminate();
  CHECK_FALSE(left_behind);
  advance(front_patience);
  CHECK(order == std::vector<std::string>{"front", "dispatcher 700", "store"});
  CHECK(left_behind == 2u);
  REQUIRE(log->lines.size() == 1);
  CHECK(log->lines[0] == "not every request in flight could be answered");
}
