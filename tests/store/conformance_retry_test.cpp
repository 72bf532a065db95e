// Attempts that fail, are postponed, or are lost, and what follows them.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

task_spec spec_with(int max_attempts, const retry_policy& retry) {
  task_spec spec;
  spec.kind = "noop";
  spec.max_attempts = max_attempts;
  spec.retry = retry;
  return spec;
}

} // namespace

TEST_CASE("a failed attempt is kept, and its task runs again after the backoff", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(spec_with(3, {10s, 1h, 3, 0})).id;
  auto now = noon;
  for (int failure = 1; failure < 3; ++failure) {
    const auto wait = failure == 1 ? 10s : 30s;
    const auto fact =
        fixture.finish(fixture.claim_one("worker-1", now), attempt_outcome::failed, now + 2s);
    REQUIRE(fact);
    CHECK(fact->state == task_state::retrying);
    CHECK(fact->run_at == now + 2s + wait);
    CHECK(fixture.db().next_due() == now + 2s + wait);

    const auto retrying = fixture.get(id);
    CHECK(retrying.failures == failure);
    CHECK(retrying.attempt == failure);
    CHECK(retrying.run_at == now + 2s + wait);
    CHECK(!retrying.finished_at);
    REQUIRE(retrying.error);
    CHECK(retrying.error->message == "no such file");
    CHECK(retrying.error->attempt == failure);
    REQUIRE(retrying.attempts.size() == static_cast<size_t>(failure));
    const auto& kept = retrying.attempts.back();
    CHECK(kept.number == failure);
    CHECK(kept.outcome == "failed");
    CHECK(kept.worker == "worker-9");
    CHECK(kept.started_at == now);
    CHECK(kept.finished_at == now + 2s);
    CHECK(kept.next_run_at == now + 2s + wait);
    REQUIRE(kept.error);
    CHECK(kept.error->message == "no such file");

    now += 2s + wait;
    CHECK(fixture.promote_due(now - 1us).empty());
    REQUIRE(fixture.promote_due(now).size() == 1);
  }
  const auto fact =
      fixture.finish(fixture.claim_one("worker-1", now), attempt_outcome::failed, now + 2s);
  REQUIRE(fact);
  CHECK(fact->state == task_state::failed);
  CHECK(!fact->run_at);
  const auto failed = fixture.get(id);
  CHECK(failed.failures == 3);
  CHECK(failed.finished_at == now + 2s);
  REQUIRE(failed.attempts.size() == 3);
  CHECK(failed.attempts.back().outcome == "failed");
  CHECK(!failed.attempts.back().next_run_at);
  CHECK(!fixture.db().next_due());
}

TEST_CASE("a task that succeeds in the end keeps the attempts that failed", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(spec_with(2, {0s, 1h, 2, 0})).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
  REQUIRE(fixture.promote_due(noon).size() == 1);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  const auto done = fixture.get(id);
  CHECK(done.state == task_state::succeeded);
  REQUIRE(done.attempts.size() == 2);
  CHECK(done.attempts[0].outcome == "failed");
  CHECK(done.attempts[1].outcome == "succeeded");
  CHECK(!done.attempts[1].error);
}

TEST_CASE("a failure for good ends the task, whatever its attempts", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(spec_with(1000, {})).id;
  const auto fact = fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good);
  REQUIRE(fact);
  CHECK(fact->state == task_state::failed);
  CHECK(fixture.get(id).failures == 1);
}

