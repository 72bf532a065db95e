// Each verb, in the states that it is for and in all others.
#include "tests/store/conformance.hpp"

#include <array>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// The states that verbs can lead to.
constexpr std::array reachable_states = {
    task_state::scheduled, task_state::queued, task_state::running,  task_state::retrying,
    task_state::succeeded, task_state::failed, task_state::cancelled};

/// A task in that state, which is the only one of its store.
attempt_ref make_task_in(store_fixture& fixture, task_state state) {
  task_spec spec;
  spec.kind = "noop";
  if (state == task_state::scheduled)
    spec.delay = 1h;
  const auto id = fixture.insert(spec).id;
  attempt_ref ref{id, 1};
  if (state == task_state::scheduled || state == task_state::queued)
    return ref;
  if (state == task_state::cancelled) {
    REQUIRE(fixture.order(id, task_order::cancel));
    return ref;
  }
  REQUIRE(fixture.claim_one().attempt == 1);
  if (state == task_state::succeeded)
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  if (state == task_state::retrying)
    REQUIRE(fixture.finish(ref, attempt_outcome::failed));
  if (state == task_state::failed)
    REQUIRE(fixture.finish(ref, attempt_outcome::failed_for_good));
  return ref;
}

std::optional<task_fact> first(const std::vector<task_fact>& facts) {
  if (facts.empty())
    return std::nullopt;
  return facts.front();
}

std::optional<task_fact> fact_of(const std::optional<task>& row) {
  if (!row)
    return std::nullopt;
  return task_fact{row->id, row->state, row->attempt, row->spec.kind, row->spec.queue};
}

/// Events that no single verb about the task causes; they have cases of their own.
bool takes_several_verbs(task_state state, task_event event) {
  return event == task_event::lose_last || event == task_event::stop || event == task_event::unblock
         || event == task_event::unblock_early
         || (state == task_state::running && event == task_event::cancel);
}

/// What makes each event happen. A claim tells attempts and no facts, so that is made from them.
std::optional<task_fact> cause(store_fixture& fixture, task_event event, const attempt_ref& ref) {
  switch (event) {
  case task_event::due:
    return first(fixture.promote_due(noon + 2h));
  case task_event::claim: {
    const auto claimed = fixture.claim({workers(1), 0, {}});
    if (claimed.empty())
      return std::nullopt;
    return task_fact{claimed[0].ref.id, task_state::running, claimed[0].ref.attempt, "noop",
                     "default"};
  }
  case task_event::succeed:
    return fixture.finish(ref, attempt_outcome::succeeded);
  case task_event::fail:
    return fixture.finish(ref, attempt_outcome::failed);
  case task_event::fail_last:
    return fixture.finish(ref, attempt_outcome::failed_for_good);
  case task_event::postpone:
    return fixture.finish(ref, attempt_outcome::postponed);
  case task_event::lose:
    return fixture.lose(ref);
  case task_event::release:
    return fixture.release(ref);
  case task_event::cancel:
    return fact_of(fixture.order(ref.id, task_order::cancel));
  case task_event::renew:
    return fact_of(fixture.order(ref.id, task_order::retry));
  case task_event::stop:
  case task_event::lose_last:
  case task_event::unblock:
  case task_event::unblock_early:
    break;
  }
  FAIL("no single verb causes this");
  return std::nullopt;
}

} // namespace

TEST_CASE("every verb moves exactly the tasks that are in the state it is for", "[store]") {
  FOR_EVERY_STORE(fixture);
  for (const auto state : reachable_states)
    for (const auto event : all_task_events) {
      if (takes_several_verbs(state, event))
        continue;
      SECTION(std::string(to_string(event)) + " of a " + std::string(to_string(state)) + " task") {
        const auto ref = make_task_in(fixture, state);
        const auto before = fixture.get(ref.id);
        const auto fact = cause(fixture, event, ref);
        const auto after = fixture.get(ref.id);
        const auto expected = next_state(state, event);
        CHECK(fact.has_value() == expected.has_value());
        if (fact && expected) {
          CHECK(fact->state == *expected);
          CHECK(after.state == *expected);
          CHECK(fact->id == ref.id);
          CHECK(fact->kind == "noop");
          CHECK(fact->queue == "default");
          CHECK(fact->attempt == after.attempt);
        } else {
          CHECK(describe(after) == describe(before));
        }
        fixture.check_counters();
      }
    }
}

