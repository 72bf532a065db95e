#include "actors/retention.hpp"
#include "actors/store_actor.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/faulty_store.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct store_fixture : actor_fixture {
  store_fixture() {
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
      };
    }));
    statistics =
        keep(system.spawn([this](statistics_actor::pointer) -> statistics_actor::behavior_type {
          return {
              [this](facts_atom, const facts_ptr& batch, duration) {
                counted.insert(counted.end(), batch->begin(), batch->end());
                ++commits_told;
              },
              [](stats_atom, const client_actor&, request_number, const std::vector<std::string>&) {
              },
              [](probe_atom, const client_actor&, request_number) {},
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
              [](sweep_atom) {},
              [](overdue_atom) {},
              [](workers_atom, const client_actor&, request_number) {},
              [](probe_atom, const client_actor&, request_number) {},
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
          };
        }));
    client = spawn_client();
    actor = keep(system.spawn(store_writer,
                              std::shared_ptr<std::unique_ptr<errand::store>>(std::move(db)),
                              events, statistics, clock(), logger_ptr{log}));
  }

  void submit(request_number request, duration delay = 0s) {
    task_spec spec;
    spec.kind = "noop";
    spec.delay = delay;
    submit(request, spec);
  }

  void submit(request_number request, const task_spec& spec) {
    caf::anon_send(actor, submit_atom_v, client, request, std::make_shared<const task_spec>(spec),
                   request_key_ptr{});
  }

  void submit_batch(request_number request, std::vector<batch_entry> tasks,
                    std::optional<batch_entry> then = {}) {
    auto batch = arrange(std::move(tasks), std::move(then));
    REQUIRE(batch.ok());
    caf::anon_send(actor, submit_atom_v, client, request,
                   std::make_shared<const task_batch>(std::move(*batch)), request_key_ptr{});
  }

  const accepted_batch& answered_batch(size_t index) {
    return *std::get<accepted_batch_ptr>(answers.at(index).content);
  }

  void claim(size_t ahead = 0) {
    caf::anon_send(actor, claim_atom_v, dispatcher, pool_number{0},
                   claim_request{{"worker-1"}, ahead, {}});
  }

  void finish(const attempt_spec& attempt) {
    attempt_report report;
    report.ref = attempt.ref;
    report.outcome = attempt_outcome::succeeded;
    report.finished_at = now();
    caf::anon_send(actor, finish_atom_v, report);
  }

  void note(const attempt_spec& attempt, std::vector<std::string> lines,
            std::optional<task_progress> progress = {}) {
    attempt_note what{attempt.ref, std::move(progress), {}};
    for (auto& line : lines)
      what.lines.push_back({now(), std::move(line)});
    caf::anon_send(actor, note_atom_v, std::move(what));
  }

  std::vector<std::string> log_of(const task_id& id) {
    std::vector<std::string> lines;
    const auto page = reader->log({id});
    REQUIRE(page.ok());
    for (const auto& line : page->lines)
      lines.push_back(line.text);
    return lines;
  }

  /// Everything that succeeded.
  void prune(int64_t after = 0) {
    prune_request request;
    request.ended_before = now() + 1s;
    request.after = after;
    caf::anon_send(actor, prune_atom_v, due_listener, request);
  }

  const task& answered(size_t index) { return task_in(answers.at(index).content); }
  ec refused(size_t index) { return std::get<status>(answers.at(index).content).code(); }
  task_state state_of(const task_id& id) { return reader->get(id)->state; }

  std::shared_ptr<store_faults> faults = std::make_shared<store_faults>();
  std::unique_ptr<store_reader> reader;
  events_actor events;
  statistics_actor statistics;
  dispatcher_actor dispatcher;
  scheduler_actor due_listener;
  client_actor client;
  store_actor actor;
  std::vector<task_fact> counted;
  int commits_told = 0;
  std::vector<notice> notices;
  std::vector<task_fact> facts;
  std::vector<task_id> logged;
  std::vector<attempt_ref> cancelled;
  std::vector<attempt_spec> claimed;
  std::vector<std::optional<timestamp>> due;
  std::vector<std::optional<int64_t>> upkeep;
};

} // namespace

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

