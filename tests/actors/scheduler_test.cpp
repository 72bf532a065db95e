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
    actor = keep(system.spawn(errand::scheduler, store.spawn(*this), retention{24h, 14 * 24h},
                              wall_clock{[this] { return now() + jump; }}));
    run();
  }

  void due_in(std::optional<std::chrono::milliseconds> time) {
    due_time due;
    if (time)
      due.next = now() + *time;
    caf::anon_send(actor, due_atom_v, due);
    run();
  }

  void step_done(std::optional<int64_t> next = std::nullopt) {
    caf::anon_send(actor, pruned_atom_v, upkeep_progress{next});
    run();
  }

  /// Three states without anything to prune, and nothing to give back.
  void finish_pass() {
    for (int step = 0; step < 4; ++step)
      step_done();
  }

  store_double store;
  scheduler_actor actor;
  duration jump{0}; ///< How far the wall clock was put forward; the steady one was not.
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

TEST_CASE_METHOD(scheduler_fixture, "within a second after the clock was put back the scheduler "
                                    "asks once what is due by it") {
  due_in(10s);
  jump = -1h;
  advance(1s);
  CHECK(store.promotes == 2);
  due_in(10s - 1h);
  advance(9s);
  CHECK(store.promotes == 2);
  advance(1s);
  CHECK(store.promotes == 3);
}

TEST_CASE_METHOD(scheduler_fixture, "with nothing ahead there is no timer") {
  due_in(std::nullopt);
  CHECK(actor_fixture::scheduler().clock().schedule().empty());
}

TEST_CASE_METHOD(scheduler_fixture, "a pass begins at start and takes one step at a time") {
  REQUIRE(store.prunes.size() == 1);
  CHECK(store.prunes[0].state == task_state::succeeded);
  CHECK(store.prunes[0].ended_before == now() - 24h);
  CHECK(store.prunes[0].after == 0);
  advance(5min);
  CHECK(store.prunes.size() == 1); // the store has not done that one yet

  step_done(77);
  REQUIRE(store.prunes.size() == 2);
  CHECK(store.prunes[1].state == task_state::succeeded);
  CHECK(store.prunes[1].after == 77);
  step_done();
  REQUIRE(store.prunes.size() == 3);
  CHECK(store.prunes[2].state == task_state::failed);
  CHECK(store.prunes[2].ended_before == now() - 14 * 24h);
  CHECK(store.prunes[2].after == 0);
  step_done();
  REQUIRE(store.prunes.size() == 4);
  CHECK(store.prunes[3].state == task_state::cancelled);
  CHECK(store.shrinks == 0);
  step_done();
  CHECK(store.shrinks == 1);
  step_done(0);
  CHECK(store.shrinks == 2);
}

TEST_CASE_METHOD(scheduler_fixture, "after a pass there is a pause of a minute") {
  finish_pass();
  const auto asked = store.prunes.size();
  advance(59s);
  CHECK(store.prunes.size() == asked);
  advance(1s);
  REQUIRE(store.prunes.size() == asked + 1);
  CHECK(store.prunes.back().state == task_state::succeeded);
  CHECK(store.prunes.back().after == 0);
}

TEST_CASE_METHOD(scheduler_fixture, "a pass that took long is followed by a longer pause") {
  advance(30s);
  finish_pass();
  const auto asked = store.prunes.size();
  advance(299s);
  CHECK(store.prunes.size() == asked);
  advance(1s);
  CHECK(store.prunes.size() == asked + 1);
}

TEST_CASE_METHOD(scheduler_fixture, "the scheduler answers a probe") {
  caf::anon_send(actor, probe_atom_v, spawn_client(), request_number{5});
  run();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 5);
}
