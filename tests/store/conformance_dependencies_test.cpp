// Tasks that come after others: what they wait for, what ends the wait, and what an end that is no
// success does to them.
#include "tests/store/conformance.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// The one fact about that task; fails if there is none or another.
task_fact fact_about(const store_fixture& fixture, const task_id& id) {
  const auto& facts = fixture.consequences();
  REQUIRE(std::count_if(facts.begin(), facts.end(), [&](const auto& f) { return f.id == id; })
          == 1);
  return *std::find_if(facts.begin(), facts.end(), [&](const auto& f) { return f.id == id; });
}

/// All ways in which a task can end but success.
using ending = void (*)(store_fixture&, const task_id&);
struct named_ending {
  const char* name;
  ending end;
};

void fail(store_fixture& fixture, const task_id&) {
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good, noon + 1s));
}

void fail_last(store_fixture& fixture, const task_id&) {
  for (int i = 0; i < default_max_attempts; ++i) {
    fixture.promote_due(noon + 2h);
    REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed, noon));
  }
}

void lose_last(store_fixture& fixture, const task_id&) {
  for (int i = 0; i < default_max_crashes; ++i)
    REQUIRE(fixture.lose(fixture.claim_one(), noon + 1s));
}

void cancel(store_fixture& fixture, const task_id& id) {
  REQUIRE(fixture.order(id, task_order::cancel, noon + 1s));
}

void stop(store_fixture& fixture, const task_id& id) {
  const auto ref = fixture.claim_one();
  cancel(fixture, id);
  REQUIRE(fixture.finish(ref, attempt_outcome::failed, noon + 1s));
}

void stop_lost(store_fixture& fixture, const task_id& id) {
  const auto ref = fixture.claim_one();
  cancel(fixture, id);
  REQUIRE(fixture.lose(ref, noon + 1s));
}

void stop_released(store_fixture& fixture, const task_id& id) {
  const auto ref = fixture.claim_one();
  cancel(fixture, id);
  REQUIRE(fixture.release(ref, noon + 1s));
}

void remove(store_fixture& fixture, const task_id& id) {
  REQUIRE(fixture.order(id, task_order::remove, noon + 1s));
}

const std::vector<named_ending> bad_endings = {
    {"a failure for good", fail},
    {"the last failure", fail_last},
    {"the last crash", lose_last},
    {"a cancel", cancel},
    {"a cancel while it ran", stop},
    {"a cancel and a lost worker", stop_lost},
    {"a cancel and a release", stop_released},
    {"being deleted", remove},
};

} // namespace

TEST_CASE("a task waits until all that it comes after have succeeded", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto first = fixture.insert(noop()).id;
  const auto second = fixture.insert(noop()).id;
  const auto last = fixture.insert(noop({second, first, second}));
  CHECK(last.state == task_state::waiting);
  CHECK(last.spec.after == std::vector{first, second}); // each once, the oldest first
  CHECK(describe(fixture.get(last.id)) == describe(last));
  REQUIRE(fixture.list().size() == 3);
  CHECK(describe(fixture.list()[0]) == describe(last));

  auto left = fixture.waits_for(last.id);
  CHECK(left.count == 2);
  REQUIRE(left.first.size() == 2);
  CHECK(left.first[1].id == second);
  CHECK(left.first[1].state == task_state::queued);

  const auto refs = fixture.claim({workers(5), 0, {}});
  REQUIRE(refs.size() == 2);
  REQUIRE(fixture.finish(refs[0].ref, attempt_outcome::succeeded, noon + 1s));
  CHECK(fixture.consequences().empty());
  CHECK(fixture.get(last.id).state == task_state::waiting);
  left = fixture.waits_for(last.id);
  CHECK(left.count == 1);
  REQUIRE(left.first.size() == 1);
  CHECK(left.first[0].state == task_state::running);

  REQUIRE(fixture.finish(refs[1].ref, attempt_outcome::succeeded, noon + 2s));
  CHECK(fact_about(fixture, last.id).state == task_state::queued);
  CHECK(fixture.get(last.id).state == task_state::queued);
  CHECK(fixture.get(last.id).run_at == noon + 2s);
  CHECK(fixture.waits_for(last.id).count == 0);
  fixture.check_counters();
  CHECK(fixture.claim_one().id == last.id);
}