TEST_CASE("a task is stored with everything that was asked for", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "mail:send/v2";
  spec.args_json = R"({"to": "zoë@example.org", "n": [1, 2.5, null], "empty": ""})";
  spec.queue = "tenant-7";
  spec.priority = -100;
  spec.delay = 90s;
  spec.timeout = 1500ms;
  spec.max_attempts = 1000;
  spec.max_crashes = 1;
  spec.retry = {1us, 30min, 1.5, 0.125};
  spec.tags = {{"order", "4711"}, {"quote", "a \"b\" \\ c"}, {"empty", ""}, {"名前", "値"}};
  spec.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto added = fixture.insert(spec, noon + 123us);

  CHECK(added.state == task_state::scheduled);
  CHECK(added.created_at == noon + 123us);
  CHECK(added.run_at == noon + 123us + 90s);
  CHECK(added.spec.args_json == spec.args_json);
  CHECK(added.spec.tags == spec.tags);
  CHECK(added.spec.retry == spec.retry);
  CHECK(describe(fixture.get(added.id)) == describe(added));
  REQUIRE(fixture.list().size() == 1);
  CHECK(describe(fixture.list()[0]) == describe(added));
}

TEST_CASE("a task without delay is queued at once, one with a run_at ahead is scheduled",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto now = fixture.insert();
  CHECK(now.state == task_state::queued);
  CHECK(now.run_at == now.created_at);

  task_spec spec;
  spec.kind = "noop";
  spec.run_at = noon + 1us;
  CHECK(fixture.insert(spec).state == task_state::scheduled);
  spec.run_at = noon;
  CHECK(fixture.insert(spec).state == task_state::queued);
  spec.run_at = noon - 1h;
  const auto late = fixture.insert(spec);
  CHECK(late.state == task_state::queued);
  CHECK(late.run_at == noon);
  CHECK(fixture.get(late.id).spec.run_at == noon - 1h);
}

TEST_CASE("arguments of any length come back as they were", "[store]") {
  FOR_EVERY_STORE(fixture);
  for (const size_t size : {0, 2, 1000, 1024, 1025, 5000, 100'000, 1'000'000}) {
    task_spec spec;
    spec.kind = "echo";
    spec.args_json = std::string(size, 'x');
    const auto id = fixture.insert(spec).id;
    CHECK(fixture.get(id).spec.args_json == spec.args_json);
    const auto claimed = fixture.claim({workers(1), 0, {}});
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].args_json == spec.args_json);
  }
}

TEST_CASE("an attempt tells its worker all that it needs", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "mail";
  spec.args_json = "[1]";
  spec.queue = "slow";
  spec.timeout = 7s;
  spec.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto id = fixture.insert(spec).id;
  const auto claimed = fixture.claim({workers(2), 5, {}}, noon + 1s);
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].ref.id == id);
  CHECK(claimed[0].ref.attempt == 1);
  CHECK(claimed[0].kind == "mail");
  CHECK(claimed[0].args_json == "[1]");
  CHECK(claimed[0].queue == "slow");
  CHECK(claimed[0].timeout == 7s);
  CHECK(claimed[0].traceparent == spec.traceparent);
  CHECK(claimed[0].started_at == noon + 1s);

  const auto running = fixture.get(id);
  CHECK(running.state == task_state::running);
  CHECK(running.attempt == 1);
  CHECK(running.worker == "worker-1");
  CHECK(running.started_at == noon + 1s);
  REQUIRE(running.attempts.size() == 1);
  CHECK(running.attempts[0].outcome == "running");
  CHECK(!running.attempts[0].finished_at);
}

