// What clients order of tasks that are there.
#include "tests/actors/store_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(store_fixture, "an order is answered with the task once it is durable") {
  submit(1);
  run();
  const auto id = answered(0).id;
  facts.clear();
  caf::anon_send(actor, order_atom_v, client, request_number{2}, id, task_order::cancel,
                 request_key_ptr{});
  scheduler().run_once();
  CHECK(answers.size() == 1);
  run();
  CHECK(answered(1).state == task_state::cancelled);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state == task_state::cancelled);

  caf::anon_send(actor, order_atom_v, client, request_number{3}, id, task_order::cancel,
                 request_key_ptr{});
  run();
  CHECK(refused(2) == ec::wrong_state);

  claim();
  caf::anon_send(actor, order_atom_v, client, request_number{4}, id, task_order::retry,
                 request_key_ptr{});
  run();
  CHECK(answered(3).state == task_state::queued);
  CHECK(claimed.size() == 1); // in the order's own commit

  caf::anon_send(actor, order_atom_v, client, request_number{5}, id, task_order::cancel,
                 request_key_ptr{});
  run();
  CHECK(answered(4).state == task_state::running);
  REQUIRE(cancelled.size() == 1);
  CHECK(cancelled[0].id == id);
  CHECK(cancelled[0].attempt == 1);

  caf::anon_send(actor, order_atom_v, client, request_number{6}, id, task_order::remove,
                 request_key_ptr{});
  run();
  CHECK(refused(5) == ec::wrong_state);
}

TEST_CASE_METHOD(store_fixture, "who waits for a task that is deleted is told") {
  submit(1);
  run();
  facts.clear();
  caf::anon_send(actor, order_atom_v, client, request_number{2}, answered(0).id, task_order::remove,
                 request_key_ptr{});
  run();
  CHECK(refused(1) == ec::ok);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state == task_state::cancelled);
}

TEST_CASE_METHOD(store_fixture, "an order that the disk refuses did not happen") {
  submit(1);
  run();
  const auto id = answered(0).id;
  faults->refuse = true;
  caf::anon_send(actor, order_atom_v, client, request_number{2}, id, task_order::cancel,
                 request_key_ptr{});
  run();
  CHECK(refused(1) == ec::store_full);
  CHECK(state_of(id) == task_state::queued);
}

TEST_CASE_METHOD(store_fixture, "an order for several shares one commit with what comes between") {
  for (request_number request = 1; request <= 4; ++request)
    submit(request);
  submit(5, 1h);
  claim();
  run();
  auto which = std::make_shared<found_tasks>();
  for (size_t i = 0; i < 5; ++i)
    which->ids.push_back(answered(i).id);
  const auto ask = [&](request_number request, task_order what) {
    caf::anon_send(actor, orders_atom_v, client, request, found_tasks_ptr{which}, what);
  };
  const auto last_done = [&] { return std::get<orders_done>(answers.back().content); };
  facts.clear();
  const auto commits = faults->commits;
  submit(6);
  ask(7, task_order::cancel);
  run();
  CHECK(faults->commits == commits + 1);
  CHECK(last_done().tried == 5);
  CHECK(last_done().done == 5);
  CHECK(facts.size() == 5); // the submit, and four that were not running
  REQUIRE(cancelled.size() == 1);
  CHECK(cancelled[0].id == claimed.at(0).ref.id);

  ask(8, task_order::cancel); // only the running one is in a state for it
  run();
  CHECK(last_done().tried == 5);
  CHECK(last_done().done == 1);
  facts.clear();
  ask(9, task_order::remove);
  run();
  CHECK(last_done().done == 4);
  CHECK(facts.empty());
  CHECK(state_of(claimed[0].ref.id) == task_state::running);
}

TEST_CASE_METHOD(store_fixture, "an order for several that the disk refuses has done nothing") {
  submit(1);
  run();
  const auto id = answered(0).id;
  faults->refuse = true;
  auto which = std::make_shared<found_tasks>();
  which->ids = {id};
  caf::anon_send(actor, orders_atom_v, client, request_number{2}, found_tasks_ptr{which},
                 task_order::cancel);
  run();
  REQUIRE(answers.size() == 2);
  CHECK(refused(1) == ec::store_full);
  CHECK(state_of(id) == task_state::queued);
}