TEST_CASE("a postponed attempt is no failure, and the newest 1,000 are kept", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(spec_with(1, {})).id;
  constexpr int often = 1100;
  auto now = noon;
  fixture.repeat(often, [&](int i) {
    auto report = report_of(fixture.claim_one("worker-1", now), attempt_outcome::postponed, now);
    report.postponed_by = 7s;
    if (i % 2 == 0)
      report.error_type.clear();
    const auto fact = fixture.committed([&] { return fixture.db().finish(report); });
    REQUIRE(fact);
    CHECK(fact->state == task_state::retrying);
    CHECK(fact->run_at == now + 7s);
    now += 7s;
    REQUIRE(fixture.promote_due(now).size() == 1);
  });
  const auto waiting = fixture.get(id);
  CHECK(waiting.state == task_state::queued);
  CHECK(waiting.attempt == often);
  CHECK(waiting.failures == 0);
  CHECK(!waiting.error);
  REQUIRE(waiting.attempts.size() == 1000);
  CHECK(waiting.attempts.front().number == often - 999);
  CHECK(waiting.attempts.back().outcome == "postponed");
  CHECK(waiting.attempts.back().next_run_at == now);
  CHECK(!waiting.attempts.back().error);
  CHECK(waiting.attempts.front().error);

  const auto fact = fixture.finish(fixture.claim_one(), attempt_outcome::failed);
  REQUIRE(fact);
  CHECK(fact->state == task_state::failed);
  const auto failed = fixture.get(id); // the last attempt is among the 1,000, wherever it is kept
  REQUIRE(failed.attempts.size() == 1000);
  CHECK(failed.attempts.front().number == often - 998);
  CHECK(failed.attempts.back().number == often + 1);
}

TEST_CASE("of a task that is retried again and again the newest 1,000 attempts are kept",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(spec_with(1, {})).id;
  constexpr int often = 1003;
  fixture.repeat(often, [&](int i) {
    const auto ref = fixture.claim_one();
    if (i % 2 == 0) {
      REQUIRE(fixture.lose(ref));
      REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
    } else {
      REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
    }
    REQUIRE(fixture.order(id, task_order::retry));
  });
  const auto all = fixture.get(id);
  CHECK(all.attempt > often);
  REQUIRE(all.attempts.size() == 1000);
  CHECK(all.attempts.front().number == all.attempt - 999);
  CHECK(all.attempts.back().number == all.attempt);
}

TEST_CASE("crashes and failures are counted apart", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = spec_with(2, {0s, 1h, 2, 0});
  spec.max_crashes = 2;
  const auto id = fixture.insert(spec).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
  REQUIRE(fixture.promote_due(noon).size() == 1);
  const auto lost = fixture.lose(fixture.claim_one());
  REQUIRE(lost);
  CHECK(lost->state == task_state::queued);
  CHECK(fixture.get(id).failures == 1);
  CHECK(fixture.get(id).crashes == 1);

  SECTION("the second failure ends the task") {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
    CHECK(fixture.get(id).error->type == "exception");
  }
  SECTION("the second crash ends the task") {
    REQUIRE(fixture.lose(fixture.claim_one()));
    CHECK(fixture.get(id).error->type == "worker_lost");
  }
  const auto failed = fixture.get(id);
  CHECK(failed.state == task_state::failed);
  CHECK(failed.attempt == 3);
  CHECK(failed.attempts.size() == 3);
}

TEST_CASE("jitter spreads the tasks that fail at the same moment", "[store]") {
  FOR_EVERY_STORE(fixture);
  timestamp earliest = timestamp::max(), latest = timestamp::min();
  for (int i = 0; i < 50; ++i) {
    fixture.insert(spec_with(2, {100s, 100s, 2, 0.5}));
    const auto fact = fixture.finish(fixture.claim_one(), attempt_outcome::failed);
    REQUIRE(fact);
    CHECK(*fact->run_at >= noon + 50s);
    CHECK(*fact->run_at <= noon + 150s);
    earliest = std::min(earliest, *fact->run_at);
    latest = std::max(latest, *fact->run_at);
  }
  CHECK(latest - earliest > 20s);
}

TEST_CASE("a task that waits for its next attempt does so across a restart", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  const auto id = fixture.insert(spec_with(2, {10s, 1h, 3, 0})).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
  const auto before = describe(fixture.get(id));
  fixture.reopen_after_crash();
  CHECK(fixture.recover().empty());
  CHECK(describe(fixture.get(id)) == before);
  CHECK(fixture.db().next_due() == noon + 10s);
}

} // namespace errand::test
