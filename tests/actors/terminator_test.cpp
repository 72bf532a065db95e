#include "actors/terminator.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_double.hpp"

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
              [](start_atom, const worker_order_ptr&) {},
              [](start_atom) {},
              [](sweep_atom) {},
              [](overdue_atom) {},
              [](workers_atom, const client_actor&, request_number) {},
              [](probe_atom, const client_actor&, request_number) {},
              [](mailbox_atom, const client_actor&, request_number) {},
              [this](drain_atom, uint64_t patience_ms) -> caf::result<done_atom, uint64_t> {
                order.push_back("dispatcher " + std::to_string(patience_ms));
                return {done_atom_v, uint64_t{2}};
              },
          };
        }));
    actors.lessor = keep(system.spawn([this](lessor_actor::pointer) -> lessor_actor::behavior_type {
      return {
          [](lease_atom, const client_actor&, request_number, const lease_request_ptr&) {},
          [](leave_atom, const client_actor&, request_number) {},
          [](leased_atom, const served_leases&) {},
          [](lose_atom, const std::vector<std::string>&) {},
          [](release_atom, const client_actor&, request_number, const std::string&) {},
          [](workers_atom, const client_actor&, request_number) {},
          [](probe_atom, const client_actor&, request_number) {},
          [](mailbox_atom, const client_actor&, request_number) {},
          [this](close_atom) {
            order.push_back("lessor");
            return done_atom_v;
          },
      };
    }));
    store.on_close = [this] { order.push_back("claims"); };
    store.on_drain = [this] { order.push_back("store"); };
    actors.store = store.spawn(*this);
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
  store_double store;
  bool front_answers = true;
  std::vector<std::string> order;
  std::optional<uint64_t> left_behind;
};

} // namespace

TEST_CASE_METHOD(terminator_fixture,
                 "the front ends first, then claims, then the workers, then the store") {
  terminate();
  CHECK(order == std::vector<std::string>{"front", "claims", "lessor", "dispatcher 700", "store"});
  CHECK(left_behind == 2u);
}

TEST_CASE_METHOD(terminator_fixture,
                 "a front that does not answer holds the end up for a while only") {
  front_answers = false;
  terminate();
  CHECK_FALSE(left_behind);
  advance(front_patience);
  CHECK(order == std::vector<std::string>{"front", "claims", "lessor", "dispatcher 700", "store"});
  CHECK(left_behind == 2u);
  REQUIRE(log->lines.size() == 1);
  CHECK(log->lines[0] == "not every request in flight could be answered");
}
