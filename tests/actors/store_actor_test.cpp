// Commits, and who is told of them: claims, reports, batches.
#include "tests/actors/store_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(store_fixture, "what stands in the mailbox together shares one commit") {
  for (request_number request = 1; request <= 50; ++request)
    submit(request);
  run();
  CHECK(faults->commits == 1);
  REQUIRE(answers.size() == 50);
  for (size_t i = 0; i < 50; ++i) {
    CHECK(answers[i].request == i + 1);
    CHECK(state_of(answered(i).id) == task_state::queued);
  }
  CHECK(facts.size() == 50);
}

TEST_CASE_METHOD(store_fixture, "nobody is answered before the commit") {
  submit(1);
  scheduler().run_once(); // the submit alone: its commit still stands in the mailbox
  CHECK(answers.empty());
  run();
  CHECK(answers.size() == 1);
}

TEST_CASE_METHOD(store_fixture,
                 "a claim waits for work and is answered by the submit's own commit") {
  claim();
  run();
  CHECK(claimed.empty());
  const auto before = faults->commits;
  submit(1);
  run();
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].ref.id == answered(0).id);
  CHECK(faults->commits == before + 1);
  CHECK(state_of(claimed[0].ref.id) == task_state::running);
}

TEST_CASE_METHOD(store_fixture, "a claim is answered once") {
  claim();
  submit(1);
  submit(2);
  run();
  submit(3);
  run();
  CHECK(claimed.size() == 1);
}

TEST_CASE_METHOD(store_fixture,
                 "a store that refuses fails every request of the batch, changing nothing") {
  faults->refuse = true;
  submit(1);
  submit(2);
  run();
  REQUIRE(answers.size() == 2);
  CHECK(refused(0) == ec::store_full);
  CHECK(refused(1) == ec::store_full);
  CHECK(facts.empty());
  faults->refuse = false;
  submit(3);
  run();
  CHECK(answered(2).state == task_state::queued);
  CHECK(reader->list({})->tasks.size() == 1);
}

TEST_CASE_METHOD(store_fixture,
                 "a report that the disk refused is written once it takes writes again") {
  claim();
  submit(1);
  run();
  REQUIRE(claimed.size() == 1);
  faults->refuse = true;
  finish(claimed[0]);
  run();
  CHECK(state_of(claimed[0].ref.id) == task_state::running);
  advance(report_retry_interval);
  CHECK(state_of(claimed[0].ref.id) == task_state::running);
  faults->refuse = false;
  advance(report_retry_interval);
  CHECK(state_of(claimed[0].ref.id) == task_state::succeeded);
  CHECK(log->lines.back() == "the store takes writes again");
}

TEST_CASE_METHOD(store_fixture, "a store that refused has to write before it counts as well") {
  faults->refuse = true;
  submit(1);
  submit(2);
  run();
  CHECK(faults->probes == 0);
  faults->refuse = false;
  caf::anon_send(actor, probe_atom_v, client, request_number{3});
  run();
  CHECK(faults->probes == 1);
  CHECK(log->lines.back() == "the store takes writes again");
  advance(report_retry_interval);
  CHECK(faults->probes == 1);
}

TEST_CASE_METHOD(store_fixture,
                 "a store that refuses is tried again while nobody asks, once at a time") {
  faults->refuse = true;
  for (request_number request = 1; request <= 5; ++request) {
    submit(request);
    run();
  }
  CHECK(faults->refused == 5);
  advance(report_retry_interval);
  CHECK(faults->refused == 6);
  faults->refuse = false;
  advance(report_retry_interval);
  CHECK(log->lines.back() == "the store takes writes again");
}

TEST_CASE_METHOD(store_fixture, "a claim that the disk refused is tried again") {
  submit(1);
  run();
  faults->refuse = true;
  claim();
  run();
  CHECK(claimed.empty());
  faults->refuse = false;
  advance(report_retry_interval);
  CHECK(claimed.size() == 1);
}

TEST_CASE_METHOD(store_fixture, "the loser of a race changes nothing and publishes nothing") {
  claim();
  submit(1);
  run();
  finish(claimed[0]);
  caf::anon_send(actor, lose_atom_v, std::vector<attempt_ref>{claimed[0].ref});
  caf::anon_send(actor, release_atom_v, std::vector<attempt_ref>{claimed[0].ref});
  run();
  CHECK(state_of(claimed[0].ref.id) == task_state::succeeded);
  CHECK(facts.back().state == task_state::succeeded);
  CHECK(facts.size() == 3); // queued, running, succeeded
}