TEST_CASE("a report replaces what was assumed about its attempt", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto ref = fixture.claim_one();

  SECTION("success keeps the result") {
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded, noon + 10s));
    const auto done = fixture.get(id);
    CHECK(done.state == task_state::succeeded);
    CHECK(done.result_json == R"({"answer": 42})");
    CHECK(!done.error);
    CHECK(done.worker == "worker-9");
    CHECK(done.started_at == noon + 8s);
    CHECK(done.finished_at == noon + 10s);
    REQUIRE(done.attempts.size() == 1);
    CHECK(done.attempts[0].outcome == "succeeded");
    CHECK(done.attempts[0].worker == "worker-9");
    CHECK(done.attempts[0].started_at == noon + 8s);
    CHECK(done.attempts[0].finished_at == noon + 10s);
  }
  SECTION("failure keeps the error") {
    REQUIRE(fixture.finish(ref, attempt_outcome::failed_for_good, noon + 10s));
    const auto done = fixture.get(id);
    CHECK(done.state == task_state::failed);
    CHECK(!done.result_json);
    REQUIRE(done.error);
    CHECK(done.error->type == "exception");
    CHECK(done.error->message == "no such file");
    CHECK(done.error->attempt == 1);
    REQUIRE(done.attempts.size() == 1);
    CHECK(done.attempts[0].outcome == "failed");
    CHECK(done.attempts[0].error->message == "no such file");
  }
}

TEST_CASE("a report of an attempt that is not the running one changes nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  const auto first_try = fixture.claim_one();
  REQUIRE(fixture.lose(first_try));
  const auto second_try = fixture.claim_one();
  REQUIRE(second_try.attempt == 2);
  const auto before = describe(fixture.get(id));

  CHECK(!fixture.finish(first_try, attempt_outcome::succeeded));
  CHECK(!fixture.lose(first_try));
  CHECK(!fixture.release(first_try));
  CHECK(!fixture.finish({id, 3}, attempt_outcome::succeeded));
  const auto forged = task_id::from_parts(id.sequence(), id.tail() ^ 1);
  CHECK(!fixture.finish({forged, 2}, attempt_outcome::succeeded));
  CHECK(!fixture.lose({forged, 2}));
  CHECK(!fixture.release({forged, 2}));
  CHECK(describe(fixture.get(id)) == before);
  CHECK(fixture.finish(second_try, attempt_outcome::succeeded));
}

TEST_CASE("a lost attempt is kept, counts as a crash, and the third one fails the task",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  for (int crash = 1; crash < default_max_crashes; ++crash) {
    const auto ref = fixture.claim_one("worker-" + std::to_string(crash), noon + crash * 1min);
    CHECK(ref.attempt == crash);
    const auto fact = fixture.lose(ref, noon + crash * 1min + 1s);
    REQUIRE(fact);
    CHECK(fact->state == task_state::queued);
    const auto lost = fixture.get(id);
    CHECK(lost.crashes == crash);
    CHECK(lost.attempt == crash);
    CHECK(!lost.finished_at);
    CHECK(!lost.error);
    REQUIRE(lost.attempts.size() == static_cast<size_t>(crash));
    const auto& record = lost.attempts.back();
    CHECK(record.number == crash);
    CHECK(record.outcome == "lost");
    CHECK(record.worker == "worker-" + std::to_string(crash));
    CHECK(record.started_at == noon + crash * 1min);
    CHECK(record.finished_at == noon + crash * 1min + 1s);
    REQUIRE(record.error);
    CHECK(record.error->type == "worker_lost");
  }
  const auto fact = fixture.lose(fixture.claim_one(), noon + 1h);
  REQUIRE(fact);
  CHECK(fact->state == task_state::failed);
  const auto failed = fixture.get(id);
  CHECK(failed.state == task_state::failed);
  CHECK(failed.crashes == default_max_crashes);
  CHECK(failed.finished_at == noon + 1h);
  REQUIRE(failed.error);
  CHECK(failed.error->type == "worker_lost");
  CHECK(failed.error->attempt == default_max_crashes);
  REQUIRE(failed.attempts.size() == static_cast<size_t>(default_max_crashes));
  CHECK(failed.attempts.back().outcome == "lost");
}

