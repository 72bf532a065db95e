// What clients order: cancel, retry, delete; and who wins when a worker reports at the same time.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

} // namespace

TEST_CASE("a cancelled task that was running goes on until its attempt ends", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(noop()).id;
  const auto ref = fixture.claim_one();
  const auto told = fixture.order(id, task_order::cancel);
  REQUIRE(told);
  CHECK(told->state == task_state::running);
  CHECK(told->cancel_requested);
  CHECK(told->attempt == 1);
  CHECK(!told->finished_at);
  CHECK(fixture.order(id, task_order::cancel)); // once more does no harm

  std::optional<task_fact> fact;
  auto expected = task_state::cancelled;
  std::string outcome = "cancelled";
  size_t attempts = 1;
  SECTION("by success, which wins") {
    fact = fixture.finish(ref, attempt_outcome::succeeded, noon + 1s);
    expected = task_state::succeeded;
    outcome = "succeeded";
  }
  SECTION("by failure") {
    fact = fixture.finish(ref, attempt_outcome::failed, noon + 1s);
  }
  SECTION("by failure for good") {
    fact = fixture.finish(ref, attempt_outcome::failed_for_good, noon + 1s);
  }
  SECTION("by postponing") {
    fact = fixture.finish(ref, attempt_outcome::postponed, noon + 1s);
  }
  SECTION("by its handler's wish to cancel it, which comes second") {
    fact = fixture.finish(ref, attempt_outcome::cancelled, noon + 1s);
  }
  SECTION("by a lost worker") {
    fact = fixture.lose(ref, noon + 1s);
    outcome = "lost";
  }
  SECTION("by release") {
    fact = fixture.release(ref, noon + 1s);
    attempts = 0;
  }
  SECTION("by a restart") {
    if (!fixture.place().is_durable())
      return;
    fixture.reopen_after_crash();
    const auto facts = fixture.recover(noon + 1s);
    REQUIRE(facts.size() == 1);
    fact = facts[0];
    outcome = "lost";
  }
  REQUIRE(fact);
  CHECK(fact->state == expected);
  CHECK(!fact->run_at);
  const auto done = fixture.get(id);
  CHECK(done.state == expected);
  CHECK(done.cancel_requested);
  CHECK((done.cancel_reason == cancel_reason::requested) == (expected == task_state::cancelled));
  CHECK(done.finished_at == noon + 1s);
  REQUIRE(done.attempts.size() == attempts);
  if (attempts > 0)
    CHECK(done.attempts[0].outcome == outcome);
  CHECK(!fixture.db().next_due());
  fixture.check_counters();
}

TEST_CASE("a handler cancels its task: no failure, nothing follows, and it says why", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.max_attempts = 2;
  spec.unique = unique_rule{"k"};
  const auto id = fixture.insert(spec).id;
  const auto strict = fixture.insert(noop({id})).id;
  const auto lenient = fixture.insert(noop({id}, dependency_policy::run)).id;
  auto report = report_of(fixture.claim_one(), attempt_outcome::cancelled, noon + 5s);
  report.error_type = cancelled_error;
  report.error_message = "the customer is gone";
  const auto fact = fixture.committed([&] { return fixture.db().finish(report); });
  REQUIRE(fact);
  CHECK(fact->state == task_state::cancelled);
  CHECK(!fact->run_at);

  const auto done = fixture.get(id);
  CHECK(done.state == task_state::cancelled);
  CHECK(done.cancel_reason == cancel_reason::handler);
  CHECK(!done.cancel_requested);
  CHECK(done.failures == 0);
  CHECK(!done.result_json);
  CHECK(done.started_at == noon + 3s);
  CHECK(done.finished_at == noon + 5s);
  REQUIRE(done.error);
  CHECK(done.error->type == "cancelled");
  CHECK(done.error->message == "the customer is gone");
  REQUIRE(done.attempts.size() == 1);
  CHECK(done.attempts[0].outcome == "cancelled");
  CHECK(done.attempts[0].worker == "worker-9");
  REQUIRE(done.attempts[0].error);
  CHECK(done.attempts[0].error->message == "the customer is gone");
  CHECK(fixture.get(strict).cancel_reason == cancel_reason::dependency);
  CHECK(fixture.get(lenient).state == task_state::queued);
  CHECK(!fixture.db().next_due());
  CHECK(!fixture.finish(report.ref, attempt_outcome::succeeded));
  CHECK(fixture.insert(spec).id != id); // its key is free

  fixture.check_counters();
}

TEST_CASE("a task that its handler cancelled begins anew when it is retried", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(noop()).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::cancelled));
  const auto again = fixture.order(id, task_order::retry, noon + 1h);
  REQUIRE(again);
  CHECK(again->state == task_state::queued);
  CHECK(!again->cancel_reason);
  CHECK(!again->error);
  REQUIRE(fixture.get(id).attempts.size() == 1);
  CHECK(fixture.get(id).attempts[0].outcome == "cancelled");
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(fixture.get(id).state == task_state::succeeded);
  fixture.check_counters();
}

