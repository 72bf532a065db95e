// Tasks that expire: what has not started by then never does.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

task_spec expiring(duration in = 10s) {
  task_spec spec;
  spec.kind = "noop";
  spec.expires_in = in;
  return spec;
}

std::vector<task_fact> expire(store_fixture& fixture, timestamp now, size_t max = 100) {
  return fixture.committed([&] { return fixture.db().expire(now, max); });
}

} // namespace

TEST_CASE("a task that has not started by its time is cancelled, from any state", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = expiring();
  spec.retry.min_backoff = spec.retry.max_backoff = 1h;
  auto from = task_state::queued;
  SECTION("queued") {}
  SECTION("scheduled") {
    spec.run_at = noon + 1h;
    from = task_state::scheduled;
  }
  SECTION("retrying") {
    from = task_state::retrying;
  }
  SECTION("waiting") {
    spec.after = {fixture.insert("elsewhere", 0, noon).id};
    from = task_state::waiting;
  }
  const auto id = fixture.insert(spec).id;
  if (from == task_state::retrying)
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
  CHECK(fixture.get(id).state == from);
  CHECK(fixture.get(id).spec.expires_at == noon + 10s);
  CHECK(fixture.db().next_due() == noon + 10s);
  CHECK(expire(fixture, noon + 10s - 1us).empty());
  const auto facts = expire(fixture, noon + 10s);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].id == id);
  CHECK(facts[0].state == task_state::cancelled);
  const auto row = fixture.get(id);
  CHECK(row.state == task_state::cancelled);
  CHECK(row.cancel_reason == cancel_reason::expired);
  CHECK(row.finished_at == noon + 10s);
  CHECK_FALSE(row.cancel_requested);
  CHECK_FALSE(fixture.db().next_due());
  fixture.check_counters();
}

TEST_CASE("what has expired is not claimed, and what stands behind it is", "[store]") {
  FOR_EVERY_STORE(fixture);
  fixture.insert(expiring());
  const auto behind = fixture.insert();
  const auto claimed = fixture.claim({workers(2), 0, {}}, noon + 10s);
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].ref.id == behind.id);
}

TEST_CASE("an attempt that has begun does not expire, but what follows it does", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(expiring()).id;
  const auto ref = fixture.claim_one();
  CHECK(expire(fixture, noon + 1h).empty());
  CHECK_FALSE(fixture.db().next_due());
  SECTION("not after success") {
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded, noon + 1h));
    CHECK(expire(fixture, noon + 2h).empty());
    return;
  }
  std::optional<task_fact> fact;
  SECTION("after a failure") {
    fact = fixture.finish(ref, attempt_outcome::failed, noon + 1h);
  }
  SECTION("after a crash") {
    fact = fixture.lose(ref, noon + 1h);
  }
  SECTION("after it was given back") {
    fact = fixture.release(ref, noon + 1h);
  }
  REQUIRE(fact);
  CHECK(fact->expires_at == noon + 10s); // so that the scheduler hears of it
  CHECK(fixture.claim({workers(1), 0, {}}, noon + 1h).empty());
  CHECK(expire(fixture, noon + 1h).size() == 1);
  CHECK(fixture.get(id).cancel_reason == cancel_reason::expired);
}

TEST_CASE("a task that has expired runs once more without its expiry", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(expiring()).id;
  REQUIRE(expire(fixture, noon + 10s).size() == 1);
  REQUIRE(fixture.order(id, task_order::retry, noon + 20s));
  CHECK_FALSE(fixture.get(id).spec.expires_at);
  CHECK(expire(fixture, noon + 1h).empty());
  CHECK(fixture.claim({workers(1), 0, {}}, noon + 1h).size() == 1);
}

TEST_CASE("a retry keeps an expiry that lies ahead", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto id = fixture.insert(expiring()).id;
  REQUIRE(fixture.order(id, task_order::cancel));
  REQUIRE(fixture.order(id, task_order::retry));
  CHECK(fixture.db().next_due() == noon + 10s);
  CHECK(expire(fixture, noon + 10s).size() == 1);
}

TEST_CASE("expiry goes in steps, the longest overdue first", "[store]") {
  FOR_EVERY_STORE(fixture);
  for (const auto in : {30s, 10s, 20s})
    fixture.insert(expiring(in));
  const auto first = expire(fixture, noon + 1h, 2);
  REQUIRE(first.size() == 2);
  CHECK(fixture.get(first[0].id).spec.expires_at == noon + 10s);
  CHECK(fixture.get(first[1].id).spec.expires_at == noon + 20s);
  CHECK(fixture.db().next_due() == noon + 30s);
  CHECK(expire(fixture, noon + 1h, 2).size() == 1);
}

} // namespace errand::test
