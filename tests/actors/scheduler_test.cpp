#include "actors/scheduler.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_double.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct scheduler_fixture : actor_fixture {
  scheduler_fixture() {
    actor = keep(system.spawn(errand::scheduler, store.spawn(*this), clock()));
    run();
  }

  void due_in(std::optional<std::chrono::milliseconds> time) {
    due_time due;
    if (time)
      due.next = now() + *time;
    caf::anon_send(actor, due_atom_v, due);
    run();
  }

  store_double store;
  scheduler_actor actor;
};

} // namespace

TEST_CASE_METHOD(scheduler_fixture, "the scheduler asks what is due when it starts") {
  CHECK(store.promotes == 1);
}

TEST_CASE_METHOD(scheduler_fixture, "a due time that has passed is acted on at once") {
  due_in(-1ms);
  CHECK(store.promotes == 2);
}

TEST_CASE_METHOD(scheduler_fixture, "a due time ahead is acted on when it comes, not before") {
  due_in(700ms);
  advance(699ms);
  CHECK(store.promotes == 1);
  advance(1ms);
  CHECK(store.promotes == 2);
}

TEST_CASE_METHOD(scheduler_fixture, "a far due time is reached in short timers") {
  due_in(10s);
  for (int i = 0; i < 10; ++i) {
    CHECK(store.promotes == 1);
    CHECK(actor_fixture::scheduler().clock().schedule().size() <= 2);
    advance(1s);
  }
  CHECK(store.promotes == 2);
}

TEST_CASE_METHOD(scheduler_fixture, "an earlier due time takes the place of a later one") {
  due_in(900ms);
  due_in(300ms);
  advance(300ms);
  CHECK(store.promotes == 2);
  due_in(std::nullopt);
  advance(700ms);
  CHECK(store.promotes == 2);
}

TEST_CASE_METHOD(scheduler_fixture, "with nothing ahead there is no timer") {
  due_in(std::nullopt);
  CHECK(actor_fixture::scheduler().clock().schedule().empty());
}

TEST_CASE_METHOD(scheduler_fixture, "the scheduler answers a probe") {
  caf::anon_send(actor, probe_atom_v, spawn_client(), request_number{5});
  run();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 5);
}
