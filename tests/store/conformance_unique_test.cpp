// Unique keys: who holds one until when, and what becomes of another that wants it.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

task_spec unique(unique_until until = unique_until::final,
                 unique_conflict on_conflict = unique_conflict::keep) {
  task_spec spec;
  spec.kind = "noop";
  spec.unique = unique_rule{"k", until, until == unique_until::window ? 60s : 0s, on_conflict};
  return spec;
}

/// What becomes of the spec, in a transaction of its own.
status_or<insertion> offer(store_fixture& fixture, const task_spec& spec, timestamp now = noon) {
  auto result = fixture.committed([&] { return fixture.db().insert(spec, now); });
  REQUIRE(result);
  return std::move(*result);
}

bool is_duplicate(const status_or<insertion>& result, const task_id& of) {
  return result.ok() && result->duplicate && result->task.id == of;
}

} // namespace

TEST_CASE("while a task holds its key, another is not added", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(unique());
  CHECK(fixture.get(first.id).spec.unique == unique().unique);
  CHECK(is_duplicate(offer(fixture, unique()), first.id));
  auto other = unique();
  other.kind = "echo";
  other.queue = "elsewhere"; // Keys are one name space.
  CHECK(is_duplicate(offer(fixture, other), first.id));
  other.unique->key = "K";
  CHECK_FALSE(offer(fixture, other)->duplicate);
  CHECK(fixture.list().size() == 2);
  fixture.check_counters();
}

TEST_CASE("a key that is held until the end is free after it, however the task ends", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = unique();
  spec.max_crashes = 1;
  spec.max_attempts = 2;
  spec.retry.min_backoff = 0s;
  const auto first = fixture.insert(spec);
  const auto still_held = [&] { return is_duplicate(offer(fixture, unique()), first.id); };
  SECTION("by a cancel before it ran") {
    REQUIRE(fixture.order(first.id, task_order::cancel));
  }
  SECTION("by a delete") {
    REQUIRE(fixture.order(first.id, task_order::remove));
  }
  SECTION("by an attempt") {
    auto ref = fixture.claim_one();
    CHECK(still_held());
    SECTION("that succeeds") {
      REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
    }
    SECTION("that fails for good") {
      REQUIRE(fixture.finish(ref, attempt_outcome::failed_for_good));
    }
    SECTION("that is the last to fail") {
      REQUIRE(fixture.finish(ref, attempt_outcome::failed));
      CHECK(still_held());
      REQUIRE(fixture.promote_due(noon + 1s).size() == 1);
      CHECK(still_held());
      REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
    }
    SECTION("that is lost") {
      REQUIRE(fixture.lose(ref));
    }
    SECTION("that is cancelled") {
      REQUIRE(fixture.order(first.id, task_order::cancel));
      CHECK(still_held());
      REQUIRE(fixture.finish(ref, attempt_outcome::failed));
    }
    SECTION("that is cancelled and given back") {
      REQUIRE(fixture.order(first.id, task_order::cancel));
      REQUIRE(fixture.release(ref));
    }
  }
  const auto second = offer(fixture, unique());
  REQUIRE(second.ok());
  CHECK_FALSE(second->duplicate);
}

TEST_CASE("a key is free when its task expires, or what it comes after ends badly", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto spec = unique(GENERATE(unique_until::started, unique_until::final));
  const auto upstream = fixture.insert().id;
  SECTION("by its expiry") {
    spec.expires_in = 1s;
    fixture.insert(spec);
    CHECK(fixture.committed([&] { return fixture.db().expire(noon + 1s, 10); }).size() == 1);
  }
  SECTION("by a task that it comes after") {
    spec.after = {upstream};
    const auto id = fixture.insert(spec).id;
    CHECK(is_duplicate(offer(fixture, unique()), id));
    REQUIRE(fixture.order(upstream, task_order::cancel));
    CHECK(fixture.get(id).cancel_reason == cancel_reason::dependency);
  }
  SECTION("by one that had ended before") {
    REQUIRE(fixture.order(upstream, task_order::cancel));
    spec.after = {upstream};
    CHECK(fixture.insert(spec).state == task_state::cancelled);
  }
  CHECK_FALSE(offer(fixture, unique())->duplicate);
}

TEST_CASE("a task that takes the place of the one it comes after is cancelled with it", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto old = fixture.insert(unique()).id;
  auto spec = unique(unique_until::final, unique_conflict::replace);
  spec.after = {old};
  const auto added = offer(fixture, spec);
  REQUIRE(added.ok());
  CHECK(added->task.state == task_state::cancelled);
  CHECK(added->task.cancel_reason == cancel_reason::dependency);
  CHECK_FALSE(offer(fixture, unique())->duplicate);
}