TEST_CASE_METHOD(store_fixture, "a released attempt makes its task ready for the waiting claim") {
  claim();
  submit(1);
  run();
  claim();
  run();
  caf::anon_send(actor, release_atom_v, std::vector<attempt_ref>{claimed[0].ref});
  run();
  REQUIRE(claimed.size() == 2);
  CHECK(claimed[1].ref.attempt == 1);
}

TEST_CASE_METHOD(store_fixture, "what is released after claims were closed stays queued") {
  claim();
  submit(1);
  run();
  claim();
  caf::anon_send(actor, close_atom_v);
  claim();
  caf::anon_send(actor, release_atom_v, std::vector<attempt_ref>{claimed[0].ref});
  attempt_report late;
  late.ref = claimed[0].ref;
  late.outcome = attempt_outcome::failed;
  late.finished_at = now();
  caf::anon_send(actor, finish_atom_v, late);
  run();
  CHECK(claimed.size() == 1);
  CHECK(state_of(claimed[0].ref.id) == task_state::queued);
}

TEST_CASE_METHOD(store_fixture,
                 "a duplicate is answered with the task that is there, and no fact") {
  task_spec spec;
  spec.kind = "noop";
  spec.unique.emplace().key = "invoice 7";
  submit(1, spec);
  submit(2, spec);
  spec.unique->on_conflict = unique_conflict::reject;
  submit(3, spec);
  run();
  CHECK(facts.size() == 1);
  CHECK(std::get<insertion_ptr>(answers.at(1).content)->duplicate);
  CHECK(answered(1).id == answered(0).id);
  CHECK(refused(2) == ec::not_unique);
  spec.unique->on_conflict = unique_conflict::replace;
  submit(4, spec);
  run();
  CHECK(answered(3).id != answered(0).id);
  REQUIRE(facts.size() == 3);
  const auto told = [&](const task_id& id) {
    return std::find_if(facts.rbegin(), facts.rend(), [&](auto& fact) { return fact.id == id; });
  };
  CHECK(told(answered(0).id)->state == task_state::cancelled);
  CHECK(told(answered(3).id)->state == task_state::queued);
}

TEST_CASE_METHOD(store_fixture, "a draining store refuses submits and commits what is open") {
  claim();
  submit(1);
  run();
  finish(claimed[0]);
  caf::anon_send(actor, drain_atom_v);
  submit(2);
  run();
  CHECK(state_of(claimed[0].ref.id) == task_state::succeeded);
  CHECK(refused(1) == ec::draining);
}

TEST_CASE_METHOD(store_fixture, "statistics hear of a commit that failed") {
  run();
  const auto told = commits_told;
  faults->refuse = true;
  submit(1);
  run();
  CHECK(refused(0) == ec::store_full);
  CHECK(commits_refused == 1);
  CHECK(commits_told == told);
}

TEST_CASE_METHOD(store_fixture,
                 "who asks for the mailbox neither splits a batch nor makes a commit") {
  run();
  const auto before = faults->commits;
  submit(1);
  caf::anon_send(actor, mailbox_atom_v, client, request_number{2});
  submit(3);
  run();
  CHECK(faults->commits == before + 1);
  REQUIRE(answers.size() == 3);
  // The second submit, and the commit that the first one has asked for.
  CHECK(std::get<actor_view_ptr>(answers[0].content)->mailbox == 2);
  caf::anon_send(actor, mailbox_atom_v, client, request_number{4});
  run();
  CHECK(std::get<actor_view_ptr>(answers[3].content)->mailbox == 0);
  CHECK(faults->commits == before + 1);
}

TEST_CASE_METHOD(store_fixture,
                 "a probe is answered after a commit, with why it failed if it did") {
  caf::anon_send(actor, probe_atom_v, client, request_number{1});
  run();
  CHECK(refused(0) == ec::ok);
  faults->refuse = true;
  caf::anon_send(actor, probe_atom_v, client, request_number{2});
  run();
  CHECK(refused(1) == ec::store_full);
}

TEST_CASE_METHOD(store_fixture, "that a task runs is published after its submit, with its claim") {
  claim();
  submit(1);
  run();
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].state == task_state::queued);
  CHECK(facts[1].state == task_state::running);
  CHECK(facts[1].id == answered(0).id);
  CHECK(facts[1].attempt == 1);
  CHECK(facts[1].kind == "noop");
}