TEST_CASE("a task whose upstream ends otherwise than by success is cancelled, or runs all the same",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto& [name, end] = bad_endings[GENERATE(range(size_t{0}, bad_endings.size()))];
  INFO(name);
  const auto upstream = fixture.insert(noop()).id;
  const auto strict = fixture.insert(noop({upstream}));
  const auto lenient = fixture.insert(noop({upstream}, dependency_policy::run));
  const auto behind = fixture.insert(noop({strict.id}));
  end(fixture, upstream);

  for (const auto& id : {strict.id, behind.id}) {
    CHECK(fact_about(fixture, id).state == task_state::cancelled);
    const auto row = fixture.get(id);
    CHECK(row.state == task_state::cancelled);
    CHECK(row.cancel_reason == cancel_reason::dependency);
    CHECK(row.finished_at.has_value());
    CHECK_FALSE(row.cancel_requested);
    CHECK(fixture.waits_for(id).count == 0);
  }
  CHECK(fact_about(fixture, lenient.id).state == task_state::queued);
  CHECK(fixture.get(lenient.id).spec.after == std::vector{upstream}); // also of one that is deleted
  fixture.check_counters();
  CHECK(fixture.claim_one().id == lenient.id);
}

TEST_CASE("an end that is no end to its task leaves those that come after it waiting", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto upstream = fixture.insert(noop()).id;
  const auto id = fixture.insert(noop({upstream})).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed));
  fixture.promote_due(noon + 2h);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::postponed));
  fixture.promote_due(noon + 2h);
  REQUIRE(fixture.lose(fixture.claim_one()));
  REQUIRE(fixture.release(fixture.claim_one()));
  CHECK(fixture.get(id).state == task_state::waiting);
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  CHECK(fixture.get(id).state == task_state::queued);
}

TEST_CASE("a task that comes after what has ended already is told so at once", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto good = fixture.insert(noop()).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  const auto bad = fixture.insert(noop()).id;
  REQUIRE(fixture.order(bad, task_order::cancel));
  const auto open = fixture.insert(noop()).id;

  CHECK(fixture.insert(noop({good})).state == task_state::queued);
  CHECK(fixture.insert(noop({good, open})).state == task_state::waiting);
  CHECK(fixture.insert(noop({bad}, dependency_policy::run)).state == task_state::queued);
  auto later = noop({good});
  later.delay = 1h;
  CHECK(fixture.insert(later).state == task_state::scheduled);
  for (const auto& after : {std::vector{bad, open}, {open, bad}, {good, bad}}) {
    const auto refused = fixture.insert(noop(after), noon + 1s);
    CHECK(refused.state == task_state::cancelled);
    CHECK(refused.cancel_reason == cancel_reason::dependency);
    CHECK(refused.finished_at == noon + 1s);
    CHECK(describe(fixture.get(refused.id)) == describe(refused));
    CHECK(fixture.waits_for(refused.id).count == 0);
  }
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  fixture.check_counters();
}