TEST_CASE("a key that is held until the start is free once the attempt is claimed", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(unique(unique_until::started));
  CHECK(is_duplicate(offer(fixture, unique()), first.id));
  CHECK(fixture.claim({{}, 5, {}}).empty()); // not ahead: it could come back
  auto ref = fixture.claim_one();
  SECTION("and stays so when the attempt is lost or fails") {
    if (GENERATE(true, false)) {
      REQUIRE(fixture.lose(ref));
    } else {
      REQUIRE(fixture.finish(ref, attempt_outcome::failed));
    }
    CHECK_FALSE(offer(fixture, unique())->duplicate);
  }
  SECTION("and held again when the attempt was given back") {
    REQUIRE(fixture.release(ref));
    CHECK(is_duplicate(offer(fixture, unique()), first.id));
    REQUIRE(fixture.claim_one().id == first.id);
    CHECK_FALSE(offer(fixture, unique())->duplicate);
  }
  SECTION("unless another has it by then") {
    const auto second = offer(fixture, unique());
    REQUIRE(fixture.release(ref));
    CHECK(is_duplicate(offer(fixture, unique()), second->task.id));
    CHECK(fixture.claim({workers(2), 0, {}}).size() == 2); // nothing accepted is lost
  }
}

TEST_CASE("a key that is held for a window is free after it, ended or not", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(unique(unique_until::window));
  if (GENERATE(true, false)) {
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  }
  CHECK(is_duplicate(offer(fixture, unique(), noon + 60s - 1us), first.id));
  const auto second = offer(fixture, unique(), noon + 60s);
  REQUIRE(second.ok());
  CHECK_FALSE(second->duplicate);
  CHECK(is_duplicate(offer(fixture, unique(), noon + 60s), second->task.id));
}

TEST_CASE("replace cancels the task that holds the key, unless it is running", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto newer = unique(unique_until::final, unique_conflict::replace);
  auto old_spec =
      unique(GENERATE(unique_until::started, unique_until::final, unique_until::window));
  SECTION("queued") {}
  SECTION("scheduled") {
    old_spec.delay = 5s;
  }
  const auto old = fixture.insert(old_spec);
  const auto added = offer(fixture, newer, noon + 1s);
  REQUIRE(added.ok());
  CHECK_FALSE(added->duplicate);
  const auto replaced = fixture.get(old.id);
  CHECK(replaced.state == task_state::cancelled);
  CHECK(replaced.cancel_reason == cancel_reason::replaced);
  CHECK(replaced.finished_at == noon + 1s);
  REQUIRE(fixture.consequences().size() == 1);
  CHECK(fixture.consequences()[0].id == old.id);
  CHECK(fixture.consequences()[0].state == task_state::cancelled);

  REQUIRE(fixture.claim_one().id == added->task.id);
  const auto refused = offer(fixture, newer);
  CHECK(refused.why().code() == ec::not_unique);
  CHECK(refused.why().message().find(added->task.id.to_string()) != std::string::npos);
  CHECK(fixture.consequences().empty());
  CHECK(fixture.list().size() == 2);
  fixture.check_counters();
}

TEST_CASE("replace takes the key of a task that has ended and holds it for a window", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto old = fixture.insert(unique(unique_until::window));
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  const auto added = offer(fixture, unique(unique_until::final, unique_conflict::replace));
  REQUIRE(added.ok());
  CHECK_FALSE(added->duplicate);
  CHECK(fixture.get(old.id).state == task_state::succeeded);
}

TEST_CASE("reject refuses the spec and names the task that holds the key", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(unique());
  const auto refused = offer(fixture, unique(unique_until::final, unique_conflict::reject));
  CHECK(refused.why().code() == ec::not_unique);
  CHECK(refused.why().message().find(first.id.to_string()) != std::string::npos);
  CHECK(fixture.list().size() == 1);
}

TEST_CASE("a task is run once more only if nobody else holds its key", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto until = GENERATE(unique_until::started, unique_until::final);
  const auto first = fixture.insert(unique(until));
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  const auto second = fixture.insert(unique(until));
  CHECK_FALSE(fixture.order(first.id, task_order::retry));
  CHECK(fixture.get(first.id).state == task_state::succeeded);
  REQUIRE(fixture.order(second.id, task_order::cancel));
  REQUIRE(fixture.order(first.id, task_order::retry));
  CHECK(is_duplicate(offer(fixture, unique()), first.id));
}

TEST_CASE("a task whose window is over is run once more whoever holds its key", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(unique(unique_until::window));
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  auto newer = unique(unique_until::final, unique_conflict::replace);
  const auto second = offer(fixture, newer, noon + 1s);
  REQUIRE(second.ok());
  CHECK_FALSE(fixture.order(first.id, task_order::retry, noon + 60s - 1us));
  CHECK(fixture.get(first.id).state == task_state::succeeded);
  REQUIRE(fixture.order(first.id, task_order::retry, noon + 60s));
  CHECK(is_duplicate(offer(fixture, unique(), noon + 60s), second->task.id));
  REQUIRE(fixture.order(second->task.id, task_order::cancel, noon + 60s));
  CHECK_FALSE(offer(fixture, unique(), noon + 60s)->duplicate); // the first has none any more
}

TEST_CASE("keys are held across a restart", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  const auto first = fixture.insert(unique());
  fixture.claim_one();
  fixture.reopen_after_crash();
  fixture.recover();
  CHECK(is_duplicate(offer(fixture, unique()), first.id));
}

} // namespace errand::test