TEST_CASE("a released attempt never was", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;

  SECTION("the first") {
    const auto before = describe(fixture.get(id));
    REQUIRE(fixture.release(fixture.claim_one()));
    CHECK(describe(fixture.get(id)) == before);
    CHECK(fixture.claim_one().attempt == 1);
  }
  SECTION("one after a lost one") {
    REQUIRE(fixture.lose(fixture.claim_one("worker-1", noon + 1s), noon + 2s));
    const auto before = describe(fixture.get(id));
    const auto fact = fixture.release(fixture.claim_one("worker-2", noon + 3s));
    REQUIRE(fact);
    CHECK(fact->attempt == 1);
    CHECK(describe(fixture.get(id)) == before);
    CHECK(fixture.claim_one().attempt == 2);
  }
}

TEST_CASE("due tasks are queued, the longest overdue first, so many at a time", "[store]") {
  FOR_EVERY_STORE(fixture);
  std::vector<task_id> ids;
  for (const auto delay : {30s, 10s, 20s, 40s}) {
    task_spec spec;
    spec.kind = "noop";
    spec.delay = delay;
    ids.push_back(fixture.insert(spec).id);
  }
  CHECK(fixture.db().next_due() == noon + 10s);
  CHECK(fixture.promote_due(noon + 10s - 1us).empty());
  CHECK(fixture.promote_due(noon + 30s, 0).empty());

  const auto facts = fixture.promote_due(noon + 30s, 2);
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].id == ids[1]);
  CHECK(facts[1].id == ids[2]);
  CHECK(facts[0].state == task_state::queued);
  CHECK(facts[0].kind == "noop");
  CHECK(facts[0].queue == "default");
  CHECK(fixture.db().next_due() == noon + 30s);
  REQUIRE(fixture.promote_due(noon + 30s).size() == 1);
  CHECK(fixture.db().next_due() == noon + 40s);
  REQUIRE(fixture.promote_due(noon + 1h).size() == 1);
  CHECK(!fixture.db().next_due());

  // Once queued, age counts and not what was due first.
  CHECK(fixture.claim_one().id == ids[0]);
}

TEST_CASE("an id that was never issued is not found", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  for (const auto& other : {task_id::from_parts(id.sequence(), id.tail() ^ 1),
                            task_id::from_parts(id.sequence() + 1, id.tail()), task_id()}) {
    const auto found = fixture.reader().get(other);
    REQUIRE(!found.ok());
    CHECK(found.why().code() == ec::not_found);
    CHECK(found.why().message().find(other.to_string()) != std::string::npos);
  }
}

TEST_CASE("a reader sees what is committed and nothing else", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto before = fixture.insert();
  if (!fixture.place().is_durable())
    return; // In memory, readers and an open transaction wait for each other.
  store_fixture::require_ok(fixture.db().begin());
  const auto added = fixture.db().insert(before.spec, noon);
  REQUIRE(added);
  const auto id = (*added)->task.id;
  CHECK(fixture.list().size() == 1);
  CHECK(!fixture.reader().get(id).ok());
  store_fixture::require_ok(fixture.db().commit());
  CHECK(fixture.list().size() == 2);
  CHECK(fixture.reader().get(id).ok());
  store_fixture::require_ok(fixture.reader().ping());
}

TEST_CASE("a reader outlives its writer", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert().id;
  auto reader = fixture.db().open_reader();
  REQUIRE(reader.ok());
  fixture.reopen();
  CHECK((*reader)->ping().ok());
  CHECK((*reader)->get(id).ok());
}

} // namespace errand::test