TEST_CASE("ids that do not exist are refused by their places, and nothing is added", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto there = fixture.insert(noop()).id;
  const auto gone = fixture.insert(noop()).id;
  REQUIRE(fixture.order(gone, task_order::remove));
  const auto never = task_id::from_parts(there.sequence(), there.tail() ^ 1);
  const auto refused = fixture.committed([&] {
    return fixture.db().insert(noop({gone, there, never}), noon);
  });
  REQUIRE(refused);
  REQUIRE_FALSE(refused->ok());
  CHECK(refused->why().code() == ec::invalid);
  const auto& fields = refused->why().fields();
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].pointer == "/after/0");
  CHECK(fields[0].detail.find(gone.to_string()) != std::string::npos);
  CHECK(fields[1].pointer == "/after/2");
  CHECK(fixture.list().size() == 1);

  const auto many = fixture.committed(
      [&] { return fixture.db().insert(noop(std::vector<task_id>(1000, gone)), noon); });
  CHECK(many->why().fields().size() == max_faults);
}

TEST_CASE("a task that need not wait any more may still lie ahead", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto upstream = fixture.insert(noop()).id;
  auto spec = noop({upstream});
  spec.delay = 1h;
  const auto id = fixture.insert(spec).id;
  CHECK(fixture.get(id).state == task_state::waiting);
  CHECK_FALSE(fixture.db().next_due());
  CHECK(fixture.promote_due(noon + 2h).empty());

  const auto ref = fixture.claim_one();
  SECTION("and is queued when its time comes") {
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded, noon + 1min));
    const auto told = fact_about(fixture, id);
    CHECK(told.state == task_state::scheduled);
    CHECK(told.run_at == noon + 1h);
    CHECK(fixture.db().next_due() == noon + 1h);
    CHECK(fixture.promote_due(noon + 1h).size() == 1);
  }
  SECTION("or has come meanwhile") {
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded, noon + 1h));
    CHECK(fact_about(fixture, id).state == task_state::queued);
    CHECK_FALSE(fact_about(fixture, id).run_at);
    CHECK(fixture.get(id).run_at == noon + 1h);
  }
}

TEST_CASE("a waiting task can be cancelled, deleted and retried, and then waits for nothing",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto upstream = fixture.insert(noop()).id;
  const auto id = fixture.insert(noop({upstream})).id;
  const auto behind = fixture.insert(noop({id})).id;
  const auto ref = fixture.claim_one();
  SECTION("cancelled") {
    REQUIRE(fixture.order(id, task_order::cancel));
    CHECK(fixture.get(behind).cancel_reason == cancel_reason::dependency);
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
    CHECK(fixture.get(id).state == task_state::cancelled);
    CHECK(fixture.get(id).cancel_reason == cancel_reason::requested);
  }
  SECTION("deleted") {
    REQUIRE(fixture.order(id, task_order::remove));
    CHECK(fixture.get(behind).state == task_state::cancelled);
    REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
    CHECK(fixture.list().size() == 2);
  }
  SECTION("retried") {
    REQUIRE(fixture.order(id, task_order::cancel));
    const auto again = fixture.order(id, task_order::retry);
    REQUIRE(again);
    CHECK(again->state == task_state::queued);
    CHECK(again->spec.after == std::vector{upstream});
    const auto mine = fixture.claim_one();
    REQUIRE(fixture.finish(ref, attempt_outcome::failed_for_good));
    CHECK(fixture.consequences().empty());
    CHECK(fixture.get(id).state == task_state::running);
    REQUIRE(fixture.finish(mine, attempt_outcome::succeeded));
  }
  CHECK(fixture.consequences().empty());
  fixture.check_counters();
}

TEST_CASE("a retried upstream does not take back what its first end has settled", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto upstream = fixture.insert(noop()).id;
  const auto settled = fixture.insert(noop({upstream})).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  REQUIRE(fixture.order(upstream, task_order::retry));
  CHECK(fixture.get(settled).state == task_state::queued);
  const auto fresh = fixture.insert(noop({upstream})).id;
  CHECK(fixture.get(fresh).state == task_state::waiting);
  REQUIRE(fixture.order(upstream, task_order::cancel));
  CHECK(fixture.get(settled).state == task_state::queued);
  CHECK(fixture.get(fresh).state == task_state::cancelled);
}