TEST_CASE("a worker's report after the cancel of a task that was not running changes nothing",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(noop()).id;
  const auto ref = fixture.claim_one();
  REQUIRE(fixture.lose(ref)); // its worker seemed to be gone
  REQUIRE(fixture.order(id, task_order::cancel, noon + 5s));
  CHECK(!fixture.finish(ref, attempt_outcome::succeeded));
  const auto done = fixture.get(id);
  CHECK(done.state == task_state::cancelled);
  CHECK(done.finished_at == noon + 5s);
  REQUIRE(done.attempts.size() == 1);
  CHECK(done.attempts[0].outcome == "lost");
}

TEST_CASE("a task that is retried begins anew and keeps its history", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.max_attempts = 2;
  spec.retry.min_backoff = 0s;
  const auto id = fixture.insert(spec).id;
  const auto old = fixture.claim_one();
  REQUIRE(fixture.finish(old, attempt_outcome::failed));
  REQUIRE(fixture.promote_due(noon).size() == 1);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed, noon + 1s));
  REQUIRE(fixture.get(id).state == task_state::failed);

  const auto again = fixture.order(id, task_order::retry, noon + 1h);
  REQUIRE(again);
  CHECK(again->state == task_state::queued);
  CHECK(again->run_at == noon + 1h);
  CHECK(again->failures == 0);
  CHECK(!again->error);
  CHECK(!again->finished_at);
  const auto queued = fixture.get(id);
  REQUIRE(queued.attempts.size() == 2);
  CHECK(queued.attempts[1].outcome == "failed");
  CHECK(queued.attempts[1].finished_at == noon + 1s);
  CHECK(queued.attempts[1].error->message == "no such file");

  // Attempts go on counting, so that an old worker's report can never be taken for a new one's.
  CHECK(!fixture.finish(old, attempt_outcome::succeeded));
  const auto third = fixture.claim_one();
  CHECK(third.attempt == 3);
  REQUIRE(fixture.finish(third, attempt_outcome::failed));
  CHECK(fixture.get(id).state == task_state::retrying);
}

TEST_CASE("a retried task forgets its result, its crashes and the wish to cancel it", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(noop()).id;
  REQUIRE(fixture.lose(fixture.claim_one()));
  SECTION("after success") {
    const auto ref = fixture.claim_one();
    REQUIRE(fixture.order(id, task_order::cancel));
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  }
  SECTION("after a cancel") {
    REQUIRE(fixture.order(id, task_order::cancel));
  }
  REQUIRE(fixture.order(id, task_order::retry));
  const auto again = fixture.get(id);
  CHECK(again.crashes == 0);
  CHECK(!again.cancel_requested);
  CHECK(!again.cancel_reason);
  CHECK(!again.result_json);
  CHECK(again.attempts.size() == static_cast<size_t>(again.attempt));
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
}

TEST_CASE("a deleted task leaves nothing behind, and its id is not given again", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = noop();
  spec.args_json = std::string(5000, '1');
  spec.tags = {{"order", "1"}, {"tenant", "acme"}};
  const auto kept = fixture.insert(spec);
  const auto gone = fixture.insert(spec);
  auto ref = fixture.claim_one();
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  ref = fixture.claim_one();
  REQUIRE(ref.id == gone.id);
  CHECK(!fixture.order(gone.id, task_order::remove)); // running
  REQUIRE(fixture.lose(ref));
  const auto was = fixture.order(gone.id, task_order::remove);
  REQUIRE(was);
  CHECK(was->state == task_state::queued);
  const auto told = fixture.consequences();
  REQUIRE(told.size() == 1); // who waits for its end need not wait any longer
  CHECK(told[0].id == gone.id);
  CHECK(told[0].state == task_state::cancelled);

  CHECK(!fixture.reader().get(gone.id).ok());
  for (const auto what : {task_order::cancel, task_order::retry, task_order::remove})
    CHECK(!fixture.order(gone.id, what));
  list_request tagged;
  tagged.filter.tags = {{"tenant", "acme"}};
  REQUIRE(fixture.list(tagged).size() == 1);
  CHECK(fixture.list(tagged)[0].id == kept.id);
  fixture.check_counters();
  CHECK(fixture.claim({workers(1), 0, {}}).empty());

  if (!fixture.place().is_durable())
    return;
  fixture.reopen();
  // The clock was put back, so only what the store remembers keeps the ids apart.
  CHECK(fixture.insert(noop(), noon - 24h).id.sequence() > gone.id.sequence());
}

} // namespace errand::test
