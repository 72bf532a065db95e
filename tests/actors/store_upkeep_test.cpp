// What the STORE does because time passes.
#include "actors/retention.hpp"
#include "actors/store_upkeep.hpp"
#include "tests/actors/store_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(store_fixture,
                 "the scheduler hears when the next task falls due, and of earlier ones") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(due.size() == 1);
  CHECK_FALSE(due[0]);
  submit(1, 60s);
  run();
  submit(2, 90s); // later: nothing to tell
  run();
  submit(3, 30s);
  run();
  REQUIRE(due.size() == 3);
  CHECK(due[1] == now() + 60s);
  CHECK(due[2] == now() + 30s);
  CHECK(answered(2).state == task_state::scheduled);

  advance(30s);
  claim();
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].ref.id == answered(2).id);
  CHECK(due.back() == now() + 30s);
}

TEST_CASE_METHOD(store_fixture, "a task that expires is cancelled on time, and never started") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  task_spec spec;
  spec.kind = "noop";
  spec.expires_in = 10s;
  submit(1, spec);
  run();
  CHECK(due.back() == now() + 10s);
  advance(10s);
  claim(); // before the scheduler has spoken
  run();
  CHECK(claimed.empty());
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  CHECK(facts.back().state == task_state::cancelled);
  CHECK(state_of(answered(0).id) == task_state::cancelled);
  CHECK_FALSE(due.back());
  submit(2);
  run();
  CHECK(claimed.size() == 1); // the claim has waited meanwhile
}

TEST_CASE_METHOD(store_fixture,
                 "a scheduler whose promotion the disk refused is told to try again soon") {
  faults->refuse = true;
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(due.size() == 1);
  CHECK(due[0] == now() + report_retry_interval);
}

TEST_CASE_METHOD(store_fixture, "a failed attempt's next time is told to the scheduler") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  claim();
  submit(1);
  run();
  REQUIRE(claimed.size() == 1);
  attempt_report report;
  report.ref = claimed[0].ref;
  report.outcome = attempt_outcome::postponed;
  report.finished_at = now();
  report.postponed_by = 90s;
  caf::anon_send(actor, finish_atom_v, report);
  run();
  REQUIRE_FALSE(due.empty());
  CHECK(due.back() == now() + 90s);
}

TEST_CASE_METHOD(store_fixture, "pruning goes in steps, tells nobody, and lets others in between") {
  constexpr size_t many = 2 * prune_step + 1;
  for (request_number request = 1; request <= many; ++request)
    submit(request);
  claim(many);
  run();
  REQUIRE(claimed.size() == many);
  for (const auto& attempt : claimed)
    finish(attempt);
  run();
  advance(1s);
  answers.clear();
  facts.clear();

  prune();
  run();
  REQUIRE(upkeep.size() == 1);
  REQUIRE(upkeep[0]);
  const auto left = [&] {
    const auto counts = reader->counts();
    return counts->at("default").at(task_state::succeeded);
  };
  CHECK(left() == many - prune_step);

  prune(*upkeep[0]);
  submit(1000); // shares the commit
  const auto commits = faults->commits;
  run();
  CHECK(faults->commits == commits + 1);
  CHECK(answers.size() == 1);
  CHECK(left() == 1);
  prune(*upkeep.at(1));
  run();
  REQUIRE(upkeep.size() == 3);
  CHECK(!upkeep[2]);
  REQUIRE(facts.size() == 1); // the submit's
  CHECK(facts[0].state == task_state::queued);
}

TEST_CASE_METHOD(store_fixture, "a step that the disk refuses deletes nothing and ends its state") {
  submit(1);
  claim();
  run();
  finish(claimed.at(0));
  run();
  advance(1s);
  faults->refuse = true;
  prune();
  caf::anon_send(actor, shrink_atom_v, due_listener);
  run();
  REQUIRE(!upkeep.empty());
  CHECK(!upkeep.back());
  CHECK(state_of(claimed[0].ref.id) == task_state::succeeded);
  faults->refuse = false;
  prune();
  run();
  CHECK(!reader->get(claimed[0].ref.id).ok());
}

TEST_CASE_METHOD(store_fixture, "a store with nothing to give back says so at once") {
  caf::anon_send(actor, shrink_atom_v, due_listener);
  run();
  REQUIRE(upkeep.size() == 1);
  CHECK(!upkeep[0]);
}

TEST_CASE_METHOD(store_fixture, "the scheduler hears of a task that need not wait but lies ahead") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  batch_entry then;
  then.spec.delay = 90s;
  submit_batch(1, {batch_entry{}}, then);
  claim();
  run();
  const auto accepted_at = now();
  advance(10s);
  finish(claimed.at(0));
  run();
  CHECK(state_of(answered_batch(0).tasks[1].id) == task_state::scheduled);
  CHECK(due.back() == accepted_at + recount_interval); // which comes first
  advance(50s);
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  CHECK(due.back() == accepted_at + 90s);
}

TEST_CASE_METHOD(store_fixture,
                 "waiting tasks are recounted once a minute as long as there are any") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  CHECK_FALSE(due.back());
  submit_batch(1, {batch_entry{}}, batch_entry{});
  run();
  REQUIRE(due.back() == now() + recount_interval);
  for (int minute = 0; minute < 3; ++minute) {
    advance(recount_interval);
    caf::anon_send(actor, promote_atom_v, due_listener);
    run();
    REQUIRE(due.back() == now() + recount_interval);
  }
  caf::anon_send(actor, order_atom_v, client, request_number{2}, answered_batch(0).tasks[1].id,
                 task_order::cancel, request_key_ptr{});
  advance(recount_interval);
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  CHECK_FALSE(due.back());
  CHECK(log->lines.empty());
}