TEST_CASE_METHOD(store_fixture,
                 "a scheduler whose promotion the disk refused is told to try again soon") {
  faults->refuse = true;
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(due.size() == 1);
  CHECK(due[0] == now() + report_retry_interval);
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

namespace {

struct queue_fixture : store_fixture {
  void tell(request_number request, const queue_order& what, request_key_ptr key = {}) {
    caf::anon_send(actor, queue_atom_v, client, request, what, std::move(key));
    run();
  }

  std::vector<event_type> noticed() {
    std::vector<event_type> all;
    for (const auto& each : std::exchange(notices, {}))
      all.push_back(each.type);
    return all;
  }

  bool is_paused_now(const std::string& queue) {
    const auto view = reader->queue(queue);
    return view.ok() && view->settings.paused;
  }

  queue_settings told(size_t index) {
    return *std::get<queue_settings_ptr>(answers.at(index).content);
  }

  using types = std::vector<event_type>;
};

} // namespace

TEST_CASE_METHOD(queue_fixture, "a queue that is told something answers with its settings, and "
                                "others hear of it after the commit") {
  queue_order order{"mail", queue_order::what::put};
  order.settings.concurrency = 3;
  tell(1, order);
  CHECK(told(0).concurrency == 3);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].queue == "mail");
  CHECK(notices[0].settings == order.settings);
  CHECK(noticed() == types{event_type::queue_changed});
  tell(2, order);
  CHECK(noticed().empty()); // nothing has changed
  tell(3, {"mail", queue_order::what::pause});
  CHECK(told(2).paused);
  CHECK(told(2).concurrency == 3);
  CHECK(noticed() == types{event_type::queue_paused});
  tell(4, {"mail", queue_order::what::resume});
  CHECK(noticed() == types{event_type::queue_resumed});
}

TEST_CASE_METHOD(queue_fixture, "what the store refuses to tell a queue is answered, and nobody "
                                "else hears of it") {
  tell(1, {"mail", queue_order::what::pause, {}, now() - 1s});
  CHECK(refused(0) == ec::invalid);
  faults->refuse = true;
  tell(2, {"mail", queue_order::what::pause});
  CHECK(refused(1) == ec::store_full);
  CHECK(notices.empty());
  CHECK(!is_paused_now("mail"));
}

TEST_CASE_METHOD(queue_fixture, "the scheduler is told when a pause ends, and ends it then") {
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  due.clear();
  const auto end = now() + 10s;
  tell(1, {"mail", queue_order::what::pause, {}, end});
  REQUIRE(due.size() == 1);
  CHECK(due[0] == end);
  noticed();
  advance(10s);
  const auto before = faults->commits;
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  CHECK(faults->commits == before + 1);
  CHECK(noticed() == types{event_type::queue_resumed});
  CHECK(!is_paused_now("mail"));
  REQUIRE(due.size() == 2);
  CHECK(!due[1]);
}

TEST_CASE_METHOD(queue_fixture, "an order to a queue that comes twice with a key is carried out "
                                "once") {
  const auto key = std::make_shared<const request_key>(
      request_key{{"k", std::string(32, 'f')}, [](const answer_content&) {
                    return kept_reply{{"k", std::string(32, 'f')}, 200, "t", {}, "first"};
                  }});
  tell(1, {"mail", queue_order::what::pause}, key);
  tell(2, {"mail", queue_order::what::resume});
  tell(3, {"mail", queue_order::what::pause}, key);
  CHECK(std::get<kept_reply_ptr>(answers.at(2).content)->body == "first");
  CHECK(!is_paused_now("mail"));
}

TEST_CASE_METHOD(queue_fixture,
                 "statistics are told of every commit, with what is new and how long "
                 "attempts waited and ran") {
  submit(1);
  submit_batch(2, std::vector<batch_entry>(2));
  run();
  REQUIRE(counted.size() == 3);
  for (const auto& fact : counted) {
    CHECK(fact.is_new);
    CHECK(!fact.waited);
    CHECK(!fact.ran);
  }
  claim();
  run();
  REQUIRE(counted.size() == 4);
  CHECK(!counted[3].is_new);
  CHECK(counted[3].waited == claimed.at(0).waited);
  attempt_report report;
  report.ref = claimed.at(0).ref;
  report.outcome = attempt_outcome::failed;
  report.started_at = now();
  report.finished_at = now() + 3s;
  caf::anon_send(actor, finish_atom_v, report);
  run();
  REQUIRE(counted.size() == 5);
  CHECK(counted[4].state == task_state::retrying);
  CHECK(counted[4].ran == 3s);
  advance(10s);
  caf::anon_send(actor, promote_atom_v, due_listener);
  run();
  REQUIRE(counted.size() == 6);
  CHECK(counted[5].state == task_state::queued);
  CHECK(!counted[5].is_new);
  CHECK(commits_told == faults->commits);
  faults->refuse = true;
  submit(3);
  run();
  CHECK(counted.size() == 6);
  CHECK(commits_told == faults->commits);
}