TEST_CASE("a chain of 1,000 runs link by link", "[store]") {
  FOR_EVERY_STORE(fixture);
  std::vector<task_id> chain{fixture.insert(noop()).id};
  fixture.committed([&] {
    while (chain.size() < 1000)
      chain.push_back((*fixture.db().insert(noop({chain.back()}), noon))->task.id);
    return true;
  });
  fixture.committed([&] {
    for (const auto& id : chain) {
      const auto claimed = fixture.db().claim({workers(2), 0, {}}, noon).attempts;
      REQUIRE(claimed.size() == 1);
      REQUIRE(claimed[0].ref.id == id);
      REQUIRE(fixture.db().finish(report_of(claimed[0].ref, attempt_outcome::succeeded)));
    }
    return true;
  });
  fixture.check_counters();
}

TEST_CASE("a chain of 20,000 is cancelled at once", "[store]") {
  FOR_EVERY_STORE(fixture);
  constexpr size_t length = 20'000;
  const auto first = fixture.insert(noop()).id;
  fixture.committed([&] {
    auto last = first;
    for (size_t i = 1; i < length; ++i)
      last = (*fixture.db().insert(noop({last}), noon))->task.id;
    return true;
  });
  REQUIRE(fixture.order(first, task_order::cancel));
  CHECK(fixture.consequences().size() == length - 1);
  CHECK(fixture.counts()["default"][task_state::cancelled] == length);
}

TEST_CASE("what a task comes after hands it the results", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto good = fixture.insert(noop()).id;
  const auto bad = fixture.insert(noop()).id;
  const auto gone = fixture.insert(noop()).id;
  const auto id = fixture.insert(noop({gone, bad, good}, dependency_policy::run)).id;
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::failed_for_good));
  REQUIRE(fixture.finish(fixture.claim_one(), attempt_outcome::succeeded));
  REQUIRE(fixture.order(gone, task_order::remove));
  const auto results = fixture.reader().upstream_results(id);
  REQUIRE(results.ok());
  REQUIRE(results->size() == 3);
  CHECK((*results)[0].id == good);
  CHECK((*results)[0].result_json == R"({"answer": 42})");
  CHECK((*results)[1].id == bad);
  CHECK_FALSE((*results)[1].result_json);
  CHECK((*results)[2].id == gone);
  CHECK_FALSE((*results)[2].result_json);
  CHECK(fixture.reader().upstream_results(good)->empty());
}

TEST_CASE("dependencies outlive a restart", "[store]") {
  FOR_EVERY_STORE(fixture);
  if (!fixture.place().is_durable())
    return;
  auto spec = noop();
  spec.max_crashes = 1;
  const auto upstream = fixture.insert(spec).id;
  const auto id = fixture.insert(noop({upstream})).id;
  fixture.claim_one();
  fixture.reopen_after_crash();
  CHECK(describe(fixture.get(id)).find("waiting") != std::string::npos);
  fixture.recover(noon + 1s);
  CHECK(fixture.get(id).cancel_reason == cancel_reason::dependency);
  fixture.check_counters();
}

TEST_CASE("a transaction that is undone leaves every wait as it was", "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto upstream = fixture.insert(noop()).id;
  const auto id = fixture.insert(noop({upstream})).id;
  const auto ref = fixture.claim_one();
  for (const auto outcome : {attempt_outcome::succeeded, attempt_outcome::failed_for_good}) {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    store_fixture::require_ok(fixture.db().begin());
    CHECK(fixture.db().finish(report_of(ref, outcome)));
    CHECK(fixture.db().consequences().size() == 1);
    CHECK_FALSE(fixture.db().commit().ok());
    CHECK(fixture.get(id).state == task_state::waiting);
    CHECK(fixture.waits_for(id).count == 1);
  }
  REQUIRE(fixture.finish(ref, attempt_outcome::succeeded));
  CHECK(fixture.claim_one().id == id);
}

} // namespace errand::test
