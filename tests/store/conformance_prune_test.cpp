// Deleting what ended long ago: which tasks go, that nothing of them stays, and that every one is
// found however the walk is cut into steps.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <random>
#include <set>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

prune_request ended(task_state state, timestamp before) {
  prune_request request;
  request.state = state;
  request.ended_before = before;
  return request;
}

/// A whole walk, in as many transactions as it takes.
size_t prune(store_fixture& fixture, prune_request request) {
  size_t pruned = 0;
  for (;;) {
    const auto result = fixture.committed([&] { return fixture.db().prune(request); });
    pruned += result.pruned;
    if (!result.next)
      return pruned;
    REQUIRE(*result.next > request.after);
    request.after = *result.next;
  }
}

task_id ended_task(store_fixture& fixture, attempt_outcome outcome, timestamp begun,
                   timestamp finished) {
  const auto id = fixture.insert("default", 0, begun).id;
  REQUIRE(fixture.finish(fixture.claim_one("worker-1", begun), outcome, finished));
  return id;
}

} // namespace

TEST_CASE("tasks are pruned by the state they ended in and the time they ended at", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto old = ended_task(fixture, attempt_outcome::succeeded, noon, noon + 1s);
  const auto slow = ended_task(fixture, attempt_outcome::succeeded, noon, noon + 1h);
  const auto failed = ended_task(fixture, attempt_outcome::failed_for_good, noon, noon + 1s);
  const auto cancelled = fixture.insert("default", 0, noon).id;
  REQUIRE(fixture.order(cancelled, task_order::cancel, noon + 1s));
  const auto queued = fixture.insert("default", 0, noon).id;

  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1s)) == 0); // exclusive
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 2s)) == 1);
  CHECK(!fixture.reader().get(old).ok());
  for (const auto& id : {slow, failed, cancelled, queued})
    CHECK(fixture.reader().get(id).ok());
  CHECK(prune(fixture, ended(task_state::failed, noon + 24h)) == 1);
  CHECK(!fixture.reader().get(failed).ok());
  CHECK(prune(fixture, ended(task_state::cancelled, noon + 24h)) == 1);
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 24h)) == 1);
  REQUIRE(fixture.list().size() == 1);
  CHECK(fixture.list()[0].id == queued);
  fixture.check_counters();
}

TEST_CASE("a pruned task leaves nothing behind, and its id is not given again", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "noop";
  spec.args_json = std::string(5000, '1');
  spec.tags = {{"order", "1"}, {"tenant", "acme"}};
  spec.retry.min_backoff = 0s;
  const auto id = fixture.insert(spec).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
  fixture.promote_due(noon);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  REQUIRE(fixture.get(id).attempts.size() == 2);
  REQUIRE(prune(fixture, ended(task_state::succeeded, noon + 1s)) == 1);

  CHECK(!fixture.reader().get(id).ok());
  for (const auto what : {task_order::cancel, task_order::retry, task_order::remove})
    CHECK(!fixture.order(id, what));
  list_request tagged;
  tagged.filter.tags = {{"tenant", "acme"}};
  CHECK(fixture.list(tagged).empty());
  CHECK(fixture.counts().empty());
  if (!fixture.place().is_durable())
    return;
  fixture.reopen();
  // The clock was put back, so only what the store remembers keeps the ids apart.
  CHECK(fixture.insert(spec, noon - 24h).id.sequence() > id.sequence());
}

TEST_CASE("a retried task is kept, and kept anew when it ends again", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = ended_task(fixture, attempt_outcome::succeeded, noon, noon);
  REQUIRE(fixture.order(id, task_order::retry, noon + 1h));
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) == 0);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded, noon + 2h));
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 2h)) == 0);
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 3h)) == 1);
}

TEST_CASE("every task whose time is over is pruned, however small the steps", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t end) { return random() % end; };
  auto now = noon;
  for (int i = 0; i < 150; ++i) {
    now += std::chrono::seconds(below(20));
    fixture.insert("queue-" + std::to_string(below(3)), 0, now);
    if (below(3) == 0)
      continue;
    const auto ref = fixture.claim_one("worker-1", now);
    fixture.finish(ref,
                   below(4) == 0 ? attempt_outcome::failed_for_good : attempt_outcome::succeeded,
                   now + std::chrono::seconds(below(600)));
  }
  const auto before = now - 300s;
  std::set<task_id> expected;
  for (const auto& t : fixture.list())
    if (t.state != task_state::succeeded || *t.finished_at >= before)
      expected.insert(t.id);

  auto request = ended(task_state::succeeded, before);
  request.max = 1 + below(10);
  CHECK(prune(fixture, request) == 150 - expected.size());
  std::set<task_id> left;
  for (const auto& t : fixture.list())
    left.insert(t.id);
  CHECK(left == expected);
  fixture.check_counters();
}

TEST_CASE("a step that is not committed has pruned nothing", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  const auto id = ended_task(fixture, attempt_outcome::succeeded, noon, noon);
  fixture.require_ok(fixture.db().begin());
  CHECK(fixture.db().prune(ended(task_state::succeeded, noon + 1s)).pruned == 1);
  fixture.reopen_after_crash();
  CHECK(fixture.get(id).state == task_state::succeeded);
  fixture.check_counters();
}

TEST_CASE("space is given back down to what new tasks will need", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto shrink = [&] { return fixture.committed([&] { return fixture.db().shrink(); }); };
  CHECK(!shrink());
  task_spec spec;
  spec.kind = "noop";
  spec.args_json = std::string(1 << 20, '1');
  for (int i = 0; i < 20; ++i) {
    fixture.insert(spec);
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  }
  CHECK(!shrink()); // nothing is free
  REQUIRE(prune(fixture, ended(task_state::succeeded, noon + 1s)) == 20);
  int steps = 0;
  while (shrink())
    REQUIRE(++steps < 10'000);
  CHECK(steps > 10);
  CHECK(!shrink());
  fixture.insert(spec);
  CHECK(fixture.list().size() == 1);
}

TEST_CASE("what a task that has not ended comes after is not pruned", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto upstream = ended_task(fixture, attempt_outcome::succeeded, noon, noon + 1s);
  const auto other = fixture.insert("default", 0, noon).id;
  task_spec spec;
  spec.kind = "noop";
  spec.after = {upstream, other};
  const auto waiting = fixture.insert(spec).id;
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) == 0);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded, noon + 2s));
  const auto last = fixture.claim_one();
  REQUIRE(last.id == waiting);
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) == 0); // its handler may look
  CHECK(fixture.reader().upstream_results(waiting)->size() == 2);
  REQUIRE(fixture.finish(last, attempt_outcome::succeeded, noon + 3s));
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) == 3);
  CHECK(fixture.list().empty());
}

TEST_CASE("a task is not pruned before its callback was taken, or given up", "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "noop";
  spec.callback_url = "https://example.org/done";
  const auto id = fixture.insert(spec).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) == 0);
  const auto outcome = GENERATE(attempt_outcome::succeeded, attempt_outcome::failed_for_good);
  REQUIRE(fixture.finish(fixture.claim_one(), outcome));
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) > 0);
  for (const auto& left : fixture.list())
    CHECK(left.id != id);
}

TEST_CASE("a task that holds its key for a window is not pruned before the window is over",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  task_spec spec;
  spec.kind = "noop";
  spec.unique = unique_rule{"k", unique_until::window, 1h, unique_conflict::keep};
  fixture.insert(spec);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h - 1us)) == 0);
  CHECK(prune(fixture, ended(task_state::succeeded, noon + 1h)) == 1);
}

} // namespace errand::test
