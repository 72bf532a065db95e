#include "actors/events.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace errand;
using namespace errand::test;

namespace {

struct events_fixture : actor_fixture {
  events_fixture() {
    actor = keep(system.spawn(events, logger_ptr{log}));
    client = spawn_client();
  }

  void happened(const task_id& id, task_state state) {
    caf::anon_send(actor, facts_atom_v,
                   std::make_shared<const std::vector<task_fact>>(
                       1, task_fact{id, state, 1, "kind", "queue"}));
    run();
  }

  void watch(request_number request, const task_id& id) {
    caf::anon_send(actor, watch_atom_v, client, request, id);
    run();
  }

  events_actor actor;
  client_actor client;
  task_id one = task_id::from_parts(1, 1);
  task_id two = task_id::from_parts(2, 2);
};

} // namespace

TEST_CASE_METHOD(events_fixture, "a watcher hears of its task's end, once") {
  watch(10, one);
  watch(11, one);
  watch(12, two);
  happened(one, task_state::running);
  CHECK(answers.empty());
  happened(one, task_state::succeeded);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].request == 10);
  CHECK(answers[1].request == 11);
  CHECK(std::get<status>(answers[0].content).ok());
  happened(one, task_state::succeeded);
  CHECK(answers.size() == 2);
}

TEST_CASE_METHOD(events_fixture, "who stopped watching is not told") {
  watch(10, one);
  watch(11, one);
  caf::anon_send(actor, unwatch_atom_v, client, request_number{10}, one);
  caf::anon_send(actor, unwatch_atom_v, client, request_number{99}, two);
  run();
  happened(one, task_state::failed);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].request == 11);
}

TEST_CASE_METHOD(events_fixture, "every fact is in the log at debug level") {
  happened(one, task_state::running);
  REQUIRE(log->lines.size() == 1);
  CHECK(log->lines[0] == "task running");
}