TEST_CASE_METHOD(
    store_fixture,
    "the commit that ends the last upstream task hands its successor to the waiting claim") {
  submit_batch(1, {batch_entry{}}, batch_entry{});
  claim();
  run();
  REQUIRE(claimed.size() == 1);
  claim();
  run();
  facts.clear();
  const auto before = faults->commits;
  finish(claimed[0]);
  run();
  CHECK(faults->commits == before + 1);
  REQUIRE(claimed.size() == 2);
  CHECK(claimed[1].ref.id == answered_batch(0).tasks[1].id);
  REQUIRE(facts.size() == 3);
  CHECK(facts[0].state == task_state::succeeded);
  CHECK(facts[1].state == task_state::queued);
  CHECK(facts[2].state == task_state::running);
}

TEST_CASE_METHOD(store_fixture, "a batch is one commit, one answer, and a fact for each task") {
  submit_batch(1, std::vector<batch_entry>(500), batch_entry{});
  submit(2);
  run();
  CHECK(faults->commits == 1);
  REQUIRE(answers.size() == 2);
  REQUIRE(answered_batch(0).tasks.size() == 501);
  CHECK(answered_batch(0).tasks.front().state == task_state::queued);
  CHECK(answered_batch(0).tasks.back().state == task_state::waiting);
  REQUIRE(facts.size() == 502);
  for (size_t i = 0; i < 501; ++i)
    CHECK(facts[i].id == answered_batch(0).tasks[i].id);
}

TEST_CASE_METHOD(store_fixture,
                 "a batch that does not fit is refused, and others of its commit are not") {
  batch_entry lost;
  lost.spec.after = {task_id::from_parts(1, 1)};
  submit(1);
  submit_batch(2, {batch_entry{}, lost});
  run();
  REQUIRE(answers.size() == 2);
  CHECK(answered(0).state == task_state::queued);
  CHECK(refused(1) == ec::invalid);
  CHECK(std::get<status>(answers[1].content).fields().at(0).pointer == "/tasks/1/after/0");
  CHECK(facts.size() == 1);
}

TEST_CASE_METHOD(store_fixture,
                 "a draining store takes no batch, and a store that refuses none of it") {
  faults->refuse = true;
  submit_batch(1, std::vector<batch_entry>(3));
  run();
  CHECK(refused(0) == ec::store_full);
  faults->refuse = false;
  caf::anon_send(actor, drain_atom_v);
  submit_batch(2, std::vector<batch_entry>(3));
  run();
  CHECK(refused(1) == ec::draining);
  CHECK(reader->list({})->tasks.empty());
}

TEST_CASE_METHOD(store_fixture, "notes and the report behind them share a commit, in order") {
  claim();
  submit(1);
  run();
  const auto id = claimed.at(0).ref.id;
  const auto before = faults->commits;
  facts.clear();
  note(claimed[0], {"one", "two"});
  note(claimed[0], {}, task_progress{0.5, "half"});
  note(claimed[0], {"three"}, task_progress{1, ""});
  finish(claimed[0]);
  note(claimed[0], {"too late"}, task_progress{0, ""});
  run();
  CHECK(faults->commits == before + 1);
  CHECK(log_of(id) == std::vector<std::string>{"one", "two", "three"});
  CHECK(reader->get(id)->progress == task_progress{1, ""});
  REQUIRE(facts.size() == 3);
  CHECK(facts[0].progress->message == "half");
  CHECK(facts[0].state == task_state::running);
  CHECK(facts[1].progress->fraction == 1);
  CHECK(!facts[2].progress);
  CHECK(facts[2].state == task_state::succeeded);
  CHECK(logged == std::vector<task_id>{id}); // once for the commit
}

TEST_CASE_METHOD(store_fixture, "notes that the disk refused are written with what came behind") {
  claim();
  submit(1);
  run();
  const auto id = claimed.at(0).ref.id;
  facts.clear();
  faults->refuse = true;
  note(claimed[0], {"the disk is full"}, task_progress{0.5, ""});
  run();
  finish(claimed[0]);
  run();
  CHECK(log_of(id).empty());
  CHECK(logged.empty());
  CHECK(facts.empty());
  faults->refuse = false;
  advance(report_retry_interval);
  CHECK(log_of(id) == std::vector<std::string>{"the disk is full"});
  CHECK(logged == std::vector<task_id>{id});
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].progress);
  CHECK(facts[1].state == task_state::succeeded);
}
